"""What is wrong with a call is told in one line, by every command, before anything is started."""

import subprocess
import sys
from pathlib import Path

import pytest
from crawling import PROJECT

from crawler import commands

COMMANDS = sorted(path.stem for path in Path(commands.__path__[0]).glob("*.py") if path.stem != "__init__")


def call(*arguments):
    line = [sys.executable, "-m", "scrapy", *map(str, arguments)]
    # nothing may get as far as the database
    environment = {"MONGO_URI": "mongodb://127.0.0.1:1/", "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"}
    return subprocess.run(line, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60)


def complaint(*arguments, status=2):
    called = call(*arguments)
    assert (called.returncode, called.stdout) == (status, ""), called.stderr
    assert called.stderr.count("\n") == 1, called.stderr
    return called.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_knows_its_options(name):
    """One that is none is no word, either."""
    assert complaint(name, "--nope") == "scrapy: no such option: --nope; --help lists those that are\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["runs", "-L", "FOO"], "no log level 'FOO': there are CRITICAL, "),
        (["crawl", "deepseek", "-L", "info"], "no log level 'info'"),
        (
            ["crawl", "deepseek", "-s", "MONITOR_COVERAGE_DROP=2"],
            "has to be a share from 0 to 1, not '2'",
        ),
        (["crawl", "deepseek", "-s", "MONITOR_ERROR_RATE=-0.1"], "has to be a share from 0 to 1"),
        (["crawl", "deepseek", "-s", "DOWNLOAD_DELAY=inf"], "has to be a number of seconds, not 'inf'"),
        (["crawl", "deepseek", "-s", "ROBOTSTXT_OBEY=perhaps"], "ROBOTSTXT_OBEY has to be 1 or 0"),
        (
            ["crawl", "deepseek", "-s", "CONCURRENT_REQUESTS="],
            "REQUESTS has to be a number, 0 or more, not ''",
        ),
        (
            ["import", "README.md", "-s", "MONGO_RETRY_BUDGET=x"],
            "has to be a number of seconds, not 'x'",
        ),
        (["reparse", "a", "-s", "PROGRESS_INTERVAL=-1"], "has to be a number of seconds, not '-1'"),
        (["crawl", "deepseek", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=-1"], "a number, 0 or more, not '-1'"),
        (["enrich", "-s", "NYT_API_PER_DAY=-1"], "NYT_API_PER_DAY has to be a number, 0 or more"),
        *(
            (["runs", "-s", f"MONGO_DATABASE={name}"], "MONGO_DATABASE can't be")
            for name in ("", "a b", "a.b", "admin")
        ),
        (["runs", "-n", "9" * 20], "is too large: give 2147483647 at most"),
        (["graph", "--depth", "9" * 20, "-o", "x.json"], "is too large"),
        (["reparse", "-j", "0", "seeds/newsroom.warc.gz"], "-j has to be 1 or more, not 0"),
        (["import", "-j", "0", "README.md"], "-j has to be 1 or more, not 0"),
        (["crawl"], "name one spider"),
        (["mongo", "word"], "no argument is known"),
        (["completion", "fish"], "name the shell, bash or zsh"),
        (["savepage"], "name one page"),
        (["seed", "add"], "say `scrapy seed add URL --name NAME`"),
        *(
            (["seed", "add", "https://cn.nytimes.com/china/20250101/x/", f"--name={name}"], "small letters")
            for name in ("", "-a", "a-", "a--b", "A", "a b", "../a", "a\n", "\u0663", "a" * 62)
        ),
    ],
)
def test_what_makes_no_sense(arguments, said):
    """Status 2 and what to give instead."""
    assert said in complaint(*arguments)


@pytest.mark.parametrize("option", ["--logfile", "--pidfile"])
def test_a_log_that_can_not_be_written(option):
    """Status 73."""
    assert "/nowhere/x can't be written" in complaint("crawl", "deepseek", option, "/nowhere/x", status=73)


@pytest.mark.parametrize("arguments", [["runs"], ["completion", "bash"], ["crawl", "deepseek"]])
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-"])
def test_without_any_output(sample, db, arguments, closed):
    """As some schedulers start it: a command does what it should, and its status says so."""
    settings = dict(sample.settings)
    if "crawl" in arguments:
        settings |= {"REPLAY": "seeds/newsroom.warc.gz", "MONGO_DATABASE": db.name}
    line = [sys.executable, "-m", "scrapy", *arguments]
    line += [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *line]
    done = subprocess.run(shell, cwd=PROJECT, env=sample.environment, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
