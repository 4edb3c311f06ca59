"""`scrapy enrich`: stubs get names from an API that behaves as documented, its errors and quotas included."""

import datetime as dt
import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pymongo
import pytest
from crawling import PROJECT

from crawler.items import Link, Provenance, Role
from crawler.nyt_api import Client, KeyRefused, NoAnswer, QuotaSpent, read_answer
from crawler.store import MongoStore

KEY = "k3yK3yk3yK3yk3yK3y"
WWW = "https://www.nytimes.com/2025/01/{:02}/business/story-{}.html"
ONE, TWO, THREE, FOUR = (WWW.format(number, number) for number in range(1, 5))
CN = "https://cn.nytimes.com/china/20250205/x/"
DOC = {
    "web_url": ONE,
    "abstract": "What happened &amp; why.",
    "snippet": "What happened.",
    "source": "The New York Times",
    "headline": {"main": "A  Headline’s\nTale", "kicker": None},
    "keywords": [
        {"name": "subject", "value": "Second", "rank": 2},
        {"name": "glocations", "value": "First", "rank": 1},
    ],
    "pub_date": "2025-01-28T01:30:36+0000",
    "document_type": "article",
    "news_desk": "Business",
    "section_name": "Business",
    "byline": {"original": "By Li Yuan and Meaghan Tobin", "person": [], "organization": None},
    "word_count": 1200,
}


def doc(url, **fields):
    return {**DOC, "web_url": url, **fields}


class Api:
    """The service on loopback. `answers` gives, by URL, documents, a status, or raw bytes."""

    def __init__(self, **answers):
        self.answers = answers.pop("answers", {})
        self.statuses = []
        """What to answer first, whatever is asked: (status, headers)."""
        self.asked = []
        self.agents = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                api.serve(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/svc/search/v2/articlesearch.json"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def serve(self, request):
        asked = parse_qs(urlsplit(request.path).query)
        url = re.fullmatch(r'web_url:\("(.*)"\)', asked["fq"][0])[1]
        self.asked.append(url)
        self.agents.append(request.headers["User-Agent"])
        if asked["api-key"] != [KEY]:
            return self.send(request, 401, b'{"fault": {"faultstring": "Invalid ApiKey"}}')
        if self.statuses:
            status, headers = self.statuses.pop(0)
            return self.send(request, status, b"{}", headers)
        answer = self.answers.get(url, [])
        if isinstance(answer, bytes):
            return self.send(request, 200, answer)
        body = {"status": "OK", "response": {"docs": answer, "meta": {"hits": len(answer)}}}
        return self.send(request, 200, json.dumps(body).encode())

    def send(self, request, status, body, headers=None):
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)


# what an answer says


def test_what_the_api_tells():
    """Each field under our name, with where it came from; text is text."""
    page = read_answer(json.dumps({"response": {"docs": [doc(TWO), doc(ONE)]}}).encode(), ONE)
    assert (page.id, page.headline, page.display_title) == (ONE, "A Headline’s Tale", "A Headline’s Tale")
    assert [author.name for author in page.authors] == ["Li Yuan", "Meaghan Tobin"]
    assert page.date_published == dt.datetime(2025, 1, 28, 1, 30, 36, tzinfo=dt.UTC)
    assert (page.published_on, page.published_tz) == ("2025-01-27", "America/New_York")
    assert (page.article_section, page.description) == ("Business", "What happened & why.")
    assert (page.keywords, page.publisher) == (("First", "Second"), "The New York Times")
    assert (page.extractor.name, page.display_title_source) == ("nyt_api", "api")
    assert page.extractor.rule["authors"] == "byline.original"
    assert (page.body, page.links, page.fetched_at, page.last_attempt) == (None, (), None, None)


