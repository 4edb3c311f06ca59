"""Where commands write: one rule for all of them, held before any work is done."""

import argparse
import importlib
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler import commands

COMMANDS = sorted(path.stem for path in Path(commands.__path__[0]).glob("*.py") if path.stem != "__init__")
OPTIONS = {"-o", "--write", "--report"}
WRITING = {
    "dump": ["-o"],
    "graph": ["--all", "-o"],
    "import": ["README.md", "--report"],
    "label": ["--write"],
    "migrate": ["README.md", "-o"],
    "new": ["-o"],
    "snapshot": ["RUN", "-o"],
}
"""How each command is told where to write."""


def test_no_command_that_writes_a_file_is_left_out():
    """Scrapy's own `crawl` has an `-o`, too: for feeds, which go by Scrapy's rules."""
    found = set()
    for name in COMMANDS:
        parser = argparse.ArgumentParser(conflict_handler="resolve")
        command = importlib.import_module(f"crawler.commands.{name}").Command()
        command.settings = Settings()
        command.add_options(parser)
        if OPTIONS & parser._option_string_actions.keys():
            found.add(name)
    assert found == {*WRITING, "crawl"}


@pytest.mark.parametrize("name", WRITING)
def test_where_nothing_can_be_written(sample, tmp_path, name):
    """Status 73 and one line that names the place; no folder is made, nothing is pushed aside."""
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file.csv").touch()
    for place in ("none/x.csv", "folder.csv", "file.csv/x.csv"):
        asked = sample.scrapy(*_line(sample, name), tmp_path / place)
        assert (asked.returncode, asked.stdout) == (73, ""), asked.stderr
        complaint = [line for line in asked.stderr.splitlines() if not line.startswith("SAMPLE")]
        assert len(complaint) == 1
        assert str(tmp_path / place) in complaint[0]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file.csv", "folder.csv"]


def _line(sample, name):
    arguments = [sample.runs()[0]["_id"] if word == "RUN" else word for word in WRITING[name]]
    return [name, *arguments]
