"""Whole crawls whose database goes away: a real process, a real mongod and kill -9."""

import json
import time

import pymongo
import pytest
from crawling import ROBOTS, SEED, Crawls, article, citing, kill, seed_file
from loopback import Reply, Web

TARGETS = [f"https://cn.nytimes.com/world/20260101/p{number}/" for number in range(60)]


@pytest.fixture
def web(tmp_path):
    pages = {url: Reply(article("文", "无。"), delay=0.12) for url in TARGETS}
    robots = {f"https://{host}.nytimes.com/robots.txt": Reply(ROBOTS) for host in ("cn", "www")}
    with Web({SEED: article("开始", *citing(*TARGETS)), **pages, **robots}, tmp_path) as web:
        yield web


def fetched(mongod):
    with pymongo.MongoClient(mongod.uri) as client:
        return {page["_id"] for page in client.test.pages.find({"status": "fetched"})}


def wait_for_pages(mongod, count):
    deadline = time.monotonic() + 120
    while len(found := fetched(mongod)) < count:
        assert time.monotonic() < deadline, "the crawl does not get on"
        time.sleep(0.05)
    return found


def wait_for_one_under_way(mongod, web):
    """Between two batches of the writer there may be a moment at which nothing is to be lost."""
    deadline = time.monotonic() + 60
    while len(web.urls()) <= len(before := fetched(mongod)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return before


def test_mongod_is_killed_for_a_while(mongod, web, tmp_path):
    """The crawl waits, goes on and ends well; no page is asked for twice."""
    crawl = Crawls(mongod.uri, "test", tmp_path, web.proxy)
    process = crawl.start("articles", seed_file(tmp_path))
    wait_for_pages(mongod, 10)
    mongod.kill()
    time.sleep(4)  # longer than the driver looks for a server
    mongod.start()
    output, _ = process.communicate(timeout=180)
    assert process.returncode == 0, output
    assert "trying again" in output
    assert fetched(mongod) == {SEED, *TARGETS}
    assert sorted(web.urls()) == sorted({SEED, *TARGETS})


def test_mongod_is_killed_for_good(mongod, mongo_uri, web, tmp_path):
    """The crawl ends with exit status 74; the next one finds in the spool all that was acknowledged.

    One on another server leaves it alone, though the database has the same name.
    """
    crawl = Crawls(mongod.uri, "test", tmp_path, web.proxy)
    process = crawl.start("articles", seed_file(tmp_path), MONGO_RETRY_BUDGET=0.5)
    wait_for_pages(mongod, 10)
    before = wait_for_one_under_way(mongod, web)
    mongod.kill()
    output, _ = process.communicate(timeout=180)
    assert process.returncode == 74, output
    assert "Traceback" not in output
    spooled = {
        json.loads(line)["page"]["id"]
        for path in (tmp_path / "mongo" / "spool").glob("*/test/*.jsonl")
        for line in path.read_text().splitlines()
    }
    assert spooled, output
    assert str(next((tmp_path / "mongo" / "spool").glob("*/test"))) in output
    elsewhere = Crawls(mongo_uri, "test", tmp_path, web.proxy)
    assert elsewhere.run("articles", seed_file(tmp_path), "dry_run=1").returncode == 0
    with pymongo.MongoClient(mongo_uri) as client:
        assert client.test.pages.find_one() is None
        client.drop_database("test")
    asked = len(web.urls())
    mongod.start()
    again = crawl.run("articles", seed_file(tmp_path))
    assert again.returncode == 0, again.stderr
    assert fetched(mongod) == {SEED, *TARGETS}
    assert not (before | spooled) & set(web.urls()[asked:])


def test_crawler_and_mongod_are_killed(mongod, web, tmp_path):
    """Both die at once: the next crawl asks only for what was not acknowledged, and completes."""
    crawl = Crawls(mongod.uri, "test", tmp_path, web.proxy)
    process = crawl.start("articles", seed_file(tmp_path))
    before = wait_for_pages(mongod, 10)
    mongod.kill()
    kill(process)
    asked = len(web.urls())
    mongod.start()
    again = crawl.run("articles", seed_file(tmp_path))
    assert again.returncode == 0, again.stderr
    assert fetched(mongod) == {SEED, *TARGETS}
    assert not before & set(web.urls()[asked:])
