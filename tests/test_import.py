"""`scrapy import`: whatever form a page was saved in, it comes in once, whole, and without a request."""

import csv
import datetime as dt
import json
import os
import resource
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from email.message import EmailMessage

import pymongo
import pytest
from crawling import PROJECT, Crawls, article, citing, story
from loopback import Reply, Web
from test_corpus import CORPUS, OF_1977, RECORDS, SEED, SEED_URL, needs_corpus, needs_seed

from crawler.importing import Fate, Importer
from crawler.intake.archived import read_range
from crawler.intake.files import Task, read_files
from crawler.intake.forms import Form, NoPage, read_copy, unwrapped
from crawler.intake.lists import addresses, read_list
from crawler.intake.recorded import Recorded, read_records
from crawler.items import Provenance, Status, Via
from crawler.parsers import decode, parse_page
from crawler.store import MongoStore, Verdict
from crawler.store.decisions import Effect, Held, decide
from crawler.urls import canonicalize
from crawler.warc import ArchiveWriter, http_message
from crawler.warc.ranges import cut

CN = "https://cn.nytimes.com/technology/2026010{}/page/"
ONE, TWO, THREE, FOUR, FIVE, SIX = (CN.format(number) for number in range(1, 7))
EN = "https://www.nytimes.com/2026/01/01/world/one.html"
LISTED = "https://www.nytimes.com/2026/01/02/world/listed.html"
NAMED = "https://www.nytimes.com/2026/01/02/world/named.html"
HTML = ("Content-Type", "text/html; charset=utf-8")


def with_head(markup, head):
    return markup.replace("</head>", f"{head}</head>", 1)


def single_file(markup, url):
    return markup.replace(
        "<head>",
        f"<!--\n Page saved with SingleFile \n url: {url} \n"
        " saved date: Fri Jan 02 2026 21:00:00 GMT+0800 (China Standard Time)\n--><head>",
        1,
    )


def mhtml(markup, url, date="Fri, 02 Jan 2026 13:00:00 -0000"):
    message = EmailMessage()
    message["From"] = "<Saved by Blink>"
    message["Snapshot-Content-Location"] = url
    message["Date"] = date
    message.set_content(markup, subtype="html", charset="utf-8", cte="quoted-printable")
    message.make_related()
    message.add_related(b"\x89PNG", "image", "png")
    return bytes(message)


def saved_article(headline, url, body, stamp=1767358800000):
    return f"<!--{stamp}-->\n[{headline}]({url})\n------\n\n<address>测试</address><section>{body}</section>"


def warc(path, *records):
    writer = ArchiveWriter(path, now=lambda: dt.datetime(2026, 1, 3, tzinfo=dt.UTC))
    for url, status, headers, body in records:
        response = http_message(f"HTTP/1.1 {status} X", headers, body.encode())
        writer.write(url, None, response)
    writer.close()
    return path


# forms


