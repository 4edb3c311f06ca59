"""`scrapy reparse`: a database as an older parser would have left it becomes what today's parser gives."""

import datetime as dt
import os
import subprocess
import sys
from dataclasses import replace

import pymongo
import pytest
from crawling import PROJECT, Crawls, article, citing
from loopback import Reply, Web

from crawler.intake.archived import read_range
from crawler.intake.pool import WorkerDied, in_processes
from crawler.items import Extractor, Link, Outcome, Role, WarcRecord, to_document
from crawler.progress import Steps, clock
from crawler.store import Verdict
from crawler.store.rereading import judge
from crawler.warc import ArchiveWriter, http_message
from crawler.warc.ranges import cut

CN = "https://cn.nytimes.com/technology/2026010{}/page/"
START, SECOND, LATE, MOVED, NEWER = (CN.format(number) for number in range(1, 6))
OUTSIDE = "https://www.nytimes.com/2026/01/01/world/outside.html"
PAGES = {
    START: article("起点", *citing(SECOND, LATE, MOVED, NEWER, OUTSIDE)),
    SECOND: article("第二", *citing(START, OUTSIDE)),
    LATE: article("以后", *citing(START)),
    NEWER: article("新的", *citing(START)),
    MOVED: Reply(status=301, headers={"Location": SECOND}),
}


class Database:
    """All that a database holds, to be compared with itself later."""

    def __init__(self, uri, name):
        self.client = pymongo.MongoClient(uri, tz_aware=True)
        self.db = self.client[name]

    def state(self):
        return {
            name: {document["_id"]: document for document in self.db[name].find()}
            for name in ("pages", "links", "revisions", "works", "crawl_runs")
        }


def scrapy(crawls, *arguments):
    line = [sys.executable, "-m", "scrapy", *map(str, arguments)]
    for name, value in crawls.settings.items():
        line += ["-s", f"{name}={value}"]
    return subprocess.run(
        line, cwd=PROJECT, env=crawls.environment, capture_output=True, text=True, timeout=100
    )


@pytest.fixture(scope="module")
def crawled(mongo_uri, tmp_path_factory):
    """A live crawl over loopback that was recorded: its crawls, its archive, its database."""
    directory = tmp_path_factory.mktemp("reparse")
    archive = directory / "live.warc.gz"
    name = f"test_reparse_{os.getpid()}"
    with Web(PAGES, directory) as web:
        crawls = Crawls(mongo_uri, name, directory, web.proxy)
        ended = crawls.run("articles", f"url={START}", RECORD=archive)
        assert ended.returncode == 0, ended.stderr
    database = Database(mongo_uri, name)
    yield crawls, archive, database
    database.client.drop_database(name)
    database.client.close()


def read_by_an_older_parser(db):
    """What yesterday's parser would have left: a link too few, one too many, another headline, no reading."""
    (link,) = db.links.find({"source": SECOND, "target": OUTSIDE})
    db.links.delete_one({"_id": link["_id"]})
    db.links.insert_one(link | {"_id": "chrome", "target": LATE, "role": "related"})
    db.pages.update_one(
        {"_id": SECOND},
        {
            "$set": {"headline": "旧", "content_hash": "0", "extractor.version": 0},
            "$pull": {"links": {"target": OUTSIDE}},
        },
    )
    page = db.pages.find_one({"_id": LATE})
    links = list(db.links.find({"source": LATE}))
    attempt = page["last_attempt"] | {"status": "failed", "reason": "no headline"}
    stub = {"status": "discovered", "last_attempt": attempt, "failures": 1, "links": []}
    unread = dict.fromkeys(("headline", "body", "fetched_at", "fetched_via", "warc", "extractor", "etag"))
    db.pages.update_one({"_id": LATE}, {"$set": stub | unread | {"content_hash": None}})
    db.links.delete_many({"_id": {"$in": [found["_id"] for found in links]}})
    db.pages.update_one(
        {"_id": NEWER}, {"$set": {"warc.record_id": "<urn:uuid:newer>", "description": "更新"}}
    )


def test_a_better_parser_is_rolled_out(crawled):
    """The database is as today's parser leaves it, and the fetches are what they were."""
    crawls, archive, database = crawled
    before = database.state()
    read_by_an_older_parser(database.db)
    newer = database.db.pages.find_one({"_id": NEWER})
    ended = scrapy(crawls, "reparse", archive)
    assert (ended.returncode, ended.stderr) == (0, "")
    after = database.state()

    assert after["links"].pop("chrome")["active"] is False
    assert after["pages"].pop(NEWER) == newer
    late, as_crawled = after["pages"].pop(LATE), before["pages"].pop(LATE)
    assert abs(late.pop("fetched_at") - as_crawled.pop("fetched_at")) < dt.timedelta(seconds=30)
    assert late == as_crawled
    before["pages"].pop(NEWER)
    assert after == before
    for words in ("1  read otherwise", "1  came once", "1  left alone", "headline 2", "links 2"):
        assert words in ended.stdout

    state = database.state()
    again = scrapy(crawls, "reparse", archive)
    assert "3  read as before" in again.stdout
    assert database.state() == state


