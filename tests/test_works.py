import datetime as dt
import random

import pymongo
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.graph.works import Member, find_works
from crawler.items import Link, Role
from crawler.store import MongoStore, works
from crawler.urls import story_key

START = dt.datetime(2025, 2, 5, tzinfo=dt.UTC)


def member(name, hours=0, story_key=None, **fields):
    return Member(
        id=name,
        story_key=story_key or f"key of {name}",
        first_seen_at=START + dt.timedelta(hours=hours),
        **fields,
    )


CASES = [
    ("apart", [member("a"), member("b")], [], [], {"a": "a", "b": "b"}),
    ("a translation link", [member("a"), member("b", 1)], [("b", "a")], [], {"a": "ab"}),
    ("translation_of", [member("a"), member("b", 1, translation_of="a")], [], [], {"a": "ab"}),
    ("translations", [member("a", translations=("b", "c")), member("b"), member("c")], [], [], {"a": "abc"}),
    ("variants", [member("a", 1, story_key="k"), member("b", story_key="k")], [], [], {"b": "ba"}),
    ("a redirect", [member("a"), member("b", 1, redirects_to="a")], [], [], {"a": "ab"}),
    ("a chain", [member("c"), member("b"), member("a")], [("c", "b"), ("b", "a")], [], {"a": "abc"}),
    ("leading out", [member("a", translation_of="x", redirects_to="y")], [("a", "z")], [], {"a": "a"}),
    ("evidence of itself", [member("a", translation_of="a")], [("a", "a")], [], {"a": "a"}),
    ("a known work keeps its id", [member("a"), member("b", 1)], [("a", "b")], ["b"], {"b": "ab"}),
    ("of two known works the elder", [member("a", 1), member("b")], [("a", "b")], ["a", "b"], {"b": "ba"}),
    ("a work that came apart", [member("a"), member("b", 1)], [], ["a"], {"a": "a", "b": "b"}),
    ("seen together: by URL", [member("b"), member("a")], [("a", "b")], [], {"a": "ab"}),
    ("never seen comes last", [Member(id="a", story_key="a"), member("b", 9)], [("a", "b")], [], {"b": "ba"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "members", "translations", "known", "expected"), CASES)
def test_which_pages_are_one_work(name, members, translations, known, expected):
    """Works are connected over evidence, are named by their first member and keep that name."""
    works = find_works(members, translations, set(known))
    assert {work.id: "".join(work.members) for work in works} == expected, name


CN, WWW = "https://cn.nytimes.com", "https://www.nytimes.com"
TARIFFS = f"{CN}/business/20250122/trump-tariffs-china/"
TARIFFS_LATER = f"{CN}/business/20250205/trump-tariffs-china/"
TARIFFS_EN = f"{WWW}/2025/01/21/business/trump-tariffs-china.html"
TARIFFS_LATER_EN = f"{WWW}/2025/02/04/business/economy/trump-tariffs-china.html"
WONG = f"{CN}/usa/20250211/birthright-citizenship-wong-kim-ark-supreme-court/"
WONG_SAYS = f"{WWW}/2024/12/09/us/elections/chinese-americans-conservative-trump.html"
WONG_SLUG = f"{WWW}/2025/02/08/us/birthright-citizenship-wong-kim-ark-supreme-court.html"
OTHER = f"{CN}/usa/20241210/chinese-americans-conservative-trump/"
USAID = f"{CN}/opinion/20250214/trump-world-usaid/"
USAID_EN = f"{WWW}/2025/02/12/opinion/trump-world-usaid.html"
TWICE, AGAIN = f"{CN}/business/20250109/h1b-visas/", f"{CN}/business/20250110/h1b-visas/"
ONCE_EN = f"{WWW}/2025/01/07/business/h1b-visas.html"
CAN_NOT_TELL = "another story names it, too"
SAYS_ANOTHER = "it names another story as its counterpart"
NAMES_TWO = "the page names two stories as its counterpart"

# (what, headlines of pages, who names whom, the works, claims not believed)
FACTS = [
    (
        "two articles, one slug, two dates: each has its original",
        {},
        [(TARIFFS, TARIFFS_EN), (TARIFFS_LATER, TARIFFS_LATER_EN)],
        [{TARIFFS, TARIFFS_EN}, {TARIFFS_LATER, TARIFFS_LATER_EN}],
        {},
    ),
    (
        "an original that the slug does not suggest, and nobody else claims, is believed",
        {WONG_SLUG: "Who Was Wong Kim Ark?"},
        [(WONG, WONG_SAYS)],
        [{WONG, WONG_SAYS}, {WONG_SLUG}],
        {},
    ),
    (
        "nor is it believed once the original names its own translation",
        {},
        [(WONG, WONG_SAYS), (WONG_SAYS, OTHER)],
        [{WONG}, {WONG_SAYS, OTHER}],
        {(WONG, WONG_SAYS): SAYS_ANOTHER},
    ),
    (
        "two translations name one original that says nothing: nobody can tell whose it is",
        {WONG: "谁是黄金德", OTHER: "保守的华裔"},
        [(WONG, WONG_SAYS), (OTHER, WONG_SAYS)],
        [{WONG}, {OTHER}, {WONG_SAYS}],
        {(WONG, WONG_SAYS): CAN_NOT_TELL, (OTHER, WONG_SAYS): CAN_NOT_TELL},
    ),
    (
        "what is said on both sides stands",
        {},
        [(WONG, WONG_SAYS), (OTHER, WONG_SAYS), (WONG_SAYS, OTHER)],
        [{WONG}, {OTHER, WONG_SAYS}],
        {(WONG, WONG_SAYS): SAYS_ANOTHER},
    ),
    (
        "a page that names two originals",
        {},
        [(WONG, WONG_SAYS), (WONG, WONG_SLUG)],
        [{WONG}, {WONG_SAYS}, {WONG_SLUG}],
        {(WONG, WONG_SAYS): NAMES_TWO, (WONG, WONG_SLUG): NAMES_TWO},
    ),
    (
        "of two originals the one that names the page",
        {},
        [(WONG, WONG_SAYS), (WONG, WONG_SLUG), (WONG_SLUG, WONG)],
        [{WONG, WONG_SLUG}, {WONG_SAYS}],
        {(WONG, WONG_SAYS): NAMES_TWO},
    ),
    ("a footer without a link: the slug joins nothing", {USAID_EN: "x"}, [], [{USAID}, {USAID_EN}], {}),
    (
        "one story under two URLs: one original and one headline",
        {TWICE: "签证之争", AGAIN: "签证之争"},
        [(TWICE, ONCE_EN), (AGAIN, ONCE_EN), (ONCE_EN, AGAIN)],
        [{TWICE, AGAIN, ONCE_EN}],
        {},
    ),
    (
        "the same headline alone joins nothing",
        {TWICE: "签证之争", AGAIN: "签证之争"},
        [(TWICE, ONCE_EN)],
        [{TWICE, ONCE_EN}, {AGAIN}],
        {},
    ),
    (
        "variants of one story are no rivals",
        {},
        [(TARIFFS, TARIFFS_EN), (f"{TARIFFS}zh-hant/", TARIFFS_EN), (f"{TARIFFS}dual/", TARIFFS_EN)],
        [{TARIFFS, f"{TARIFFS}zh-hant/", f"{TARIFFS}dual/", TARIFFS_EN}],
        {},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("what", "headlines", "claims", "works", "rejected"), FACTS)
def test_wrong_and_missing_originals(what, headlines, claims, works, rejected):
    """The cases met in real pages: a wrong original joins no two stories, and what it said is kept."""
    urls = {*headlines, *(url for pair in claims for url in pair), *(url for work in works for url in work)}
    pages = [Member(id=url, story_key=story_key(url), headline=headlines.get(url)) for url in sorted(urls)]
    found = find_works(pages, claims, set())
    assert sorted(sorted(work.members) for work in found) == sorted(map(sorted, works)), what
    kept = {(claim.a, claim.b): claim.reason for work in found for claim in work.rejected}
    assert kept == rejected, what
    for work in found:  # told on both sides
        touched = {pair for pair in rejected if set(pair) & set(work.members)}
        assert {(claim.a, claim.b) for claim in work.rejected} == touched


def test_elsewhere_languages_come_from_the_pages():
    """Where no address tells its language, the text does; of a page never read nothing is held against it."""

    def page(name, language=None):
        return Member(id=f"https://paper.example/{name}", in_language=language)

    def url(name):
        return f"https://paper.example/{name}"

    pages = [page("ja", "ja"), page("ja2", "ja"), page("en", "en"), page("de")]
    claims = [(url("ja"), url("en")), (url("ja"), url("de")), (url("en"), url("ja"))]
    (one, other) = sorted(find_works(pages, claims, set()), key=lambda work: work.id)
    assert (set(one.members), other.members) == ({url("ja"), url("en"), url("de")}, (url("ja2"),))
    parted = find_works(pages, [*claims, (url("ja2"), url("en"))], set())
    assert [set(work.members) for work in parted if len(work.members) > 1] == [set(one.members)]


def test_a_likeness_of_slugs_is_no_evidence():
    """Two articles called alike on two days are two works, and so are a Chinese and an English one."""
    pages = [Member(id=url, story_key=story_key(url)) for url in (TARIFFS, TARIFFS_LATER, TARIFFS_EN)]
    assert len(find_works(pages, [], set())) == 3


def test_what_a_work_tells():
    """One headline and date per language, of its first page seen; the earliest date; the evidence."""
    pages = [
        member("a", 0, story_key="k", headline="简", published_on="2025-02-06", in_language="zh-Hans"),
        member("b", 1, story_key="k", headline="簡", published_on="2025-02-06", in_language="zh-Hant"),
        member("c", 2, headline="Plain", published_on="2025-02-05", in_language="en"),
        member("d", 3, story_key="k", headline="简二", published_on="2025-02-07", in_language="zh-Hans"),
        member("e", 4, story_key="k"),
    ]
    (work,) = find_works(pages, [("a", "c")], set())
    assert work.headlines == {"zh-Hans": "简", "zh-Hant": "簡", "en": "Plain"}
    assert work.published_on == {"zh-Hans": "2025-02-06", "zh-Hant": "2025-02-06", "en": "2025-02-05"}
    assert work.first_published_on == "2025-02-05"
    pairs = [("a", "b", "variant"), ("a", "c", "translation"), ("a", "d", "variant"), ("a", "e", "variant")]
    assert list(work.evidence) == pairs


def test_merged_works():
    """Of the works that become one the elder's name is kept."""
    pages = [member("a"), member("b", 1), member("c", 2)]
    (work,) = find_works(pages, [("a", "b"), ("b", "c")], {"b", "c", "other"})
    assert work.id == "b"


def test_a_wrong_join_is_taken_back():
    """Without its evidence a work falls apart: its first member keeps the name, the other gets its own."""
    pages = [Member(id=url, story_key=story_key(url)) for url in (WONG, WONG_SAYS)]
    (joined,) = find_works(pages, [(WONG, WONG_SAYS)], set())
    parted = find_works(pages, [], {joined.id})
    assert {work.id: work.members for work in parted} == {WONG: (WONG,), WONG_SAYS: (WONG_SAYS,)}
    parted = find_works([*pages, Member(id=OTHER, story_key=OTHER)], [(WONG_SAYS, OTHER)], {joined.id})
    assert joined.id in {work.id for work in parted}
    assert sorted(len(work.members) for work in parted) == [1, 2]


STORIES = [f"{CN}/world/2025010{day}/story/" for day in (1, 2, 3)]
STORIES += [f"{WWW}/2025/01/0{day}/world/story.html" for day in (1, 2, 3)]
PAGES = [*STORIES, f"{STORIES[0]}zh-hant/", f"{STORIES[1]}dual/"]
urls = st.sampled_from(PAGES)
claims = st.lists(st.tuples(urls, urls), max_size=12)
headlines = st.fixed_dictionaries({url: st.sampled_from([None, "a", "b"]) for url in PAGES})


def pages_of(headlines):
    return [Member(id=url, story_key=story_key(url), headline=headlines[url]) for url in PAGES]


@given(claims, headlines, st.sets(urls), st.randoms())
def test_order_does_not_matter(pairs, titles, known, random):
    """The same facts give the same works, in whatever order they come; each page is in one of them."""
    pages = pages_of(titles)
    works = find_works(pages, pairs, known)
    assert sorted(url for work in works for url in work.members) == sorted(PAGES)
    random.shuffle(pages)
    random.shuffle(pairs)
    assert sorted(find_works(pages, pairs, known), key=lambda work: work.id) == sorted(
        works, key=lambda work: work.id
    )


@given(claims, headlines, st.sets(urls))
def test_once_more_changes_nothing(pairs, titles, known):
    """With the works that were found as the known ones, the same come out."""
    works = find_works(pages_of(titles), pairs, known)
    assert find_works(pages_of(titles), pairs, {work.id for work in works}) == works


@given(claims, headlines)
def test_no_join_without_evidence(pairs, titles):
    """The pages of a work hang together by its evidence alone, and each piece of it was said by somebody."""
    for work in find_works(pages_of(titles), pairs, set()):
        reached, before = {work.id}, set()
        while reached != before:
            before = set(reached)
            reached |= {url for piece in work.evidence if {piece.a, piece.b} & before for url in piece[:2]}
        assert reached == set(work.members)
        for piece in work.evidence:
            said = {(piece.a, piece.b), (piece.b, piece.a)} & set(pairs)
            assert said if piece.kind == "translation" else story_key(piece.a) == story_key(piece.b)


@given(claims)
def test_every_claim_is_evidence_or_rejected(pairs):
    """Nothing that a page says of another is lost; what both say of each other is always believed."""
    works = find_works(pages_of(dict.fromkeys(PAGES)), pairs, set())
    believed = {frozenset(piece[:2]) for work in works for piece in work.evidence}
    rejected = {claim[:2] for work in works for claim in work.rejected}
    for a, b in pairs:
        assert a == b or frozenset((a, b)) in believed or (a, b) in rejected
        if (b, a) in pairs and a != b:
            assert frozenset((a, b)) in believed


@pytest.mark.parametrize("number", range(6))
async def test_in_portions_as_all_at_once(store, db, monkeypatch, number):
    """The pages are read a few at a time, whole families together: that changes no work."""
    rng = random.Random(number)
    names = [f"https://{host}/{n}" for n in range(12) for host in ("cn.example", "en.example")]
    pages = {name: invented(name, names, rng) for name in names}
    links = sorted({(rng.choice(names), rng.choice(names)) for _ in range(rng.randint(0, 8))})
    fixed = {"status": "fetched", "site": "s", "page_type": "article", "display_title": "t"}
    db.pages.insert_many({"_id": name, "url": name, **fixed, **fields} for name, fields in pages.items())
    db.links.insert_many(
        (
            {"source": a, "target": b, "role": "translation", "active": True, "link_key": f"{a} {b}"}
            for a, b in [*links, ("https://nowhere.example/", names[0])]
        ),
        bypass_document_validation=True,
    )
    monkeypatch.setattr(works, "CHUNK", 3)
    await store.refresh()
    linked = {name for pair in links for name in pair} | {names[0]}
    told = {name: fields for name, fields in pages.items() if fields["story_key"] or name in linked}
    expected = find_works([Member(id=name, **fields) for name, fields in told.items()], links, set())
    assert {work["_id"]: work["members"] for work in db.works.find()} == {
        work.id: list(work.members) for work in expected
    }
    assert {work["_id"]: len(work["evidence"]) for work in db.works.find()} == {
        work.id: len(work.evidence) for work in expected
    }
    home = {name: work.id for work in expected for name in work.members}
    assert {page["_id"]: page.get("work_id") for page in db.pages.find()} == {n: home.get(n) for n in names}


def invented(name, names, rng):
    """What a page might say: mostly nothing, sometimes of another, sometimes of one that is not there."""
    others = [*names, "https://nowhere.example/"]
    return {
        "story_key": rng.choice([None, name, f"story {rng.randint(0, 9)}"]),
        "translation_of": rng.choice(others) if rng.random() < 0.15 else None,
        "translations": tuple(rng.sample(others, 2)) if rng.random() < 0.1 else (),
        "redirects_to": rng.choice(others) if rng.random() < 0.1 else None,
        "first_seen_at": START + dt.timedelta(hours=rng.randint(0, 3)),
    }


async def test_stored_works_are_parted_and_followed(mongo_uri, database, make_page):
    """A correction parts what a wrong link joined; a work that was merged points to where its page is now."""
    store = MongoStore(mongo_uri, database)
    await store.open()

    async def works_after(names, hours):
        at = START + dt.timedelta(hours=hours)
        links = tuple(Link(target=url, role=Role.TRANSLATION) for url in names)
        await store.write([make_page(WONG, at=at, fetched_at=at, links=links)], "run")
        await store.refresh()
        with pymongo.MongoClient(mongo_uri) as client:
            return {work["_id"]: work for work in client[database].works.find()}

    await store.write([make_page(WONG_SAYS, headline="a"), make_page(WONG_SLUG, headline="b")], "run")
    works = await works_after([], 24)
    assert {name: work["merged_into"] for name, work in works.items()} == dict.fromkeys(
        [WONG, WONG_SAYS, WONG_SLUG]
    )
    works = await works_after([WONG_SAYS], 25)
    assert works[WONG]["merged_into"] == WONG_SAYS
    works = await works_after([WONG_SLUG], 26)
    assert (works[WONG]["merged_into"], works[WONG_SAYS]["members"]) == (WONG_SLUG, [WONG_SAYS])
    works = await works_after([WONG_SLUG, WONG_SAYS], 27)
    assert works[WONG]["merged_into"] is None
    assert {(c["a"], c["b"], c["reason"]) for c in works[WONG]["rejected"]} == {
        (WONG, WONG_SLUG, NAMES_TWO),
        (WONG, WONG_SAYS, NAMES_TWO),
    }
    await store.close()