@pytest.mark.parametrize(
    ("data", "form", "url"),
    [
        (article("甲", "文"), Form.HTML, None),
        (with_head(article("甲", "文"), f'<link rel="canonical" href="{ONE}">'), Form.HTML, ONE),
        (with_head(story("A", "x"), f'<meta property="og:url" content="{EN}?smid=x">'), Form.HTML, EN),
        (
            with_head(story("A", "x"), '<meta property="og:url" content="https://cn.nytimes.com/">'),
            Form.HTML,
            None,
        ),
        (f"<!-- saved from url=(0062){EN} -->\r\n{story('A', 'x')}", Form.HTML, EN),
        (f"<!-- saved from url=(0014)about:internet -->{story('A', 'x')}", Form.HTML, None),
        (single_file(article("甲", "文"), TWO), Form.SINGLE_FILE, TWO),
        (mhtml(article("甲", "文"), TWO), Form.MHTML, TWO),
        (saved_article("甲", ONE, "文"), Form.SAVED_ARTICLE, ONE),
        ("\ufeff" + saved_article("甲", ONE, "文"), Form.SAVED_ARTICLE, ONE),
        (
            with_head(
                story("A", "x"), f'<link rel=canonical href="http://web.archive.org/web/2026im_/{EN}">'
            ),
            Form.HTML,
            EN,
        ),
        (article("甲", "文").encode("utf-16"), Form.HTML, None),
    ],
)
def test_forms(data, form, url):
    """Told by content; the address by the publisher's word first."""
    copy = read_copy(data if isinstance(data, bytes) else data.encode())
    assert (copy.form, copy.url) == (form, url)
    if form in {Form.SINGLE_FILE, Form.MHTML, Form.SAVED_ARTICLE}:
        assert copy.saved_at == dt.datetime(2026, 1, 2, 13, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\x89PNG\r\n\x1a\n", "not a web page"),
        (b"just words", "not a web page"),
        (b'[{"a": 1}]', "not a web page"),
        (os.urandom(5000), "not a web page"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x--", "without a page"),
        (mhtml(" ", ONE), "page is empty"),
    ],
)
def test_junk(data, reason):
    """It says what it is, and raises nothing else."""
    with pytest.raises(NoPage, match=reason):
        read_copy(data)


@pytest.mark.parametrize(
    "broken", [mhtml(article("甲", "文"), ONE), single_file(article("甲", "文"), ONE).encode()]
)
def test_copies_that_are_broken(broken):
    """Cut off anywhere, a copy is read or refused; nothing else comes of it."""
    for end in range(0, len(broken), 97):
        try:
            read_copy(broken[:end])
        except NoPage:
            continue


def test_the_wayback_machine_is_no_publisher():
    """The address of a page is the page's."""
    assert unwrapped(f"https://web.archive.org/web/20260101000000/{EN}") == EN
    assert unwrapped(EN) == EN


def test_lists_of_addresses(tmp_path):
    """With a heading or without, commas or semicolons; facts as in the corpus; and where files come from."""
    (tmp_path / "a.csv").write_text(f"file;url\na.html;{ONE}\nsub/b.html;{TWO}\n")
    (tmp_path / "b.csv").write_text(f"{THREE}\n{FOUR}\n")
    (tmp_path / "c.tsv").write_text(f"title\tURL\tdate\nA\t{EN}\t2026-01-01\n")
    (tmp_path / "facts.jsonl").write_text(
        json.dumps({"file": "c.html", "url": FIVE}) + '\n\n{"file": "d", "url": ""}\n[]\n'
    )
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    assert addresses(tmp_path) == {"a.html": ONE, "b.html": TWO, "c.html": FIVE}
    assert [row.url for row in read_list(tmp_path / "b.csv")] == [THREE, FOUR]
    (row,) = read_list(tmp_path / "c.tsv")
    assert (row.headline, row.published_on) == ("A", "2026-01-01")
    with pytest.raises(ValueError, match="no column url"):
        list(read_list(tmp_path / "bad.csv"))


def test_a_part_saved_under_the_address_of_the_whole(tmp_path):
    """Its own number is the one it does not link to; the print version links to the first."""
    head = (
        '<link rel="canonical" href="https://www.nytimes.com/2011/07/10/magazine/long.html?pagewanted=all">'
    )
    base = "/2011/07/10/magazine/long.html"
    items = [
        '<li> <a href="{0}?_r=1">1</a> </li>',
        "<li> 2 </li>",
        '<li> <a href="{0}?pagewanted=3">3</a> </li>',
    ]
    pages = "".join(items).format(base)
    page = (
        f'<html><head>{head}</head><body><div id="article"><h1 class="articleHeadline">'
        "<nyt_headline>Long</nyt_headline></h1>"
        f'<a href="{base}?pagewanted=print">print</a>'
        '<div class="articleBody"><nyt_text><p>Some words of the second part.</p></nyt_text></div>'
        f'<div id="pageLinks"><ul id="pageNumbers">{pages}</ul></div></div></body></html>'
    )
    (tmp_path / "x.html").write_text(page)
    (found,) = read_files((Task(tmp_path / "x.html", None),))
    assert found.document["_id"] == f"https://www.nytimes.com{base}?pagewanted=2"


