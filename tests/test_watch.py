"""Discovery forward in time: what lists name is fetched, and what cites the graph joins it."""

import datetime as dt

import pymongo
import pytest
from crawling import SEED, Crawls, article, citing, seed_file, story
from loopback import Reply, Web

from crawler.items import Author, Extractor, Link, Role
from crawler.labels import Decision, Label
from crawler.seeds import Seed
from crawler.store import MongoStore

CN = "https://cn.nytimes.com"
CITE_WHAT_THE_SEED_CITES = {
    f"{CN}/china/20250205/deepseek-china-ai-censorship/",
    f"{CN}/technology/20250213/deepseek-ai-chip-costs/",
}
ARCHIVE = "seeds/newsroom.warc.gz"
FEED = f"{CN}/rss/"


@pytest.fixture(scope="module")
def watched(mongo_uri, tmp_path_factory):
    """The sample archive with its feed, crawled twice with watch=1."""
    crawl = Crawls(mongo_uri, "watched_sample", tmp_path_factory.mktemp("watch"))
    crawl.first = crawl.run("deepseek", "watch=1", REPLAY=ARCHIVE)
    crawl.before = crawl.pages()
    crawl.second = crawl.run("deepseek", "watch=1", REPLAY=ARCHIVE)
    yield crawl
    with pymongo.MongoClient(mongo_uri) as client:
        client.drop_database(crawl.database)


def test_the_articles_that_cite_what_the_seed_cites_are_found(watched):
    """No out-link of the seed leads to them; their own links do, and the item says which list named them."""
    assert watched.first.returncode == 0, watched.first.stderr
    pages = watched.pages()
    for url in CITE_WHAT_THE_SEED_CITES:
        assert pages[url]["depths"]["deepseek"] == 2
        assert pages[url]["discovered_by"] == {"deepseek": FEED}


def test_what_has_no_link_into_the_graph_stays_outside(watched):
    """It is held, but has no depth for the seed."""
    outside = watched.pages(**{"discovered_by.deepseek": {"$exists": True}, "depths.deepseek": None})
    assert outside
    members = set(watched.pages(**{"depths.deepseek": {"$lte": 3}}))
    for url in outside:
        cited = {
            link["target"] for link in watched.links(source=url, role={"$in": ["citation", "translation"]})
        }
        assert not cited & members, url


def test_a_second_run_fetches_nothing_but_the_lists(watched):
    """And changes no membership."""
    after = watched.pages()
    run = watched.runs()[-1]["_id"]
    asked = {url for url, page in after.items() if (page.get("last_attempt") or {}).get("run_id") == run}
    assert FEED in asked
    assert not any("/20250" in url for url in asked), asked
    assert {url: page.get("depths") for url, page in after.items()} == {
        url: page.get("depths") for url, page in watched.before.items()
    }


LI = Author(name="Robin Lane")


async def test_what_is_like_the_start_by_its_words_is_kept_apart(mongo_uri, database, make_page):
    """With the words; what joins later, or was taken back, is no suggestion any more."""
    store = MongoStore(mongo_uri, database)
    await store.open()
    seed = Seed(name="s", urls=(SEED,), lists=(FEED,))
    near, far = f"{CN}/china/20260102/near/", f"{CN}/china/20260103/far/"
    listed = tuple(Link(target=url, role=Role.RELATED) for url in (near, far))
    await store.plant("s", make_page(SEED, headline="DeepSeek引爆社交媒体", authors=(LI,)), "run-1")
    await store.write(
        [make_page(FEED, links=listed, extractor=Extractor(name="feed", layout="rss"))], "run-1"
    )
    now = dt.datetime.now(dt.UTC)
    due = await store.candidates(seed, None, now=now, limit=9, exclude=())
    assert [page.url for page in due] == [near, far]
    pages = [
        make_page(near, headline="DeepSeek如何走红社交媒体", authors=(LI,)),
        make_page(far, headline="大熊猫回国", authors=(LI,)),
    ]
    await store.write(pages, "run-1")
    await store.refresh()
    await store.suggest("s", "run-1")
    with pymongo.MongoClient(mongo_uri) as client:
        suggestions = client[database].suggestions
        (kept,) = suggestions.find()
        assert (kept["page"], kept["like"], kept["run"]) == (near, SEED, "run-1")
        assert {"deepseek", "社交", "媒体"} <= set(kept["words"])
        assert not {"robin", "lane"} & set(kept["words"])
        client[database].pages.update_one({"_id": near}, {"$set": {"depths.s": 1}})
        await store.suggest("s", "run-2")
        assert suggestions.count_documents({}) == 0
    await store.close()


