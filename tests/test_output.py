"""Where commands write: one rule for all of them, held before any work is done."""

import argparse
import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from crawling import PROJECT
from scrapy.settings import Settings

from crawler import commands

COMMANDS = sorted(path.stem for path in Path(commands.__path__[0]).glob("*.py") if path.stem != "__init__")
OPTIONS = {"-o", "--write", "--report"}
WRITING = {
    "crawl": ["deepseek", "-s", "REPLAY=seeds/newsroom.warc.gz", "-o"],
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
    """An option that names what is written is in the table."""
    found = set()
    for name in COMMANDS:
        parser = argparse.ArgumentParser(conflict_handler="resolve")
        command = importlib.import_module(f"crawler.commands.{name}").Command()
        command.settings = Settings()
        command.add_options(parser)
        if OPTIONS & parser._option_string_actions.keys():
            found.add(name)
    assert found == set(WRITING)


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


@pytest.mark.parametrize("name", ["dump", "graph", "import", "snapshot"])
def test_a_disk_that_is_full(sample, tmp_path, name):
    """Status 73 and one line, as in the midst of a file; nothing incomplete stays, but a report."""
    place = tmp_path / "out.csv"
    line = [sys.executable, "-m", "scrapy", *_line(sample, name), str(place)]
    own = f"{sample.database}_import" if name == "import" else sample.database
    line += ["-s", f"MONGO_DATABASE={own}", "docs"] if name == "import" else ["-s", f"MONGO_DATABASE={own}"]
    full = subprocess.run(
        ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", *line],
        cwd=PROJECT,
        env=sample.environment,
        capture_output=True,
        text=True,
    )
    complaint = [line for line in full.stderr.splitlines() if not line.startswith("SAMPLE")]
    assert (full.returncode, len(complaint)) == (73, 1), full.stderr
    assert complaint[0].count("can't be written") == 1
    assert str(place) in complaint[0]
    assert [path for path in tmp_path.iterdir() if path != place] == []


def _line(sample, name):
    arguments = [sample.runs()[0]["_id"] if word == "RUN" else word for word in WRITING[name]]
    return [name, *arguments]
