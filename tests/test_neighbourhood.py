"""What is read around a work from MongoDB: works not pages, bounded, from whatever address."""

from dataclasses import replace

import pymongo
import pytest

from crawler.graph import listing, paths, related
from crawler.graph.related import Wanted
from crawler.graph.tree import grow
from crawler.items import Author, Extractor, Link, Outcome, Provenance, Role, Status
from crawler.store import neighbourhood, terms
from crawler.store.network import Scope

CN = "https://cn.nytimes.com/china/2025020{}/{}/"
SEED = CN.format(5, "seed")


def cn(name, day=5):
    return CN.format(day, name)


def link(target, paragraph=1, role=Role.CITATION, context="一句话。"):
    return Link(target=target, role=role, anchor_text="词", context=context, paragraph=paragraph, position=0)


async def keep(store, *pages):
    assert await store.write(pages, "run-1") == []
    await store.refresh()


async def listed(store, *urls, **wanted):
    works = [await store.work_of(url) for url in urls]
    return [found.work for found in related.find(await store.neighbourhood(works), Wanted(**wanted))]


async def test_works_not_pages(store, make_page):
    """The original and its translation count once, and the links of both are theirs."""
    english = "https://www.nytimes.com/2025/02/04/world/seed.html"
    await keep(
        store,
        make_page(SEED, links=(link(english, None, Role.TRANSLATION), link(cn("one")))),
        make_page(english, links=(link(cn("two")), link(SEED, None, Role.TRANSLATION))),
        make_page(cn("one")),
        make_page(cn("two")),
        make_page(cn("citing"), links=(link(english),)),
    )
    found = await listed(store, SEED)
    assert set(found) == {cn("one"), cn("two"), cn("citing")}
    assert await listed(store, english) == found


@pytest.mark.parametrize(
    "address",
    [SEED, SEED + "zh-hant/", SEED + "dual/", SEED + "?utm_source=x", "http://m.cn.nytimes.com" + SEED[22:]],
)
async def test_any_variant_or_alias_will_do(store, make_page, address):
    """Those of the story that were never seen, too."""
    await keep(store, make_page(SEED, links=(link(cn("one")),)), make_page(cn("one")))
    assert await store.work_of(address) == SEED


async def test_a_redirect_leads_to_its_target(store, make_page):
    """An address that was moved names the work it was moved to."""
    old = "https://example.org/old"
    new = "https://example.org/new"
    await keep(store, make_page(new), replace(make_page(old), status=Status.REDIRECTED, redirects_to=new))
    assert await store.work_of(old) in {old, new}


async def test_the_day_in_the_address_of_a_redirect_is_another_page_s(store, make_page):
    """The paper leads from old articles to newer ones; a stub's address tells its own."""
    old, twin = (
        "https://cn.nytimes.com/technology/20160801/old/",
        "https://www.nytimes.com/2025/02/03/x/seed.html",
    )
    moved = make_page(old, Outcome.REDIRECTED, status=Status.REDIRECTED, redirects_to=SEED)
    await keep(
        store, make_page(SEED, translations=(twin,), links=(link(twin, role=Role.TRANSLATION),)), moved
    )
    work = await store.work_of(SEED)
    assert await store.work_of(old) == work
    (piece,) = (await store.pieces([work])).values()
    (node,) = [node async for node in store.nodes(Scope())]
    read = await store.neighbourhood([work])
    assert {piece.published_on, node.date, read.works[work].published_on} == {"2025-02-03"}


async def test_an_unknown_address_and_the_nearest_known_ones(store, make_page):
    """By the words of the address."""
    await keep(store, make_page(cn("china-chips-export")), make_page(cn("oil")), make_page(SEED))
    unknown = cn("china-chips-exports", 6)
    assert await store.work_of(unknown) is None
    assert (await store.nearest(unknown))[0] == cn("china-chips-export")
    assert await store.nearest("no address at all") == []
    assert await store.nearest("https://example.org/s") == []


async def test_what_says_the_same_is_found_without_a_link(store, make_page):
    """Chinese by pairs of characters, names across both languages."""
    await keep(
        store,
        make_page(SEED, headline="深度求索DeepSeek的芯片"),
        make_page(cn("a"), headline="出口管制与深度求索"),
        make_page(
            "https://www.nytimes.com/2025/02/01/x/deepseek-story.html", headline="DeepSeek and its rivals"
        ),
        *(make_page(cn(f"n{number}"), headline=f"第{number}条别的新闻") for number in range(9)),
    )
    found = await listed(store, SEED)
    assert set(found[:2]) == {cn("a"), "https://www.nytimes.com/2025/02/01/x/deepseek-story.html"}


