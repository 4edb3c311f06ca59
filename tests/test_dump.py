"""A database that moves: what comes out of a dump is what went in, whole or cut off anywhere."""

import datetime as dt
import gzip
import json
import os
from collections import Counter
from dataclasses import replace

import pymongo
import pytest
from crawling import Crawls
from hypothesis import given
from hypothesis import strategies as st

from crawler.dump_file import DumpFileError, opened_lines, write_lines
from crawler.exporting import replaced
from crawler.items import SCHEMA_VERSION, Extractor, Link, Provenance, Role, to_document
from crawler.store import DumpError, Header, MongoStore, read_documents, read_header
from crawler.store.merging import MERGES, merge_links, merge_pages, merge_runs

SITE = "https://cn.nytimes.com/china/2025020"
ONE, TWO, THREE = (f"{SITE}{number}/{name}/" for number, name in enumerate(("one", "two", "three"), 1))
ELSEWHERE = "https://arxiv.org/abs/2501.12948"
AT = dt.datetime(2025, 2, 5, 12, tzinfo=dt.UTC)
LATER = AT + dt.timedelta(days=1)
RUN = {"_id": "first-1", "seed": "first", "started": AT, "provenance": "sample", "operator": "ann"}
COLLECTIONS = ("pages", "links", "works", "revisions", "crawl_runs")


@pytest.fixture
async def elsewhere(mongo_uri, database):
    """Another database, as empty as a new server's."""
    store = MongoStore(mongo_uri, f"{database}_b")
    await store.open()
    yield store
    await store.close()
    with pymongo.MongoClient(mongo_uri) as client:
        client.drop_database(f"{database}_b")


def cited(target, words="这是引文"):
    return Link(target=target, role=Role.CITATION, anchor_text="引文", context=words, paragraph=1, position=0)


@pytest.fixture
async def filled(store, make_page):
    """Two seeds, a revision, a stub elsewhere, a closed run and an open one."""
    read = Extractor(name="test", layout="test")
    one = make_page(ONE, links=(cited(TWO), cited(ELSEWHERE)), extractor=read, content_hash="1")
    await store.plant("first", one, "first-1")
    await store.write(
        [make_page(TWO, links=(cited(THREE),)), make_page(THREE, links=(cited(ONE),))], "first-1"
    )
    later = replace(one, content_hash="2", headline="改", fetched_at=LATER)
    await store.write([replace(later, last_attempt=replace(one.last_attempt, at=LATER))], "first-1")
    await store.open_run(RUN)
    await store.spread("first", 0, ["citation"])
    await store.plant("second", make_page(THREE), "second-1")
    await store.refresh()
    await store.close_run("first-1", "finished")
    await store.open_run({**RUN, "_id": "second-1", "seed": "second"})
    return store


def header(**values):
    given = {"schema_version": SCHEMA_VERSION, "code_version": "x", "database": "d", "seed": None}
    return Header(**{**given, "sample": True, "bodies": True, "made": "now"} | values)


async def dumped(store, **values):
    return [line.encode() + b"\n" async for line in store.dump(header(**values))]


def contents(uri, database):
    with pymongo.MongoClient(uri) as client:
        return {
            name: {raw["_id"]: raw for raw in client[database][name].find()}
            for name in client[database].list_collection_names()
        }


def holds_what_it_names(pages, links):
    """The rule of every write: a fetched page has its links, and they their targets."""
    sources = Counter(link["source"] for link in links.values() if link["active"])
    return all(
        sources[page["_id"]] == len(page["links"]) and all(link["target"] in pages for link in page["links"])
        for page in pages.values()
        if page["status"] == "fetched"
    )


async def test_a_database_moves_whole(filled, elsewhere, mongo_uri):
    """Every document comes out as it went in, with its types; loading again changes nothing."""
    lines = await dumped(filled)
    assert read_header(lines[0]) == header()
    before = contents(mongo_uri, filled.database)
    assert all(before[name] for name in COLLECTIONS)
    for _ in range(2):
        loaded = await elsewhere.load(read_documents(lines[1:]))
        await elsewhere.refresh()
        assert (loaded.damage, loaded.refused) == (None, {})
        assert contents(mongo_uri, elsewhere.database) == before
    assert sum(loaded.written.values()) == 0


