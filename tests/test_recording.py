"""Recording and replaying, a full disk, a database that can't be used: whole crawls over loopback."""

import os
import resource
import subprocess

import pytest
from crawling import PROJECT, ROBOTS, SEED, Crawls, article, citing, command, seed_file
from loopback import Reply, Web

CN = "https://cn.nytimes.com"
TARGETS = [f"{CN}/world/20260101/p{number}/" for number in range(30)]


@pytest.fixture
def web(tmp_path):
    """The seed and thirty articles."""
    pages = {url: Reply(article(f"文{number}", "无。")) for number, url in enumerate(TARGETS)}
    with Web(
        {f"{CN}/robots.txt": ROBOTS, SEED: article("开始", *citing(*TARGETS)), **pages}, tmp_path
    ) as web:
        yield web


@pytest.mark.parametrize(
    ("uri", "complaint"),
    [
        ("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=500", "MongoDB does not answer (127.0.0.1:1"),
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
    varying = {
        "fetched_at",
        "fetched_via",
        "provenance",
        "next_fetch_at",
        "first_seen_at",
        "held_since",
        "last_seen_at",
    }
    attempt = page.get("last_attempt") or {}
    same = {name: value for name, value in page.items() if name not in varying}
    return same | {"last_attempt": (attempt.get("status"), attempt.get("http_status"), attempt.get("reason"))}


def test_a_cut_off_archive_is_served_as_far_as_it_goes(mongod, web, tmp_path):
    """One line says where it ends and what to do; the exit status is its own."""
    archive = tmp_path / "crawl.warc.gz"
    live = Crawls(mongod.uri, "live", tmp_path, web.proxy)
    assert live.run("articles", seed_file(tmp_path), RECORD=archive).returncode == 0
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(archive.read_bytes()[: archive.stat().st_size * 2 // 3])
    replayed = Crawls(mongod.uri, "cut", tmp_path)
    run = replayed.run("articles", seed_file(tmp_path), REPLAY=cut)
    assert run.returncode == 65
    assert run.stderr.count("record again") == 1
    assert 5 < len(replayed.pages(status="fetched")) < len(TARGETS)


def test_a_live_crawl_is_recorded_unless_told_otherwise(mongod, web, tmp_path):
    """By default into the archive folder, under the seed's name."""
    crawl = Crawls(mongod.uri, "live", tmp_path, web.proxy)
    del crawl.settings["RECORD"]
    assert crawl.run("articles", seed_file(tmp_path)).returncode == 0
    assert len(list(tmp_path.glob("loop-*.warc.gz"))) == 1


@pytest.mark.parametrize("size", [0, 6_000])
def test_a_full_disk_under_the_recording_ends_the_crawl(mongod, web, tmp_path, size):
    """One line and exit status 74; what could not be recorded is no page's failure: it stays due."""
    crawl = Crawls(mongod.uri, "live", tmp_path, web.proxy)
    archive = tmp_path / "crawl.warc.gz" if size else "/dev/full"
    run = subprocess.run(
        command("articles", seed_file(tmp_path), settings={**crawl.settings, "RECORD": archive}),
        cwd=PROJECT,
        env=crawl.environment,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: size and resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )
    assert run.returncode == 74
    said = [line for line in run.stderr.splitlines() if " INFO " not in line and "certificate" not in line]
    assert len(said) == 1, run.stderr
    assert "Recording failed, the crawl ends" in said[0]
    assert bool(crawl.pages(status="fetched")) is bool(size)
    attempts = {page["last_attempt"]["status"] for page in crawl.pages(last_attempt={"$ne": None}).values()}
    assert attempts == ({"ok"} if size else set())
    assert len(web.asked) < len(TARGETS)


@pytest.mark.parametrize("kind", ["directory", "fifo"])
def test_what_can_not_be_recorded_into(web, mongo_uri, database, tmp_path, kind):
    """One line before anything is asked for; nothing waits for a reader of a pipe."""
    target = tmp_path / kind
    target.mkdir() if kind == "directory" else os.mkfifo(target)
    run = Crawls(mongo_uri, database, tmp_path, web.proxy).run("articles", seed_file(tmp_path), RECORD=target)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1), run.stderr
    assert f"RECORD={target} is a directory, or no file to add to" in run.stderr
    assert web.asked == []


def test_pages_that_ask_for_no_copy_are_not_recorded_and_kept_as_an_excerpt(mongod, tmp_path):
    """By header, for us or for all, and by the page's own word; another agent's directive is not ours."""
    from crawler.warc import Archive

    long = "这是很长的一句虚构样本文字。" * 60
    asking = [("robots", "noarchive"), ("robots", "none"), ("RelatedArticles", "noarchive")]
    metas = [f'<head><meta name="{name}" content="{content}">' for name, content in asking]
    pages = {
        **{f"meta{n}": Reply(article("文", long).replace("<head>", meta)) for n, meta in enumerate(metas)},
        "header": Reply(article("文", long), headers={"X-Robots-Tag": "noarchive"}),
        "ours": Reply(article("文", long), headers={"X-Robots-Tag": "relatedarticles: noarchive"}),
        "theirs": Reply(article("文", long), headers={"X-Robots-Tag": "googlebot: noarchive"}),
    }
    urls = {f"{CN}/world/20260101/{name}/": reply for name, reply in pages.items()}
    archive = tmp_path / "crawl.warc.gz"
    with Web({f"{CN}/robots.txt": ROBOTS, SEED: article("开始", *citing(*urls)), **urls}, tmp_path) as web:
        crawl = Crawls(mongod.uri, "asking", tmp_path, web.proxy)
        assert crawl.run("articles", seed_file(tmp_path), RECORD=archive).returncode == 0
    assert {url for url in urls if url in set(Archive(archive))} == {f"{CN}/world/20260101/theirs/"}
    stored = crawl.pages(_id={"$in": list(urls)})
    lengths = {url.split("/")[-2]: len(page["body"]) for url, page in stored.items()}
    assert lengths["theirs"] == len(long)
    assert max(length for name, length in lengths.items() if name != "theirs") <= 301
    assert len({page["content_hash"] for page in stored.values()}) == 1
    assert {page["text_length"] for page in stored.values()} == {len(long)}