async def test_terms_follow_what_a_page_says(store, make_page, mongo_uri, database):
    """A new headline, another body, a work that came apart: nothing is read again that did not change."""
    page = make_page(SEED, headline="旧的标题", body="旧的正文" * 60, provenance=Provenance.LIVE)
    await keep(store, page)
    with pymongo.MongoClient(mongo_uri) as client:
        terms = client[database].terms
        assert {"旧的", "正文"} <= set(terms.find_one(SEED)["terms"])
        terms.update_one({"_id": SEED}, {"$set": {"terms": ["kept"]}})
        await store.refresh()
        assert terms.find_one(SEED)["terms"] == ["kept"]
        later = make_page(
            SEED, headline="新的标题", content_hash="2", at=page.last_attempt.at.replace(hour=13)
        )
        await keep(store, later)
        assert "新的" in terms.find_one(SEED)["terms"]
        client[database].pages.update_one(
            {"_id": SEED}, {"$set": {"work_id": None, "story_key": None, "headline": None}}
        )
        await store.refresh()
        assert terms.find_one(SEED) is None


async def test_a_work_is_signed_as_the_version_shown_is(store, make_page):
    """One person has a name in each language, and one in capitals; only a translation has a translator."""
    english = "https://www.nytimes.com/2025/02/04/world/seed.html"
    chinese = (Author(name="袁莉"), Author(name="CADE METZ"))
    zh = make_page(
        SEED, in_language="zh-Hans", authors=chinese, translators=("译者",), translations=(english,)
    )
    en = make_page(english, in_language="en", authors=(Author(name="Li Yuan"), Author(name="Cade Metz")))
    await keep(store, *(replace(page, display_title_source="headline") for page in (zh, en)))
    (piece,) = (await store.pieces([await store.work_of(SEED)])).values()
    shown = {language: listing.reference(piece, language) for language in ("zh", "en")}
    assert (shown["zh"].authors, shown["zh"].translators) == (("袁莉", "Cade Metz"), ("译者",))
    assert (shown["en"].authors, shown["en"].translators) == (("Li Yuan", "Cade Metz"), ())
    assert piece.authors == ("袁莉", "Cade Metz", "Li Yuan")


async def test_an_article_without_links_and_one_that_nothing_is_known_of(store, make_page):
    """An empty list, not an error."""
    await keep(store, make_page(SEED))
    assert await listed(store, SEED) == []
    assert related.find(await store.neighbourhood(["https://nobody/"]), Wanted()) == []


async def test_cycles_self_links_and_hubs(store, make_page):
    """Neither the seed nor a topic is in the list, and nothing goes round for ever."""
    topic = "https://cn.nytimes.com/topic/20180823/the-new-new-world/"
    await keep(
        store,
        make_page(SEED, links=(link(SEED), link(cn("a")), link(topic))),
        make_page(cn("a"), links=(link(cn("b")), link(topic))),
        make_page(cn("b"), links=(link(SEED), link(cn("a")))),
        make_page(cn("c"), links=(link(topic),), headline="别的"),
    )
    assert set(await listed(store, SEED)) == {cn("a"), cn("b")}


async def test_a_page_that_very_many_link_to_is_read_in_bounds(store, make_page, mongo_uri, database):
    """However many in-links: no more of them than NEAR are read, and none of a neighbour that is as busy."""
    busy = cn("busy")
    await keep(store, make_page(SEED, links=(link(cn("a")), link(busy))), make_page(busy), make_page(cn("a")))
    with pymongo.MongoClient(mongo_uri) as client:
        links = client[database].links
        first = links.find_one({"target": busy})
        many = neighbourhood.NEAR + 500
        links.insert_many(
            first | {"_id": f"{target}{n}", "target": target, "source": f"https://x.org/{n}"}
            for target in (busy, SEED)
            for n in range(many)
        )
        client[database].pages.update_one({"_id": busy}, {"$set": {"in_degree": many}})
    read = await store.neighbourhood([SEED])
    assert sum(tie.target == SEED for tie in read.ties) == neighbourhood.NEAR
    assert sum(tie.target == busy for tie in read.ties) == 1
    assert set(await listed(store, SEED)) == {cn("a"), busy}