NEW = [f"{CN}/technology/2026010{n}/new-{n}/" for n in range(1, 6)]
WORLD = {
    SEED: article("起点", *citing(f"{CN}/china/20251201/old/", f"{CN}/china/20251202/moved/")),
    f"{CN}/china/20251201/old/": article("旧文", *citing(f"{CN}/china/20251101/older/")),
    f"{CN}/china/20251202/moved/": Reply(status=301, headers={"Location": f"{CN}/china/20251203/there/"}),
    f"{CN}/china/20251203/there/": article("新址", "这是虚构的样本文字。"),
    f"{CN}/china/20251101/older/": article("更旧", "这是虚构的样本文字。"),
    NEW[0]: article("引用旧文", *citing(f"{CN}/china/20251201/old/")),
    NEW[1]: article("引用新文", *citing(NEW[0])),
    NEW[2]: article("无关", *citing("https://example.org/")),
    NEW[3]: article("引用转址", *citing(f"{CN}/china/20251202/moved/")),
    NEW[4]: article("译文", "虚构。", english="https://www.nytimes.com/2026/01/05/technology/new-5.html"),
    "https://www.nytimes.com/2026/01/05/technology/new-5.html": story("English", "Invented."),
    f"{CN}/sitemap.xml": (
        f"<sitemapindex><sitemap><loc>{CN}/sitemap-1.xml</loc></sitemap>"
        f"<sitemap><loc>{CN}/sitemap-2.xml</loc></sitemap></sitemapindex>"
    ),
    f"{CN}/sitemap-1.xml": Reply(
        "<urlset>" + "".join(f"<url><loc>{url}</loc></url>" for url in NEW) + "</urlset>",
        headers={"Content-Type": "application/xml", "ETag": '"1"'},
    ),
    f"{CN}/sitemap-2.xml": Reply(status=503),
    f"{CN}/broken-feed/": Reply("<rss><channel>", headers={"Content-Type": "text/xml"}),
}


@pytest.fixture
def world(mongo_uri, database, tmp_path):
    """A crawl with watch=1 over loopback."""
    with Web(WORLD, tmp_path) as web:
        crawl = Crawls(mongo_uri, database, tmp_path, web.proxy)
        crawl.web = web
        lists = [f"{CN}/sitemap.xml", f"{CN}/broken-feed/", "https://feeds.example.org/gone.xml"]
        crawl.seed = seed_file(tmp_path, depth=2, lists=lists)
        crawl.first = crawl.run("articles", crawl.seed, "watch=1")
        yield crawl


def test_what_joins_and_what_does_not(world):
    """A citation of a member, of what has just joined, of what redirects to one; nothing else."""
    assert world.first.returncode == 0, world.first.stderr
    pages = world.pages()
    depths = [pages[url].get("depths", {}).get("loop") for url in NEW]
    assert depths == [2, 2, None, 2, None]
    assert pages[NEW[0]]["discovered_by"] == {"loop": f"{CN}/sitemap-1.xml"}
    reasons = {url: (pages[url]["last_attempt"] or {}).get("status") for url in pages if "sitemap-2" in url}
    assert set(reasons.values()) == {"blocked"}
    assert pages[f"{CN}/broken-feed/"]["last_attempt"]["status"] == "ok"
    assert pages["https://feeds.example.org/gone.xml"]["last_attempt"]["status"] == "gone"


async def test_lists_that_the_start_links_to_are_proposed(mongo_uri, database, make_page):
    """Its column and its authors, each once."""
    roles = [(Role.TOPIC, "topic"), (Role.AUTHOR, "by"), (Role.AUTHOR, "by"), (Role.CITATION, "cited")]
    links = tuple(Link(target=f"{CN}/{name}/", role=role) for role, name in roles)
    store = MongoStore(mongo_uri, database)
    await store.open()
    await store.plant("s", make_page(SEED, links=links), "run-1")
    assert await store.proposed_lists([SEED]) == [f"{CN}/topic/", f"{CN}/by/"]
    await store.close()


async def test_few_lists_are_proposed_to_a_seed_with_many_starts(mongo_uri, database, make_page):
    """Those that most of its starts name come first."""
    starts = [f"{CN}/china/20250101/{number}/" for number in range(20)]
    store = MongoStore(mongo_uri, database)
    await store.open()
    for number, start in enumerate(starts):
        named = (f"{CN}/by-{number}/", *([f"{CN}/column/"] if number > 17 else []))
        links = tuple(Link(target=url, role=Role.AUTHOR) for url in named)
        await store.plant("s", make_page(start, links=links), "run-1")
    proposed = await store.proposed_lists(starts)
    assert (proposed[0], len(proposed)) == (f"{CN}/column/", 6)
    await store.close()


async def test_what_readers_labelled_out_lets_nothing_in(mongo_uri, database, make_page):
    """Two articles from a list cite one member each; one member, and later the other article, is out."""
    store = MongoStore(mongo_uri, database)
    await store.open()
    seed = Seed(name="s", urls=(SEED,), lists=(FEED,))
    inside, outside, good, bad = (f"{CN}/china/2026010{n}/x/" for n in range(2, 6))

    def cites(*targets, role=Role.CITATION):
        return tuple(Link(target=target, role=role) for target in targets)

    await store.plant("s", make_page(SEED, links=cites(inside, outside)), "run-1")
    await store.write([make_page(FEED, links=cites(good, bad, role=Role.RELATED))], "run-1")
    await store.spread("s", 0, ["citation"])
    await store.candidates(seed, None, now=dt.datetime.now(dt.UTC), limit=9, exclude=())
    pages = [make_page(good, links=cites(inside)), make_page(bad, links=cites(outside))]
    await store.write(pages, "run-1")
    given = {"seed": "s", "decision": Decision.OUT, "who": "reader", "when": dt.datetime.now(dt.UTC)}
    await store.add_labels([Label(page=outside, **given)])
    assert await store.join_watched(seed) == [good]
    await store.close()


def test_without_watch_no_list_is_asked_for(mongo_uri, database, tmp_path):
    """Lists are read by the runs that are told to."""
    with Web(WORLD, tmp_path) as web:
        crawl = Crawls(mongo_uri, database, tmp_path, web.proxy)
        assert crawl.run("articles", seed_file(tmp_path, lists=[f"{CN}/sitemap.xml"])).returncode == 0
        assert not [url for url in web.urls() if "sitemap" in url]