async def test_an_open_run_is_taken_up_where_it_was_moved_to(filled, elsewhere):
    """The crawl goes on there."""
    await elsewhere.load(read_documents((await dumped(filled))[1:]))
    assert (await elsewhere.unfinished_run("second"))["_id"] == "second-1"
    assert [due.url for due in await _due(elsewhere, "first")] == [
        due.url for due in await _due(filled, "first")
    ]


async def _due(store, seed):
    sites = ("cn.nytimes.com",)
    return await store.due(seed, 1, sites=sites, now=LATER + dt.timedelta(days=9), limit=9)


async def test_one_seed(filled, elsewhere, mongo_uri):
    """Its members and what is about them; all else they point to as stubs; nothing of the other seed."""
    await elsewhere.load(read_documents((await dumped(filled, seed="first"))[1:]))
    found = contents(mongo_uri, elsewhere.database)
    status = {url: page["status"] for url, page in found["pages"].items()}
    assert status == {ONE: "fetched", TWO: "fetched", ELSEWHERE: "discovered", THREE: "discovered"}
    assert [page.get("depths") for page in found["pages"].values() if page["_id"] == THREE] == [None]
    assert set(found["crawl_runs"]) == {"first-1"}
    assert {revision["page"] for revision in found["revisions"].values()} == {ONE}
    assert holds_what_it_names(found["pages"], found["links"])


async def test_without_texts(filled, elsewhere, mongo_uri):
    """No body in pages nor in their former versions; titles, links and counts stay."""
    lines = await dumped(filled, bodies=False)
    assert "正文" not in b"".join(lines).decode()
    await elsewhere.load(read_documents(lines[1:]))
    page = contents(mongo_uri, elsewhere.database)["pages"][ONE]
    assert (page["headline"], page["body"], len(page["links"])) == ("改", None, 2)


async def test_cut_off_after_any_line(filled, elsewhere, mongo_uri):
    """It is noticed; what stands before is loaded and hangs together."""
    lines = await dumped(filled)
    for end in range(1, len(lines)):
        loaded = await elsewhere.load(read_documents(lines[1:end]))
        assert loaded.damage == f"cut off after line {end}"
        found = contents(mongo_uri, elsewhere.database)
        assert sum(map(len, found.values())) >= end - 1
        assert holds_what_it_names(found["pages"], found["links"])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"in": "pages", "docu', "damaged at line 3"),
        (b"[" * 100_000, "damaged at line 3"),
        (b'{"in": "system.users", "document": {}}', "no collection of ours"),
        (b'{"in": "pages"}', "damaged at line 3"),
        (b"\xff\xfe", "damaged at line 3"),
        (b"\xff\xfe garbage\n", "'utf-8' codec can't decode"),
        (b'{"in": "pages", "document": {"status": "gone"}}', "a document of pages without _id"),
        (b'{"in": "pages", "document": {"_id": "b"}}', "a document of pages without status"),
        (b'{"in": "links", "document": {"_id": "b", "target": "c"}}', "of links without source"),
        (b'{"in": "pages", "document": {"_id": "b", "status": "x", "depths": [1]}}', "of another kind"),
        (b'{"in": "crawl_runs", "document": {"_id": "b", "heartbeat": "noon"}}', "of another kind"),
        (b'{"end": {"pages": 7}}', "lines are missing before the end"),
    ],
)
def test_a_damaged_line_is_named(line, reason):
    """By its number."""
    documents = read_documents([b'{"in": "pages", "document": {"_id": "a", "status": "gone"}}\n', line])
    assert next(documents) == ("pages", {"_id": "a", "status": "gone"})
    with pytest.raises(DumpError, match=reason):
        next(documents)


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b"\x00", b'{"kind": "related-articles dump"}'])
def test_what_is_no_dump(line):
    """Not the header that `scrapy dump` writes."""
    with pytest.raises(DumpError, match="no dump"):
        read_header(line)


