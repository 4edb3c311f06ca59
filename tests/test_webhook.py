"""Who is told what, and that telling can harm no run."""

import datetime as dt
import json
import logging
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymongo
import pytest
from crawling import SEED, Crawls, article, citing, seed_file
from loopback import Reply, Web

from crawler import webhook
from crawler.extensions import afterwards
from crawler.graph.news import News
from crawler.store import MongoStore
from crawler.webhook import is_usable, message, send

CN = "https://cn.nytimes.com"
NOW = dt.datetime(2025, 2, 5, tzinfo=dt.UTC)
RUN = {"_id": "deepseek-1", "seed": "deepseek", "counts": {"ok": 3}, "new": {"pages": 2, "links": 4}}


@contextmanager
def listening(status=200, delay=0.0):
    """A service on loopback; gives its address and what it was told."""
    told = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            told.append((self.headers["Content-Type"], self.rfile.read(int(self.headers["Content-Length"]))))
            time.sleep(delay)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook/s3cret", told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("reason", "failed", "text"),
    [
        ("finished", {}, None),
        ("page_budget", {}, None),
        ("shutdown", {}, None),
        ("host_blocked", {}, "deepseek-1: host_blocked"),
        ("finished", {"Errors": "9 of 30"}, "deepseek-1: finished\nErrors: 9 of 30"),
    ],
)
def test_what_is_said(reason, failed, text):
    """Nothing of a run that did what it should."""
    said = message(RUN, reason, failed)
    assert (said and said["text"]) == text
    if said:
        assert said["news"] == []
        assert (said["run"], said["counts"], said["monitors"]) == ("deepseek-1", {"ok": 3}, failed)


def test_news_are_said_of_a_run_that_did_what_it_should():
    """The first ten in words, all of them as data."""
    news = [
        News(key=f"work {n}", kind="work", url=f"https://a.org/{n}", title=f"T{n}", site="a.org", seen_at=NOW)
        for n in range(12)
    ]
    said = message(RUN, "finished", {}, news)
    assert said["text"].startswith("deepseek-1: finished\nAround deepseek:")
    assert "T9" in said["text"] and "T10" not in said["text"] and said["text"].endswith("and 2 more")
    assert [thing["url"] for thing in json.loads(json.dumps(said))["news"]] == [thing.url for thing in news]


async def test_a_message_holds_so_many_news_and_no_more(mongo_uri, database, make_page, monkeypatch):
    """What is beyond them stays untold, and the words say how to have it."""
    for module in (webhook, afterwards):
        monkeypatch.setattr(module, "MOST", 3)
    store = MongoStore(mongo_uri, database)
    await store.open()
    for number in range(5):
        await store.plant("deepseek", make_page(f"{CN}/china/2025010{number + 1}/p/"), "run-1")
    news = await afterwards.bounded_news(store, "deepseek")
    said = message(RUN, "finished", {}, news)
    assert len(said["news"]) == 3
    assert said["text"].endswith("`scrapy new --seed deepseek` tells the rest")
    assert [len(things) async for things in store.news("deepseek", None) if things] == [2]
    await store.close()


def test_a_run_that_could_not_be_closed_is_told_as_well():
    """Its id and seed are all that is known."""
    assert message({"_id": "x-1", "seed": "x"}, "storage_failed", {})["counts"] == {}


@pytest.mark.parametrize(
    ("url", "usable"),
    [
        *((url, True) for url in ("https://a.org/x", "http://[::1]:8/")),
        *((url, False) for url in ("file:///etc/passwd", "a.org", "http://[::1", "http://a.org:x/")),
    ],
)
def test_where_it_can_be_sent(url, usable):
    """To web addresses only."""
    assert is_usable(url) == usable


def test_it_is_sent_as_json(caplog):
    """UTF-8, one POST; the log names the host and not the secret."""
    caplog.set_level(logging.INFO)
    with listening() as (url, told):
        send(url, {"text": "改变"})
    assert [(kind, json.loads(body)) for kind, body in told] == [
        ("application/json; charset=utf-8", {"text": "改变"})
    ]
    assert "127.0.0.1 was told" in caplog.text
    assert "s3cret" not in caplog.text


def test_failures_are_logged_and_no_more(caplog, monkeypatch):
    """A service that refuses, is not there, or does not answer."""
    monkeypatch.setattr(webhook, "TIMEOUT", 0.5)
    with listening(status=500) as (url, _):
        send(url, {})
    send(url, {})
    with listening(delay=2.0) as (slow, _):
        send(slow, {})
    for words in ("answers 500", "refused", "timed out"):
        assert words in caplog.text
    assert "s3cret" not in caplog.text


TARGETS = [f"{CN}/world/20260101/p{number}/" for number in range(40)]


def test_a_crawl_with_something_to_say(mongo_uri, database, tmp_path):
    """Half of the pages fail: status 3, in the ledger, and somebody is told, with what is new.

    A good run tells what is new since; one without news is silent.
    """
    broken = {url: Reply("", 500) for url in TARGETS[:20]}
    fine = {url: Reply(article("文", "无。")) for url in TARGETS}
    start = {SEED: article("开始", *citing(*TARGETS)), f"{CN}/robots.txt": Reply("")}
    argument = seed_file(tmp_path)
    with listening() as (url, told):
        with Web({**fine, **broken, **start}, tmp_path) as web:
            crawl = Crawls(mongo_uri, database, tmp_path, web.proxy)
            crawl.environment["no_proxy"] = "127.0.0.1"
            run = crawl.run("articles", argument, WEBHOOK_URL=url)
        assert run.returncode == 3, run.stderr
        [(_, body)] = told
        said = json.loads(body)
        assert said["monitors"] == {"Errors": "20 of 41 pages failed or were refused: more than 25%"}
        assert said["counts"] == {"ok": 21, "failed": 20}
        assert len(said["news"]) == 21
        [kept] = crawl.runs()
        assert {finding["monitor"]: finding["passed"] for finding in kept["monitors"]} == {
            "Items": True,
            "Errors": False,
            "Hosts": True,
            "Coverage": True,
        }
        assert "monitor Errors: 20 of 41" in crawl.scrapy("runs", kept["_id"]).stdout
        with pymongo.MongoClient(mongo_uri) as client:
            client[database].pages.update_many({}, {"$unset": {"next_fetch_at": 1}})
        with Web({**fine, **start}, tmp_path) as web:
            later = Crawls(mongo_uri, database, tmp_path, web.proxy)
            later.environment["no_proxy"] = "127.0.0.1"
            again = later.run("articles", argument, WEBHOOK_URL=url)
            assert (again.returncode, len(told)) == (0, 2), again.stderr
            news = {thing["url"] for thing in json.loads(told[1][1])["news"]}
            assert news == set(TARGETS[:20])
            later.run("articles", argument, WEBHOOK_URL=url)
        assert len(told) == 2
    assert crawl.run("articles", argument, WEBHOOK_URL="file:///etc/passwd").returncode == 2
    assert crawl.run("articles", argument, MONITOR_ERROR_RATE="half").returncode == 2
    unknown = crawl.run("articles", argument, SPIDERMON_SPIDER_CLOSE_MONITORS="nope.X")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (2, 1)
    assert "SPIDERMON_SPIDER_CLOSE_MONITORS: 'nope.X' can't be imported" in unknown.stderr
