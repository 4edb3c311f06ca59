"""The benchmark of durability in its short form: kill -9 of crawler and mongod, and nothing is lost."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.usefixtures("mongo_uri")
def test_nothing_is_lost_by_being_killed(tmp_path):
    """The database equals that of a crawl in peace; a second crawl asks for no body again."""
    figures = tmp_path / "figures.json"
    short = ("--crawls", "1", "--kills", "5", "--pages", "60", "--due", "300", "--fetch", "20")
    run = subprocess.run(
        [sys.executable, "benchmarks/durability.py", *short, "--json", figures],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    measured = json.loads(figures.read_text())
    assert measured["kills"]["all"] == 5
    assert measured["second_crawl"] == {"exit": 0, "pages": 60, "requests": 60, "bodies": 0}
    assert measured["many_due"]["fetched"] == 20
