"""What a crawl leaves when the database goes away, the disk is full, or it is recorded: nothing is lost."""

import os
import signal
import subprocess
import time
import urllib.parse

import pytest
from crawling import ROBOTS, SEED, Crawls, article, citing, seed_file
from loopback import Reply, Web

from crawler.embedded import find_mongod

CN = "https://cn.nytimes.com"
TARGETS = [f"{CN}/world/20260101/p{number}/" for number in range(30)]


class Mongod:
    """A mongod of this test's own, to be killed and started again."""

    def __init__(self, directory):
        self.directory = directory
        self.socket = directory / "m.sock"
        self.uri = f"mongodb://{urllib.parse.quote(str(self.socket), safe='')}/?journal=true"
        (directory / "data").mkdir()

    def start(self):
        self.socket.unlink(missing_ok=True)
        options = [
            "--dbpath",
            self.directory / "data",
            "--bind_ip",
            self.socket,
            "--wiredTigerCacheSizeGB",
            "0.25",
        ]
        self.process = subprocess.Popen(
            [find_mongod(os.environ), *options, "--logpath", self.directory / "log", "--logappend"],
            stdout=subprocess.DEVNULL,
        )
        while not self.socket.exists():
            time.sleep(0.05)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


@pytest.fixture
def mongod(tmp_path_factory):
    """A running mongod of one's own."""
    one = Mongod(tmp_path_factory.mktemp("m"))
    one.start()
    yield one
    one.kill()


@pytest.fixture
def web(tmp_path):
    """The seed and thirty articles that take a tenth of a second each."""
    pages = {url: Reply(article(f"文{number}", "无。"), delay=0.1) for number, url in enumerate(TARGETS)}
    with Web(
        {f"{CN}/robots.txt": ROBOTS, SEED: article("开始", *citing(*TARGETS)), **pages}, tmp_path
    ) as web:
        yield web


def wait_for(condition):
    """Waits until the condition holds, half a minute at most."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def ended(process):
    """Exit status and output of a crawl that was started."""
    output, _ = process.communicate(timeout=60)
    return process.returncode, output


@pytest.mark.parametrize("asked", [3, 15])
def test_a_database_that_is_away_for_a_while(mongod, web, tmp_path, asked):
    """The crawl waits and goes on: no page is missing, none is asked for twice, exit status 0."""
    crawl = Crawls(mongod.uri, "durable", tmp_path, web.proxy)
    process = crawl.start("articles", seed_file(tmp_path))
    wait_for(lambda: len(web.urls()) > asked)
    mongod.kill()
    time.sleep(2)
    mongod.start()
    status, output = ended(process)
    assert status == 0, output
    assert set(crawl.pages(status="fetched")) == {SEED, *TARGETS}
    assert sorted(web.urls()) == sorted([SEED, *TARGETS])


@pytest.mark.parametrize("asked", [3, 15])
def test_a_database_that_is_gone_for_good(mongod, web, tmp_path, asked):
    """Exit status 74 with one clear line; the next crawl brings in the spool and fetches only the rest."""
    crawl = Crawls(mongod.uri, "durable", tmp_path, web.proxy)
    process = crawl.start("articles", seed_file(tmp_path), MONGO_RETRY_BUDGET=1)
    wait_for(lambda: len(web.urls()) > asked)
    mongod.kill()
    status, output = ended(process)
    assert status == 74, output
    assert "Traceback" not in output
    spooled = "".join(path.read_text() for path in (tmp_path / "mongo" / "spool").rglob("*.jsonl"))
    before = web.urls()
    mongod.start()
    kept = set(crawl.pages(status="fetched")) | {url for url in before if f'"{url}"' in spooled}
    second = crawl.run("articles", seed_file(tmp_path))
    assert second.returncode == 0, second.stderr
    assert set(crawl.pages(status="fetched")) == {SEED, *TARGETS}
    assert kept.isdisjoint(web.urls()[len(before) :])
    assert not list((tmp_path / "mongo" / "spool").rglob("*.jsonl"))


@pytest.mark.parametrize(
    ("uri", "complaint"),
    [
        ("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=500", "127.0.0.1:1"),
        ("http://example.org", "MONGO_URI can't be used"),
        ("mongodb://", "MONGO_URI can't be used"),
    ],
)
def test_a_database_that_can_not_be_used(web, tmp_path, uri, complaint):
    """Exit status 74, one line, and not a single request."""
    run = Crawls(uri, "durable", tmp_path, web.proxy).run("articles", seed_file(tmp_path))
    assert run.returncode == 74
    assert complaint in run.stderr
    assert "Traceback" not in run.stderr
    assert web.asked == []


def test_recorded_and_replayed_the_documents_are_the_same(mongod, web, tmp_path):
    """Every page names its record; the replay, without a network, gives the same pages and links."""
    archive = tmp_path / "crawl.warc.gz"
    live = Crawls(mongod.uri, "live", tmp_path, web.proxy)
    assert live.run("articles", seed_file(tmp_path), RECORD=archive).returncode == 0
    replayed = Crawls(mongod.uri, "replayed", tmp_path)
    run = replayed.run("articles", seed_file(tmp_path), REPLAY=archive)
    assert run.returncode == 0, run.stderr
    assert {page["provenance"] for page in replayed.pages().values()} == {"replay"}
    assert {url: _timeless(page) for url, page in replayed.pages().items()} == {
        url: _timeless(page) for url, page in live.pages().items()
    }
    assert {link["_id"] for link in replayed.links()} == {link["_id"] for link in live.links()}
    assert all(page["warc"]["file"] == "crawl.warc.gz" for page in live.pages(status="fetched").values())


def _timeless(page):
    varying = {"fetched_at", "fetched_via", "provenance", "next_fetch_at", "first_seen_at", "last_seen_at"}
    attempt = page.get("last_attempt") or {}
    same = {name: value for name, value in page.items() if name not in varying}
    return same | {"last_attempt": (attempt.get("status"), attempt.get("http_status"), attempt.get("reason"))}


def test_a_live_crawl_is_recorded_unless_told_otherwise(mongod, web, tmp_path):
    """By default into the archive folder, under the seed's name."""
    crawl = Crawls(mongod.uri, "live", tmp_path, web.proxy)
    del crawl.settings["RECORD"]
    assert crawl.run("articles", seed_file(tmp_path)).returncode == 0
    assert len(list(tmp_path.glob("loop-*.warc.gz"))) == 1


def test_a_full_disk_under_the_recording_ends_the_crawl(mongod, web, tmp_path):
    """One line and exit status 74; what could not be recorded is not kept either, and stays due."""
    crawl = Crawls(mongod.uri, "live", tmp_path, web.proxy)
    run = crawl.run("articles", seed_file(tmp_path), RECORD="/dev/full")
    assert run.returncode == 74
    assert "Traceback" not in run.stderr
    assert crawl.pages(status="fetched") == {}
