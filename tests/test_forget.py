"""A page that was forgotten: nothing it said is left anywhere, and nothing brings it back."""

import datetime as dt
from dataclasses import replace

import pymongo
import pytest
from crawling import SEED, Crawls, article, citing, seed_file
from loopback import Reply, Web

from crawler.items import Extractor, Link, Outcome, Provenance, Role, Status, WarcRecord, from_document
from crawler.store import MongoStore, read_documents
from crawler.store.dump_lines import Header
from crawler.writer.spool import line_of

SITE = "https://cn.nytimes.com/china/20250201/"
ONE, TWO, ALIAS, OLDER_ALIAS = (f"{SITE}{name}/" for name in ("one", "two", "alias", "older-alias"))
AT = dt.datetime(2025, 2, 5, 12, tzinfo=dt.UTC)
FACTS = {"at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "by": "ann", "reason": "asked by the publisher"}
SAID = "秘密"
READ = Extractor(name="test", layout="test")


def cited(target, words=SAID):
    return Link(target=target, role=Role.CITATION, anchor_text=words, context=words, paragraph=1, position=0)


@pytest.fixture
def secret(make_page):
    """A page all of whose words are secret."""
    record = WarcRecord(file="a.warc.gz", record_id="<urn:uuid:1>")
    words = {
        "headline": SAID,
        "display_title": SAID,
        "display_title_source": "headline",
        "body": SAID * 9,
    }
    return make_page(ONE, links=(cited(TWO),), extractor=READ, warc=record, **words)


def moved(make_page, url, target):
    return make_page(url, Outcome.REDIRECTED, redirects_to=target)


@pytest.fixture
async def forgotten(store, db, secret, make_page):
    """The secret page, its former version and its aliases, forgotten; another page cites it."""
    changed = replace(secret, content_hash="2", fetched_at=AT + dt.timedelta(days=1))
    attempt = replace(secret.last_attempt, at=AT + dt.timedelta(days=1))
    await store.write([secret, make_page(TWO, links=(cited(ONE, "另一篇"),))], "run-1")
    await store.write([replace(changed, last_attempt=attempt)], "run-1")
    await store.write([moved(make_page, ALIAS, ONE), moved(make_page, OLDER_ALIAS, ALIAS)], "run-1")
    await store.plant("seed", make_page(TWO, links=(cited(ONE, "另一篇"),)), "run-1")
    await store.spread("seed", 0, ["citation"])
    await store.refresh()
    work = db.pages.find_one({"_id": ONE})["work_id"]
    db.related.insert_one({"_id": TWO, "names": [TWO, work], "related": [{"headline": SAID}]})
    db.suggestions.insert_one({"_id": "s", "seed": "seed", "page": ONE, "words": [SAID]})
    store.traces_before = await store.traces(ONE)
    await store.forget(ONE, store.traces_before.aliases, FACTS)
    await store.refresh()
    return store


def everything(db):
    return "\n".join(f"{name}: {list(db[name].find())}" for name in db.list_collection_names())


async def test_nothing_it_said_is_left(forgotten, db):
    """In no collection: text, title, former versions, words of its links, the work's headline."""
    traces = forgotten.traces_before
    assert (traces.held, traces.aliases, traces.archives) == (True, [ALIAS, OLDER_ALIAS], ["a.warc.gz"])
    assert not [line[:3000] for line in everything(db).splitlines() if SAID in line]
    stone = db.pages.find_one({"_id": ONE})
    assert from_document(stone).forgotten.reason == "asked by the publisher"
    assert (stone["status"], stone["display_title"]) == ("forgotten", "one (2025-02-01)")
    assert (stone["depths"], stone["in_degree"], stone["out_degree"]) == ({"seed": 1}, 1, 0)
    assert {page["status"] for page in db.pages.find({"_id": {"$in": [ALIAS, OLDER_ALIAS]}})} == {"forgotten"}
    assert [link["source"] for link in db.links.find()] == [TWO]


async def test_nothing_brings_it_back(forgotten, db, secret, make_page, tmp_path):
    """No crawl, no fact of a seed file, no import, no spool, no list of what is due, no dump."""
    before = db.pages.find_one({"_id": ONE}, {"last_seen_at": 0})
    late = replace(secret, last_attempt=replace(secret.last_attempt, at=dt.datetime.now(dt.UTC)))
    imported = replace(secret, last_attempt=None, fetched_at=None)
    facts = replace(make_page(ONE), status=Status.DISCOVERED, last_attempt=None, headline=SAID)
    await forgotten.write([late, imported, facts, moved(make_page, ONE, TWO)], "run-2")
    await forgotten.plant("seed", facts, "run-2")
    del before["depths"]
    assert db.pages.find_one({"_id": ONE}, {"last_seen_at": 0, "depths": 0}) == before
    assert not [line[:3000] for line in everything(db).splitlines() if SAID in line]
    assert SAID.encode() not in line_of("run-2", make_page(TWO))
    now = dt.datetime.now(dt.UTC) + dt.timedelta(days=99)
    for depth in (0, 1):
        due = await forgotten.due("seed", depth, sites=["cn.nytimes.com"], now=now, limit=9)
        assert ONE not in [page.url for page in due]


def header():
    told = {"code_version": "x", "database": "d", "seed": None, "sample": True, "bodies": True, "made": "now"}
    return Header(schema_version=1, **told)


async def lines(store):
    return [line.encode() async for line in store.dump(header())][1:]


async def test_a_dump_brings_no_words_and_takes_the_tombstone_along(forgotten, db, secret, mongo_uri):
    """An older dump loaded here leaves the tombstone; ours loaded where the page is held makes one there."""
    elsewhere = MongoStore(mongo_uri, f"{forgotten.database}_b")
    await elsewhere.open()
    try:
        await elsewhere.write([secret], "run-1")
        await forgotten.load(read_documents(await lines(elsewhere)))
        assert not [line[:3000] for line in everything(db).splitlines() if SAID in line]
        loaded = await elsewhere.load(read_documents(await lines(forgotten)))
        await elsewhere.refresh()
        assert (loaded.refused, loaded.damage) == ({}, None)
        with pymongo.MongoClient(mongo_uri) as client:
            other = client[elsewhere.database]
            assert SAID not in everything(other)
            assert other.pages.find_one({"_id": ONE})["status"] == "forgotten"
    finally:
        await elsewhere.close()
        with pymongo.MongoClient(mongo_uri) as client:
            client.drop_database(elsewhere.database)


async def test_undo(forgotten, db, secret):
    """The page and its aliases are stubs again; the next fetch fills it."""
    assert await forgotten.remember(ONE) == 3
    assert await forgotten.remember(ONE) == 0
    assert db.pages.count_documents({"status": "forgotten"}) == 0
    await forgotten.write([secret], "run-2")
    assert db.pages.find_one({"_id": ONE})["headline"] == SAID


async def test_what_is_told_of_others(store, make_page):
    """An address that redirects leaves the page it leads to; other versions of the work are named."""
    hans, hant = make_page(ONE), make_page(f"{ONE}zh-hant/")
    await store.write([hans, hant, moved(make_page, ALIAS, ONE)], "run-1")
    await store.refresh()
    assert (await store.traces(ONE)).versions == [f"{ONE}zh-hant/"]
    traces = await store.traces(ALIAS)
    assert (traces.redirects_to, traces.aliases) == (ONE, [])
    unknown = await store.traces(TWO)
    assert (unknown.held, unknown.versions) == (False, [])


def test_a_crawl_does_not_ask_for_it(mongo_uri, database, tmp_path):
    """Forgotten by the command between two crawls, all due again; and asked for again after --undo."""
    target = "https://cn.nytimes.com/world/20260101/a/"
    pages = {SEED: article("开始", *citing(target)), target: article(SAID, f"{SAID}。")}
    with Web({"https://cn.nytimes.com/robots.txt": Reply(""), **pages}, tmp_path) as web:
        crawl = Crawls(mongo_uri, database, tmp_path, web.proxy)

        def crawled():
            with pymongo.MongoClient(mongo_uri) as client:
                client[database].pages.update_many({}, {"$unset": {"next_fetch_at": 1}})
            before = len(web.urls())
            assert crawl.run("articles", seed_file(tmp_path)).returncode == 0
            return target in web.urls()[before:]

        crawl.run("articles", seed_file(tmp_path))
        told = crawl.scrapy("forget", f"{target}?utm_source=x", "--reason", "why not")
        assert (told.returncode, told.stdout) == (0, f"{target} is forgotten\n")
        assert not crawled()
        assert crawl.pages()[target]["forgotten"]["reason"] == "why not"
        assert SAID not in str(crawl.pages())
        assert crawl.scrapy("forget", target, "--undo").returncode == 0
        again = crawl.scrapy("forget", target, "--undo")
        assert (again.returncode, again.stderr) == (2, f"scrapy: {target} is not forgotten here\n")
        assert crawled()
        assert crawl.pages()[target]["provenance"] == Provenance.LIVE
    assert crawl.scrapy("forget", "mailto:a@b.c").returncode == 2
    unknown = crawl.scrapy("forget", TWO)
    assert "was not held" in unknown.stdout