# what a copy may replace


TIME = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
WHOLE = Held(status=Status.FETCHED, text_length=200, content_hash="0", fetched_at=TIME, fetched_via="http")


@pytest.mark.parametrize(
    ("held", "effect", "reason"),
    [
        (Held(), Effect.CONTENT, None),
        (WHOLE, Effect.NOTHING, "a crawl has fetched"),
        (replace(WHOLE, fetched_at=TIME - 9 * HOUR), Effect.NOTHING, "a crawl has fetched"),
        (replace(WHOLE, is_truncated=True, text_length=20), Effect.CONTENT, None),
        (replace(WHOLE, is_truncated=True, text_length=900), Effect.NOTHING, "a crawl has fetched"),
        (replace(WHOLE, fetched_via="import"), Effect.NOTHING, "another copy"),
        (replace(WHOLE, fetched_via="import", fetched_at=TIME - HOUR), Effect.CONTENT, None),
        (replace(WHOLE, fetched_via="import", fetched_at=TIME + HOUR), Effect.NOTHING, "newer"),
    ],
)
def test_what_a_copy_may_replace(make_page, held, effect, reason):
    """Never what a crawl fetched, but for a text that was cut off; an older copy by a newer."""
    copy = make_page(
        ONE, last_attempt=None, fetched_at=TIME, fetched_via=Via.IMPORT, provenance=Provenance.IMPORT
    )
    decision = decide(copy, held)
    assert decision.effect is effect
    assert (reason or "") in (decision.reason or "")


# the command


def scrapy(crawls, *arguments, **settings):
    line = [sys.executable, "-m", "scrapy", *map(str, arguments)]
    for name, value in (crawls.settings | settings).items():
        line += ["-s", f"{name}={value}"]
    return subprocess.run(
        line, cwd=PROJECT, env=crawls.environment, capture_output=True, text=True, timeout=300
    )


def table(ended):
    """Counts by reason, from what is printed."""
    rows = (line.strip().split(" ", 2) for line in ended.stdout.splitlines() if ": " in line)
    return {rest.partition(" (such as")[0]: int(count.replace(",", "")) for count, _, rest in rows}


@pytest.fixture
def folder(tmp_path):
    """One page in each form, and what else lies around."""
    folder = tmp_path / "saved"
    (folder / "deep" / ".git").mkdir(parents=True)
    (folder / "one.html").write_text(article("一", *citing(TWO, EN)))
    (folder / "urls.csv").write_text(f"file,url\none.html,{ONE}\n")
    (folder / "two.htm").write_text(single_file(article("二", *citing(ONE)), TWO))
    (folder / "deep" / "three.mhtml").write_bytes(mhtml(article("三", *citing(ONE)), THREE))
    (folder / "four.txt").write_text(saved_article("四", FOUR, "文字" * 50))
    ok = (FIVE, 200, [HTML, ("ETag", '"5"')], article("五", *citing(SIX)))
    moved, gone = (SIX, 301, [("Location", FIVE)], ""), (CN.format(7), 404, [], "")
    warc(folder / "five.warc.gz", ok, moved, gone, ("https://cn.nytimes.com/robots.txt", 200, [], ""))
    warc(tmp_path / "en.warc.gz", (EN, 200, [HTML], story("One", "Some words.")))
    with zipfile.ZipFile(folder / "en.wacz", "w") as packed:
        packed.write(tmp_path / "en.warc.gz", "archive/data.warc.gz")
        packed.writestr("pages/pages.jsonl", "{}")
    (folder / "wanted.csv").write_text(
        f"url,headline,date\n{LISTED},,\n{NAMED},Named,2026-01-02\nx,,\n{ONE},,\n"
    )
    (folder / "picture.png").write_bytes(b"\x89PNG")
    (folder / "broken.zip").write_bytes(b"PK\x03\x04broken")
    (folder / "nameless.html").write_text(article("无", "文"))
    (folder / "blocked.html").write_text(
        f"<!-- saved from url=(1){CN.format(8)} --><html><title>nytimes.com</title><p id=cmsg>No</p></html>"
    )
    (folder / "deep" / ".git" / "hidden.html").write_text(article("隐", "文"))
    (folder / "gone.html").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe.html")
    return folder


