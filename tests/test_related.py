"""The list of related works: what is in it, in which words, in which group, in which form."""

import csv
import io
import json
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from crawler.graph import related
from crawler.graph.facts import Neighbourhood, Tie, WorkFacts
from crawler.graph.listing import FORMATS, Listing
from crawler.graph.pieces import Piece, Version, heading, unknown
from crawler.graph.related import Group, Wanted

ARTICLE = {"page_type": "article", "site": "cn.nytimes.com", "status": "fetched"}


def cites(source, target, paragraph=1, context="", **fields):
    return Tie(source, target, "citation", paragraph, "words", context, **fields)


def read(*ties, seeds=("a",), rarity=None, **works):
    """A neighbourhood; works that are not described are fetched articles."""
    names = {*seeds, *works, *(end for tie in ties for end in tie[:2])}
    facts = {name: WorkFacts(id=name, **(ARTICLE | works.get(name, {}))) for name in sorted(names)}
    return Neighbourhood(seeds=tuple(seeds), works=facts, ties=ties, rarity=rarity or {})


SITES = {"zh": "cn.nytimes.com", "en": "www.nytimes.com"}


def piece(work, zh=None, en=None, date="2025-02-05", **fields):
    """A work with a headline in one language or two."""
    versions = [
        Version(url=f"https://{SITES[language]}/{work}", language=language, title=title, is_headline=True)
        for language, title in (("zh", zh or f"标题{work}"), ("en", en))
        if title
    ]
    facts = {"site": "cn.nytimes.com", "page_type": "article", "status": "fetched", "published_on": date}
    return Piece(work=work, versions=tuple(versions), **facts | fields)


def told(neighbourhood, language="zh", wanted=None, **pieces):
    """What the reader sees: {work: reasons}, in the order of the list."""
    found = related.find(neighbourhood, wanted or Wanted())
    names = related.named(found, neighbourhood.seeds)
    known = {name: pieces.get(name) or piece(name) for name in names}
    return {
        one.piece.work: list(one.reasons)
        for one in related.describe(found, neighbourhood.seeds, known, language)
    }


REASONS = [
    ([cites("a", "b", 2, "一句话。")], ["cited by the seed in paragraph 2: «一句话。»"]),
    ([cites("b", "a", 3, "一句话。")], ["cites the seed in paragraph 3: «一句话。»"]),
    (
        [cites("a", "b", 2, "One."), cites("a", "b", 7, "Two.")],
        ["cited by the seed in paragraph 2: «One.»; in paragraph 7: «Two.»"],
    ),
    ([cites("a", "b", None)], ["cited by the seed outside its text: «words»"]),
    ([cites("a", "x"), cites("b", "x")], ["cites the same article: «标题x»"]),
    (
        [cites(source, target) for source in "ab" for target in "wxyz"],
        ["cites the same 4 articles: «标题w», «标题x», «标题y» and 1 more"],
    ),
    ([cites("x", "a"), cites("x", "b")], ["cited together in «标题x»"]),
    ([cites("a", "x"), cites("x", "b")], ["cited by what the seed cites: «标题x»"]),
    ([cites("b", "x"), cites("x", "a")], ["cites what cites the seed: «标题x»"]),
    (
        [cites("a", "b"), Tie("b", "a", "related")],
        ["cited by the seed in paragraph 1: «words»", "the editors recommend one beside the other"],
    ),
]


@pytest.mark.parametrize(("ties", "expected"), REASONS)
def test_reasons_in_words(ties, expected):
    """Each kind of evidence says what it is, with the sentence or the works that carry it."""
    assert told(read(*ties))["b"] == expected


def test_versions_that_cite_in_the_same_place_are_quoted_once():
    """The bilingual page repeats its Chinese version; the one with the sentence is taken."""
    ties = (cites("a", "b", 2), cites("a", "b", 2, "一句话。"))
    assert told(read(*ties))["b"] == ["cited by the seed in paragraph 2: «一句话。»"]


def test_shared_words_are_named_the_rarest_first():
    """A work that nobody links to is found by what it says."""
    said = {"terms": ("中国", "deepseek")}
    neighbourhood = read(a=said, b=said, rarity={"中国": 1.0, "deepseek": 4.0})
    assert told(neighbourhood) == {"b": ["shares the words deepseek, 中国"]}


def test_pairs_of_characters_that_follow_each_other_are_one_word():
    """As it stands in the text: 特朗普, not its halves."""
    said = {"terms": ("特朗", "朗普", "普的", "关税", "h800")}
    neighbourhood = read(
        a={"terms": ("关税", "特朗", "朗普", "h800")}, b=said, rarity=dict.fromkeys(said["terms"], 1.0)
    )
    assert told(neighbourhood) == {"b": ["shares the words h800, 关税, 特朗普"]}