async def test_every_path_between_two_works(store, make_page):
    """Read from both ends: over one link, two and three, through a version of a work."""
    english = "https://www.nytimes.com/2025/02/04/world/a.html"
    end = cn("end")
    await keep(
        store,
        make_page(SEED, links=(link(cn("a")), link(end, 4))),
        make_page(cn("a"), links=(link(english, None, Role.TRANSLATION),)),
        make_page(english, links=(link(cn("b")), link(cn("a"), None, Role.TRANSLATION))),
        make_page(cn("b"), links=(link(end),)),
        make_page(end, links=(link(cn("a")),)),
    )
    found = paths.find(await store.ties_between(SEED, end), SEED, end)
    assert [path.works for path in found] == [
        (SEED, end),
        (SEED, cn("a"), end),
        (SEED, cn("a"), cn("b"), end),
    ]


async def test_lists_are_no_evidence(store, make_page):
    """That a feed or a column names two articles joins them in no path, tree, list or suggestion."""
    feed, column = "https://cn.nytimes.com/rss/", "https://cn.nytimes.com/topic/20180823/the-new-new-world/"
    entries = (link(SEED, None, Role.RELATED), link(cn("a"), None, Role.RELATED))
    extractor = Extractor(name="feed", layout="rss")
    await keep(
        store,
        make_page(SEED, headline="纽约时报"),
        make_page(cn("a")),
        make_page(feed, headline="纽约时报 RSS", body=None, extractor=extractor, links=entries),
        make_page(column, links=entries),
    )
    assert await store.ties_between(SEED, cn("a")) == []
    read = await store.neighbourhood([SEED])
    assert grow(read, 9).works() == [SEED]
    assert await listed(store, SEED) == []
    assert await store.nearest("https://cn.nytimes.com/rss") == []
    assert {candidate.work for candidate in (await store.saying("RSS")).candidates} == set()


async def test_words_are_found_in_headline_body_and_names(store, make_page):
    """Candidates for each; a body that says it whole, wherever."""
    await keep(
        store,
        make_page(cn("headline"), headline="芯片出口"),
        make_page(cn("body"), headline="别的", body="这里说到芯片出口管制。" * 30, content_hash="2"),
        make_page(cn("none"), headline="油价", body="石油" * 100, content_hash="3"),
    )
    asked = await store.saying("芯片出口")
    assert {candidate.work for candidate in asked.candidates} >= {cn("headline"), cn("body")}
    assert cn("none") not in {candidate.work for candidate in asked.candidates}
    for character, said in (("芯", {cn("headline"), cn("body")}), ("油", {cn("none")})):
        assert {candidate.work for candidate in (await store.saying(character)).candidates} == said


async def test_terms_are_looked_up_in_an_index(store, make_page, mongo_uri, database):
    """Counting and finding works by a term reads no other work."""
    await keep(store, make_page(SEED))
    with pymongo.MongoClient(mongo_uri) as client:
        plan = client[database].terms.find({"terms": "seed"}).explain()
    assert "IXSCAN" in str(plan["queryPlanner"]["winningPlan"])


async def test_pages_of_a_seed_s_own_site_are_no_outside_sources(store, make_page):
    """Any host may be a seed's: its articles are listed, and found by their words."""
    one, two, three, away = (f"https://www.shimbun.example/{name}" for name in ("1", "2", "3", "4"))
    other = "https://elsewhere.example/5"
    await keep(
        store,
        make_page(one, headline="半导体出口", links=(link(two), link(other))),
        make_page(two, headline="第二篇"),
        make_page(three, headline="半导体的价格"),
        make_page(away, headline="天气"),
        make_page(other, headline="外面"),
    )
    assert set(await listed(store, one)) == {two, three}
    assert set(await listed(store, one, external=True)) == {two, three, other}


async def test_a_term_is_counted_once(store, make_page):
    """For several questions in a row: the first answer holds."""
    counted = {}
    await keep(store, make_page(SEED, headline="芯片"))
    assert await terms.frequencies(store._db, ["芯片", "战争"], counted) == {"芯片": 1, "战争": 0}
    await keep(store, make_page(cn("a"), headline="芯片战争"))
    assert await terms.frequencies(store._db, ["战争"], counted) == {"战争": 0}
    assert await terms.frequencies(store._db, ["战争", "芯片"]) == {"战争": 1, "芯片": 2}