def test_a_folder_of_all_forms(mongo_uri, database, tmp_path, folder):
    """All pages come in whole; each other file is told with its reason; a second time changes nothing."""
    with pymongo.MongoClient(mongo_uri, tz_aware=True) as client, Web({}, tmp_path) as web:
        db = client[database]
        crawls = Crawls(mongo_uri, database, tmp_path, web.proxy)
        ended = scrapy(crawls, "import", folder, "--report", tmp_path / "all.csv")
        assert (ended.returncode, ended.stderr) == (0, "")
        pages = {page["_id"]: page for page in db.pages.find()}
        fetched = {name for name, page in pages.items() if page["status"] == "fetched"}
        assert fetched == {ONE, TWO, THREE, FOUR, FIVE, EN}
        for name in fetched:
            page = pages[name]
            assert (page["provenance"], page["fetched_via"]) == ("import", "import")
            assert page["body"]
            assert page["warc"]["record_id"].startswith("<urn:")
        assert pages[TWO]["fetched_at"] == pages[THREE]["fetched_at"] == TIME + 13 * HOUR
        assert pages[FIVE]["etag"] == '"5"'
        assert pages[FIVE]["last_attempt"]["at"] == dt.datetime(2026, 1, 3, tzinfo=dt.UTC)
        assert (pages[SIX]["status"], pages[SIX]["redirects_to"]) == ("redirected", FIVE)
        assert pages[CN.format(7)]["status"] == "gone"
        assert (pages[NAMED]["headline"], pages[NAMED]["published_on"]) == ("Named", "2026-01-02")
        assert (pages[LISTED]["status"], pages[LISTED]["provenance"]) == ("discovered", "import")
        assert db.links.count_documents({"source": ONE, "active": True, "role": "citation"}) == 2
        assert pages[ONE]["in_degree"] == 2

        reasons = table(ended)
        for reason in (
            "not a file",
            "can't be read",
            "not a web page",
            "a block page",
            "it does not say its own address",
            "addresses of the files beside it",
            "a zip file that is no WACZ",
            "robots.txt",
            "not the address of a page",
        ):
            assert [count for told, count in reasons.items() if reason in told] == [1], reason
        rows = list(csv.DictReader((tmp_path / "all.csv").read_text(encoding="utf-8").splitlines()))
        came = {row["url"] for row in rows if row["fate"] in {"new", "filled"}}
        assert came == fetched | {SIX, CN.format(7), NAMED, LISTED}
        assert [row["url"] for row in rows if row["fate"] == "there"] == [ONE]
        assert len([row for row in rows if row["fate"] == "skipped"]) == 9

        names = ("pages", "links", "works", "revisions")
        before = {name: list(db[name].find().sort("_id", 1)) for name in names}
        again = scrapy(crawls, "import", folder)
        assert again.returncode == 0
        assert not any(word in again.stdout for word in ("new", "filled", "renewed"))
        after = {name: list(db[name].find().sort("_id", 1)) for name in before}
        for page in (*before["pages"], *after["pages"]):
            del page["last_seen_at"]
        assert after == before
        assert web.asked == []


