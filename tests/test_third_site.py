"""An invented Japanese newspaper, built for the sample archive: what a site takes, and what it gives."""

import pkgutil
from importlib import import_module
from pathlib import Path

import pymongo
from crawling import Crawls
from newsroom import shimbun
from warcio.archiveiterator import ArchiveIterator

from crawler import parsers
from crawler.items import Role
from crawler.parsers import SITES

PROJECT = Path(__file__).parent.parent
HOST = "https://www.shimbun.example"
START, ENGLISH = f"{HOST}/kiji/20260105/hyoji/", f"{HOST}/en/2026/01/05/display/"


def records(path):
    with Path(path).open("rb") as file:
        return [
            (sorted(record.rec_headers.headers), record.raw_stream.read())
            for record in ArchiveIterator(file, no_record_parse=True)
        ]


def test_building_it_again_gives_the_same_records(tmp_path):
    """The committed archive is what its generator gives."""
    shimbun.main(tmp_path / "again.warc.gz")
    assert records(tmp_path / "again.warc.gz") == records(shimbun.ARCHIVE)


def test_the_files_it_took():
    """One parser and one seed: no other file of the project knows of it."""
    code = [
        path for folder in ("crawler", "spiders", "pipelines") for path in (PROJECT / folder).rglob("*.py")
    ]
    seeds = [path for path in (PROJECT / "seeds").iterdir() if path.suffix in {".toml", ".jsonl"}]
    knowing = [path for path in (*code, *seeds) if b"shimbun" in path.read_bytes()]
    assert [str(path.relative_to(PROJECT)) for path in knowing] == [
        "crawler/parsers/shimbun.py",
        "seeds/shimbun.toml",
    ]


def test_parsers_are_found_by_what_they_declare():
    """Every module with layouts is asked for its site's pages; no table names it."""
    modules = [
        import_module(f"crawler.parsers.{module.name}") for module in pkgutil.iter_modules(parsers.__path__)
    ]
    layouts = {module.LAYOUTS for module in modules if hasattr(module, "LAYOUTS")}
    assert layouts == set(SITES.values())
    assert {"cn.nytimes.com", "www.nytimes.com", "www.shimbun.example"} == set(SITES)


def test_it_is_crawled_from_its_archive(mongo_uri, database, tmp_path):
    """From Shift_JIS bytes to works in two languages, over links and twins, without network."""
    crawl = Crawls(mongo_uri, database, tmp_path)
    run = crawl.run("articles", "seed=shimbun", REPLAY="seeds/shimbun.warc.gz")
    assert run.returncode == 0, run.stderr
    pages = {url: page for url, page in crawl.pages().items() if page["status"] == "fetched"}
    assert {url: page["depths"]["shimbun"] for url, page in pages.items()} == {
        START: 0,
        ENGLISH: 0,
        f"{HOST}/kiji/20260104/yosan/": 1,
        f"{HOST}/en/2026/01/03/ships/": 1,
        f"{HOST}/kiji/20260103/fune/": 1,
        f"{HOST}/kiji/20260102/tooi/": 2,
    }
    for url, page in pages.items():
        headline, _, time, *_ = shimbun.PAGES[url.removeprefix(HOST)]
        assert (page["headline"], page["date_published_raw"]) == (headline, time)
        assert page["published_on"] == time[:10]
        assert page["in_language"] == ("en" if "/en/" in url else "ja")
        assert page["extractor"]["layout"] == "shimbun-2026"
        assert page["provenance"] == "sample"
    start = pages[START]
    assert [author["name"] for author in start["authors"]] == ["見本太郎", "見本花子"]
    assert (start["published_on"], start["published_tz"]) == ("2026-01-05", "Asia/Tokyo")
    assert start["date_published"].isoformat() == "2026-01-04T15:30:00+00:00"
    assert [(link["role"], link["target"], link["anchor_text"]) for link in start["links"]] == [
        (Role.TRANSLATION, ENGLISH, ""),
        (Role.CITATION, f"{HOST}/kiji/20260104/yosan/", "記事1"),
        (Role.CITATION, shimbun.OUTSIDE, "記事2"),
        (Role.RELATED, f"{HOST}/kiji/20260101/gantan/", "見本の元旦"),
    ]
    assert start["links"][1]["paragraph"] == 2
    assert pages[f"{HOST}/kiji/20260104/yosan/"]["broken_links"][0]["href"] == "https://[壊れた/"
    assert start["work_id"] == pages[ENGLISH]["work_id"] == START
    with pymongo.MongoClient(mongo_uri) as client:
        work = client[database].works.find_one({"_id": START})
    assert work["headlines"] == {"ja": "見本の表示、ソフトの能力を予想", "en": "A Sample Display"}
    assert {piece["kind"] for piece in work["evidence"]} == {"translation"}
