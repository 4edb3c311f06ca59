"""The stored rankings of a seed's neighbourhood: kept up by each run, and only where something changed."""

import datetime as dt

import pymongo
import pytest

from crawler.items import Link, Role
from crawler.store import MongoStore

SEED = "https://cn.nytimes.com/china/20250205/seed/"
ONE = "https://cn.nytimes.com/china/20250204/one/"
STUB = "https://cn.nytimes.com/china/20250203/stub/"
LATER = "https://cn.nytimes.com/china/20250209/later/"


def citing(*targets):
    return tuple(Link(target=url, role=Role.CITATION, anchor_text="词", paragraph=1) for url in targets)


@pytest.fixture
async def store(mongo_uri, database, make_page):
    """A seed that cites an article and a stub, after its first run."""
    store = MongoStore(mongo_uri, database)
    await store.open()
    await store.plant("test", make_page(SEED, headline="种子", links=citing(ONE, STUB)), "run-1")
    await store.write([make_page(ONE, headline="一篇")], "run-1")
    await store.spread("test", 0, [Role.CITATION])
    await store.refresh()
    yield store
    await store.close()


@pytest.fixture
def stored(mongo_uri, database):
    """Reads the stored rankings: {work: document}."""
    with pymongo.MongoClient(mongo_uri, tz_aware=True) as client:
        yield lambda: {entry["_id"]: entry for entry in client[database].related.find()}


async def test_the_seed_and_what_it_cites_are_ranked(store, stored):
    """With score, reasons and group; stubs too, for one that is cited much is a finding."""
    assert await store.rank("test", "run-1") == 2
    ranked = stored()
    assert set(ranked) == {SEED, ONE}
    own = {entry["work"]: entry for entry in ranked[SEED]["related"]}
    assert set(own) == {ONE, STUB}
    assert own[ONE]["reasons"][0] == "cited by the seed in paragraph 1: «词»"
    assert own[STUB]["status"] == "discovered"
    assert own[STUB]["published_on"] == "2025-02-03"


async def test_a_seed_on_a_site_whose_addresses_tell_nothing(store, stored, make_page):
    """Its articles are ranked; what they cite on other sites is not, though it was read."""
    start, cited, away = "https://example.org/a", "https://example.org/b", "https://example.com/c"
    await store.plant("own", make_page(start, links=citing(cited, away)), "run-1")
    await store.write([make_page(cited), make_page(away)], "run-1")
    await store.spread("own", 0, [Role.CITATION])
    await store.refresh()
    assert await store.rank("own", "run-1") == 2
    assert set(stored()) == {start, cited}
    assert [entry["work"] for entry in stored()[start]["related"]] == [cited]


async def test_a_run_that_changes_nothing_leaves_all_as_it_was(store, stored):
    """Not even a time is written anew."""
    await store.rank("test", "run-1")
    before = stored()
    assert await store.rank("test", "run-1") == 0
    assert await store.rank("test", "run-2") == 0
    assert stored() == before


async def test_what_a_later_run_brings_comes_into_the_rankings_it_touches(store, stored, make_page):
    """Whichever seed that run was for."""
    await store.rank("test", "run-1")
    at = dt.datetime(2025, 2, 9, tzinfo=dt.UTC)
    page = make_page(LATER, at=at, headline="后续", links=citing(ONE))
    await store.write([make_page(LATER, at=at, links=page.links, headline="后续")], "run-2")
    with pymongo.MongoClient(store.uri) as client:
        client[store.database].pages.update_one({"_id": LATER}, {"$set": {"last_attempt.run_id": "run-2"}})
    await store.refresh()
    assert await store.rank("other", "run-2") == 2
    assert {entry["work"] for entry in stored()[SEED]["related"]} == {ONE, STUB, LATER}
    assert stored()[SEED]["run_id"] == "run-2"


async def test_a_ranking_holds_twenty_at_most(store, stored, make_page):
    """However much the seed cites."""
    many = [f"https://cn.nytimes.com/china/20250101/n{number}/" for number in range(30)]
    at = dt.datetime(2025, 2, 9, tzinfo=dt.UTC)
    await store.write([make_page(SEED, at=at, links=citing(*many))], "run-2")
    await store.rank("test", "run-1")
    assert len(stored()[SEED]["related"]) == 20


async def test_what_is_forgotten_is_in_no_ranking_and_in_no_terms(store, stored, mongo_uri, database):
    """Nor are the rankings that quote it; the next run makes them without it."""
    await store.rank("test", "run-1")
    facts = {"at": dt.datetime(2025, 3, 1, tzinfo=dt.UTC), "by": "me", "reason": "asked"}
    await store.forget(ONE, [], facts)
    assert stored() == {}
    with pymongo.MongoClient(mongo_uri) as client:
        assert client[database].terms.find_one(ONE) is None
    await store.refresh()
    await store.rank("test", "run-2")
    assert "一篇" not in str(stored())


async def test_a_work_that_another_took_in_is_ranked_no_more(store, stored, mongo_uri, database):
    """Its pages belong to the other."""
    await store.rank("test", "run-1")
    with pymongo.MongoClient(mongo_uri) as client:
        client[database].pages.update_one({"_id": ONE}, {"$set": {"work_id": SEED}})
    await store.rank("test", "run-2")
    assert set(stored()) == {SEED}