@pytest.mark.parametrize(
    "docs",
    [
        [],
        None,
        [doc(TWO)],
        [doc(ONE, headline=None)],
        [doc(ONE, headline={"main": " "})],
        ["x"],
        [{"web_url": None}],
    ],
)
def test_a_page_the_api_does_not_know(docs):
    """Another's document is not taken for it, nor one without a headline."""
    assert read_answer(json.dumps({"response": {"docs": docs}}).encode(), ONE) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"byline": None, "keywords": None, "pub_date": None, "abstract": None, "snippet": None},
        {"byline": "By A", "keywords": "x", "pub_date": "soon", "section_name": 3, "source": []},
        {"byline": {"original": 1}, "keywords": [1, {"value": None}], "headline": "Plain"},
        {"headline": {"main": "half \ud800 a pair"}},
    ],
)
def test_odd_documents(fields):
    """What can be read is read; the rest is left out."""
    page = read_answer(json.dumps({"response": {"docs": [doc(ONE, **fields)]}}).encode(), ONE)
    assert page.headline
    assert page.headline.encode()


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"response": 1}', b'{"response": {"docs": 1}}']
)
def test_answers_that_are_no_json_of_the_api(body):
    """They are told as such."""
    with pytest.raises(NoAnswer):
        read_answer(body, ONE)


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (401, {}, KeyRefused),
        (403, {}, KeyRefused),
        (429, {"Retry-After": "7"}, QuotaSpent),
        (429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, QuotaSpent),
        (500, {}, NoAnswer),
        (302, {"Location": "http://127.0.0.1:1/elsewhere"}, NoAnswer),
    ],
)
def test_refusals(monkeypatch, status, headers, kind):
    """A redirect is not followed: it would carry the key away. No error tells the key."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Api() as api:
        api.statuses = [(status, headers)]
        client = Client.of(api.address, "agent", KEY)
        with pytest.raises(kind) as raised:
            client.ask(ONE)
    assert KEY not in f"{raised.value!r} {client!r} {raised.value.__context__!r}"
    if kind is QuotaSpent:
        assert raised.value.seconds == (7 if headers["Retry-After"] == "7" else None)


def test_nobody_there():
    """One line, and no URL in it."""
    client = Client.of("http://127.0.0.1:1/x", "agent", KEY)
    with pytest.raises(NoAnswer, match="can't be reached: Connection refused") as raised:
        client.ask(ONE)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("key", ["", "x", "two words 123", "k" * 300, "key\n123456789"])
def test_what_can_be_no_key(key):
    """It is refused unsent, and not told."""
    with pytest.raises(KeyRefused) as raised:
        Client.of("http://127.0.0.1:1/x", "agent", key)
    assert not key or key not in str(raised.value)


# quotas


async def test_a_quota_is_kept_across_runs(mongo_uri, database):
    """By the day, by the pause, and among all who share the database."""
    now = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
    second = dt.timedelta(seconds=1)
    stores = [MongoStore(mongo_uri, database) for _ in range(2)]
    for store in stores:
        await store.open()
    takes = [await stores[n % 2].take_quota("api", 3, second, now + n * second) for n in range(3)]
    assert takes == [None, None, None]
    midnight = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    assert await stores[0].take_quota("api", 3, second, now + 9 * second) == midnight
    assert await stores[0].take_quota("api", 3, second, midnight) is None
    assert await stores[1].take_quota("api", 3, second, midnight) == midnight + second
    await stores[1].hold_quota("api", midnight + 100 * second)
    assert await stores[0].take_quota("api", 3, second, midnight + 50 * second) == midnight + 100 * second
    assert await stores[0].take_quota("api", 3, second, midnight + 100 * second) is None
    await stores[0].hold_quota("other", midnight)
    assert await stores[0].take_quota("other", 3, second, now) == midnight
    for store in stores:
        await store.close()


# the command


@pytest.fixture
async def db(mongo_uri, database, make_page):
    """Three stubs, cited 3, 2 and 1 times; a page that was read, one of another site, a topic page."""
    store = MongoStore(mongo_uri, database)
    await store.open()
    targets = [ONE, TWO, THREE, "https://www.nytimes.com/topic/x", "https://cn.nytimes.com/china/20250101/y/"]
    links = [tuple(Link(target=url, role=Role.CITATION) for url in targets[:count]) for count in (5, 2, 1)]
    pages = [
        make_page(f"{CN}{number}/", links=links[number], provenance=Provenance.LIVE) for number in range(3)
    ]
    await store.write([*pages, make_page(FOUR, headline="Read", provenance=Provenance.LIVE)], None)
    await store.refresh()
    await store.close()
    with pymongo.MongoClient(mongo_uri, tz_aware=True) as client:
        yield client[database]


def enrich(db, api, directory, *arguments, key=KEY, **settings):
    """Runs the command; whatever comes of it, the key is in no output and nowhere in the database."""
    line = [sys.executable, "-m", "scrapy", "enrich", *arguments]
    client = db.client
    host, port = client.address
    uri = f"mongodb://{host.replace('/', '%2F')}" + (f":{port}" if port else "")
    options = {
        "MONGO_URI": uri,
        "MONGO_DATABASE": db.name,
        "MONGO_DIR": directory,
        "NYT_API_URL": getattr(api, "address", api),
        "NYT_API_PAUSE": 0.01,
        "PROGRESS_INTERVAL": 0,
        **settings,
    }
    for name, value in options.items():
        line += ["-s", f"{name}={value}"]
    environment = {
        **os.environ,
        "NYT_API_KEY": key,
        "no_proxy": "127.0.0.1",
        "CRAWLER_CONTACT": "a@example.org",
    }
    ended = subprocess.run(line, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=100)
    assert not key or key not in ended.stdout + ended.stderr
    for name in db.list_collection_names():
        assert not key or all(key not in repr(document) for document in db[name].find())
    return ended


def test_stubs_get_their_names(db, tmp_path):
    """The most cited first, each once; what is read stays; what is not known is not asked for again."""
    read = db.pages.find_one({"_id": FOUR})
    with Api(answers={ONE: [doc(ONE)], THREE: [doc(TWO), doc(THREE, headline={"main": "Three"})]}) as api:
        first = enrich(db, api, tmp_path, "-n", "2")
        assert (first.returncode, first.stderr) == (0, "")
        assert api.asked == [ONE, TWO]
        assert "1 got their names" in first.stdout
        assert "1 are not known" in first.stdout
        second = enrich(db, api, tmp_path, "-L", "DEBUG")
        assert (second.returncode, api.asked) == (0, [ONE, TWO, THREE])
        assert "no stub is without a name" in enrich(db, api, tmp_path).stdout
        assert "a@example.org" in api.agents[0]
        named = enrich(db, api, tmp_path, FOUR.replace("https://www.", "http://"))
        assert "stay as they are" not in named.stdout
        assert "1 are not known" in named.stdout
    one = db.pages.find_one({"_id": ONE})
    assert (one["headline"], one["extractor"]["name"]) == ("A Headline’s Tale", "nyt_api")
    assert (one["status"], one["in_degree"], one["provenance"]) == ("discovered", 3, "live")
    assert (one.get("fetched_at"), one.get("next_fetch_at")) == (None, None)
    assert db.pages.find_one({"_id": THREE})["display_title"] == "Three"
    assert db.pages.find_one({"_id": FOUR}) == read
    assert db.quotas.find_one()["count"] == 4


def test_a_parsed_page_is_never_overwritten(db, tmp_path):
    """Not even where the API has much to say of it."""
    read = db.pages.find_one({"_id": FOUR})
    with Api(answers={FOUR: [doc(FOUR)]}) as api:
        ended = enrich(db, api, tmp_path, FOUR)
    assert (ended.returncode, "stay as they are" in ended.stdout) == (0, True)
    assert db.pages.find_one({"_id": FOUR}) == read


def test_an_api_that_answers_429_for_an_hour(db, tmp_path):
    """It is asked once more, then left alone for an hour by every run; what was had stays."""
    with Api(answers={ONE: [doc(ONE)]}) as api:
        api.statuses = [(429, {}), (200, {}), *[(429, {})] * 50]
        ended = enrich(db, api, tmp_path)
        assert (ended.returncode, len(ended.stderr.splitlines())) == (75, 1)
        assert "429" in ended.stderr
        assert re.search(r"run it again after \d{4}-\d\d-\d\d \d\d:\d\d UTC", ended.stderr)
        asked = len(api.asked)
        assert asked == 4
        again = enrich(db, api, tmp_path)
        assert (again.returncode, len(api.asked)) == (75, asked)
    assert db.quotas.find_one()["not_before"] > dt.datetime.now(dt.UTC) + dt.timedelta(minutes=50)


def test_the_quota_of_the_day(db, tmp_path):
    """It holds whatever the API would allow, over all runs of the day."""
    with Api() as api:
        assert enrich(db, api, tmp_path, NYT_API_PER_DAY=2).returncode == 0
        ended = enrich(db, api, tmp_path, NYT_API_PER_DAY=2)
        assert (ended.returncode, len(api.asked)) == (75, 2)
        assert "the 2 requests of the day are spent" in ended.stderr


@pytest.mark.parametrize(
    ("answers", "statuses", "key", "status", "asked"),
    [
        ({}, [], "another-key-12345", 77, 1),
        ({}, [], "not a key", 77, 0),
        ({}, [], "", 2, 0),
        ({ONE: b"<html>", TWO: b"{", THREE: b""}, [], KEY, 69, 3),
        ({}, [(503, {})] * 3, KEY, 69, 3),
        ({ONE: b"<html>"}, [], KEY, 0, 3),
    ],
)
def test_an_api_out_of_order(db, tmp_path, answers, statuses, key, status, asked):
    """One line says what to do; pages that got no answer are asked for again."""
    with Api(answers=answers) as api:
        api.statuses = statuses
        ended = enrich(db, api, tmp_path, key=key)
        assert (ended.returncode, len(api.asked)) == (status, asked)
    assert len(ended.stderr.splitlines()) == (1 if status else 0)
    assert db.lookups.count_documents({"outcome": "failed"}) == 0
    assert db.lookups.count_documents({}) == (2 if status == 0 else 0)


def test_other_sites_and_samples(db, tmp_path, make_page):
    """The API knows www only; invented pages are not asked for."""
    with Api() as api:
        assert enrich(db, api, tmp_path, CN).returncode == 2
        db.pages.update_one({"_id": FOUR}, {"$set": {"provenance": "sample"}})
        ended = enrich(db, api, tmp_path)
        assert (ended.returncode, "invented pages" in ended.stderr, api.asked) == (2, True, [])


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("nonsense", 2, "NYT_API_URL is no web address"),
        ("http://[::1", 2, "NYT_API_URL is no web address"),
        ("http://127.0.0.1:1/", 69, "the API does not answer"),
    ],
)
def test_an_api_that_is_not_there(db, tmp_path, address, status, said):
    """Also of a single page, and the key is in no line."""
    ended = enrich(db, address, tmp_path, ONE)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (status, 1)
    assert said in ended.stderr