def test_an_archive_that_is_cut_off(crawled, tmp_path):
    """What stands before the break is read, and the exit status says that this was not all."""
    crawls, archive, database = crawled
    broken = tmp_path / "broken.warc.gz"
    broken.write_bytes(archive.read_bytes()[:-700])
    database.db.pages.update_one({"_id": START}, {"$set": {"headline": "旧"}})
    ended = scrapy(crawls, "reparse", broken)
    assert ended.returncode == 65
    assert "broken.warc.gz is damaged after byte" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert database.db.pages.find_one({"_id": START})["headline"] == "起点"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "name the archives"),
        (("-j", "0", "seeds/newsroom.warc.gz"), "-j has to be 1 or more"),
        (("nowhere.warc.gz",), "can't be read"),
        (("README.md",), "is not a WARC file"),
    ],
)
def test_bad_arguments(crawled, arguments, problem):
    """One line that says what to do, and status 2."""
    ended = scrapy(crawled[0], "reparse", *arguments)
    assert ended.returncode == 2
    assert problem in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_samples_and_real_pages_are_not_read_together(crawled):
    """Their databases are two."""
    ended = scrapy(crawled[0], "reparse", crawled[1], "seeds/newsroom.warc.gz")
    assert (ended.returncode, "read them apart" in ended.stderr) == (2, True)


# what the new reading may change


RECORD = WarcRecord(file="a.warc.gz", record_id="<urn:uuid:1>")
EN = "https://www.nytimes.com/2025/02/04/world/one.html"


def reading(page, outcome=Outcome.OK, reason=None):
    return (to_document(replace(page, last_attempt=None)), outcome, reason)


@pytest.mark.parametrize(
    ("fields", "outcome", "verdict"),
    [
        ({}, Outcome.OK, Verdict.SAME),
        ({"headline": "新"}, Outcome.OK, Verdict.CHANGED),
        ({"body": "短"}, Outcome.OK, Verdict.CHANGED),
        ({"is_truncated": True}, Outcome.TRUNCATED, Verdict.CHANGED),
        ({"body": None}, Outcome.OK, Verdict.REFUSED),
        ({"body": "一", "parts": (EN, EN + "?pagewanted=2")}, Outcome.OK, Verdict.REFUSED),
        ({}, Outcome.FAILED, Verdict.REFUSED),
        ({}, Outcome.BLOCKED, Verdict.REFUSED),
        ({"warc": WarcRecord(file="a.warc.gz", record_id="<urn:uuid:2>")}, Outcome.OK, Verdict.OTHER),
    ],
)
async def test_what_a_new_reading_may_change(store, db, make_page, fields, outcome, verdict):
    """Only what came from the same record, and never for the worse."""
    page = make_page(EN, warc=RECORD, etag="e", links=(Link(target=EN + "2", role=Role.CITATION),))
    await store.write([page], "run-1")
    held = db.pages.find_one({"_id": EN})
    (found,) = await store.reread([reading(replace(page, **fields), outcome)])
    assert found.verdict is verdict
    now = db.pages.find_one({"_id": EN})
    changed = {name for name in now if now[name] != held[name]}
    assert changed == (set(fields) if verdict is Verdict.CHANGED else set())
    assert db.revisions.count_documents({}) == 0


async def test_a_page_that_is_not_held(store, db, make_page):
    """It is not brought in, stub or not."""
    (found,) = await store.reread([reading(make_page(EN, warc=RECORD))])
    assert found.verdict is Verdict.ABSENT
    await store.write([make_page(EN + "2", links=(Link(target=EN, role=Role.CITATION),))], None)
    (found,) = await store.reread([reading(make_page(EN, warc=RECORD))])
    assert found.verdict is Verdict.ABSENT


async def test_former_versions_are_read_again_too(store, db, make_page):
    """Or the next comparison would show what the parser learnt as a change of the article."""
    later = dt.datetime(2025, 2, 6, tzinfo=dt.UTC)
    first = make_page(EN, warc=RECORD, headline="一", content_hash="1")
    second = make_page(
        EN, at=later, warc=WarcRecord(file="b.warc.gz", record_id="<urn:uuid:2>"), content_hash="2"
    )
    await store.write([first], "run-1")
    await store.write([second], "run-2")
    held = db.pages.find_one({"_id": EN})
    (found,) = await store.reread([reading(replace(first, headline="壹"))])
    assert (found.verdict, found.fields) == (Verdict.CHANGED, ("headline",))
    (former,) = db.revisions.find()
    assert (former["headline"], former["revision"]) == ("壹", 0)
    assert db.pages.find_one({"_id": EN}) == held


async def test_a_page_elsewhere_stays_an_outline(store, db, make_page):
    """It was read for its headline and date, and must not grow a text and links."""
    url = "https://example.org/2025/02/04/one"
    outline = make_page(url, warc=RECORD, body=None, extractor=Extractor(name="generic", layout="x"))
    await store.write([outline], "run-1")
    link = Link(target=EN, role=Role.CITATION)
    (found,) = await store.reread([reading(replace(outline, headline="新", body="正文", links=(link,)))])
    assert found.fields == ("headline",)
    assert db.pages.find_one({"_id": EN}) is None


