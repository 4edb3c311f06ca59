import asyncio
import json
import re
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pymongo
import pytest

from crawler.embedded import uri_of
from crawler.items import Link, Outcome, Role
from crawler.store import DocumentRejected, MongoStore, StorageUnavailable
from crawler.writer import Writer, server_of
from pipelines.mongo import spool_of

EN = "https://www.nytimes.com/2025/02/04/world/one.html"


def url(number):
    return f"https://cn.nytimes.com/china/20250205/{number}/"


@pytest.fixture
async def shaky_store(mongod):
    """A store on a mongod that can be killed; it looks for it half a second at a time."""
    store = MongoStore(mongod.uri, "test", timeout=0.5)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def db(mongo_uri, database):
    with pymongo.MongoClient(mongo_uri) as client:
        yield client[database]


@pytest.fixture
def failures():
    return []


@pytest.fixture
def make_writer(tmp_path, failures):
    def make(store, **options):
        options = {"interval": 0.02, "batch_size": 10, "retry_budget": 0.3} | options
        return Writer(store, "run-1", tmp_path / "spool", on_failure=failures.append, **options)

    return make


def fetched(collection):
    return {document["_id"] for document in collection.find({"status": "fetched"})}


def spool_files(tmp_path):
    return sorted(path.name for path in (tmp_path / "spool").glob("*.jsonl"))


async def test_put_returns_when_the_page_is_there(store, db, make_page, make_writer):
    """What is acknowledged can be read at once; what came together went out together."""
    writer = make_writer(store)
    await asyncio.gather(*(writer.put(make_page(url(number))) for number in range(25)))
    assert fetched(db.pages) == {url(number) for number in range(25)}
    assert (writer.written, writer.batches) == (25, 3)
    await writer.close()


async def test_a_batch_that_is_never_full_goes_out_in_time(store, db, make_page, make_writer):
    """One page alone waits for the timer and no longer."""
    writer = make_writer(store, batch_size=1000, interval=0.2)
    started = time.monotonic()
    await writer.put(make_page(url(1)))
    assert 0.2 <= time.monotonic() - started < 2
    assert fetched(db.pages) == {url(1)}
    await writer.close()


