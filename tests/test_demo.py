"""The main job on the sample archive, held against an independent computation over its facts."""

import datetime as dt
import json
import re
import uuid

import pymongo
import pytest
from crawling import Crawls
from newsroom import reach

from crawler.seeds import named_seed

ARCHIVE = "seeds/newsroom.warc.gz"
DAY_TWO = "seeds/newsroom-day2.warc.gz"
REVISED = "https://cn.nytimes.com/business/20250117/china-economy-2024-gdp/"
NAMES = ("deepseek", "newsroom")
# The site's clock tells when an article was fed again; the address tells the day it came out.
FED_AGAIN = {
    "https://cn.nytimes.com/opinion/20241219/us-china-musk-swift-tariffs-manufacturing/": "2024-12-19",
    REVISED: "2025-01-17",
}


@pytest.fixture(scope="module")
def demo(mongo_uri, tmp_path_factory):
    """The database after both demo seeds, and what the first crawl printed."""
    database = f"demo_{uuid.uuid4().hex[:8]}"
    crawl = Crawls(mongo_uri, database, tmp_path_factory.mktemp("demo"))
    crawl.first = crawl.run("deepseek", REPLAY=ARCHIVE)
    crawl.second = crawl.run("articles", "seed=newsroom", REPLAY=ARCHIVE)
    yield crawl
    with pymongo.MongoClient(mongo_uri) as client:
        client.drop_database(database)


@pytest.mark.parametrize("name", NAMES)
def test_the_crawl_reaches_what_it_must_at_the_least_depth(demo, name):
    """Exactly the pages of an independent breadth-first search, each at its depth; the second seed's too."""
    assert (demo.first.returncode, demo.second.returncode) == (0, 0), demo.first.stderr + demo.second.stderr
    seed = named_seed(name)
    expected = reach.expected(seed.urls, seed.depth)
    inside = {f"depths.{name}": {"$lte": seed.depth}, "site": {"$in": list(seed.sites)}}
    assert {url: page["depths"][name] for url, page in demo.pages(**inside).items()} == expected
    assert {url for url, page in demo.pages(**inside).items() if page.get("last_attempt")} == set(expected)


def test_nothing_else_was_asked_for(demo):
    """An attempt was made for the pages of the two seeds and for no other."""
    wanted = set().union(*(reach.expected(named_seed(name).urls, named_seed(name).depth) for name in NAMES))
    assert set(demo.pages(last_attempt={"$ne": None})) == wanted


def test_every_link_is_stored_and_none_added(demo):
    """In the page and in the collection: role, target, words and paragraph, in reading order."""
    facts = reach.facts()
    fetched = demo.pages(status="fetched")
    assert fetched
    stored = {
        url: [
            (link["role"], link["target"], link["anchor_text"], link["paragraph"]) for link in page["links"]
        ]
        for url, page in fetched.items()
    }
    assert stored == {url: reach.links(facts[url]) for url in fetched}
    indexed = sorted(
        (link["source"], link["role"], link["target"], link["anchor_text"]) for link in demo.links()
    )
    assert indexed == sorted((url, *link[:3]) for url, links in stored.items() for link in links)


def test_every_link_target_is_a_node_with_a_title(demo):
    """Fetched or not, on our sites or not; the title is never a bare address."""
    pages = demo.pages()
    assert {link["target"] for link in demo.links()} <= set(pages)
    assert all(page["display_title"] and "//" not in page["display_title"] for page in pages.values())


def test_headlines_dates_and_bylines_are_those_of_the_facts(demo):
    """What is known of each article is what is stored."""
    facts = reach.facts()
    for url, page in demo.pages(status="fetched", variant="zh-Hans").items():
        fact = facts[url]
        if fact["kind"] != "article":
            continue
        assert page["headline"] == fact["headline"]
        assert page["published_on"] == (FED_AGAIN.get(url) or fact["datetime"][:10])
        assert [author["name"] for author in page["authors"]] == re.split(r"\s*[,、]\s*", fact["byline"])


