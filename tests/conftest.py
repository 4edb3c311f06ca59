"""Shared fixtures: a private, real mongod for the whole session and a fresh database on it."""

import contextlib
import datetime as dt
import os
import tempfile
import uuid
from dataclasses import replace
from pathlib import Path

import pymongo
import pytest
from crawling import ROBOTS, Crawls
from loopback import Reply, Web
from redising import RedisServer, find_redis
from servers import Mongod

from crawler import embedded, urls
from crawler.items import Attempt, Extractor, Outcome, Page, PageType, Provenance, Status
from crawler.store import MongoStore


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory):
    """The URI of a real mongod; where there is none the tests are skipped, in CI they fail."""
    with contextlib.ExitStack() as stack:
        try:
            uri = stack.enter_context(embedded.serve(tmp_path_factory.mktemp("mongo")))
        except embedded.MongodUnavailable as problem:
            if os.environ.get("CI") == "true" or os.environ.get("REQUIRE_MONGOD") == "1":
                pytest.fail(str(problem))
            pytest.skip(str(problem))
        yield uri


@pytest.fixture
def database(mongo_uri):
    """The name of a database that no other test uses, dropped at the end."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield name
    with pymongo.MongoClient(mongo_uri) as client:
        client.drop_database(name)


@pytest.fixture(scope="session")
def sample(mongo_uri, tmp_path_factory):
    """The sample archive, crawled from both its seeds: for any number of tests to read, not to change."""
    database = f"sample_{uuid.uuid4().hex[:8]}"
    crawls = Crawls(mongo_uri, database, tmp_path_factory.mktemp("sample"))
    for arguments in (("deepseek",), ("articles", "seed=newsroom")):
        run = crawls.run(*arguments, timeout=600, REPLAY="seeds/newsroom.warc.gz")
        assert run.returncode == 0, run.stderr
    yield crawls
    with pymongo.MongoClient(mongo_uri) as client:
        client.drop_database(database)


@pytest.fixture
def mongod(mongo_uri):
    """A mongod that the test may kill; skipped where none is to be had, as with `mongo_uri`."""
    with tempfile.TemporaryDirectory(prefix="mongod-") as directory:
        server = Mongod(Path(directory))
        server.start()
        yield server
        server.kill()


@pytest.fixture
def redis_server():
    """A redis-server that the test may kill; skipped where there is none, in CI a failure."""
    find_redis()
    with tempfile.TemporaryDirectory(prefix="redis-") as directory:
        server = RedisServer(Path(directory))
        server.start()
        yield server
        server.kill()


@pytest.fixture
def web(tmp_path):
    """Gives a web of the pages asked for, robots.txt of both sites included."""
    robots = {f"https://{site}.nytimes.com/robots.txt": Reply(ROBOTS) for site in ("cn", "www")}
    with contextlib.ExitStack() as stack:
        yield lambda pages: stack.enter_context(Web({**robots, **pages}, tmp_path))


@pytest.fixture
def crawls(mongo_uri, database, tmp_path):
    """Gives the crawls of this test's database; where no proxy is named nobody answers."""
    return lambda proxy="http://127.0.0.1:1": Crawls(mongo_uri, database, tmp_path, proxy)


@pytest.fixture
def make_page():
    """Makes a valid page from its URL: fetched with success, unless the arguments say otherwise."""

    def make(url, outcome=Outcome.OK, at=dt.datetime(2025, 2, 5, 12, tzinfo=dt.UTC), **fields):
        page = Page(
            id=url,
            url=url,
            site=urls.site_of(url),
            page_type=PageType(urls.page_type_of(url)),
            story_key=urls.story_key(url),
            display_title=urls.readable_title(url),
            provenance=Provenance.SAMPLE,
            last_attempt=Attempt(at=at, status=outcome, http_status=200, run_id="run-1"),
            next_fetch_at=at + dt.timedelta(days=1),
        )
        if outcome in {Outcome.OK, Outcome.TRUNCATED}:
            page = replace(
                page,
                status=Status.FETCHED,
                fetched_at=at,
                headline="头条",
                body="正文" * 100,
                content_hash="1",
                published_on="2025-02-05",
                extractor=Extractor(name="test", layout="test"),
            )
        return replace(page, **fields)

    return make


@pytest.fixture
async def store(mongo_uri, database):
    """A store that is open on the test's own database."""
    store = MongoStore(mongo_uri, database)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def db(mongo_uri, database):
    """The same database by PyMongo, to look at what is there."""
    with pymongo.MongoClient(mongo_uri, tz_aware=True) as client:
        yield client[database]
