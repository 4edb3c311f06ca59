"""Documentation that cannot rot: every command, setting, field and exit status is in it."""

import ast
import dataclasses
import re
from pathlib import Path

import pytest
from scrapy.settings import default_settings

from crawler import commands, items, settings
from crawler.commands.crawl import EXIT_STATUS
from crawler.seeds import KnownLink, Seed

DOCS = Path(__file__).parent.parent / "docs"
RUNNING = (DOCS / "running.md").read_text()
DICTIONARY = (DOCS / "data-dictionary.md").read_text()
OUR_SETTINGS = [
    name
    for name in dir(settings)
    if name.isupper()
    and not name.startswith("_")
    and name != "VERSION"
    and not hasattr(default_settings, name)
]
COMMANDS = sorted(path.stem for path in Path(commands.__path__[0]).glob("*.py") if path.stem != "__init__")
RECORDS = [thing for thing in vars(items).values() if dataclasses.is_dataclass(thing)]


@pytest.mark.parametrize("name", OUR_SETTINGS)
def test_every_setting_of_ours_is_documented(name):
    """What can be set is in the table of settings."""
    assert f"`{name}`" in RUNNING


def test_every_module_is_in_the_picture_of_the_layers():
    """A newcomer who asks what a module is for finds its place."""
    picture = (DOCS / "architecture.md").read_text().split("\n\n")[2]
    names = {path.stem for path in Path(commands.__path__[0]).parent.iterdir() if path.suffix in {"", ".py"}}
    assert names - {"__init__", "__pycache__"} <= set(re.findall(r"\w+", picture))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name):
    """What can be called is in the table of commands."""
    assert f"`scrapy {name}" in RUNNING


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_field_is_in_the_data_dictionary(record):
    """What can be queried is explained."""
    missing = [
        field.name
        for field in dataclasses.fields(record)
        if field.name != "id" and f"`{field.name}`" not in DICTIONARY
    ]
    assert missing == []


@pytest.mark.parametrize(
    "key", [field.name for record in (Seed, KnownLink) for field in dataclasses.fields(record)]
)
def test_every_key_of_a_seed_file_is_documented(key):
    """What a seed file may say is in the table of seed files."""
    assert f"`{key}`" in RUNNING


@pytest.mark.parametrize("status", sorted(set(EXIT_STATUS.values())))
def test_every_exit_status_is_documented(status):
    """What a scheduler may see is in the table of exit statuses."""
    assert f"\n| {status} |" in RUNNING


def test_every_dotted_name_in_the_settings_is_ours():
    """An installed package called spiders or pipelines would shadow ours: each must be this checkout's."""
    from scrapy.utils.misc import load_object

    names = [
        name
        for wiring in (
            settings.ADDONS,
            settings.ITEM_PIPELINES,
            settings.DOWNLOADER_MIDDLEWARES,
            settings.EXTENSIONS,
        )
        for name, order in wiring.items()
        if order is not None
    ]
    project = Path(settings.__file__).parent.parent
    for name in names:
        module = __import__(load_object(name).__module__, fromlist=["x"])
        assert Path(module.__file__).is_relative_to(project)
    import spiders

    assert Path(spiders.__file__).is_relative_to(project)


def test_settings_are_only_assignments():
    """crawler/settings.py decides nothing at import: it can be read as a table."""
    tree = ast.parse(Path(settings.__file__).read_text())
    assert {type(node) for node in tree.body} <= {ast.Expr, ast.Import, ast.ImportFrom, ast.Assign}
