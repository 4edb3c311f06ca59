"""What a person sees while a crawl goes on: on a terminal, in a log, and where nothing is wanted."""

import io
import os
import pty
import re
import select
import subprocess
import sys

import pytest
from crawling import PROJECT, command
from rich.console import Console, Group

from crawler.progress import Crawl, Host, line, lines

HOSTS = (
    Host(name="cn.nytimes.com", waiting=12, delay=2.0, state="asking"),
    Host(name="www.nytimes.com", waiting=3, delay=10.0, state="pausing"),
)
SAMPLE = PROJECT / "seeds" / "newsroom.warc.gz"


@pytest.mark.parametrize(
    ("crawl", "left"),
    [
        (Crawl(seconds=10), None),
        (Crawl(seconds=10, hosts=HOSTS), None),
        (Crawl(seconds=10, pages=10), None),
        (Crawl(seconds=10, pages=10, hosts=HOSTS), 30.0),
        (Crawl(seconds=100, pages=10, hosts=HOSTS), 150.0),
        (Crawl(seconds=100, pages=10, hosts=HOSTS[:1]), 120.0),
    ],
)
def test_time_left(crawl, left):
    """As long as the slowest host takes, or at the pace so far; unknown before the first page."""
    assert crawl.seconds_left == left


def test_in_one_line():
    """Pages, links, queue, time left, each host with its state and delay, the last headline."""
    crawl = Crawl(seconds=10, pages=1234, links=9, depth=2, hosts=HOSTS, last="标题")
    assert line(crawl) == (
        "1,234 pages, 9 links; 15 waiting at depth 2, 0:00:30 left there; "
        "cn.nytimes.com asking, 12 waiting, one every 2 s; "
        "www.nytimes.com pausing, 3 waiting, one every 10 s; last: 标题"
    )
    assert line(Crawl(seconds=0)) == "0 pages, 0 links; none waiting"


def test_text_from_the_web_is_text():
    """No markup, no control characters, no second line, no end in sight: it is cut."""
    hostile = "[bold red]\x1b[31m标题\u202e\n" * 50
    out = io.StringIO()
    console = Console(file=out, width=60, force_terminal=True, color_system=None)
    console.print(Group(lines(Crawl(seconds=3661, pages=1, hosts=HOSTS, last=hostile))))
    shown = out.getvalue().splitlines()
    assert len(shown) == 4
    assert shown[0].startswith("1:01:01  1 pages")
    assert "[bold red][31m标题 [bold" in shown[3]
    assert all(len(row) <= 60 for row in shown)
    assert not {"\x1b", "\u202e"} & set(out.getvalue())


LONG = "https://www.nytimes.com/2023/12/27/business/media/new-york-times-open-ai-microsoft-lawsuit.html"


def on_a_terminal(line, environment):
    """What a terminal gets to see of a command, escape sequences and all."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(line, cwd=PROJECT, env=environment, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            seen += os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
    os.close(ours)
    assert process.wait(60) == 0
    return seen.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("options", "renewed"),
    [([], True), (["-L", "WARNING"], False), (["-s", "PROGRESS_INTERVAL=0"], False)],
)
def test_on_a_terminal(mongo_uri, database, options, renewed):
    """Lines that renew themselves, the refusals above them; nothing of it where quiet is wanted."""
    environment = {**os.environ, "MONGO_URI": mongo_uri, "TERM": "xterm-256color", "COLUMNS": "60"}
    crawl = command("deepseek", settings={"REPLAY": SAMPLE, "MONGO_DATABASE": database})
    seen = on_a_terminal([*crawl, *options], environment)
    renewals = re.findall(r"0:00:\d\d  \d+ pages, \d+ links;", seen)
    assert bool(renewals) is renewed
    assert seen.count("\x1b[1A") >= renewed
    assert ("robots_denied https" in seen) is renewed
    assert (LONG in seen) is renewed  # an address that is broken in two can't be copied
    assert "most cited works" in seen  # the answer is no chatter


def test_in_a_log(mongo_uri, database):
    """Where nobody watches, plain lines of the same."""
    settings = {"REPLAY": SAMPLE, "MONGO_DATABASE": database, "PROGRESS_INTERVAL": 0.2}
    run = subprocess.run(
        command("deepseek", settings=settings),
        cwd=PROJECT,
        env={**os.environ, "MONGO_URI": mongo_uri},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0
    told = re.findall(r"^\d\d:\d\d:\d\d INFO \d+ pages, .*$", run.stderr, re.MULTILINE)
    assert any("cn.nytimes.com" in row and "last: " in row for row in told)
    assert "\x1b" not in run.stderr + run.stdout


@pytest.mark.parametrize(("options", "trace"), [([], False), (["-L", "DEBUG"], True)])
def test_an_error_is_one_line(options, trace):
    """Where it comes from is told to who asks."""
    line = [sys.executable, "-m", "scrapy", "crawl", "articles", "-a", "seed=nowhere", *options]
    run = subprocess.run(line, cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert run.returncode == 2
    told = [row for row in run.stderr.splitlines() if row.startswith("scrapy: ")]
    assert len(told) == 1
    assert ("Traceback" in run.stderr) is trace
    assert trace or run.stderr.splitlines() == told
