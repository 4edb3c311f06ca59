"""A run that was frozen: checked, cited, loaded elsewhere and repeated."""

import contextlib
import gzip
import json
import re
import subprocess
from importlib.metadata import distributions

import pymongo
import pytest
from crawling import ROBOTS, SEED, Crawls, article, seed_file

from crawler.seeds import Seed, named_seed, read_seed, seed_of, seed_values, to_toml
from crawler.snapshot.words import versions
from crawler.store import read_header
from crawler.warc import Archive, ArchiveChain, ArchiveWriter, http_message
from crawler.warc.copying import copy_without

ARCHIVE = "seeds/newsroom.warc.gz"
ROBOTS_URL = "https://cn.nytimes.com/robots.txt"
SAME = ("content_hash", "headline", "published_on", "links", "depths", "status")


@pytest.fixture(scope="module")
def frozen(mongo_uri, tmp_path_factory):
    """The demo crawl, a page forgotten, its snapshot, and two databases beside it."""
    directory = tmp_path_factory.mktemp("snapshot")
    crawl = Crawls(mongo_uri, f"snap_{directory.name}", directory)
    crawl.loaded = Crawls(mongo_uri, f"{crawl.database}_l", directory)
    crawl.again = Crawls(mongo_uri, f"{crawl.database}_r", directory)
    assert crawl.run("deepseek", REPLAY=ARCHIVE).returncode == 0
    crawl.run_id = crawl.runs()[0]["_id"]
    crawl.folder = directory / "frozen"
    crawl.told = crawl.scrapy("snapshot", crawl.run_id, "-o", crawl.folder)
    yield crawl
    with pymongo.MongoClient(mongo_uri) as client:
        for one in (crawl, crawl.loaded, crawl.again):
            client.drop_database(one.database)


def tables(crawl, directory):
    """What a reader of the database would use: the graph, the run."""
    graph = directory / f"{crawl.database}.csv"
    assert crawl.scrapy("graph", "-o", graph).returncode == 0
    run = json.loads(crawl.scrapy("runs", crawl.runs()[0]["_id"], "--format", "json").stdout)
    del run["silent_for"]
    return graph.read_text(), run


def test_everything_is_in_it_and_checks(frozen):
    """The command says what it made; sha256sum finds every file as it was written."""
    assert frozen.told.returncode == 0, frozen.told.stderr
    assert frozen.told.stdout == f"{frozen.folder}: {frozen.run_id} and 1 archive\n"
    files = {str(path.relative_to(frozen.folder)) for path in frozen.folder.rglob("*") if path.is_file()}
    assert files == {
        *("dump.jsonl.gz", "graph.gexf", "graph.csv", "run.json", "seed.toml", "requirements.txt"),
        *("CITATION.cff", "README.md", "SHA256SUMS", "archives/newsroom.warc.gz"),
    }
    checked = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=frozen.folder, capture_output=True, text=True, check=True
    )
    assert checked.stdout.count(": OK\n") == len(files) - 1
    assert "SAMPLE" in (frozen.folder / "README.md").read_text()
    assert "SAMPLE" in (frozen.folder / "CITATION.cff").read_text()


def test_loaded_elsewhere_it_gives_the_same_tables(frozen, tmp_path):
    """The graph's rows, which are those of the snapshot too, and the run's account."""
    assert frozen.loaded.scrapy("load", frozen.folder / "dump.jsonl.gz").returncode == 0
    here, there = tables(frozen, tmp_path), tables(frozen.loaded, tmp_path)
    assert there == here
    assert (frozen.folder / "graph.csv").read_text() == here[0]


def test_repeated_it_gives_the_same_pages(frozen):
    """By the seed and the archive of the snapshot alone."""
    archive = frozen.folder / "archives" / "newsroom.warc.gz"
    run = frozen.again.run("articles", f"seed={frozen.folder / 'seed.toml'}", REPLAY=archive)
    assert run.returncode == 0, run.stderr
    facts = [
        {url: [page.get(name) for name in SAME] for url, page in crawl.pages().items()}
        for crawl in (frozen, frozen.again)
    ]
    assert facts[0] == facts[1]


def test_of_two_days_it_repeats_the_later(mongo_uri, database, tmp_path):
    """The README names the archives in the run's order, whatever their names: the last counts."""
    for day, name in enumerate(("day.warc.gz", "day-2.warc.gz"), 1):
        with contextlib.closing(ArchiveWriter(tmp_path / name)) as archive:
            for url, text in ((ROBOTS_URL, ROBOTS), (SEED, article(f"第{day}天", "无。"))):
                archive.write(url, None, http_message("HTTP/1.1 200 OK", [], text.encode()))
    crawl = Crawls(mongo_uri, database, tmp_path)
    two_days = f"{tmp_path / 'day.warc.gz'},{tmp_path / 'day-2.warc.gz'}"
    assert crawl.run("articles", seed_file(tmp_path), REPLAY=two_days).returncode == 0
    folder = tmp_path / "frozen"
    assert crawl.scrapy("snapshot", crawl.runs()[0]["_id"], "-o", folder).returncode == 0
    (named,) = re.findall(r"REPLAY=(\S+)", (folder / "README.md").read_text())
    assert named == "archives/day.warc.gz,archives/day-2.warc.gz"
    chain = ArchiveChain(",".join(str(folder / name) for name in named.split(",")))
    assert chain.get(SEED).file == crawl.pages()[SEED]["warc"]["file"] == "day-2.warc.gz"


