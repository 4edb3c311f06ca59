"""Whole crawls that are told to stop, politely and not, at random moments; a report that nobody can read."""

import random
import signal
import subprocess
import sys
import time

import pytest
from crawling import PROJECT, ROBOTS, SEED, Crawls, article, citing, command, seed_file
from loopback import Reply, Web

CN = "https://cn.nytimes.com"
TARGETS = [f"{CN}/world/20260101/p{number}/" for number in range(25)]


@pytest.fixture
def crawl(mongo_uri, database, tmp_path):
    """The crawls of a site of 26 pages that answer slowly; `web` tells what was asked."""
    pages = {url: Reply(article("文", "无。"), delay=0.08) for url in TARGETS}
    with Web(
        {f"{CN}/robots.txt": ROBOTS, SEED: article("开始", *citing(*TARGETS)), **pages}, tmp_path
    ) as web:
        crawls = Crawls(mongo_uri, database, tmp_path, web.proxy)
        crawls.web = web
        yield crawls


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    "signals", [[signal.SIGTERM], [signal.SIGINT], [signal.SIGINT] * 2], ids=["term", "int", "two"]
)
def test_a_crawl_that_is_told_to_stop_goes_on_later(crawl, tmp_path, signals):
    """130, no traceback, and words that say what happens; the next crawl takes the run up and completes it.

    It asks for no kept page again.
    """
    argument = seed_file(tmp_path)
    process = crawl.start("articles", argument)
    wait_for(lambda: len(crawl.web.urls()) > random.randint(1, 15))
    for number in signals:
        process.send_signal(number)
        time.sleep(random.uniform(0, 0.2))
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    assert "Traceback" not in output
    assert f"{signals[0].name}: the crawl closes" in output
    assert "Interrupted: the same command goes on where this one stopped." in output
    assert " cut off " in crawl.scrapy("runs").stdout
    kept = set(crawl.pages(status="fetched"))
    asked = len(crawl.web.asked)
    assert crawl.run("articles", argument).returncode == 0
    assert set(crawl.pages(status="fetched")) == {SEED, *TARGETS}
    assert not kept & set(crawl.web.urls()[asked:])
    assert [run["finish_reason"] for run in crawl.runs()] == ["finished"]


def test_ctrl_c_while_it_starts_is_one_line(crawl, tmp_path):
    """Whenever it comes, there is no traceback of ours, and nothing is broken by it."""
    argument = seed_file(tmp_path)
    for moment in (0.3, 0.7, 1.2, 2.0):
        process = crawl.start("articles", argument)
        time.sleep(moment * random.uniform(0.8, 1.2))
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
        # 0: on a quick machine the crawl was over before the last of them
        assert process.returncode in {130, -signal.SIGINT, 0}, output
        assert "crawler/" not in output or "Traceback" not in output, output
    assert crawl.run("articles", argument).returncode == 0
    assert set(crawl.pages(status="fetched")) == {SEED, *TARGETS}


IN_PYDANTIC = """
import enum
import crawler.commands
from pydantic_core import SchemaValidator, core_schema
class Interrupted:
    @property
    def value(self):
        raise KeyboardInterrupt
SchemaValidator(core_schema.enum_schema(enum.Enum, [Interrupted()]))
"""


@pytest.mark.parametrize("where", ["import crawler.commands\nraise KeyboardInterrupt", IN_PYDANTIC])
def test_ctrl_c_while_modules_load_is_one_line(where):
    """Pydantic, which builds its validators then, makes another error of it."""
    ended = subprocess.run([sys.executable, "-c", where], cwd=PROJECT, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "scrapy: interrupted\n")


def test_ctrl_c_while_it_closes_lets_it_close(crawl, tmp_path):
    """All pages are kept, and works are being computed: the run is closed before the process ends."""
    process = crawl.start("articles", seed_file(tmp_path))
    wait_for(lambda: len(crawl.pages(status="fetched")) == 1 + len(TARGETS))
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode in {0, 130}, output  # 130: it came just before the closing
    assert "Traceback" not in output
    assert "destroyed" not in output
    (run,) = crawl.runs()
    assert run["finish_reason"] == ("finished" if process.returncode == 0 else None)


def test_a_report_that_can_not_be_written_changes_nothing(crawl, tmp_path):
    """stdout is full: one line says so, and the exit status is the crawl's."""
    with open("/dev/full", "w") as full:  # noqa: PTH123
        run = subprocess.run(
            command("articles", seed_file(tmp_path), settings=crawl.settings),
            cwd=PROJECT,
            env=crawl.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
        )
    assert run.returncode == 0, run.stderr
    assert "The report can't be shown: No space left on device" in run.stderr
    assert "Traceback" not in run.stderr
