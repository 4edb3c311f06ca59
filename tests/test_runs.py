"""`scrapy runs` on real crawls: the account of a run is its own, whatever later runs did."""

import json

import pymongo
import pytest
from crawling import SEED, Crawls, article, citing, seed_file
from loopback import Reply, Web

SITE = "https://cn.nytimes.com"


def path(name):
    return f"{SITE}/world/20260101/{name}/"


GONE = [path("gone-a"), path("gone-b")]
PAGES = {
    f"{SITE}/robots.txt": Reply("User-agent: *\nDisallow: /world/20260101/denied/\n"),
    SEED: article("开始", *citing(path("fine"), path("refused"), *GONE, path("undated"), path("denied"))),
    path("fine"): article("好", "没有链接。"),
    path("undated"): article("没有日期", "没有链接。", date=""),
    path("refused"): Reply("no", 403),
    **{url: Reply("", 404) for url in GONE},
}


@pytest.fixture(scope="module")
def crawl(mongo_uri, tmp_path_factory):
    """Two runs of one seed, the second over all that the first one tried; and what the first one told."""
    directory = tmp_path_factory.mktemp("runs")
    with Web(PAGES, directory) as web:
        crawl = Crawls(mongo_uri, f"runs_{directory.name}", directory, web.proxy)
        argument = seed_file(directory)
        first = crawl.run("articles", argument)
        assert first.returncode == 0, first.stderr
        crawl.told = told(crawl, crawl.runs()[0]["_id"])
        with pymongo.MongoClient(mongo_uri) as client:
            client[crawl.database].pages.update_many({}, {"$unset": {"next_fetch_at": 1}})
        assert crawl.run("articles", argument).returncode == 0
        yield crawl
    with pymongo.MongoClient(mongo_uri) as client:
        client.drop_database(crawl.database)


def told(crawl, *arguments):
    asked = crawl.scrapy("runs", *arguments, "--format", "json")
    assert asked.returncode == 0, asked.stderr
    return json.loads(asked.stdout)


def test_what_a_run_did(crawl):
    """Fetched, refused and lost to which rule; coverage by layout and language; what was new; traffic."""
    run = crawl.told
    assert run["counts"] == {"ok": 3, "gone": 2, "blocked": 1, "robots_denied": 1}
    assert run["reasons"] == [
        {"outcome": "gone", "reason": "HTTP 404", "count": 2},
        {"outcome": "blocked", "reason": "HTTP 403", "count": 1},
        {"outcome": "robots_denied", "reason": "robots.txt forbids it", "count": 1},
    ]
    [row] = run["coverage"]
    assert (row["extractor"], row["in_language"], row["pages"]) == ("cn_nytimes", "zh-Hans", 3)
    assert [row[name] for name in ("headline", "body", "links")] == [3, 3, 1]
    assert run["new"] == {"pages": 7, "links": 6}
    assert run["traffic"]["requests"] == 7
    assert run["traffic"]["bytes"] > 3000
    assert (run["finish_reason"], run["taken_up"]) == ("finished", 0)


def test_a_later_run_falsifies_no_earlier_one(crawl):
    """The second run tried all pages again: the first one's account stays."""
    second, first = told(crawl)
    del first["silent_for"], crawl.told["silent_for"]
    assert first == crawl.told
    assert sum(second["counts"].values()) > 3
    assert second["new"] == {"pages": 0, "links": 0}
    [newest] = told(crawl, "-n", "1")
    assert newest["_id"] == second["_id"]


def test_tables(crawl):
    """A line for each run, newest first; one in full."""
    second, first = (run["_id"] for run in told(crawl))
    listed = crawl.scrapy("runs", "--seed", "loop").stdout
    assert listed.index(second) < listed.index(first)
    full = crawl.scrapy("runs", first).stdout
    assert f"{first}: finished" in full
    assert "robots.txt forbids it" in full


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["loop-2026"], "no run 'loop-2026': the nearest is loop-2"),
        (["--seed", "deepseek"], "no run of the seed 'deepseek': runs are there of loop"),
        (["-n", "0"], "-n has to be 1 or more"),
        (["a", "b"], "give the id of one run"),
    ],
)
def test_what_is_not_there(crawl, arguments, complaint):
    """One line, status 2."""
    asked = crawl.scrapy("runs", *arguments)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert complaint in asked.stderr
    assert asked.stderr.count("\n") == 1