def test_without_bodies(frozen, tmp_path):
    """No text and no archive; it says so."""
    target = tmp_path / "facts"
    assert frozen.scrapy("snapshot", frozen.run_id, "-o", target, "--no-bodies").returncode == 0
    with gzip.open(target / "dump.jsonl.gz") as file:
        header, *lines = file.readlines()
    assert not read_header(header).bodies
    pages = [entry["document"] for line in lines if (entry := json.loads(line)).get("in") == "pages"]
    assert [page for page in pages if page.get("body")] == []
    assert not (target / "archives").exists()
    assert "texts of the pages are left out" in (target / "README.md").read_text()


@pytest.mark.parametrize(
    ("run", "target", "status", "complaint"),
    [
        ("deepseek-1", "new", 2, "no run 'deepseek-1': the nearest is deepseek-"),
        (None, ".", 73, "is there already: name another folder"),
        (None, "/dev/null/x", 73, "can't be written"),
    ],
)
def test_what_can_not_be_made(frozen, tmp_path, run, target, status, complaint):
    """One line, and nothing is left behind."""
    asked = frozen.scrapy("snapshot", run or frozen.run_id, "-o", tmp_path / target)
    assert (asked.returncode, asked.stdout) == (status, "")
    assert complaint in asked.stderr
    assert list(tmp_path.iterdir()) == []


def test_later_runs_and_lost_archives_are_told(frozen, tmp_path, mongo_uri):
    """What a reader must know stands in README and on the screen."""
    with pymongo.MongoClient(mongo_uri) as client:
        runs = client[frozen.database].crawl_runs
        runs.update_one({"_id": frozen.run_id}, {"$push": {"archives": "lost.warc.gz"}})
        later = runs.find_one() | {"_id": "deepseek-9"}
        runs.insert_one({**later, "started": later["started"].replace(year=2100)})
        try:
            asked = frozen.scrapy("snapshot", frozen.run_id, "-o", tmp_path / "new")
        finally:
            runs.delete_one({"_id": "deepseek-9"})
            runs.update_one({"_id": frozen.run_id}, {"$pull": {"archives": "lost.warc.gz"}})
    assert asked.returncode == 0
    assert "1 later runs changed these pages" in asked.stderr
    assert "lost.warc.gz was not found" in asked.stderr
    readme = (tmp_path / "new" / "README.md").read_text()
    assert "1 later runs had changed" in readme
    assert "lost.warc.gz was not found and is not here" in readme


# its parts


def test_an_archive_without_what_was_forgotten(tmp_path):
    """All other records byte for byte; nothing of the pages that were forgotten, damage or not."""
    whole = Archive(ARCHIVE)
    first, *others = list(whole)
    copy_without(whole.path, tmp_path / "same.warc.gz", set())
    assert (tmp_path / "same.warc.gz").read_bytes() == whole.path.read_bytes()
    copy_without(whole.path, tmp_path / "less.warc.gz", {first})
    less = Archive(tmp_path / "less.warc.gz")
    assert less.damage is None
    assert less.is_sample
    assert set(less) == set(others)
    assert all(less.get(url) == whole.get(url) for url in others)
    data = whole.path.read_bytes()
    (tmp_path / "cut.warc.gz").write_bytes(data[: len(data) // 2])
    copy_without(tmp_path / "cut.warc.gz", tmp_path / "less-cut.warc.gz", {first})
    assert 0 < len(Archive(tmp_path / "less-cut.warc.gz")) < len(others)
    hurt = bytearray(data)
    hurt[len(data) // 2 : len(data) // 2 + 10] = b"\xff" * 10
    (tmp_path / "hurt.warc.gz").write_bytes(hurt)
    copy_without(tmp_path / "hurt.warc.gz", tmp_path / "less-hurt.warc.gz", {first})
    mended = Archive(tmp_path / "less-hurt.warc.gz")
    assert mended.damage is None
    assert len(others) - 2 <= len(mended) < len(others) + 1


@pytest.mark.parametrize("seed", [named_seed("deepseek"), named_seed("newsroom"), named_seed("shimbun")])
def test_a_seed_as_a_file(tmp_path, seed):
    """From its values in the ledger to a file that reads as the same seed."""
    (tmp_path / "seed.toml").write_text(to_toml(seed_of(json.loads(json.dumps(seed_values(seed))))))
    assert read_seed(tmp_path / "seed.toml") == seed


def test_a_seed_with_everything(tmp_path):
    """Several starts, words in quotes, every other key."""
    seed = Seed(
        name="all",
        urls=("https://cn.nytimes.com/a/", "https://cn.nytimes.com/b/"),
        external_depth=1,
        lists=("https://cn.nytimes.com/rss/",),
        headline='说"好" \\',
        published_on="2025-02-05",
    )
    (tmp_path / "seed.toml").write_text(to_toml(seed))
    assert read_seed(tmp_path / "seed.toml") == seed


def test_versions():
    """The program first; then what pip would install."""
    head, python, *pinned = versions(distributions(), "0.1.0+abc").splitlines()
    assert head == "# related-articles 0.1.0+abc"
    assert python.startswith("# Python 3.")
    assert any(line.lower().startswith("scrapy==") for line in pinned)
