"""Recording and replaying through real Scrapy crawls, each a process of its own, of a server on loopback."""

import gzip
import http.server
import json
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.warc import ArchiveWriter, http_message

ROOT = Path(__file__).parent.parent
HTML = "text/html; charset=utf-8"
TEXT = "<html><title>样本</title><p>编造的文字</p></html>"

# What it answers: status, headers and body by path.
SITE = {
    "/robots.txt": (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private/\n"),
    "/plain": (
        200,
        {"Content-Type": HTML, "ETag": '"1"', "X-Odd": "中".encode().decode("latin-1")},
        TEXT.encode(),
    ),
    "/gzip": (200, {"Content-Type": HTML, "Content-Encoding": "gzip"}, gzip.compress(TEXT.encode())),
    "/gb": (200, {"Content-Type": "text/html; charset=gb18030"}, TEXT.encode("gb18030")),
    "/meta": (200, {"Content-Type": "text/html"}, b"<meta charset=big5>" + "標題".encode("big5")),
    "/lies": (200, {"Content-Type": "text/html; charset=ascii"}, TEXT.encode()),
    "/unnamed": (200, {}, b"<html><p>sample</p></html>"),
    "/image": (200, {"Content-Type": "image/png"}, b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
    "/chunked": (200, {"Content-Type": HTML, "Transfer-Encoding": "chunked"}, TEXT.encode()),
    "/moved": (301, {"Location": "/gzip?a=1&b=2"}, b"moved"),
    "/gzip?a=1&b=2": (200, {"Content-Type": HTML}, b"<p>after the move</p>"),
    "/gone": (404, {"Content-Type": HTML}, b"<p>not here</p>"),
    "/refused": (403, {"Content-Type": HTML, "X-DataDome": "protected"}, b"<p>no</p>"),
    "/empty": (200, {"Content-Type": HTML}, b""),
    "/private/page": (200, {"Content-Type": HTML}, b"<p>private</p>"),
}
ASKED = [path for path in SITE if path not in ("/robots.txt", "/gzip?a=1&b=2")]


class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        status, headers, body = SITE[self.path]
        if "Transfer-Encoding" in headers:
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        else:
            headers = {**headers, "Content-Length": str(len(body))}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


CRAWL = """
import json, sys
import scrapy
from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

class Pages(scrapy.Spider):
    name = "pages"

    async def start(self):
        for url in self.urls:
            yield scrapy.Request(url, errback=self.failed, meta={"handle_httpstatus_list": [403, 404]})

    def parse(self, response):
        print(json.dumps({
            "url": response.url, "status": response.status, "class": type(response).__name__,
            "body": response.body.hex(), "encoding": getattr(response, "encoding", None),
            "warc": response.meta.get("warc"),
            "headers": sorted((n.decode(), v.decode("latin-1"))
                              for n, values in response.headers.items() for v in values),
        }))

    def failed(self, failure):
        print(json.dumps({"url": failure.request.url, "failed": f"{failure.type.__name__}: {failure.value}"}))

settings = Settings()
settings.setdict(json.loads(sys.argv[1]), "project")
settings.setdict(json.loads(sys.argv[2]), "cmdline")
process = AsyncCrawlerProcess(settings)
crawler = process.create_crawler(Pages)
process.crawl(crawler, urls=sys.argv[3:])
process.start()
print(json.dumps({"finish_reason": crawler.stats.get_value("finish_reason"),
                  "database": crawler.settings["MONGO_DATABASE"],
                  "provenance": crawler.settings["PROVENANCE"]}))
"""
PROJECT = {
    "ADDONS": {"crawler.addons.ReplayAddon": 100, "crawler.addons.RecordAddon": 200},
    "ROBOTSTXT_OBEY": True,
    "CONCURRENT_REQUESTS": 1,  # Scrapy 2.19 allows the third and later of those that wait for a robots.txt
    "USER_AGENT": "RelatedArticles/0.1",
    "LOG_LEVEL": "WARNING",
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "MONGO_DATABASE": "related_articles",
    "PROVENANCE": "live",
}
SLOW = {"DOWNLOAD_DELAY": 30, "DOWNLOAD_SLOTS": {"x.org": {"delay": 30}}, "AUTOTHROTTLE_ENABLED": True}


def run(urls, *, project=PROJECT, limit=None, **command_line):
    """(exit status, {url: what came}, the run's own facts, stderr) of a crawl."""
    process = subprocess.run(
        [sys.executable, "-c", CRAWL, json.dumps(project), json.dumps(command_line), *urls],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        preexec_fn=limit,
        check=False,
    )
    lines = [json.loads(line) for line in process.stdout.splitlines()]
    pages = {line["url"]: line for line in lines if "url" in line}
    return process.returncode, pages, lines[-1] if lines else {}, process.stderr


def archive(path, *exchanges, provenance="live"):
    writer = ArchiveWriter(path, provenance=provenance)
    for url, body in exchanges:
        response = http_message("HTTP/1.1 200 OK", [("Content-Type", HTML)], body)
        writer.write(url, http_message("GET / HTTP/1.1", [], b""), response)
    writer.close()
    return str(path)


@pytest.fixture(scope="module")
def recorded(site, tmp_path_factory):
    path = tmp_path_factory.mktemp("recorded") / "new" / "live.warc.gz"
    return path, run([site + asked for asked in ASKED], RECORD=str(path))


def test_a_replay_gives_what_the_recorded_crawl_got(site, recorded):
    """Compression, charsets, redirects, errors, robots refusals: the same responses, byte for byte."""
    path, (_, live, _, _) = recorded
    status, replayed, facts, stderr = run([site + asked for asked in ASKED], REPLAY=str(path))
    assert (status, facts["finish_reason"], facts["provenance"], stderr) == (0, "finished", "replay", "")
    assert len(live) == len(ASKED)
    assert replayed == live


def test_the_recorded_crawl_saw_the_site_as_it_is(site, recorded):
    """The live side of the comparison is right by itself: otherwise two equal errors would pass."""
    _, (status, live, facts, stderr) = recorded
    assert (status, facts["finish_reason"], facts["provenance"], stderr) == (0, "finished", "live", "")
    assert bytes.fromhex(live[site + "/gzip"]["body"]).decode() == TEXT
    assert bytes.fromhex(live[site + "/gzip?a=1&b=2"]["body"]) == b"<p>after the move</p>"
    assert [live[site + path]["encoding"] for path in ("/gb", "/meta")] == ["gb18030", "big5hkscs"]
    assert [live[site + path]["status"] for path in ("/gone", "/refused")] == [404, 403]
    assert live[site + "/private/page"]["failed"] == "IgnoreRequest: Forbidden by robots.txt"


def test_the_archive_holds_bytes_as_received(site, recorded):
    """Compressed bodies stay compressed, robots.txt is kept, and each page names its own record."""
    path, (_, live, _, _) = recorded
    with path.open("rb") as file:
        kept = {
            record.rec_headers.get_header("WARC-Record-ID"): (
                record.rec_headers.get_header("WARC-Target-URI"),
                record.raw_stream.read(),
            )
            for record in ArchiveIterator(file)
            if record.rec_type == "response"
        }
    bodies = dict(kept.values())
    assert bodies[site + "/gzip"] == SITE["/gzip"][2]
    assert bodies[site + "/chunked"] == SITE["/chunked"][2]
    assert bodies[site + "/robots.txt"] == SITE["/robots.txt"][2]
    assert site + "/private/page" not in bodies
    for url, page in live.items():
        if page.get("warc"):
            assert (page["warc"][0], kept[page["warc"][1]][0]) == ("live.warc.gz", url)


def test_the_request_is_kept_as_sent(site, recorded):
    """Beside the response stands what was asked, by whom."""
    path, _ = recorded
    with path.open("rb") as file:
        requests = [
            (record.http_headers.protocol, record.http_headers.statusline, dict(record.http_headers.headers))
            for record in ArchiveIterator(file)
            if record.rec_type == "request"
            and record.rec_headers.get_header("WARC-Target-URI").endswith("b=2")
        ]
    [(method, target, headers)] = requests
    assert (method, target) == ("GET", "/gzip?a=1&b=2 HTTP/1.1")
    assert (headers["Host"], headers["User-Agent"]) == (site.removeprefix("http://"), "RelatedArticles/0.1")


def test_what_is_not_in_the_archive_fails_with_that_reason(tmp_path):
    """An absent page is no 404 of the publisher's; an absent robots.txt refuses nothing."""
    file = archive(tmp_path / "a.warc.gz", ("https://x.org/here", b"<p>here</p>"))
    _, pages, facts, stderr = run(["https://x.org/here", "https://x.org/there"], REPLAY=file)
    assert pages["https://x.org/here"]["status"] == 200
    assert pages["https://x.org/there"]["failed"] == "DownloadFailedError: not in the archive a.warc.gz"
    assert (facts["finish_reason"], stderr) == ("finished", "")


@pytest.mark.parametrize(
    ("provenance", "given", "expected"),
    [
        ("sample", {}, ("sample", "related_articles_demo")),
        ("sample", {"MONGO_DATABASE": "mine"}, ("sample", "mine")),
        ("live", {}, ("replay", "related_articles")),
    ],
)
def test_a_replay_waits_for_nothing_and_says_what_it_is(tmp_path, provenance, given, expected):
    """Delays of the project are off; invented pages go to a database of their own unless one is named."""
    file = archive(
        tmp_path / "a.warc.gz",
        ("https://x.org/1", b"<p>1</p>"),
        ("https://x.org/2", b"2"),
        provenance=provenance,
    )
    urls = ["https://x.org/1", "https://x.org/2", "https://x.org/3"]
    _, pages, facts, _ = run(urls, project=PROJECT | SLOW, REPLAY=file, **given)
    assert len(pages) == 3
    assert (facts["provenance"], facts["database"]) == expected


def test_a_damaged_archive_is_replayed_with_a_warning(tmp_path):
    """What stands before the damage is served, and one line of the log says that there was more."""
    file = archive(tmp_path / "a.warc.gz", ("https://x.org/1", b"<p>1</p>"), ("https://x.org/2", b"2"))
    Path(file).write_bytes(Path(file).read_bytes()[:-400])
    status, pages, _, stderr = run(["https://x.org/1"], REPLAY=file)
    assert (status, pages["https://x.org/1"]["status"]) == (0, 200)
    [warning] = stderr.splitlines()
    assert "WARNING" in warning and f"{file} is damaged after byte" in warning


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("none.warc.gz", None, "can't be read: No such file or directory"),
        ("empty.warc.gz", b"", "is empty"),
        ("page.html", TEXT.encode(), "is not a WARC file"),
    ],
)
def test_a_bad_archive_ends_the_command_in_one_line(tmp_path, name, content, says):
    """Before anything starts, with a non-zero exit."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    status, pages, _, stderr = run(["https://x.org/"], REPLAY=str(tmp_path / name))
    assert (status, pages, len(stderr.splitlines())) == (2, {}, 1)
    assert stderr.startswith(f"scrapy: REPLAY: {tmp_path / name} {says}")


def test_a_replay_is_not_recorded(tmp_path):
    """Both on one command line are refused in one line; a project that always records gives way."""
    file = archive(tmp_path / "a.warc.gz", ("https://x.org/1", b"<p>1</p>"))
    copy = tmp_path / "copy.warc.gz"
    status, _, _, stderr = run(["https://x.org/1"], REPLAY=file, RECORD=str(copy))
    assert (status, stderr) == (
        2,
        "scrapy: REPLAY and RECORD exclude each other: a replay is recorded already. Drop one.\n",
    )
    status, pages, _, stderr = run(["https://x.org/1"], project=PROJECT | {"RECORD": str(copy)}, REPLAY=file)
    assert (status, pages["https://x.org/1"]["status"], stderr) == (0, 200, "")
    assert not copy.exists()


@pytest.mark.parametrize("obey", [True, False])
def test_an_archive_that_cannot_be_written_ends_the_crawl(site, obey):
    """One ERROR line and the finish reason say it; no page is used that was not kept."""
    project = PROJECT | {"ROBOTSTXT_OBEY": obey}
    _, pages, facts, stderr = run([site + "/plain", site + "/gzip"], project=project, RECORD="/dev/full")
    assert facts["finish_reason"] == "record_failed"
    [error] = stderr.splitlines()
    assert "ERROR" in error and "/dev/full can't be written: No space left on device" in error
    failed = [page["failed"] for page in pages.values()]
    assert failed
    assert all(reason.startswith("Unrecorded: ") for reason in failed)


def test_a_disk_that_fills_up_ends_the_crawl_and_keeps_what_it_had(site, tmp_path):
    """Pages used are pages kept, up to the one that no longer fits."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))

    path = tmp_path / "a.warc.gz"
    urls = [f"{site}/plain#{n}" for n in range(3)] + [site + asked for asked in ASKED]
    _, pages, facts, stderr = run(urls, limit=limit, RECORD=str(path))
    assert facts["finish_reason"] == "record_failed"
    assert len(stderr.splitlines()) == 1
    used = {tuple(page["warc"]) for page in pages.values() if page.get("warc")}
    with path.open("rb") as file:
        kept = {
            ("a.warc.gz", record.rec_headers.get_header("WARC-Record-ID")) for record in ArchiveIterator(file)
        }
    assert used and used <= kept


def test_recording_off_leaves_no_file(site, tmp_path):
    """`none` is the word for it, as a project may name an archive by default."""
    project = PROJECT | {"RECORD": str(tmp_path / "a.warc.gz")}
    _, pages, _, stderr = run([site + "/plain"], project=project, RECORD="none")
    assert (pages[site + "/plain"]["status"], pages[site + "/plain"]["warc"], stderr) == (200, None, "")
    assert list(tmp_path.iterdir()) == []