async def test_files(tmp_path):
    """Plain or gzipped, the same data the same bytes; half a file is an end of its lines."""

    async def lines():
        for number in range(3000):
            yield f"line {number}"

    for name in ("a.jsonl", "a.jsonl.gz", "b.jsonl.gz"):
        assert await write_lines(tmp_path / name, lines()) == 3000
        with opened_lines(tmp_path / name) as read:
            assert list(read)[-1] == b"line 2999\n"
    packed = (tmp_path / "a.jsonl.gz").read_bytes()
    assert packed == (tmp_path / "b.jsonl.gz").read_bytes()
    (tmp_path / "c.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    with opened_lines(tmp_path / "c.jsonl.gz") as read, pytest.raises(DumpError, match="cut off after line"):
        list(read_documents(b'{"in": "x", "document": {"_id": 1}}' for _ in read))
    with pytest.raises(DumpFileError, match="can't be written"):
        await write_lines(tmp_path / "nowhere" / "a.jsonl", lines())
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.jsonl", "a.jsonl.gz", "b.jsonl.gz", "c.jsonl.gz",
    ]  # fmt: skip


async def test_a_file_in_the_place_of_what_is_there(tmp_path):
    """Behind a symlink, which stays one; a pipe or a directory is not pushed aside; no part is left over."""

    async def lines():
        yield "new"

    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a.jsonl").write_text("old")
    for link, target in (("link.jsonl", "here/a.jsonl"), ("broken.jsonl", "here/b.jsonl")):
        (tmp_path / link).symlink_to(target)
        assert await write_lines(tmp_path / link, lines()) == 1
        assert (tmp_path / link).is_symlink()
        assert (tmp_path / target).read_text() == "new\n"
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "to-fifo").symlink_to("fifo")
    for name in ("fifo", "to-fifo", "here"):
        with pytest.raises(DumpFileError, match="can't be written"):
            await write_lines(tmp_path / name, lines())
        with pytest.raises(OSError, match="no regular file"), replaced(tmp_path / name):
            pass
    assert (tmp_path / "fifo").is_fifo()
    assert [path.name for path in tmp_path.rglob("*.part")] == []


async def test_two_that_write_one_file(tmp_path):
    """The second is refused and takes nothing away from the first; what a killed one left is written over."""

    async def lines():
        yield "second"

    path = tmp_path / "x.jsonl"
    path.with_name("x.jsonl.part").write_text("left by one that was killed, and longer than what comes")
    with replaced(path) as out:
        out.write("first")
        out.flush()
        with pytest.raises(DumpFileError, match="another command is writing it"):
            await write_lines(path, lines())
    assert path.read_text() == "first"
    await write_lines(path, lines())
    assert (path.read_text(), [file.name for file in tmp_path.iterdir()]) == ("second\n", ["x.jsonl"])


async def test_what_is_held_gives_way_only_to_what_is_newer(filled, elsewhere, make_page, mongo_uri):
    """By page: the newer content with its links; a link it no longer has is not active again."""
    old = await dumped(filled)
    now = make_page(ONE, links=(cited(THREE),), at=LATER + dt.timedelta(days=1), headline="新")
    await elsewhere.write([now], "first-2")
    loaded = await elsewhere.load(read_documents(old[1:]))
    assert loaded.refused == {}
    found = contents(mongo_uri, elsewhere.database)
    assert (found["pages"][ONE]["headline"], found["pages"][ONE]["depths"]) == ("新", {"first": 0})
    assert found["pages"][TWO]["status"] == "fetched"
    assert holds_what_it_names(found["pages"], found["links"])
    newer = await dumped(elsewhere)
    await filled.load(read_documents(newer[1:]))
    found = contents(mongo_uri, filled.database)
    assert found["pages"][ONE]["headline"] == "新"
    assert holds_what_it_names(found["pages"], found["links"])


