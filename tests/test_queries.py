"""docs/queries.md: every query in both forms, against the sample database."""

import datetime as dt

import cookbook
import pymongo
import pytest

from crawler.items import Link, Role
from crawler.store import MongoStore

TEXT = cookbook.DOC.read_text()
QUERIES = cookbook.entries(TEXT)
URL = "https://cn.nytimes.com/china/20250205/changed/"


@pytest.fixture(scope="module")
def held(sample):
    with pymongo.MongoClient(sample.uri, tz_aware=True) as client:
        yield client[sample.database]


def test_nothing_is_left_out():
    """Every heading is a query with its three blocks; there are at least twenty."""
    assert len(QUERIES) == TEXT.count("\n## ") >= 20


@pytest.mark.parametrize("title", QUERIES)
def test_both_forms_give_what_the_document_shows(held, title):
    """The same rows, in the same order, and those are the rows below the query."""
    mongosh, python, output = QUERIES[title]
    known = cookbook.names(TEXT)
    rows = cookbook.run_pymongo(python, held, known)
    assert cookbook.run_mongosh(mongosh, held, known) == rows
    assert cookbook.shown(rows) == output, "another sample, or other figures? `python tests/cookbook.py`"


async def test_what_changed_and_which_links_went_away(mongo_uri, database, make_page):
    """The sample is of one day; here a page came twice."""
    store = MongoStore(mongo_uri, database)
    await store.open()
    link = Link(target="https://cn.nytimes.com/china/20250101/cited/", role=Role.CITATION, anchor_text="词")
    first = make_page(URL, headline="旧的标题", links=(link,))
    at = first.last_attempt.at + dt.timedelta(hours=1)
    await store.write([first], "run-1")
    await store.write([make_page(URL, headline="新的标题", content_hash="2", at=at)], "run-2")
    await store.close()
    with pymongo.MongoClient(mongo_uri) as client:
        (change,) = cookbook.run_pymongo(QUERIES["What changed?"][1], client[database], {})
        (gone,) = cookbook.run_mongosh(QUERIES["Which links went away?"][0], client[database], {})
    assert change == {"page": URL, "revision": 0, "before": "旧的标题", "after": "新的标题"}
    assert gone["target"] == link.target


def test_the_document_can_be_written_anew(held):
    """With the sample's outputs nothing changes."""
    assert cookbook.rewritten(TEXT, held) == TEXT