def test_a_shared_column_or_author_is_named():
    """By the name under which the work links to it."""
    seed = piece("a", labels={"https://x/li": "袁莉"})
    other = piece("b", labels={"https://x/li": "袁莉", "https://x/topic": "别的"})
    assert told(read(cites("a", "b")), a=seed, b=other)["b"][-1] == "same column or author: 袁莉"


def test_what_the_editors_recommend_is_listed_at_the_end():
    """Though it counts for no score: left out, it would be missed by whoever sees it on the page."""
    ties = (Tie("a", "z", "related"), Tie("y", "a", "related"), Tie("a", "hub", "related"), cites("a", "b"))
    neighbourhood = read(*ties, hub={"page_type": "topic"})
    listed = told(neighbourhood)
    assert list(listed) == ["b", "y", "z"]
    assert listed["z"] == listed["y"] == ["the editors recommend one beside the other"]


def test_an_author_s_name_is_no_shared_word():
    """It is told as the author, however each site writes it; what else both say stays."""
    said = {"terms": ("robin", "lane", "chips", "袁莉")}
    neighbourhood = read(a=said, b=said, rarity=dict.fromkeys(said["terms"], 1.0))
    seed, other = piece("a", authors=("ROBIN LANE", "袁莉")), piece("b", authors=("Robin Lane", "袁莉"))
    reasons = ["same column or author: Robin Lane, 袁莉", "shares the words chips"]
    assert told(neighbourhood, a=seed, b=other) == {"b": reasons}
    assert told(read(a=said, b=said, rarity={"lane": 1.0}), a=seed, b=other) == {"b": reasons[:1]}


def test_several_seeds_are_named():
    """Each quotation says in which of them it stands."""
    neighbourhood = read(cites("a", "b", 2, "One."), cites("c", "b", 3, "Two."), seeds=("a", "c"))
    assert told(neighbourhood)["b"] == [
        "cited by «标题a» in paragraph 2: «One.»; «标题c» in paragraph 3: «Two.»"
    ]


LEFT_OUT = [
    (Wanted(), {"b"}),
    (Wanted(stubs=True), {"b", "stub"}),
    (Wanted(external=True), {"b", "away"}),
    (Wanted(stubs=True, since="2025-02-01"), {"stub"}),
    (Wanted(run="run-2"), {"b"}),
    (Wanted(stubs=True, run="run-2"), {"b", "stub"}),
    (Wanted(external=True, limit=1), {"away"}),
]


@pytest.mark.parametrize(("wanted", "expected"), LEFT_OUT)
def test_what_is_left_out(wanted, expected):
    """Never the seed, a hub or what cites itself."""
    neighbourhood = read(
        cites("a", "b"),
        cites("a", "stub", first_seen_run="run-2"),
        cites("a", "away"),
        cites("a", "away", 2),
        cites("a", "topic"),
        cites("a", "a"),
        b={"published_on": "2025-01-31", "runs": frozenset({"run-2"})},
        stub={"status": "discovered", "published_on": "2025-02-01"},
        away={"page_type": "external", "status": "discovered", "site": "x.com"},
        topic={"page_type": "topic"},
    )
    assert set(told(neighbourhood, wanted=wanted)) == expected


def version(language, date):
    return Version(url=language, language=language, title="T", is_headline=True, published_on=date)


GROUPS = [
    ({"published_on": "2025-02-01"}, Group.BACKGROUND),
    ({"published_on": "2025-02-02"}, Group.SAME_EVENT),
    ({"published_on": "2025-02-08"}, Group.SAME_EVENT),
    ({"published_on": "2025-02-09"}, Group.FOLLOW_UPS),
    ({"published_on": None}, Group.UNDATED),
    ({"page_type": "external", "site": "x.com", "published_on": "2025-02-05"}, Group.OUTSIDE),
    ({"versions": (version("en", "2025-02-05"),)}, Group.OTHER_LANGUAGE),
    # its translation came on the seed's day, its original a week before
    ({"versions": (version("zh", "2025-02-05"),), "published_on": "2025-01-28"}, Group.SAME_EVENT),
]


@pytest.mark.parametrize(("fields", "expected"), GROUPS)
def test_groups(fields, expected):
    """By date, within three days the same event; what has no version for the reader apart."""
    seed = Piece(work="a", versions=(version("zh", "2025-02-05"),), published_on="2025-02-05")
    work = Piece(**{"work": "b", "versions": (version("zh", None),), "page_type": "article"} | fields)
    assert related.group(work, [seed], "zh") == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("zh", "标题 / Title · 2025-02-05 · cn.nytimes.com"),
        ("en", "Title / 标题 · 2025-02-05 · www.nytimes.com"),
    ],
)
def test_the_headline_is_in_the_reader_s_language_and_its_twin_beside_it(language, expected):
    """Whichever was read first."""
    assert heading(piece("a", zh="标题", en="Title"), language) == expected


