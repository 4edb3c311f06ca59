"""Two writers at one page: whoever comes through, the links are the page's; a forgotten one stays so."""

import asyncio
import datetime as dt
import itertools
import random

import pytest

from crawler.items import Attempt, Extractor, Link, Outcome, Role
from crawler.store import MongoStore

SITE = "https://cn.nytimes.com/china/20250201/"
PAGE, X, Y, Z = (f"{SITE}{name}/" for name in "pxyz")
OLD, NEW = (dt.datetime(2025, 2, 5, hour, tzinfo=dt.UTC) for hour in (12, 13))
FACTS = {"at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "by": "ann", "reason": None}
READ = Extractor(name="test", layout="test")


class Overtaken(MongoStore):
    """A store in which something else is done between reading what is held and writing, once."""

    meanwhile = None

    async def _held(self, ids):
        held = await super()._held(ids)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile
        return held


@pytest.fixture
async def overtaken(mongo_uri, database, store):
    """A second store on the database of `store`; what is to be done meanwhile is put into it."""
    second = Overtaken(mongo_uri, database)
    await second.open()
    yield second
    await second.close()


@pytest.fixture
def reading(make_page):
    """Makes the page as it was read at a time, with links to these targets."""

    def make(at, *targets, url=PAGE, outcome=Outcome.OK, **fields):
        words = f"as of {at:%H}"
        links = tuple(Link(target=target, role=Role.CITATION, anchor_text=words) for target in targets)
        attempt = Attempt(at=at, status=outcome, http_status=200, run_id=f"run-{at:%H}")
        read = {"links": links, "extractor": READ, "content_hash": words, "last_attempt": attempt}
        return make_page(url, outcome, at=at, **(read | fields))

    return make


def links(db, source=PAGE):
    """What the collection says of the links: active, anchor text, the run that saw or missed them last."""
    return {
        link["target"]: (link["active"], link["anchor_text"], link["gone_run"] or link["last_seen_run"])
        for link in db.links.find({"source": source})
    }


async def test_the_links_are_those_of_the_page_that_came_through(store, overtaken, db, reading):
    """Not of the older reading that lost; other pages of its batch are as without the race."""
    await store.write([reading(OLD, X, Y, url=Z)], "run-0")
    overtaken.meanwhile = store.write([reading(NEW, Y, Z)], "run-13")
    batch = [reading(OLD, X, Y), reading(NEW, Y, url=Z)]
    assert await overtaken.write(batch, "run-12") == []
    await store.refresh()
    page = db.pages.find_one({"_id": PAGE})
    assert [link["target"] for link in page["links"]] == [Y, Z]
    assert links(db) == {
        X: (False, "as of 12", "run-13"),
        Y: (True, "as of 13", "run-13"),
        Z: (True, "as of 13", "run-13"),
    }
    assert links(db, Z) == {X: (False, "as of 12", "run-13"), Y: (True, "as of 13", "run-13")}
    degrees = {page["_id"]: (page["in_degree"], page["out_degree"]) for page in db.pages.find()}
    assert degrees == {PAGE: (0, 2), X: (0, 0), Y: (2, 0), Z: (1, 1)}


async def test_the_newer_reading_comes_through_after_all(store, overtaken, db, reading):
    """It is decided anew, and the version it replaces is kept once."""
    await store.write([reading(OLD - dt.timedelta(hours=1), X)], "run-11")
    overtaken.meanwhile = store.write([reading(OLD, X, Y)], "run-12")
    await overtaken.write([reading(NEW, Y, Z)], "run-13")
    assert links(db) == {
        X: (False, "as of 12", "run-13"),
        Y: (True, "as of 13", "run-13"),
        Z: (True, "as of 13", "run-13"),
    }
    assert db.pages.find_one({"_id": PAGE})["revision"] == 2
    assert sorted(db.revisions.distinct("_id")) == [f"{PAGE}#0", f"{PAGE}#1"]


async def test_a_refusal_meanwhile_takes_no_link_away(store, overtaken, db, reading):
    """The page is written on the second try; when links were seen first and last stays known."""
    await store.write([reading(OLD, X, Y)], "run-12")
    blocked = reading(NEW, outcome=Outcome.BLOCKED)
    overtaken.meanwhile = store.write([blocked], "run-13")
    await overtaken.write([reading(OLD + dt.timedelta(minutes=1), X, Y)], "run-12")
    assert links(db) == {X: (True, "as of 12", "run-12"), Y: (True, "as of 12", "run-12")}
    assert db.pages.find_one({"_id": PAGE})["last_attempt"]["status"] == "blocked"


async def test_many_at_the_same_pages(mongo_uri, database, store, db, reading):
    """Three writers, three pages each, again and again: the links are always those of the pages."""
    stores = [MongoStore(mongo_uri, database) for _ in range(3)]
    chance, hours = random.Random(7), itertools.count()

    async def write(store):
        await asyncio.sleep(chance.random() / 100)
        at = OLD + dt.timedelta(hours=next(hours))
        pages = [reading(at, *chance.sample((PAGE, X, Y, Z), 2), url=f"{SITE}s{n}/") for n in range(3)]
        await store.write(pages, "run")

    for one in stores:
        await one.open()
    await write(store)
    for _ in range(30):
        await asyncio.gather(*map(write, stores))
        for page in db.pages.find({"status": "fetched"}):
            said = {link["target"]: link["anchor_text"] for link in page["links"]}
            active = db.links.find({"source": page["_id"], "active": True})
            assert {link["target"]: link["anchor_text"] for link in active} == said
    for one in stores:
        await one.close()


@pytest.mark.parametrize("held", [False, True])
async def test_a_page_that_is_forgotten_meanwhile_stays_so(store, overtaken, db, reading, held):
    """Whether it was held or never fetched: no text, no former version, no link with its words."""
    if held:
        await store.write([reading(OLD, X, Y)], "run-12")
    overtaken.meanwhile = store.forget(PAGE, [], FACTS)
    assert await overtaken.write([reading(NEW, Y, Z)], "run-13") == []
    page = db.pages.find_one({"_id": PAGE})
    assert (page["status"], page["links"], page.get("body")) == ("forgotten", [], None)
    assert (links(db), db.revisions.count_documents({})) == ({}, 0)