def test_all_pages_say_that_they_are_samples(demo):
    """Nothing invented passes for the publisher's, nodes that were never fetched included."""
    assert {page["provenance"] for page in demo.pages().values()} == {"sample"}
    assert demo.runs()[0]["provenance"] == "sample"


def test_a_live_run_refuses_the_sample_s_database(demo):
    """In one line, non-zero, and nothing is written."""
    before = demo.pages()
    run = demo.run("deepseek")
    assert run.returncode == 74
    assert "holds invented sample pages" in run.stderr
    assert demo.pages() == before


def test_what_a_person_sees(demo):
    """The table, the most cited works with words of who cites them, where the data is, three queries."""
    printed = demo.first.stdout
    for word in ("SAMPLE", "fetched", "citation", "most cited works", demo.database, "db.links.find"):
        assert word in printed
    assert "Traceback" not in demo.first.stderr
    assert len(demo.first.stderr.splitlines()) < 30


def test_a_second_demo_changes_nothing_but_times(demo):
    """Pages and links are the same when every page is fetched again."""
    with pymongo.MongoClient(demo.uri) as client:
        long_ago = {"next_fetch_at": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)}
        client[demo.database].pages.update_many({"last_attempt": {"$ne": None}}, {"$set": long_ago})
    before, links_before = demo.pages(), demo.links()
    assert demo.run("deepseek", REPLAY=ARCHIVE).returncode == 0
    assert demo.run("articles", "seed=newsroom", REPLAY=ARCHIVE).returncode == 0
    timeless = {"fetched_at", "last_attempt", "next_fetch_at", "last_seen_at", "failures", "fetch_interval"}
    assert {url: _without(page, timeless) for url, page in demo.pages().items()} == {
        url: _without(page, timeless) for url, page in before.items()
    }
    seen = {"last_seen_run", "last_seen_at"}
    assert sorted(map(str, (_without(link, seen) for link in demo.links()))) == sorted(
        map(str, (_without(link, seen) for link in links_before))
    )


@pytest.fixture(scope="module")
def day_two(demo):
    """The second day over the first, twice, and what `scrapy history` says then."""
    for _ in range(2):
        run = demo.run("deepseek", "revisit=all", REPLAY=f"{ARCHIVE},{DAY_TWO}")
        assert run.returncode == 0, run.stderr
    return demo.scrapy("history", REVISED).stdout


def test_the_second_day(demo, day_two):
    """The revised article has both versions, its links came and went, everything else was not modified."""
    page = demo.pages()[REVISED]
    assert page["revision"] == 1
    links = [(link["role"], link["target"], link["anchor_text"]) for link in page["links"]]
    assert links == [link[:3] for link in reach.links(reach.revised()[REVISED])]
    with pymongo.MongoClient(demo.uri, tz_aware=True) as client:
        gone = list(client[demo.database].links.find({"active": False}))
    assert [(link["source"], link["role"], link["gone_run"]) for link in gone] == [
        (REVISED, "related", demo.runs()[-2]["_id"])
    ]
    outcomes = [page["last_attempt"]["status"] for page in demo.pages(**{"depths.deepseek": 0}).values()]
    assert set(outcomes) <= {"ok", "not_modified"}


def test_what_the_second_day_changed_can_be_read(demo, day_two):
    """In words and in links; the list names the page; a page never read has no history."""
    assert "[-1万亿美-]{+逾7万亿+}元" in day_two
    assert "- citation “1万亿美元”" in day_two
    assert REVISED in demo.scrapy("history").stdout
    assert json.loads(demo.scrapy("history", REVISED, "--json").stdout)["versions"][1]["revision"] == 1
    never = demo.scrapy("history", "https://a16z.com/")
    assert (never.returncode, never.stdout) == (2, "")
    assert "was never read" in never.stderr


def _without(document, names):
    return {name: value for name, value in document.items() if name not in names}
