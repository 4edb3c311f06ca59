"""Which database a question is put to."""

import os
import subprocess
import sys

import pymongo
import pytest
from crawling import PROJECT

from crawler.answering import PASSED_OVER, SAMPLE_NOTE
from crawler.items import Outcome, Provenance
from crawler.reading import DEFAULT_DATABASE, SAMPLE_DATABASE, opened
from crawler.store import MongoStore, StorageUnavailable


async def keep(uri, database, page):
    store = MongoStore(uri, database)
    await store.open()
    await store.write([page], "run-1")
    await store.close()


async def asked(mongod, database, tmp_path, **how):
    async with opened(mongod.uri, database, tmp_path, **how) as (store, is_sample, passed_over):
        return store.database, is_sample, passed_over


async def test_the_default_database_gives_way_to_the_sample_s_only_while_it_is_empty(
    mongod, make_page, tmp_path
):
    """Nothing held: one line. Only samples: theirs. Pages of one's own: those. A name given: that one.

    Stubs of a crawl that never got through are asked only where nothing else is there.
    """
    with pytest.raises(StorageUnavailable, match="holds no pages yet"):
        await asked(mongod, DEFAULT_DATABASE, tmp_path)
    page = make_page("https://cn.nytimes.com/china/20250101/one/")
    stub = make_page(page.id, Outcome.FAILED, provenance=Provenance.LIVE)
    await keep(mongod.uri, DEFAULT_DATABASE, stub)
    own, sample = (DEFAULT_DATABASE, False, None), (SAMPLE_DATABASE, True, DEFAULT_DATABASE)
    assert await asked(mongod, DEFAULT_DATABASE, tmp_path) == own
    await keep(mongod.uri, SAMPLE_DATABASE, page)
    assert await asked(mongod, DEFAULT_DATABASE, tmp_path) == sample
    assert await asked(mongod, DEFAULT_DATABASE, tmp_path, named=True) == own
    await keep(mongod.uri, DEFAULT_DATABASE, make_page(page.id, provenance=Provenance.LIVE))
    assert await asked(mongod, DEFAULT_DATABASE, tmp_path) == own
    with pytest.raises(StorageUnavailable, match="database other holds no pages"):
        await asked(mongod, "other", tmp_path)


@pytest.fixture
async def sample_and_stub(mongod, make_page):
    """The sample, and beside it what a crawl that never got through left behind."""
    page = make_page("https://cn.nytimes.com/china/20250101/one/")
    await keep(mongod.uri, SAMPLE_DATABASE, page)
    await keep(mongod.uri, DEFAULT_DATABASE, make_page(page.id, Outcome.FAILED, provenance=Provenance.LIVE))
    return mongod.uri


NAME = "MONGO_DATABASE"
COMMANDS = (
    (["runs"], "no run was made in the database {}"),
    (["dump", "--seed", "nothing", "-o", "nothing.jsonl"], "no page of a seed 'nothing' is held"),
    (["forget", "--undo", "https://cn.nytimes.com/china/20250101/one/"], "is not forgotten here"),
    (["related"], "no seed was crawled into this database"),
)


def test_every_command_asks_the_same_database(sample_and_stub, tmp_path):
    """The sample's, and says so, and how one's own is asked; then that one answers."""
    ours = {key: value for key, value in os.environ.items() if key != "MONGO_DATABASE"}
    for arguments, answer in COMMANDS:
        line = [sys.executable, "-m", "scrapy", *arguments, "-s", f"MONGO_DIR={tmp_path}"]
        for chosen, name in ((None, SAMPLE_DATABASE), ("", SAMPLE_DATABASE), (DEFAULT_DATABASE,) * 2):
            environment = ours | {"MONGO_URI": sample_and_stub, **({} if chosen is None else {NAME: chosen})}
            asked = subprocess.run(line, cwd=PROJECT, env=environment, capture_output=True, text=True)
            note = f"{SAMPLE_NOTE}\n{PASSED_OVER.format(DEFAULT_DATABASE)}\n"
            assert asked.stderr.startswith(note if name == SAMPLE_DATABASE else "scrapy: "), arguments
            assert answer.format(name) in asked.stderr


async def test_opening_to_read_makes_nothing(mongod, tmp_path):
    """No collection, no index: a user with the role `read` is enough."""
    with pytest.raises(StorageUnavailable):
        await asked(mongod, "other", tmp_path)
    with pymongo.MongoClient(mongod.uri) as client:
        assert "other" not in client.list_database_names()


async def test_the_embedded_database_answers_where_no_uri_is_given(make_page, tmp_path):
    """From the directory of MONGO_DIR."""
    with pytest.raises(StorageUnavailable, match="holds no pages yet"):
        async with opened("", DEFAULT_DATABASE, tmp_path / "mongo"):
            pass
