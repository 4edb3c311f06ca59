"""A database or dump of another version: brought up, or refused in one line that says what to do."""

import datetime as dt

import pytest
from crawling import Crawls

from crawler.items import SCHEMA_VERSION, Link, Role
from crawler.store import MongoStore, StorageUnavailable, read_documents, read_header
from crawler.store.migrations import STEPS, migrated

ONE, TWO = "https://cn.nytimes.com/china/20250201/one/", "https://cn.nytimes.com/china/20250202/two/"
NEW_FIELDS = {"links": ["gone_run", "gone_at"], "pages": ["held_since"], "revisions": ["held_since"]}


@pytest.fixture
async def store(mongo_uri, database):
    store = MongoStore(mongo_uri, database)
    yield store
    await store.close()


def contents(db):
    return {name: list(db[name].find().sort("_id")) for name in sorted(db.list_collection_names())}


@pytest.fixture
async def aged(store, db, make_page):
    """A database as the first version left it; returns what it becomes."""
    await store.open()
    link = Link(target=TWO, role=Role.CITATION)
    await store.plant("deepseek", make_page(ONE, links=(link,)), "run-1")
    await store.write([make_page(TWO)], "run-1")
    await store.refresh()
    await store.close()
    today = contents(db)
    db["schema"].drop()
    for name, fields in NEW_FIELDS.items():
        first = {"$unset": dict.fromkeys(fields, "")}
        first |= {"$set": {"schema_version": 1}} if name == "pages" else {}
        db.command(
            "update", name, updates=[{"q": {}, "u": first, "multi": True}], bypassDocumentValidation=True
        )
    return today


async def test_an_older_database(store, db, aged, mongo_uri, tmp_path):
    """No command uses it until it is migrated; then it is as if it had been made today. Twice is once."""
    crawl = Crawls(mongo_uri, db.name, tmp_path)
    for refused in (crawl.run("deepseek", REPLAY="seeds/newsroom.warc.gz"), crawl.scrapy("runs")):
        assert refused.returncode == 74
        assert "is of schema 1, this program's is 2: `scrapy migrate` brings it up" in refused.stderr
        assert "Traceback" not in refused.stderr
    done = crawl.scrapy("migrate")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{db.name}: schema 2; 1 links, 2 pages changed\n"
    assert contents(db) == aged
    assert "nothing changed" in crawl.scrapy("migrate").stdout
    await store.open()


async def test_a_migration_that_was_cut_off(store, db, aged):
    """It is carried on."""
    db.links.update_many({}, {"$set": {"gone_run": None, "gone_at": None}})
    assert (await store.migrate())["pages"] == 2
    assert contents(db) == aged


async def test_a_newer_database(store, db, aged):
    """Refused by every command, migration too; nothing is changed."""
    db["schema"].insert_one({"_id": "schema", "version": SCHEMA_VERSION + 1})
    before = contents(db)
    for use in (store.open, store.open_to_read, store.migrate):
        with pytest.raises(StorageUnavailable, match="update the program"):
            await use()
    assert contents(db) == before


async def test_not_while_a_crawl_goes_on(store, db, aged):
    """An older program would be writing its documents meanwhile."""
    now = dt.datetime.now(dt.UTC)
    db.crawl_runs.insert_one({"_id": "r", "seed": "x", "started": now, "heartbeat": now, "finished": None})
    with pytest.raises(StorageUnavailable, match="r is going on: migrate when it has ended"):
        await store.migrate()


async def test_an_empty_database_is_left_empty(store, db):
    """Nothing to migrate, nothing made."""
    assert await store.migrate() == {}
    assert db.list_collection_names() == []


def test_every_version_has_a_step():
    """From the first to today's; a document that names its own version starts there."""
    assert sorted(STEPS) == list(range(1, SCHEMA_VERSION))
    assert migrated("pages", {"_id": "a", "schema_version": SCHEMA_VERSION}, 1) == {
        "_id": "a",
        "schema_version": SCHEMA_VERSION,
    }


async def test_an_older_dump(store, db, aged, mongo_uri, tmp_path):
    """The command writes one that `load` takes; the old one is refused with that command."""
    old = '{"kind": "related-articles dump", "format": 1, "schema_version": 1, "code_version": "0.1.0", '
    old += '"database": "d", "seed": null, "sample": true, "bodies": true, "made": "2026"}\n'
    link = '{"in": "links", "document": {"_id": "l", "source": "a"}}\n{"end": {"links": 1}}\n'
    (tmp_path / "old.jsonl").write_text(old + link)
    crawl = Crawls(mongo_uri, db.name, tmp_path)
    done = crawl.scrapy("migrate", tmp_path / "old.jsonl", "-o", tmp_path / "new.jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    lines = (tmp_path / "new.jsonl").read_bytes().splitlines()
    assert read_header(lines[0]).schema_version == SCHEMA_VERSION
    assert list(read_documents(lines[1:])) == [
        ("links", {"_id": "l", "source": "a", "gone_run": None, "gone_at": None})
    ]
    (tmp_path / "old.jsonl").write_text(old + link[:20])
    cut = crawl.scrapy("migrate", tmp_path / "old.jsonl", "-o", tmp_path / "cut.jsonl")
    assert (cut.returncode, (tmp_path / "cut.jsonl").exists()) == (65, False)
    assert crawl.scrapy("migrate", tmp_path / "old.jsonl").returncode == 2