def test_stubs_are_filled_and_crawled_pages_stay(mongo_uri, database, tmp_path):
    """What a crawl could not have comes from a reader's copy; what it had stays; samples stay apart."""
    pages = {ONE: article("一", *citing(TWO, THREE)), TWO: Reply("no", 403), THREE: article("三", "文")}
    with pymongo.MongoClient(mongo_uri, tz_aware=True) as client, Web(pages, tmp_path) as web:
        db = client[database]
        crawls = Crawls(mongo_uri, database, tmp_path, web.proxy)
        assert crawls.run("articles", f"url={ONE}").returncode == 0
        three = db.pages.find_one({"_id": THREE})
        (tmp_path / "two.html").write_text(single_file(article("二", *citing(FOUR)), TWO))
        (tmp_path / "three.html").write_text(single_file(article("另一个", "文"), THREE))
        ended = scrapy(crawls, "import", tmp_path / "two.html", tmp_path / "three.html")
        assert (ended.returncode, table(ended)) == (0, {"as held: a crawl has fetched the page itself": 1})
        two = db.pages.find_one({"_id": TWO})
        assert (two["status"], two["headline"], two["last_attempt"]["status"]) == ("fetched", "二", "blocked")
        assert db.pages.find_one({"_id": THREE}) == three
        sample = scrapy(crawls, "import", "seeds/shimbun.warc.gz")
        assert (sample.returncode, "holds real pages" in sample.stderr) == (74, True)


async def test_what_was_forgotten_stays_so(mongo_uri, database, tmp_path, make_page):
    """Neither a copy nor an archive nor a new reading brings it back."""
    store = MongoStore(mongo_uri, database)
    await store.open()
    (tmp_path / "one.html").write_text(single_file(article("一", *citing(TWO)), ONE))
    path = warc(tmp_path / "one.warc", (ONE, 200, [HTML], article("一", *citing(TWO))))
    (part,) = cut(path)
    copies = [
        Recorded(found=read_files((Task(tmp_path / "one.html", None),))),
        read_records(part, Provenance.IMPORT),
    ]
    importer = Importer(store, 0)
    await importer.take(copies[0])
    assert importer.account.count(Fate.NEW) == 1
    facts = {"at": TIME, "by": "anna", "reason": "asked to"}
    await store.forget(ONE, [], facts)
    for copy in copies:
        await importer.take(copy)
    assert importer.account.count(Fate.KEPT) == 2
    (reading,) = read_range(part).readings
    (verdict,) = await store.reread([(reading.document, reading.outcome, None)])
    assert verdict.verdict is Verdict.ABSENT
    assert await store.forgotten() == {ONE}
    with pymongo.MongoClient(mongo_uri) as client:
        assert client[database].links.count_documents({"active": True}) == 0
        assert client[database].pages.find_one({"_id": ONE}).get("headline") is None
    await store.close()


@pytest.mark.parametrize(
    ("arguments", "status", "problem"),
    [
        ((), 2, "name what to import"),
        (("nowhere",), 2, "is not there"),
        (("README.md", "--url", "x"), 2, "--url gives the address"),
        (("seeds/shimbun.warc.gz", "README.md"), 2, "imported by itself"),
        (("README.md", "--report", "/nowhere/x.csv"), 73, "can't be written"),
        (("README.md",), 65, "no page was found"),
    ],
)
def test_bad_arguments(mongo_uri, database, tmp_path, arguments, status, problem):
    """One line that says what to do."""
    ended = scrapy(Crawls(mongo_uri, database, tmp_path), "import", *arguments)
    assert ended.returncode == status
    assert problem in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def spoilt(data, starts):
    """Ten bytes overwritten in the second of three pages; the first record says who wrote it."""
    at = starts[-2] + 60
    return data[:at] + bytes(10) + data[at + 10 :]


@pytest.mark.parametrize(("spoil", "had"), [(lambda data, _: data[:-300], {1, 2}), (spoilt, {1, 3})])
def test_an_archive_that_is_cut_off_or_damaged(mongo_uri, database, tmp_path, spoil, had):
    """What stands before the break and after it comes in; the exit status says that this was not all."""
    path = warc(
        tmp_path / "x.warc.gz", *((CN.format(n), 200, [HTML], article("文", "字")) for n in (1, 2, 3))
    )
    path.write_bytes(spoil(path.read_bytes(), [part.start for part in cut(path, 1)]))
    ended = scrapy(Crawls(mongo_uri, database, tmp_path), "import", path)
    assert (ended.returncode, "damaged after byte" in ended.stderr) == (65, True)
    assert "what can be read of it was" in ended.stderr
    with pymongo.MongoClient(mongo_uri) as client:
        found = {page["_id"] for page in client[database].pages.find({"status": "fetched"})}
    assert found == {CN.format(n) for n in had}