@pytest.fixture
def overtaking(monkeypatch):
    """Has something else done, once, between reading what is held of the pages and writing them."""

    def overtake(meanwhile):
        todo = [meanwhile]

        def merge(held, loaded):
            if todo:
                todo.pop()()
            return merge_pages(held, loaded)

        monkeypatch.setitem(MERGES, "pages", merge)

    return overtake


async def test_what_is_written_meanwhile_is_not_overwritten(
    filled, elsewhere, make_page, mongo_uri, overtaking
):
    """A page that a crawl renewed, and one that it brought in, while an older dump was being loaded."""
    old = [line for line in await dumped(filled) if b"crawl_runs" not in line]
    await elsewhere.write([make_page(ONE, at=AT - dt.timedelta(days=1), links=(cited(TWO),))], "first-0")
    now = to_document(make_page(ONE, at=LATER + dt.timedelta(days=1), headline="新"))
    crawled = to_document(make_page(THREE, at=LATER + dt.timedelta(days=1), headline="新"))

    def crawl():
        with pymongo.MongoClient(mongo_uri) as client:
            pages = client[elsewhere.database].pages
            pages.update_one({"_id": ONE}, {"$set": {name: now[name] for name in ("headline", "fetched_at")}})
            pages.update_one({"_id": THREE}, {"$setOnInsert": crawled}, upsert=True)

    overtaking(crawl)
    loaded = await elsewhere.load(read_documents(old[1:]))
    pages = contents(mongo_uri, elsewhere.database)["pages"]
    assert (pages[ONE]["headline"], pages[THREE]["headline"]) == ("新", "新")
    assert pages[THREE]["depths"] == {"second": 0}
    assert pages[TWO]["status"] == "fetched"
    assert loaded.refused == {}
    assert loaded.written["pages"] == 3


async def test_documents_that_the_validators_refuse(elsewhere):
    """They are named, the others are loaded."""
    good = {"_id": ELSEWHERE, "url": ELSEWHERE, "site": "arxiv.org", "page_type": "external"}
    good |= {"display_title": "x", "status": "discovered"}
    loaded = await elsewhere.load([("pages", good), ("pages", {**good, "_id": ONE, "colour": "red"})])
    assert (loaded.written["stubs"], loaded.written["pages"]) == (1, 0)
    assert "colour" in loaded.refused[ONE]


TIMES = st.one_of(st.none(), st.integers(0, 3).map(lambda days: AT + dt.timedelta(days=days)))
PAGES = st.fixed_dictionaries(
    {
        "_id": st.just(ONE),
        "status": st.sampled_from(["discovered", "fetched", "gone", "forgotten"]),
        "headline": st.sampled_from(["a", "b"]),
        "fetched_at": TIMES,
        "last_attempt": st.one_of(st.none(), TIMES.map(lambda at: {"at": at})),
        "depths": st.dictionaries(st.sampled_from("xyz"), st.integers(0, 3)),
        "first_seen_at": TIMES,
        "discovered_from": st.sampled_from([None, "p", "q"]),
        "last_seen_at": TIMES,
    }
)
LINKS = st.fixed_dictionaries(
    {
        "_id": st.just("l"),
        "context": st.sampled_from("ab"),
        "first_seen_at": TIMES,
        "last_seen_at": TIMES,
        "first_seen_run": st.sampled_from([None, "r"]),
    }
)


@given(PAGES, PAGES)
def test_merging_twice_changes_nothing(held, loaded):
    """And a tombstone stays one; whoever is nearer to a seed says how near it is."""
    merged = merge_pages(held, loaded)
    assert merge_pages(merged, loaded) == merged
    assert merge_pages(merged, held) == merged
    assert (merged["status"] == "forgotten") == ("forgotten" in {held["status"], loaded["status"]})
    for seed, depth in merged["depths"].items():
        assert depth == min(page["depths"].get(seed, 9) for page in (held, loaded))


@given(LINKS, LINKS)
def test_merging_links_twice_changes_nothing(held, loaded):
    """Neither for links."""
    merged = merge_links(held, loaded)
    assert merge_links(merged, loaded) == merged
    assert merge_runs({"heartbeat": AT}, {"heartbeat": LATER}) == {"heartbeat": LATER}