async def test_a_crawl_is_quicker(store, db, make_page):
    """A page that is fetched anew between judgement and writing keeps what came."""
    from crawler.store import rereading

    page = make_page(EN, warc=RECORD)
    await store.write([page], "run-1")
    old = await rereading._held(store._db, [reading(page)[0]])
    later = dt.datetime(2025, 2, 6, tzinfo=dt.UTC)
    await store.write([make_page(EN, at=later, headline="新", content_hash="2")], "run-2")
    link = Link(target=EN + "2", role=Role.CITATION)
    document = rereading._as_stored(reading(replace(page, links=(link,)))[0])
    _, values = judge(document, Outcome.OK, None, old[EN])
    change = rereading._Change(document, old[EN], values)
    assert await rereading._write(store._db, [change]) == ({}, {EN})
    assert db.pages.find_one({"_id": EN})["headline"] == "新"
    assert db.links.count_documents({"active": True}) == 0


async def test_it_is_cut_off_before_the_page_is_written(store, db, make_page):
    """Links are written first: the next time the page is judged as now, and ends as it should."""
    links = (Link(target=EN + "2", role=Role.CITATION), Link(target=EN + "3", role=Role.CITATION))
    page = make_page(EN, warc=RECORD, links=links[:1])
    await store.write([page], "run-1")
    held = db.pages.find_one({"_id": EN})
    again = reading(replace(page, links=links[1:]))
    await store.reread([again])
    db.pages.replace_one({"_id": EN}, held)
    (found,) = await store.reread([again])
    assert (found.verdict, found.fields) == (Verdict.CHANGED, ("links",))
    assert [link["target"] for link in db.links.find({"active": True})] == [EN + "3"]
    assert db.pages.find_one({"_id": EN + "3"})["provenance"] == "sample"


async def test_a_crawl_that_found_nothing_new_is_no_hindrance(store, db, make_page):
    """A 304 between judgement and writing: the new reading is judged anew, and kept."""
    from crawler.store import rereading

    page = make_page(EN, warc=RECORD)
    await store.write([page], "run-1")
    old = (await rereading._held(store._db, [reading(page)[0]]))[EN]
    later = dt.datetime(2025, 2, 6, tzinfo=dt.UTC)
    await store.write([make_page(EN, outcome=Outcome.NOT_MODIFIED, at=later)], "run-2")
    document = rereading._as_stored(reading(replace(page, headline="新"))[0])
    change = rereading._Change(document, old, {"headline": "新"})
    assert await rereading._write(store._db, [change]) == ({}, {EN})
    (found,) = await store.reread([reading(replace(page, headline="新"))])
    assert found.verdict is Verdict.CHANGED
    assert db.pages.find_one({"_id": EN})["headline"] == "新"


# archives, processes, progress


def test_what_is_no_page_is_told(tmp_path):
    """robots.txt, pictures, addresses that can't be read, packed bodies that are broken, redirects."""
    writer = ArchiveWriter(tmp_path / "odd.warc")
    html, gzipped = ("Content-Type", "text/html"), ("Content-Encoding", "gzip")
    writer.write(f"{SECOND}?x", None, http_message("HTTP/1.1 200 OK", [html, gzipped], b"broken"))
    writer.write("https://cn.nytimes.com/robots.txt", None, http_message("HTTP/1.1 200 OK", [], b""))
    writer.write(EN, None, http_message("HTTP/1.1 200 OK", [("Content-Type", "image/png")], b"x"))
    writer.write(f"http://{EN[8:]}", None, http_message("HTTP/1.1 301 M", [("Location", EN)], b""))
    writer.write(MOVED, None, http_message("HTTP/1.1 302 M", [("Location", EN)], b""))
    writer.write(START, None, http_message("HTTP/1.1 404 N", [], b""))
    writer.write("http://[", None, http_message("HTTP/1.1 200 OK", [], b""))
    writer.close()
    (part,) = cut(writer.path)
    found = read_range(part)
    assert [(r.document["_id"], r.outcome, r.reason) for r in found.readings] == [
        (SECOND, "failed", "broken gzip: Error -3 while decompressing data: incorrect header check"),
        (EN, "failed", "not a web page but image/png"),
        (MOVED, "redirected", "HTTP 302"),
        (START, "gone", "HTTP 404"),
    ]
    assert found.skipped == {"robots.txt": 1, "a redirect to itself": 1, "an address that can't be read": 1}


async def test_results_come_in_order():
    """However long each takes."""
    assert [number async for number in in_processes(abs, range(-9, 0), 2)] == list(range(9, 0, -1))


async def test_a_process_that_is_killed():
    """What the others gave stays; the end is told in one line."""
    with pytest.raises(WorkerDied, match="killed"):
        async for _ in in_processes(os._exit, [1], 2):
            pass


def test_progress_in_words():
    """Count, share, rate and time left."""
    with Steps("pages", 200, 0.001) as steps:
        steps.done(50, 30)
        assert steps.line(10) == "30 pages, 25%, 3 a second, 0:00:30 left"
    assert clock(3_723) == "1:02:03"
