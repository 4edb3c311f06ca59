"""The tutorial, every command of it, in a copy of the checkout and a database of its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from crawling import PROJECT

from crawler import embedded

TUTORIAL = (PROJECT / "docs" / "tutorial.md").read_text(encoding="utf-8")
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", TUTORIAL, re.DOTALL) for line in block.splitlines()
]
COPIED = ("Makefile", "crawler", "deploy", "pipelines", "requirements.txt", "scrapy.cfg", "seeds", "spiders")


@pytest.fixture(scope="module")
def hour(mongo_uri, tmp_path_factory):
    """What each command printed; `mongo_uri` says that there is a mongod, but this hour has its own."""
    checkout = tmp_path_factory.mktemp("tutorial")
    for name in COPIED:
        source = PROJECT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, checkout / name)
    (checkout / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    with embedded.serve(tmp_path_factory.mktemp("hour")) as uri:
        environment = {**os.environ, "MONGO_URI": uri, "COLUMNS": "100"}
        environment.pop("MONGO_DATABASE", None)
        yield checkout, run_all(checkout, environment)


def run_all(checkout, environment):
    """Runs the commands one after the other in one shell; the first that fails fails the tutorial."""
    marked = "\n".join(f"echo '@@@ {number}'\n{command}" for number, command in enumerate(COMMANDS))
    # what `make` set up last is this environment, whatever the times of the copies say
    script = f'set -e\nmake() {{ command make -o .venv/bin/.runtime "$@"; }}\n{marked}\n'
    done = subprocess.run(
        ["bash", "-c", script], cwd=checkout, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    outputs = re.split(r"^@@@ \d+\n", done.stdout, flags=re.MULTILINE)[1:]
    return dict(zip(COMMANDS, outputs, strict=True))


def of(printed, start):
    """What the first command that starts like this printed."""
    return next(output for command, output in printed.items() if command.startswith(start))


def test_every_step_gives_what_the_text_says(hour):
    """Ranked lists with reasons, a seed, news, labels, files."""
    checkout, printed = hour
    assert "cited by the seed in paragraph" in of(printed, "scrapy related -n 5")
    assert "小红书" in of(printed, "scrapy find")
    assert "→" in of(printed, "scrapy why") or "«" in of(printed, "scrapy why")
    assert "chips.toml written" in of(printed, "scrapy seed add")
    assert "New articles" in of(printed, "scrapy new")
    assert "export-controls" in of(printed, "scrapy label --list")
    assert "deepseek-china-ai-chips" in of(printed, "scrapy related --seed chips --label in")
    for name, start in {
        "chips.html": "<!",
        "chips.gexf": "<?xml",
        "chips.bib": "@",
        "chips.ris": "TY",
    }.items():
        assert (checkout / name).read_text(encoding="utf-8").lstrip("\ufeff").startswith(start), name
    assert "seed=chips" in (checkout / "chips.crontab").read_text()