async def test_what_comes_while_a_batch_is_written_goes_out_together(store, db, make_page, make_writer):
    """Not page by page, as fast as they come; what fills a batch meanwhile does not wait."""
    writer = make_writer(store, batch_size=20, interval=60)
    together = [asyncio.ensure_future(writer.put(make_page(url(number)))) for number in range(20)]
    while not together[0].done():  # by and by, all in the time of that write
        together.append(asyncio.ensure_future(writer.put(make_page(url(len(together))))))
        await asyncio.sleep(0.001)
    await writer.close()
    await asyncio.gather(*together)
    assert fetched(db.pages) == {url(number) for number in range(len(together))}
    assert writer.batches == -(-len(together) // 20)


async def test_closing_writes_what_waits(store, db, make_page, make_writer):
    """Nothing that waits for its batch is left behind, not even where nobody waits for it any more."""
    writer = make_writer(store, interval=60, batch_size=1000)
    waiting = asyncio.ensure_future(writer.put(make_page(url(1))))
    given_up = asyncio.ensure_future(writer.put(make_page(url(2))))
    await asyncio.sleep(0)
    given_up.cancel()
    await writer.close()
    await waiting
    assert fetched(db.pages) == {url(1), url(2)}


async def test_two_writers_at_once(store, mongo_uri, database, db, make_page, make_writer):
    """Writers of two processes share a database and a spool directory."""
    other = MongoStore(mongo_uri, database)
    await other.open()
    writers = [make_writer(store), make_writer(other)]
    links = (Link(target=EN, role=Role.CITATION),)
    for writer in writers:
        await writer.open()
    await asyncio.gather(
        *(writers[number % 2].put(make_page(url(number // 2), links=links)) for number in range(80))
    )
    assert fetched(db.pages) == {url(number) for number in range(40)}
    assert db.links.count_documents({"active": True}) == 40
    for writer in writers:
        await writer.close()
    await other.close()


async def test_mongod_is_killed_for_a_while(mongod, shaky_store, make_page, make_writer, failures):
    """Pages wait until it is back; none is lost, none spooled, and nobody is told."""
    writer = make_writer(shaky_store, retry_budget=30)
    puts = [asyncio.ensure_future(writer.put(make_page(url(number)))) for number in range(300)]
    await puts[40]
    await asyncio.to_thread(mongod.kill)
    late = [asyncio.ensure_future(writer.put(make_page(url(number)))) for number in range(300, 400)]
    await asyncio.sleep(1)
    assert not late[-1].done()
    await asyncio.to_thread(mongod.start)
    await asyncio.gather(*puts, *late)
    with pymongo.MongoClient(mongod.uri) as client:
        assert fetched(client.test.pages) == {url(number) for number in range(400)}
    assert writer.retries > 0
    assert (writer.spooled, failures) == (0, [])
    await writer.close()


async def test_mongod_is_killed_for_good(mongod, shaky_store, make_page, make_writer, failures, tmp_path):
    """What is acknowledged is in the database or in the spool; the next writer brings it in."""
    writer = make_writer(shaky_store)
    puts = [asyncio.ensure_future(writer.put(make_page(url(number)))) for number in range(200)]
    await puts[40]
    await asyncio.to_thread(mongod.kill)
    await asyncio.gather(*puts)
    await writer.put(make_page(url(200)))
    await writer.close()
    assert len(failures) == 1
    assert "MongoDB does not answer" in failures[0]
    assert 0 < writer.spooled <= 201 - writer.written
    with pytest.raises(StorageUnavailable):
        await make_writer(shaky_store).open()
    assert len(spool_files(tmp_path)) == 1, "a spool that could not be replayed stays"

    await asyncio.to_thread(mongod.start)
    following = make_writer(shaky_store)
    await following.open()
    assert following.replayed == writer.spooled
    assert spool_files(tmp_path) == []
    with pymongo.MongoClient(mongod.uri) as client:
        assert fetched(client.test.pages) == {url(number) for number in range(201)}
        assert client.test.pages.find_one({"_id": url(200)})["last_attempt"]["run_id"] == "run-1"
    await following.close()


async def spooled(writer, pages):
    """Have the pages go to the spool, as if the server were away; the spool's path."""
    writer._failed = True
    for page in pages:
        await writer.put(page)
    path = writer._spool.path
    await writer.close()
    return path


async def test_a_page_survives_the_spool_unchanged(store, db, make_page, make_writer):
    """Written directly or by way of the spool: the same document."""
    link = Link(target=EN, role=Role.CITATION, context="“引号”\u2028\n", paragraph=3, position=0)
    page = make_page(url(1), links=(link,), body="正文😀\x00\u2028" * 50)
    await store.write([page], "run-1")
    direct = (db.pages.find_one({"_id": url(1)}), list(db.links.find()))
    db.pages.delete_many({})
    db.links.delete_many({})
    await spooled(make_writer(store), [page])
    assert db.pages.count_documents({}) == 0
    await make_writer(store).open()
    assert (db.pages.find_one({"_id": url(1)}), list(db.links.find())) == direct


@pytest.mark.parametrize(
    ("uri", "is_same"),
    [
        ("mongodb://db.example/", True),
        ("mongodb://db.example:27017", True),
        ("mongodb://ann:p%40ss@db.example/?authSource=admin&tls=true", True),
        ("mongodb://db.example?journal=true", True),
        ("mongodb://db.example:27018/", False),
        ("mongodb+srv://db.example/", False),
        ("mongodb://other.example/", False),
        ("mongodb://db.example,other.example/", False),
    ],
)
def test_a_spool_belongs_to_a_server(uri, is_same):
    """By its hosts, not by who asks or how; no password gets into the path."""
    assert (server_of(uri) == server_of("mongodb://db.example/")) is is_same
    assert server_of("mongodb://a.example,b.example/") == server_of("mongodb://b.example,a.example/")
    assert "p%40ss" not in server_of(uri)
    assert re.fullmatch(r"[a-zA-Z0-9.-]+", server_of(uri))


def test_where_the_spool_is(tmp_path):
    """Of the embedded server beside its data, of others in a folder of theirs."""
    embedded = MongoStore(uri_of(tmp_path), "related_articles")
    assert spool_of(embedded, tmp_path) == tmp_path / "spool" / "related_articles"
    shared = MongoStore("mongodb://ann:secret@db.example/", "related_articles")
    assert spool_of(shared, tmp_path).relative_to(tmp_path).match("spool/db.example-*/related_articles")


async def test_a_line_cut_off_is_left_out(store, db, make_page, make_writer, tmp_path, caplog):
    """A process killed while it spooled had not acknowledged its last page; the others come in."""
    path = await spooled(make_writer(store), [make_page(url(number)) for number in range(3)])
    path.write_bytes(path.read_bytes()[:-100])
    writer = make_writer(store)
    await writer.open()
    assert fetched(db.pages) == {url(0), url(1)}
    assert "ends in the middle of a page" in caplog.text
    assert spool_files(tmp_path) == []


async def test_a_damaged_line_is_set_aside(store, db, make_page, make_writer, tmp_path):
    """A spool that somebody edited, or that an older version wrote: what can't be read is kept apart."""
    path = await spooled(make_writer(store), [make_page(url(number)) for number in range(3)])
    first, second, third = path.read_bytes().splitlines(keepends=True)
    foreign = json.loads(third)
    foreign["page"]["colour"] = "red"
    path.write_bytes(first + b"{" + second + json.dumps(foreign).encode() + b"\n")
    writer = make_writer(store)
    await writer.open()
    await writer.close()
    assert fetched(db.pages) == {url(0)}
    assert (writer.replayed, writer.rejected) == (1, 2)
    (kept,) = (tmp_path / "spool" / "rejected").glob("*.jsonl")
    reasons = [json.loads(line)["reason"] for line in kept.read_text().splitlines()]
    assert "colour" in reasons[1]
    assert spool_files(tmp_path) == []


async def test_the_spool_of_a_living_process_is_not_taken(store, db, make_page, make_writer, tmp_path):
    """Another crawl that is in trouble right now keeps its file."""
    troubled = make_writer(store)
    troubled._failed = True
    await troubled.put(make_page(url(1)))
    following = make_writer(store)
    await following.open()
    assert (following.replayed, len(spool_files(tmp_path))) == (0, 1)
    await troubled.close()
    await following.open()
    assert (following.replayed, len(spool_files(tmp_path))) == (1, 0)
    assert fetched(db.pages) == {url(1)}


async def test_a_rejected_page_is_kept_apart(store, db, make_page, make_writer, tmp_path):
    """Its text is in a file with the reason, its failure in the database; the batch goes through."""
    writer = make_writer(store)
    large = make_page(url(1), body="x" * 17_000_000)
    await asyncio.gather(*(writer.put(page) for page in [make_page(url(0)), large, make_page(url(2))]))
    await writer.close()
    assert fetched(db.pages) == {url(0), url(2)}
    failed = db.pages.find_one({"_id": url(1)})
    assert (failed["status"], failed["last_attempt"]["status"]) == ("discovered", Outcome.FAILED)
    assert "16MB" in failed["last_attempt"]["reason"]
    assert failed["next_fetch_at"], "or it would be fetched again in the same run"
    (kept,) = (tmp_path / "spool" / "rejected").glob("*.jsonl")
    entry = json.loads(kept.read_text())
    assert (entry["page"]["id"], len(entry["page"]["body"])) == (url(1), 17_000_000)
    assert (writer.written, writer.rejected) == (2, 1)


async def test_a_page_that_can_be_stored_in_no_form(store, db, make_page, make_writer, tmp_path):
    """An address MongoDB can't take: the page is in the file, and whoever put it hears of it."""
    writer = make_writer(store)
    odd = make_page(url(1) + "\ud800")
    results = await asyncio.gather(writer.put(make_page(url(0))), writer.put(odd), return_exceptions=True)
    assert results[0] is None
    assert isinstance(results[1], DocumentRejected)
    await writer.close()
    (kept,) = (tmp_path / "spool" / "rejected").glob("*.jsonl")
    assert json.loads(kept.read_text())["page"]["id"] == odd.id
    assert fetched(db.pages) == {url(0)}


async def test_a_full_disk(store, db, make_page, make_writer, tmp_path):
    """Where not even the spool can be written nothing is acknowledged, and no half line stays behind."""
    writer = make_writer(store, batch_size=1)
    writer._failed = True
    await writer.put(make_page(url(0)))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Files can't grow beyond this now, which fails as a full disk does. CPython ignores the signal.
    resource.setrlimit(resource.RLIMIT_FSIZE, (writer._spool.path.stat().st_size + 100, limits[1]))
    try:
        with pytest.raises(StorageUnavailable, match=r"1 pages are not kept: .*free some space"):
            await writer.put(make_page(url(1)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    await writer.put(make_page(url(2)))
    await writer.close()
    await make_writer(store).open()
    assert fetched(db.pages) == {url(0), url(2)}


async def test_failures_of_a_page_do_not_count_as_content(store, db, make_page, make_writer):
    """A good page whose next version is rejected keeps its text."""
    writer = make_writer(store)
    page = make_page(url(1))
    await writer.put(page)
    later = page.last_attempt.at.replace(hour=13)
    large = replace(page, body="x" * 17_000_000, last_attempt=replace(page.last_attempt, at=later))
    await writer.put(large)
    await writer.close()
    held = db.pages.find_one({"_id": url(1)})
    assert (held["status"], len(held["body"]), held["last_attempt"]["status"]) == ("fetched", 200, "failed")


CRAWL = """
import asyncio, sys
from dataclasses import replace
from pathlib import Path
from crawler.items import PAGE
from crawler.store import MongoStore
from crawler.writer import Writer

async def main(uri, database, spool, page):
    store = MongoStore(uri, database, timeout=0.3)
    await store.open()
    options = dict(batch_size=20, interval=0.02, retry_budget=0.3)
    writer = Writer(store, "run-1", Path(spool), on_failure=len, **options)
    page = PAGE.validate_json(page)

    async def put(number):
        url = f"{page.id}{number}/"
        await writer.put(replace(page, id=url, url=url))
        print(url, flush=True)

    for start in range(0, 100_000, 50):
        await asyncio.gather(*(put(number) for number in range(start, start + 50)))

asyncio.run(main(*sys.argv[1:]))
"""


def test_the_crawler_is_killed(mongod, make_page, tmp_path):
    """First mongod dies, then the crawler itself, by kill -9: all it acknowledged is there in the end."""
    from crawler.items import PAGE

    spool = tmp_path / "spool"
    arguments = [mongod.uri, "test", str(spool), PAGE.dump_json(make_page(url("x"))).decode()]
    process = subprocess.Popen([sys.executable, "-c", CRAWL, *arguments], stdout=subprocess.PIPE, text=True)
    acknowledged = [process.stdout.readline().strip() for _ in range(300)]
    mongod.kill()
    acknowledged += [process.stdout.readline().strip() for _ in range(500)]
    process.send_signal(signal.SIGKILL)
    acknowledged += process.stdout.read().split("\n")[:-1]
    process.wait()
    process.stdout.close()
    mongod.start()

    async def replay():
        store = MongoStore(mongod.uri, "test")
        await store.open()
        writer = Writer(store, "run-2", spool, on_failure=len)
        await writer.open()
        await store.close()
        return writer.replayed

    assert asyncio.run(replay()) > 0
    with pymongo.MongoClient(mongod.uri) as client:
        assert set(acknowledged) - fetched(client.test.pages) == set()