# the commands


@pytest.fixture(scope="module")
def demo(mongo_uri, tmp_path_factory):
    """The demo crawl in a database of its own, and another beside it."""
    directory = tmp_path_factory.mktemp("dump")
    crawl = Crawls(mongo_uri, f"dump_{directory.name}", directory)
    assert crawl.run("deepseek", REPLAY="seeds/newsroom.warc.gz").returncode == 0
    crawl.other = Crawls(mongo_uri, f"{crawl.database}_b", directory)
    crawl.file = directory / "all.jsonl.gz"
    assert crawl.scrapy("dump", "-o", crawl.file).returncode == 0
    yield crawl
    with pymongo.MongoClient(mongo_uri) as client:
        client.drop_database(crawl.database)
        client.drop_database(crawl.other.database)


def test_the_demo_moves(demo, mongo_uri):
    """By the commands; its run is told there as here."""
    loaded = demo.other.scrapy("load", demo.file)
    assert (loaded.returncode, loaded.stderr) == (0, "")
    assert f"into the database {demo.other.database}" in loaded.stdout
    assert contents(mongo_uri, demo.other.database) == contents(mongo_uri, demo.database)
    again = demo.other.scrapy("load", demo.file)
    assert ", 0 new or newer" in again.stdout
    assert again.returncode == 0


def test_a_cut_off_file(demo, tmp_path):
    """Status 65, one line with the number of the last line, and what stands before is loaded."""
    with gzip.open(demo.file) as file:
        lines = file.readlines()
    (tmp_path / "cut.jsonl").write_bytes(b"".join(lines[:50]) + lines[50][:30])
    loaded = demo.other.scrapy("load", tmp_path / "cut.jsonl")
    assert loaded.returncode == 65
    assert "damaged at line 51" in loaded.stderr
    assert loaded.stderr.count("\n") == 1
    (tmp_path / "cut.gz").write_bytes(demo.file.read_bytes()[:5000])
    assert "cut off after line" in demo.other.scrapy("load", tmp_path / "cut.gz").stderr


@pytest.mark.parametrize(
    ("change", "status", "complaint"),
    [
        ({"schema_version": SCHEMA_VERSION + 1}, 65, "newer than this program's: update the program"),
        ({"schema_version": SCHEMA_VERSION - 1}, 65, "`scrapy migrate FILE -o NEWER.jsonl.gz` brings it up"),
        ({"format": 2}, 65, "written by a newer version of this program"),
        ({"kind": "x"}, 65, "no dump"),
        ({"sample": False}, 74, "holds invented sample pages"),
    ],
)
def test_dumps_that_do_not_belong(demo, tmp_path, change, status, complaint):
    """Refused before anything is written."""
    with gzip.open(demo.file) as file:
        first = json.loads(file.readline())
    (tmp_path / "odd.jsonl").write_text(json.dumps(first | change))
    refused = demo.scrapy("load", tmp_path / "odd.jsonl")
    assert (refused.returncode, refused.stdout) == (status, "")
    assert complaint in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (["load"], 2, "name one file"),
        (["load", "/nowhere.jsonl"], 2, "can't be read"),
        (["dump"], 2, "name the file to write"),
        (["dump", "-o", "/dev/null/x.jsonl"], 73, "can't be written"),
        (
            ["dump", "-o", "/tmp/x.jsonl", "--seed", "nope"],
            2,
            "no page of a seed 'nope' is held: known are deepseek",
        ),
    ],
)
def test_bad_arguments(demo, arguments, status, complaint):
    """One line."""
    asked = demo.scrapy(*arguments)
    assert (asked.returncode, asked.stdout) == (status, "")
    assert complaint in asked.stderr
    assert "Traceback" not in asked.stderr


def test_provenance_is_the_sample_s(demo):
    """What a sample's dump holds says so."""
    with gzip.open(demo.file) as file:
        assert read_header(file.readline()).sample
    assert {page["provenance"] for page in demo.pages().values()} == {Provenance.SAMPLE}