def test_many_files_half_of_them_junk(mongo_uri, database, tmp_path):
    """Nothing is lost, and memory does not grow with the number of files."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        page = with_head(
            article(f"第{number}", "文字" * 40), f'<link rel=canonical href="{CN.format(number)}">'
        )
        (folder / f"{number}.html").write_text(page)
        (folder / f"{number}.junk").write_bytes(os.urandom(100 * (number % 5)))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    ended = scrapy(Crawls(mongo_uri, database, tmp_path), "import", folder)
    assert ended.returncode == 0
    assert table(ended) == {"not a web page": 320, "empty": 80}
    with pymongo.MongoClient(mongo_uri) as client:
        assert client[database].pages.count_documents({"status": "fetched"}) == 400
    assert max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) < 1_000_000


def test_ctrl_c_ends_it_in_order(mongo_uri, database, tmp_path):
    """One line, no trace of any process, and what was kept stays; run again, it goes on."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(4000):
        head = f'<link rel=canonical href="{CN.format(number)}">'
        (folder / f"{number}.html").write_text(with_head(article(f"第{number}", "文字" * 300), head))
    crawls = Crawls(mongo_uri, database, tmp_path)
    line = [sys.executable, "-m", "scrapy", "import", str(folder), "-j", "2"]
    for name, value in crawls.settings.items():
        line += ["-s", f"{name}={value}"]
    with pymongo.MongoClient(mongo_uri) as client:
        pages = client[database].pages
        started = subprocess.Popen(
            line,
            cwd=PROJECT,
            env=crawls.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        while not pages.count_documents({"status": "fetched"}):
            assert started.poll() is None, started.communicate()
            time.sleep(0.1)
        os.killpg(started.pid, signal.SIGINT)
        _, told = started.communicate(timeout=100)
        assert (started.returncode, told.count("Traceback")) == (130, 0), told
        assert "scrapy: interrupted; what was written until then is kept" in told
        kept = pages.count_documents({"status": "fetched"})
        assert 0 < kept < 4000


# real pages


@needs_corpus
@needs_seed
def test_the_real_pages_come_in_whole(mongo_uri, database, tmp_path):
    """Each page of the corpus and the seed document, as the parser reads it, with all its links."""
    crawls = Crawls(mongo_uri, database, tmp_path)
    ended = scrapy(crawls, "import", CORPUS, SEED)
    assert ended.returncode == 0, ended.stderr
    nameless = CORPUS / "pages" / next(record["file"] for record in RECORDS if "19770526" in record["file"])
    assert scrapy(crawls, "import", nameless, "--url", OF_1977).returncode == 0
    with pymongo.MongoClient(mongo_uri, tz_aware=True) as client:
        held = {page["_id"]: page for page in client[database].pages.find({"status": "fetched"})}
    wanted = {
        canonicalize(record["url"]) for record in RECORDS if record["url"] and record["kind"] != "robots"
    }
    assert {name.partition("?")[0] for name in held} >= {name.partition("?")[0] for name in wanted}
    assert {SEED_URL, OF_1977} <= set(held)
    assert len([name for name in held if "dark-art" in name]) == 5  # its five parts
    for record in RECORDS:
        page = parse_page(record["url"], decode((CORPUS / "pages" / record["file"]).read_bytes()))
        kept = held.get(page.id)
        if kept and kept["warc"]["file"] == record["file"]:
            assert (kept["headline"], kept["body"], kept["content_hash"]) == (
                page.headline,
                page.body,
                page.content_hash,
            )
            assert len(kept["links"]) == len(page.links)