def test_a_headline_in_the_other_language_goes_before_a_title_made_of_an_address():
    """A translation that was never fetched has no headline."""
    versions = (
        Version(url="zh", language="zh", title="some slug (2025-02-05)", is_headline=False),
        Version(url="en", language="en", title="Title", is_headline=True),
    )
    assert heading(Piece(work="a", versions=versions), "zh") == "Title · never fetched"


ENGLISH = Piece(work="b", versions=(Version(url="b", language="en", title="Title", is_headline=True),))


@pytest.mark.parametrize(
    ("seeds", "language"),
    [
        ({"a": piece("a", zh="标题", en="Title")}, "zh"),
        ({"a": ENGLISH}, "en"),
        ({"a": piece("a"), "b": ENGLISH}, "zh"),
        ({"a": unknown("a")}, "zh"),
    ],
)
def test_the_reader_reads_the_article_s_language(seeds, language):
    """Unless they say which."""
    assert related.language_for(seeds, list(seeds)) == language


def test_a_date_is_told_once():
    """A title that was made of an address says it already."""
    version = Version(
        url="a", language="", title="tiktok (2025-01-15)", is_headline=False, published_on="2025-01-15"
    )
    assert heading(Piece(work="a", versions=(version,)), "zh") == "tiktok · 2025-01-15 · never fetched"
    undated = replace(version, published_on=None)
    assert heading(Piece(work="a", versions=(undated,)), "zh") == "tiktok (2025-01-15) · never fetched"


NASTY = 'x](javascript:alert(1)) <script>*b*</script>\u202e\u0007\n=1+1,"q"'


def listed(**fields):
    """The list around one article whose headline is hostile."""
    bad = piece("b", zh=NASTY, en="=SUM(A1)", **fields)
    neighbourhood = read(cites("a", "b", 2, NASTY))
    found = related.find(neighbourhood, Wanted())
    own = related.describe(found, ["a"], {"a": piece("a"), "b": bad}, "zh")
    return Listing(seeds=(piece("a"),), found=tuple(own), language="zh")


@pytest.mark.parametrize("form", FORMATS)
def test_no_form_is_broken_by_a_headline(form):
    """Neither control characters nor those that turn the direction of writing come through."""
    text = FORMATS[form](listed())
    assert text.strip()
    assert not set(text) & {"\u202e", "\u0007"}


def test_markdown_is_escaped():
    """A headline can't make a link, a heading or markup."""
    text = FORMATS["md"](listed())
    assert "\\]" in text
    assert "<script>" not in text.replace("\\<script\\>", "")


def test_markdown_tells_the_ranks_as_they_are():
    """A reader counts the items of an ordered list: 4, 5, 8 would be 4, 5, 6."""
    (one,) = listed().found
    text = FORMATS["md"](Listing(seeds=(), found=(one, replace(one, rank=8)), language="zh"))
    tokens = MarkdownIt().parse(text)
    assert not [token for token in tokens if token.type == "ordered_list_open"]
    shown = [token.content.split()[0] for token in tokens if token.type == "inline" and token.level == 3]
    assert shown == ["**1.**", "**8.**"]


def test_a_headline_with_the_mark_between_facts_stays_whole_in_its_link():
    """Of a live page, for instance: the link is the headline, the rest are facts."""
    dotted = related.describe(
        related.find(read(cites("a", "b")), Wanted()), ["a"], {"b": piece("b", zh="直播 · 第一天")}, "zh"
    )
    text = FORMATS["md"](Listing(seeds=(), found=tuple(dotted), language="zh"))
    assert "[直播 · 第一天](<https://cn.nytimes.com/b>) · 2025-02-05 · cn.nytimes.com" in text


def test_csv_has_a_row_for_each_work_and_no_formula():
    """Read back by the csv module."""
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](listed()))))
    assert len(rows) == 1
    assert rows[0]["twin"] == "'=SUM(A1)"
    assert rows[0]["published_on"] == "2025-02-05"


def test_json_tells_what_each_signal_gave():
    """Read back by the json module."""
    told = json.loads(FORMATS["json"](listed()))["related"][0]
    assert told["signals"]["personalized_pagerank"] > 0
    assert told["group"] == "same event"
    assert told["versions"] == ["https://cn.nytimes.com/b", "https://www.nytimes.com/b"]


def test_an_empty_list_says_so():
    """An article without links: one sentence, not an empty screen."""
    listing = Listing(seeds=(unknown("https://x/"),), found=(), language="zh")
    assert "Nothing related is known" in FORMATS["text"](listing)
    assert "Nothing related is known" in FORMATS["md"](listing)
    hidden = Listing(seeds=(piece("a"),), found=(), language="zh", left_out=10)
    assert "10 related works are left out. --include-stubs" in FORMATS["text"](hidden)
    asked = Wanted(stubs=True, label="in", since="2025-02-05")
    narrow = replace(hidden, left_out=1, wanted=asked)
    told = FORMATS["text"](narrow)
    assert "1 related work is left out by --since 2025-02-05 and --label in. --external" in told
    assert "--include-stubs" not in told
