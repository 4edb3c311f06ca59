"""Every layout, form and rule of the parsers, on invented pages in the real structure."""

import datetime as dt
import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crawler.items import PAGE, DatePrecision, Role
from crawler.parsers import address_of, dates, new_page, parse_page
from crawler.parsers.blocks import read_card, read_pieces
from crawler.parsers.document import READ_LIMIT, Document
from crawler.parsers.evidence import plain_title, split_names
from crawler.parsers.inline import Anchor, Block
from crawler.parsers.markup import ELEMENT_LIMIT
from crawler.parsers.text import count_han, count_words, fold, is_chinese, reread, sentence_around

PAGES = sorted(Path(__file__).parent.glob("pages/*/*/page.html"))
ARTICLE = "https://www.nytimes.com/2025/02/05/business/invented.html"
CHINESE = "https://cn.nytimes.com/china/20250205/invented/"


def www(body, head=""):
    return (
        f'<html lang="en"><head><meta property="og:title" content="Invented">{head}</head><body>'
        '<article id="story">'
        f'<section name="articleBody"><div class="StoryBodyCompanionColumn"><div>{body}</div></div></section>'
        "</article></body></html>"
    )


def cn(body, footer=""):
    return (
        '<html><head><meta property="og:title" content="虚构"></head><body>'
        f'<section class="article-body">{body}</section><footer class="author-info">{footer}</footer>'
        "</body></html>"
    )


HEAD = "<!--1738742821000-->\n[虚构](https://cn.nytimes.com/china/20250205/invented/)\n------\n\n"


def saved(article, head=HEAD):
    return head + article


def citations(page):
    return [(link.target, link.anchor_text) for link in page.links if link.role is Role.CITATION]


# Golden pages


@pytest.mark.parametrize("path", PAGES, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_a_golden_page_gives_its_item(path):
    """Each folder of tests/pages holds a page and the item it must give, to the last field."""
    expected = json.loads(path.with_name("page.json").read_text(encoding="utf-8"))
    page = parse_page(expected["url"], path.read_text(encoding="utf-8"))
    assert PAGE.dump_python(page, mode="json", exclude_defaults=True) == expected


def test_every_layout_has_a_golden_page():
    """A layout without a golden page would be read by nobody."""
    from crawler.parsers import FORMS, OTHERWISE, SITES

    layouts = {layout.name for group in (FORMS, OTHERWISE, *SITES.values()) for layout in group}
    golden = {json.loads(p.with_name("page.json").read_text())["extractor"]["layout"] for p in PAGES}
    assert golden == layouts


def test_golden_pages_say_that_they_are_invented():
    """No page of the newspaper is kept in this repository."""
    assert all(
        "虚构" in p.read_text() or "虛構" in p.read_text() or "nvented" in p.read_text() for p in PAGES
    )


# Totality


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(url=st.text(), html=st.text())
@example(url="http://[", html='<a href="//[">x</a>')
def test_any_text_gives_a_page(url, html):
    """parse_page and address_of never raise, whatever the address and the text."""
    assert parse_page(url, html).display_title is not None
    assert address_of(html) is None or isinstance(address_of(html), str)


FRAGMENTS = [
    '<section name="articleBody"><div class="StoryBodyCompanionColumn">',
    '<section class="article-body">',
    '<div id="text_body">',
    '<div id="article"><h1><nyt_headline>h</nyt_headline></h1><div class="articleBody">',
    '<ul id="pageNumbers"><li>2</li><li><a href="?pagewanted=x&hp">3</a></li></ul>',
    "<nyt_text><p><img src='dropcap/s.gif' alt='S'>",
    '<div id="content"><h1 class="entry-title">h</h1><div class="entry-content"><hr><p><em>x</em></p>',
    '<span class="timestamp" title="2011-04-31T99:43:18+00:00">',
    '<article id="story" class="hentry"><div class="story-body"><p class="story-body-text story-content">',
    '<meta name="ptime" content="20110332250000"><meta name="DISPLAYDATE" content="May 99, 2010">',
    '<meta name="byl" content="By , and ">',
    '<div class="article-dual-body-item">',
    "<!--1738742821000-->\n[t](https://cn.nytimes.com/china/20250205/x/)\n------\n",
    '<a href="//[">x</a>',
    '<a href="http://[::1">x</a>',
    '<a href="/a">',
    '<time datetime="9999-99-99 99:99:99">',
    '<time datetime="9999-12-31 12:00:00">',
    '<meta property="article:published_time" content="0001-01-01T00:00:00+23:59">',
    '<meta property="og:title" content="t">',
    '<script type="application/ld+json">[{"@type":["NewsArticle"],"author":[1,null,{"name":3}],'
    '"isAccessibleForFree":{"a":1},"headline":"\\ud800"}]</script>',
    "<h4>相关报道</h4><ul><li><a href='/x'><h3>z",
    "<figure><img data-src=a><figcaption><cite>c",
    "</section>",
    "</footer>",
    "<footer>",
    "<nav>",
    "<br>",
    "&#xD800;",
    "\x00",
    "“。！？”",
    "文字 text. ",
]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    parts=st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=30),
    url=st.sampled_from([ARTICLE, CHINESE]),
)
def test_any_jumble_of_markup_gives_the_same_page_twice(parts, url):
    """Pieces of every layout in any order are read, twice alike, and the page can be stored."""
    html = "".join(parts)
    page = parse_page(url, html)
    assert parse_page(url, html) == page
    json.dumps(PAGE.dump_python(page, mode="json"), ensure_ascii=False).encode("utf-8")


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_cut_off_page_gives_a_page(data):
    """A golden page that ends anywhere, or lacks its middle, is still read."""
    path = data.draw(st.sampled_from(PAGES))
    html = path.read_text(encoding="utf-8")
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(html)), st.integers(0, len(html)))))
    url = json.loads(path.with_name("page.json").read_text(encoding="utf-8"))["url"]
    for damaged in (html[:end], html[:start] + html[end:]):
        parse_page(url, damaged)


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<div>" * 5000 + "x" + "</div>" * 5000, id="nested 5,000 deep"),
        pytest.param(www("<b>" * 5000 + "x"), id="nested 5,000 deep in a body"),
        pytest.param(www("<p>words and words</p>" * 1_400_000), id="30 MB of paragraphs"),
        pytest.param(www("<p>" + "word. " * 5_000_000), id="30 MB in one paragraph"),
        pytest.param(www("<a href='/2025/01/01/us/x.html'>y</a>" * 900_000), id="30 MB of links"),
        pytest.param("汉" + "\n" * 30_000_000, id="30 MB of line breaks"),
        pytest.param("“" * 30_000_000, id="30 MB of quotation marks"),
        pytest.param("<script type='application/ld+json'>" + "[" * 30_000_000, id="30 MB of brackets"),
    ],
)
def test_a_monster_is_read_in_bounded_time(html):
    """Depth and size cost neither the stack nor the evening."""
    before = time.process_time()
    assert parse_page(ARTICLE, html).id == ARTICLE
    assert time.process_time() - before < 6


def test_control_characters_are_no_text():
    """A tree takes none of them, and neither does a database's reader."""
    page = parse_page(ARTICLE, www("<p>a\x01b \x1f\ufffe&#1;&#x1f;c\x0cd\x00e &#12345;&#x1F600;</p>"))
    assert page.body == "ab c de \u3039\U0001f600"


def test_what_lies_beyond_the_limits_is_not_read():
    """Past READ_LIMIT nothing is read; past ELEMENT_LIMIT only the head."""
    far = parse_page(ARTICLE, www("<p>near</p>" + " " * READ_LIMIT + "<p>far</p>"))
    assert far.body == "near"
    crowded = parse_page(ARTICLE, www("<i></i>" * ELEMENT_LIMIT + "<p>text</p>"))
    assert (crowded.headline, crowded.body) == ("Invented", None)


def test_no_element_is_missed_for_a_name():
    """What a selector finds is the same whether or not the text was asked for its names first."""
    from crawler.parsers import SITES

    layouts = {ancestor for group in SITES.values() for layout in group for ancestor in layout.__mro__}
    constants = {
        v for layout in layouts for k, v in vars(layout).items() if k.isupper() and isinstance(v, str)
    }
    selectors = {constant for constant in constants if "/" not in constant and "\\" not in constant}
    assert len(selectors) > 100
    for path in PAGES:
        document = Document.read("", path.read_text(encoding="utf-8"))
        for selector in selectors:
            assert document.select(selector) == document.select(selector, document.root)


# Identity


def test_new_page_is_bare():
    """A page that was never read has its identity and a title from its address."""
    page = new_page("http://cn.nytimes.com/china/20250205/invented-story/zh-hans/?utm_source=x")
    assert page.id == "https://cn.nytimes.com/china/20250205/invented-story/"
    assert page.display_title == "invented story (2025-02-05)"
    assert (page.headline, page.links, page.extractor) == (None, (), None)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (saved("<p>x</p>"), "https://cn.nytimes.com/china/20250205/invented/"),
        (f'<link rel="canonical" href="{ARTICLE}?smid=x">', ARTICLE),
        ('<meta property="og:url" content="https://cn.nytimes.com/">', None),
        ("", None),
    ],
)
def test_a_document_tells_its_own_address(html, expected):
    """By its head or its canonical link; og:url is the home page's on section fronts."""
    assert address_of(html) == expected


# Dates


@pytest.mark.parametrize(
    ("clock", "feed", "expected"),
    [
        ("2025-02-05 03:56:31", "2025-02-05 16:07", "2025-02-05 15:56:31"),
        ("2025-01-20 08:56:15", "2025-01-20 09:07", "2025-01-20 08:56:15"),
        ("2025-02-14 05:24:00", "2025-02-14 17:37", "2025-02-14 17:24:00"),
        ("2025-01-21 12:40:50", "2025-01-21 13:07", "2025-01-21 12:40:50"),
        ("2021-08-02 03:56:04", "2021-08-02 16:07", "2021-08-02 15:56:04"),
        ("2020-01-23 10:47:24", "2020-01-23 11:44", "2020-01-23 10:47:24"),
        ("2026-04-24 02:33:04", "2026-04-24 14:37", "2026-04-24 14:33:04"),
        ("2025-01-21 12:10:00", "2025-01-21 00:37", "2025-01-21 00:10:00"),
        pytest.param(
            "2025-02-05 03:56:31", "2025-02-06 16:07", None, id="fed again a day later: either half"
        ),
        pytest.param("2025-02-05 09:00:00", "2025-02-05 08:00", None, id="later than its feed"),
        pytest.param("2025-02-05 03:56:31", None, None, id="no feed time"),
    ],
)
def test_the_clock_of_the_chinese_site(clock, feed, expected):
    """Beijing time on a 12-hour clock; a feed's time tells the half of the day, else the day is all."""
    beijing = dt.timezone(dt.timedelta(hours=8))
    local = dt.datetime.fromisoformat(feed).replace(tzinfo=beijing) if feed else None
    stamp = dates.beijing_clock(clock, local)
    assert (stamp.day, stamp.raw, stamp.zone) == (clock[:10], clock, "Asia/Shanghai")
    if expected:
        moment = dt.datetime.fromisoformat(expected).replace(tzinfo=beijing)
        assert (stamp.moment, stamp.precision) == (moment, DatePrecision.MINUTE)
    else:
        midnight = dt.datetime.fromisoformat(f"{clock[:10]}T00:00:00+00:00")
        assert (stamp.moment, stamp.precision) == (midnight, DatePrecision.DAY)


@pytest.mark.parametrize(
    ("head", "day", "precision"),
    [
        (
            '<meta property="article:published_time" content="2025-02-05T02:00:00.000Z">',
            "2025-02-04",
            "minute",
        ),
        ('<meta property="article:published" content="2017-01-13T00:00:04-05:00">', "2017-01-13", "minute"),
        ('<meta property="article:published" content="2011-03-09">', "2011-03-09", "day"),
        (
            '<meta name="ptime" content="20181009231340"><meta name="pdate" content="20181010">',
            "2018-10-09",
            "minute",
        ),
        ('<meta name="pdate" content="20181010">', "2018-10-10", "day"),
        ('<meta property="article:published_time" content="yesterday">', "2025-02-05", "day"),
        ("", "2025-02-05", "day"),
    ],
)
def test_the_most_exact_date_wins(head, day, precision):
    """The day is New York's, however the time is written; without any date the URL's day is taken."""
    page = parse_page(ARTICLE, www("<p>x</p>", head))
    assert (page.published_on, page.date_precision) == (day, precision)
    if precision == "day":
        assert page.date_published.isoformat() == f"{day}T00:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("May 26, 1977", "1977-05-26"),
        ("Published: February 6, 2010", "2010-02-06"),
        ("JULY 29, 2016", "2016-07-29"),
        ("SEPT. 19, 2016", "2016-09-19"),
        ("NOV. 7, 2010", "2010-11-07"),
        ("Feb. 30, 2010", None),
        ("Page 1, 2010", None),
        ("", None),
    ],
)
def test_a_day_in_english(text, day):
    """Months in full or short, in any case; a day that is none gives none."""
    stamp = dates.english_day(text, dates.NEW_YORK)
    assert (stamp and stamp.day) == day
    assert stamp is None or (stamp.raw, stamp.precision) == (text, DatePrecision.DAY)


# Text


@pytest.mark.parametrize(
    ("misread", "text"),
    [
        ("“It’s there” — he said…".encode().decode("cp1252", "replace"), "“It’s there” — he said…"),
        ("‘Señor’ and 20°".encode().decode("cp1252", "replace"), "‘Señor’ and 20°"),
        ("café, without a sign of misreading: Ã©", "café, without a sign of misreading: Ã©"),
        ("the signs â€ alone", "the signs â€ alone"),
        ("right: “café”", "right: “café”"),
    ],
)
def test_a_wrong_charset_is_undone(misread, text):
    """UTF-8 that was read as the Windows-1252 it declared comes out as it was written."""
    assert reread(misread) == text
    assert parse_page(ARTICLE, www(f"<p>{misread}</p>")).body == text


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        (" a \n b\u00a0c ", "a b c"),
        ("换行\n   之后", "换行之后"),
        ("说。”\n他", "说。”他"),
        ("用 DeepSeek 的\nAI", "用 DeepSeek 的 AI"),
        ("中 文", "中 文"),
        ("\u3000\u3000缩进", "缩进"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("", ""),
    ],
)
def test_white_space_is_folded(given_text, expected):
    """A line break inside Chinese is no space; a space that was published stays one."""
    assert fold(given_text) == expected


@given(st.text())
def test_folding_is_idempotent(text):
    """What is folded stays as it is."""
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a<br>b</p>", ["a b"]),
        ("<p>一<br>二</p>", ["一二"]),
        ("<p>a<br><br>b</p>", ["a", "b"]),
        ("<p>a <b>bold</b>,<i> slanted</i>.</p>", ["a bold, slanted."]),
        ("<div>loose<p>p</p>tail</div>", ["loose", "p", "tail"]),
        ("<p>a<script>x</script><!-- c -->b</p>", ["ab"]),
        ("<p><b></b><b>subhead</b><b></b></p>", ["subhead"]),
        ("<ul><li>one</li><li><p>two</p></li></ul>", ["one", "two"]),
        ("<p>  </p><p>&nbsp;</p>", []),
    ],
)
def test_blocks(html, expected):
    """A block is the text between two block-level boundaries."""
    pieces = read_pieces(Document.read("", html).root)
    assert [piece.text for _, piece in pieces if isinstance(piece, Block)] == expected


SENTENCES = [
    ("One. Two [here]. Three.", "Two here."),
    ("Mr. Sample of the U.S. [said] so. Then he left.", "Mr. Sample of the U.S. said so."),
    (
        "It was Jan. 5 in St. Louis, said John Q. [Public]. Next.",
        "It was Jan. 5 in St. Louis, said John Q. Public.",
    ),
    ("It cost 3.5 [dollars]. Next.", "It cost 3.5 dollars."),
    ("“We did it. We [won],” he said. Next.", "“We did it. We won,” he said."),
    ("“I agree.” He [left].", "He left."),
    ("“Really?” he [asked]. Next.", "“Really?” he asked."),
    ("A “never closed quotation. It goes [on]. And on.", "It goes on."),
    ("第一句。第二[句]！第三句？", "第二句！"),
    ("他说：“第一。[第二]。”第三句。第四。", "他说：“第一。第二。”第三句。"),
    ("“为什么？首先是敢，”他[说]。他指出。", "“为什么？首先是敢，”他说。"),
    ("「第一。」「第二[句]。」", "「第二句。」"),
    ("中文里的 U.S. [不断]开。后面。", "中文里的 U.S. 不断开。"),
    ("[No end]", "No end"),
    ("Spans [two. Sentences] here. Next.", "Spans two. Sentences here."),
]


@pytest.mark.parametrize(("marked", "expected"), SENTENCES)
def test_the_sentence_around_a_link(marked, expected):
    """Sentences end as in Chinese and in English; quotations stay whole, abbreviations do not end one."""
    start, end = marked.index("["), marked.index("]") - 1
    assert sentence_around(marked.replace("[", "").replace("]", ""), start, end) == expected


@given(st.text(alphabet="ab.。”“ !？」「", max_size=40), st.data())
def test_the_sentence_holds_the_words_that_carry_the_link(text, data):
    """Context is part of the text, and the anchor part of the context."""
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    around = sentence_around(text, start, end)
    assert around in text
    assert text[start:end].strip() in around


def test_words_and_characters():
    """Compounds and contractions are one word; punctuation is no character."""
    assert count_words("It’s a well-known U.S. figure: 3.5 percent.") == 7
    assert count_han("汉字，two words。") == 2
    assert is_chinese("DeepSeek引爆中国社交媒体")
    assert not is_chinese("A word 汉 in English")


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("By Ana Sample", ["Ana Sample"]),
        ("By A. B. Sample, Bo Sample and Cy Sample Jr.", ["A. B. Sample", "Bo Sample", "Cy Sample Jr."]),
        ("By Bo Sample, Jr. and Cy Sample, and Di Sample", ["Bo Sample, Jr.", "Cy Sample", "Di Sample"]),
        ("MEAGHAN TOBIN, 孟建国, 艾莎", ["MEAGHAN TOBIN", "孟建国", "艾莎"]),
        ("Koney Bai、Ziyu Qing", ["Koney Bai", "Ziyu Qing"]),
        ("托马斯·弗里德曼", ["托马斯·弗里德曼"]),
        ("《纽约时报》", ["《纽约时报》"]),
        ("Andy Brandy", ["Andy Brandy"]),
        ("By Ana B. Sample; Special to The New York Times", ["Ana B. Sample"]),
        ("By ANA SAMPLE, Special to the New York Times", ["ANA SAMPLE"]),
        ("By THE NEW YORK TIMES", ["THE NEW YORK TIMES"]),
        ("By Ana Sample, M.D.", ["Ana Sample, M.D."]),
        ("By Ana Sample, Ph.D., and Bo Sample", ["Ana Sample, Ph.D.", "Bo Sample"]),
        ("By ANA SAMPLE with BO SAMPLE", ["ANA SAMPLE", "BO SAMPLE"]),
        ("Interview by Ana Sample", ["Ana Sample"]),
        ("Text by ANA SAMPLE; Photographs by BO SAMPLE", ["ANA SAMPLE"]),
        ("By Ana Sample, Bo Sample and Photographs and Video by Cy Sample", ["Ana Sample", "Bo Sample"]),
        ("Photographs and Text by Cy Sample", ["Cy Sample"]),
        ("Written and Photographed by Cy Sample", ["Cy Sample"]),
        ("Produced by Ana Sample and Bo Sample", ["Ana Sample", "Bo Sample"]),
        (
            "By Ana Sample as told to Bo Sample; Compiled by Cy Sample",
            ["Ana Sample", "Bo Sample", "Cy Sample"],
        ),
        ("Compiled by The New York Times", ["The New York Times"]),
        ("Por Ana Muestra y Bo Sample", ["Ana Muestra", "Bo Sample"]),
        ("Por Ana Muestra, Bo Sample e Inés Muestra", ["Ana Muestra", "Bo Sample", "Inés Muestra"]),
        ("By Wye Y Sample", ["Wye Y Sample"]),
        ("", []),
    ],
)
def test_names_of_a_byline(byline, expected):
    """Names are split at commas and `and`, and otherwise left as published."""
    assert list(split_names(byline)) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Opinion | A Title - The New York Times", "A Title"),
        ("A Title (Published 2016) - The New York Times", "A Title"),
        ("A Title (Published 2016)", "A Title"),
        ("A Title - NYTimes.com", "A Title"),
        ("A Title - New York Times", "A Title"),
        ("A Title - International Herald Tribune", "A Title"),
        ("A Title - Bells Blog - NYTimes.com", "A Title"),
        ("A Title - The Athletic", "A Title"),
        ("A Title - The Athletics of Bells", "A Title - The Athletics of Bells"),
        ("标题 - 纽约时报中文网 国际纵览", "标题"),
        ("標題 - 紐約時報中文網", "標題"),
        ("A - B", "A - B"),
    ],
)
def test_titles_without_the_site(title, expected):
    """What the site adds to a title is no part of it."""
    assert plain_title(title) == expected


# Links


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            '<p><a href="/2025/01/01/us/a.html">a</a></p>',
            [("https://www.nytimes.com/2025/01/01/us/a.html", "a")],
        ),
        (
            '<p><a href="https://x.org/1">a</a><a href="https://x.org/1">b</a></p>',
            [("https://x.org/1", "ab")],
        ),
        (
            '<p><a href="https://x.org/1">a</a> <a href="https://x.org/1">b</a></p>',
            [("https://x.org/1", "a b")],
        ),
        (
            '<p><a href="https://x.org/1">a</a>, <a href="https://x.org/1">b</a></p>',
            [("https://x.org/1", "a"), ("https://x.org/1", "b")],
        ),
        (
            '<p><a href="https://x.org/1">a</a><a href="https://x.org/2">b</a></p>',
            [("https://x.org/1", "a"), ("https://x.org/2", "b")],
        ),
        ('<p><a href="https://x.org/1"> <i>a</i> b </a>c</p>', [("https://x.org/1", "a b")]),
        ('<p><a>a</a><a href="https://x.org/1"></a><a href="#x">b</a><a href="mailto:a@x.org">c</a></p>', []),
        ('<p><a href="https://x.org/1"><img src="x"></a></p>', []),
        (f'<p><a href="{ARTICLE}?smid=tw#x">self</a></p>', []),
        ('<aside><a href="https://x.org/1">a</a></aside><p>x</p>', []),
        ('<p><a href="https://myaccount.nytimes.com/auth/login?x=1">log in</a></p>', []),
        ('<p>cut <a href="https://x.org/1">off', [("https://x.org/1", "off")]),
        (
            '<p>x</p></body></html><p><a href="https://x.org/1">after an early end</a></p>',
            [("https://x.org/1", "after an early end")],
        ),
    ],
)
def test_in_text_links(body, expected):
    """An in-text link is an anchor with words that leads to a page; two that touch and agree are one."""
    assert citations(parse_page(ARTICLE, www(body))) == expected


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("<h3>Graphic</h3><h2>The Headline</h2><p>A summary.</p>", "The Headline"),
        ("<h2>The Headline <time>NOV. 7, 2010</time></h2>", "The Headline"),
        ("<h3>The Headline</h3>", "The Headline"),
        ("The Headline", "The Headline"),
    ],
)
def test_the_words_of_a_card(card, words):
    """A card's link is carried by its headline, not by the kicker above it or the date in it."""
    anchor = Document.read("", f'<a href="https://x.org/">{card}</a>').root.find(".//a")
    assert read_card(anchor) == Block(words, (Anchor("https://x.org/", 0, len(words)),))


def test_a_link_has_its_place():
    """Paragraph and position name the words in the body."""
    page = parse_page(
        CHINESE, cn('<p>一</p><p>二 <b>三</b><a href="/china/20250101/x/">四</a>五。</p><p>六</p>')
    )
    (link,) = page.links
    paragraph = page.body.split("\n\n")[link.paragraph - 1]
    assert (link.paragraph, paragraph[link.position : link.position + 1]) == (2, "四")
    assert link.context == "二 三四五。"


def test_a_broken_link_is_kept_as_evidence():
    """An href that is meant as a page and names none is recorded, never followed."""
    page = parse_page(CHINESE, cn('<p>坏的<a href="//?utm_source=nav">链接</a>。</p>'))
    (broken,) = page.broken_links
    assert (broken.href, broken.role, broken.context) == ("//?utm_source=nav", "citation", "坏的链接。")
    assert page.links == ()


@pytest.mark.parametrize(
    ("anchor", "role"),
    [
        ('<a href="https://www.nytimes.com/2025/01/01/us/x.html">点击查看本文英文版。</a>', Role.TRANSLATION),
        ('<a href="https://www.nytimes.com/2025/01/01/us/x.html">點擊查看本文英文版。</a>', Role.TRANSLATION),
        (
            '<a href="https://www.nytimes.com/2025/01/14/business/dealbook/x.html">交易录新闻电邮</a>',
            Role.FOOTER,
        ),
        ('<a href="https://www.nytimes.com/by/ana-sample">点击查看更多关于她的信息。</a>', Role.AUTHOR),
        ('<a href="https://cn.nytimes.com/topic/20180823/x/">专栏</a>', Role.TOPIC),
        ('<a href="https://www.nytimes.com/column/x">专栏</a>', Role.TOPIC),
        ('<a href="https://twitter.com/sample">Twitter</a>', Role.FOOTER),
    ],
)
def test_roles_in_the_footer(anchor, role):
    """A footer's link is what it leads to; the English original is told by its words."""
    page = parse_page(CHINESE, cn("<p>正文</p>", f"<p>{anchor}</p>"))
    assert [link.role for link in page.links] == [role]


def test_words_without_a_link_are_no_translation():
    """Some footers have the words, but no anchor."""
    page = parse_page(CHINESE, cn("<p>正文</p>", "<p>点击查看本文英文版。</p>"))
    assert (page.links, page.translation_of) == ((), None)


def test_variants_of_the_story_are_no_links():
    """The language switch leads to translations, not to other stories."""
    html = cn("<p>正文</p>") + '<a href="/china/20250205/invented/zh-hant/">繁</a><a href="dual/">双语</a>'
    page = parse_page(CHINESE, html)
    assert page.links == ()
    assert page.translations == (f"{CHINESE}zh-hant/",)


@pytest.mark.parametrize(
    "promotion",
    [
        "（欢迎点击<a href='/x'>此处</a>订阅NYT简报，我们将在每个工作日发送。）",
        "[欢迎点击<a href='/x'>此处</a>、或发送邮件至cn.letters@nytimes.com订阅《纽约时报》中文简报。]",
        "感谢阅读，请写信至cn.letters@nytimes.com。",
        "<small>广告</small>",
    ],
)
def test_promotion_is_no_text(promotion):
    """Neither the words nor the links of the site's own promotion are kept, alone or behind a text."""
    assert parse_page(CHINESE, cn(f"<p>正文</p><div>{promotion}</div>")).body == "正文"
    assert parse_page(CHINESE, cn(f"<p>正文</p><div>{promotion}</div>")).links == ()


def test_a_link_behind_a_promotion_keeps_its_place():
    """What is cut out moves the positions that follow."""
    html = cn("<p>前（欢迎点击<a href='/x'>此处</a>订阅NYT简报。）后<a href='https://x.org/1'>链接</a></p>")
    page = parse_page(CHINESE, html)
    assert page.body == "前后链接"
    assert [(link.target, link.position) for link in page.links] == [("https://x.org/1", 2)]


@pytest.mark.parametrize(
    ("url", "items", "pages"),
    [
        ("?pagewanted=2", "<a href='?pagewanted=1&hp'>1</a>|2|<a href='?pagewanted=3'>3</a>", ["", 2, 3]),
        ("", "1|<a href='/2011/07/07/us/x.html?pagewanted=2&_r=1'>2</a>", ["", 2]),
        ("?pagewanted=all", "1|<a href='?pagewanted=2'>2</a>", ["", 2]),
        ("?pagewanted=all", "", []),
        ("?pagewanted=2", "…|2", [2]),
    ],
)
def test_the_parts_of_an_article(url, items, pages):
    """All parts by their canonical addresses, as the list of pages has them; none of them is a link."""
    address = "https://www.nytimes.com/2011/07/07/us/x.html"
    listed = "".join(f"<li>{item}</li>" for item in items.split("|"))
    text = (
        f'<div class="articleBody"><p>x</p><div id="pageLinks"><ul id="pageNumbers">{listed}</ul></div></div>'
    )
    page = parse_page(address + url, f'<div id="article">{text}</div>')
    assert page.parts == tuple(f"{address}?pagewanted={n}" if n else address for n in pages)
    assert (page.body, page.links) == ("x", ())


# Fields


@pytest.mark.parametrize(
    ("byline", "footer", "expected"),
    [
        ("袁莉", '<a href="https://www.nytimes.com/by/li-yuan">点击查看</a>', [("袁莉", "li-yuan")]),
        (
            "CADE SAMPLE, 袁莉",
            '<a href="https://www.nytimes.com/by/li-yuan">袁莉</a>',
            [("CADE SAMPLE", None), ("袁莉", "li-yuan")],
        ),
        (
            "K.K. ANA SAMPLE, BO SAMPLE",
            '<a href="https://www.nytimes.com/by/bo-sample">x</a><a href="https://www.nytimes.com/by/k-k-ana-sample">y</a>',
            [("K.K. ANA SAMPLE", "k-k-ana-sample"), ("BO SAMPLE", "bo-sample")],
        ),
        (
            "袁莉, 储百亮",
            '<a href="https://www.nytimes.com/by/li-yuan">点击查看</a>',
            [("袁莉", None), ("储百亮", None)],
        ),
    ],
)
def test_authors_have_their_pages(byline, footer, expected):
    """An author's page is the footer's link with that name or slug, or the only one there is."""
    html = saved(f"<address>{byline}</address><section><p>正文</p></section><footer><p>{footer}</p></footer>")
    authors = parse_page(CHINESE, html).authors
    assert [(a.name, a.url and a.url.rpartition("/")[2]) for a in authors] == expected


@pytest.mark.parametrize(
    ("footer", "expected"),
    [
        ("<p>翻译：纽约时报中文网</p>", ("纽约时报中文网",)),
        ("<p>翻譯：紐約時報中文網</p>", ("紐約時報中文網",)),
        ("<p>翻译：Koney Bai、Ziyu Qing</p>", ("Koney Bai", "Ziyu Qing")),
        ("<p>翻译: 杜然, 晋其角。</p>", ("杜然", "晋其角")),
        ("作者介绍。<br>翻译：杜然<br>点击查看本文英文版。", ("杜然",)),
        ("<p>没有译者</p>", ()),
    ],
)
def test_translators(footer, expected):
    """Who translated stands in the footer, one or several."""
    assert parse_page(CHINESE, cn("<p>正文</p>", footer)).translators == expected


@pytest.mark.parametrize(
    ("script", "headline"),
    [
        ('{"@type":"NewsArticle","headline":"Told"}', "Told"),
        ('<![CDATA[ {"@type":"NewsArticle","headline":"Told"} ]]>', "Told"),
        ('[{"@type":"WebPage"},{"@type":["NewsArticle"],"headline":"Told","comment":undefined}]', "Told"),
        ('{"@graph":[{"@type":"NewsArticle","headline":"Told"}]}', "Told"),
        ('{"@type":"NewsArticle","headline":', None),
        ('{"@type":"NewsArticle","headline":["x"]}', None),
        ("[" * 20_000, None),
        ("", None),
    ],
)
def test_json_ld(script, headline):
    """JSON-LD is read through its wrappings, and passed over where it is none."""
    page = parse_page(ARTICLE, f'<script type="application/ld+json">{script}</script><p>x</p>')
    assert page.headline == headline


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("zh-CN", "这是虚构的文字", "zh-Hans"),
        ("zh-CN", "這是虛構的文字", "zh-Hant"),
        ("", "這是虛構的文字", "zh-Hant"),
        ("zh-TW", "文字", "zh-Hant"),
        ("", "文字", "zh-Hans"),
        ("zh-hans", "All of it is in English.", "en"),
        ("en-US", "All of it is in English.", "en"),
        ("es", "Todo es inventado.", "es"),
    ],
)
def test_language(lang, text, expected):
    """The text's own script weighs more than what the page declares."""
    html = cn(f"<p>{text}</p>").replace("<html>", f'<html lang="{lang}">').replace("虚构", text)
    assert parse_page(CHINESE, html).in_language == expected


@pytest.mark.parametrize(
    ("html", "layout"),
    [
        ("<title>nytimes.com</title>", "blocked"),
        ("<title>x</title><script>var dd={'host':'geo.captcha-delivery.com'}</script>", "blocked"),
        (
            "<p>You have been blocked from The New York Times because we suspect that you're a robot.</p>",
            "blocked",
        ),
        ("<meta property='og:title' content='x'><p>You have been blocked</p>", "unknown"),
        ("<title>Just a moment...</title><h1>cn.nytimes.com</h1>", "blocked"),
        ("<h1>cn.nytimes.com</h1><script>window._cf_chl_opt = {}</script>", "blocked"),
        ("<title>Access Denied</title><h1>Access Denied</h1>You don't have permission", "blocked"),
        ("<title>Access to this page has been denied.</title><div id='px-captcha'></div>", "blocked"),
        ("<iframe>Request unsuccessful. Incapsula incident ID: 1</iframe>", "blocked"),
        (
            "<title>ERROR: The request could not be satisfied</title><h1>403 ERROR</h1><p>No.</p>",
            "blocked",
        ),
        ("<title>403 Forbidden</title><h1>403 Forbidden</h1><hr>nginx", "blocked"),
        ("<title>Log in - The New York Times</title><h1>Log in</h1>", "blocked"),
        ("<title>Access Denied: who may see the bells</title>", "unknown"),
        ("<meta property='og:title' content='x'><title>Just a moment...</title>", "unknown"),
        ("<title>503 Backend fetch failed</title><h1>Error 503 Backend fetch failed</h1>", "error"),
        ("<title>502 Bad Gateway</title><h1>502 Bad Gateway</h1><hr>nginx", "error"),
        ("<title>Fastly error: unknown domain</title>", "error"),
        ("<title>404 Not Found</title><h1>404 Not Found</h1><hr>nginx", "not_found"),
        ("<title>404 - x</title><h1>抱歉，您要查找的页面不存在</h1>", "not_found"),
        ("<title>Page Not Found - The New York Times</title>", "not_found"),
        ("<p>text</p>", "unknown"),
        ("", "unknown"),
    ],
)
def test_pages_that_are_no_articles(html, layout):
    """A block page is told from an article that speaks of one; neither gives a body or a link."""
    page = parse_page(ARTICLE, html + '<a href="https://www.nytimes.com/2025/01/01/us/x.html">x</a>')
    assert page.extractor.layout == layout
    assert (page.body, page.links) == (None, ())


def test_a_caption_is_no_text():
    """Captions belong to their pictures, and so do the links in them."""
    html = saved(
        '<section><p>正文</p><p><img src="//static01.nyt.com/1.jpg"><small>图注<a href="https://x.org/1">链接</a></small></p>'
        "<p><figure><img src=2.jpg></p><figcaption>又一条</figcaption></figure></section>"
    )
    page = parse_page(CHINESE, html)
    assert page.body == "正文"
    assert [(i.url, i.caption) for i in page.images] == [
        ("https://static01.nyt.com/1.jpg", "图注链接"),
        (f"{CHINESE}2.jpg", "又一条"),
    ]
    assert [link.role for link in page.links] == [Role.CAPTION]


def test_the_hash_sees_words_only():
    """White space and markup do not change an article; a word does."""
    one, same, other = (
        parse_page(ARTICLE, www(body)) for body in ("<p>a b</p>", "<p>a\n <b>b</b></p>", "<p>a c</p>")
    )
    assert one.content_hash == same.content_hash != other.content_hash


def test_the_feed_time_is_not_needed():
    """A saved article whose first line is missing has its date, to the day."""
    html = saved(
        '<time datetime="2025-02-05 03:56:31">2025年2月5日</time><section><p>正文</p></section>',
        head="\ufeff[虚构](https://cn.nytimes.com/china/20250205/invented/)\r\n------\r\n",
    )
    page = parse_page(CHINESE, html)
    assert (page.headline, page.published_on, page.date_precision) == ("虚构", "2025-02-05", "day")


V5 = """<html lang="en"><head><title>Bells - The New York Times</title>{head}</head><body>
<article id="story" class="story theme-main"><header><h1 id="headline">Bells</h1>{top}</header>
<div class="story-body"><p class="story-body-text">The bells of the valley.</p></div></article>"""
TWINS = (
    '<link rel="alternate" hreflang="es-LA" href="https://www.nytimes.com/es/2018/03/24/campanas/?">'
    '<link rel="alternate" hreflang="en" href="https://www.nytimes.com/2018/03/21/us/bells.html">'
)


@pytest.mark.parametrize(
    ("head", "top", "translations"),
    [
        (TWINS, "", ["https://www.nytimes.com/es/2018/03/24/campanas/"]),
        (
            "",
            '<a hreflang="zh-hans" href="https://cn.nytimes.com/usa/20180322/bells/">阅读简体中文版</a>',
            ["https://cn.nytimes.com/usa/20180322/bells/"],
        ),
    ],
)
def test_other_languages_of_a_story_before_react(head, top, translations):
    """Named in the head of the page or over the text, in every layout of the site."""
    url = "https://www.nytimes.com/2018/03/21/us/bells.html"
    page = parse_page(url, V5.format(head=head, top=top))
    assert page.extractor.layout == "story-body-2014"
    assert list(page.translations) == translations
    assert [link.target for link in page.links if link.role is Role.TRANSLATION] == translations
    assert page.body == "The bells of the valley."


@pytest.mark.parametrize(
    ("head", "byline", "expected"),
    [
        (
            "",
            "<p itemprop='author'>By Ana Sample and Bo Sample</p>",
            [("Ana Sample", None), ("Bo Sample", None)],
        ),
        (
            '<meta name="byl" content="By Ana Sample and Bo Sample">',
            '<p itemprop="author"><a href="/by/ana-sample"><b itemprop="name">ANA SAMPLE</b></a> &c.</p>',
            [("Ana Sample", "https://www.nytimes.com/by/ana-sample"), ("Bo Sample", None)],
        ),
        (
            '<meta name="byl" content="By Reuters">',
            '<p itemprop="author">By <span itemprop="name">Reuters</span></p>',
            [("Reuters", None)],
        ),
        ("", "<p itemprop='author'>By SEPT. 15, 2016</p>", []),
        ("", "", []),
    ],
)
def test_bylines_of_react(head, byline, expected):
    """As marked, with the pages linked to; by the head, where it names more; else by its words."""
    html = (
        f'<html><head>{head}</head><body><article id="story"><header><h1>Bells</h1>{byline}</header>'
        '<section name="articleBody"><div class="StoryBodyCompanionColumn"><p>The bells.</p></div></section>'
    )
    page = parse_page("https://www.nytimes.com/2022/03/21/us/bells.html", html)
    assert [(author.name, author.url) for author in page.authors] == expected


@pytest.mark.parametrize(
    ("cut", "truncated"),
    [
        ("<p>Thank you for your patience while we verify access. If you are in Reader mode …</p>", True),
        ("<p>Already a subscriber? <a href='https://myaccount.nytimes.com/auth/login'>Log in</a>.</p>", True),
        ("<p>“Thank you for your patience,” the shepherd said.</p>", False),
        ("", False),
    ],
)
def test_a_meter_is_known_by_its_words(cut, truncated):
    """Whatever its elements are called; what it says is no text of the article, where it leads no link."""
    html = (
        '<article id="story"><h1>Bells</h1><section name="articleBody"><div class="StoryBodyCompanionColumn">'
        f'<p>The bells.</p></div><div class="StoryBodyCompanionColumn">{cut}</div></section></article>'
    )
    page = parse_page("https://www.nytimes.com/2026/03/21/us/bells.html", html)
    assert page.is_truncated == truncated
    assert (page.body == "The bells.") == (truncated or not cut)
    assert page.links == ()


@pytest.mark.parametrize(
    ("body", "text", "notes"),
    [
        ("<p>A.</p><p><em>Write </em><a href=/n.html><em>us</em></a><em>.</em></p>", "A.", 1),
        ("<p>A.</p><p><i>B.</i></p><p>C.</p><p><em>D, <a href=/n.html>d</a></em></p>", "A.\n\nB.\n\nC.", 1),
        ("<p>A.</p><p><em>No</em>, <a href=/n.html>b</a>.</p>", "A.\n\nNo, b.", 0),
        ("<p><em>All <a href=/n.html>a</a>.</em></p><p><em>B.</em></p>", "All a.\n\nB.", 0),
    ],
)
def test_last_paragraphs_in_italics_are_notes(body, text, notes):
    """What the house or an author's note says below the text; a text all in italics stays one."""
    page = parse_page(ARTICLE, www(body))
    assert page.body == text
    assert [link.role for link in page.links] == [Role.FOOTER if notes else Role.CITATION]


PRINTED = """<html><head><title>Bells - NYTimes.com</title></head><body>
<div class="timestamp">July 6, 2011</div><h1><nyt_headline>Bells of the Valley</nyt_headline></h1>
<nyt_byline><div class="byline">By <a href="/by/ana-sample">ANA SAMPLE</a> and BO SAMPLE</div></nyt_byline>
<nyt_text><div id="articleBody"><p>The bells <a href="/2011/07/01/us/a.html">rang</a>.</p></div>
<div class="articleBody"><p>They rang again.</p></div></nyt_text></body></html>"""


def test_a_page_for_printing():
    """No frame, no meta tags: day and names as the page shows them, the text in all its parts."""
    page = parse_page("https://www.nytimes.com/2011/07/07/us/bells.html?pagemode=print", PRINTED)
    assert (page.headline, page.published_on) == ("Bells of the Valley", "2011-07-06")
    assert [author.name for author in page.authors] == ["ANA SAMPLE", "BO SAMPLE"]
    assert page.authors[0].url == "https://www.nytimes.com/by/ana-sample"
    assert page.body == "The bells rang.\n\nThey rang again."
    assert [link.role for link in page.links] == ["author", "citation"]


KEPT = """<html><head>{mark}<link rel="canonical" href="{kept}https://www.nytimes.com/2019/03/21/us/bells.html">
</head><body><article id="story"><header><h1>Bells</h1>
<p itemprop="author">By
<a href="{kept}https://www.nytimes.com/by/ana-sample"><b itemprop="name">Ana Sample</b></a></p>
</header><section name="articleBody"><div class="StoryBodyCompanionColumn"><p>The bells
<a href="{kept}http://www.nytimes.com/2019/01/02/us/sheep.html?module=inline">rang</a>, and
<a href="https://web.archive.org/web/2016/https://example.org/x">had before</a>.</p></div></section>"""
ARCHIVE = "https://web.archive.org/web/20190322101500/"


@pytest.mark.parametrize("kept", [ARCHIVE, "/web/20190322101500/", "//web.archive.org/web/20190322101500/"])
def test_a_copy_of_the_internet_archive(kept):
    """It has rewritten all links: they lead where those of the original do."""
    html = KEPT.format(mark="<!-- BEGIN WAYBACK TOOLBAR INSERT -->", kept=kept)
    url = "https://www.nytimes.com/2019/03/21/us/bells.html"
    page = parse_page(url, html)
    assert address_of(html) == url
    assert page.authors[0].url == "https://www.nytimes.com/by/ana-sample"
    citations = [link.target for link in page.links if link.role is Role.CITATION]
    assert citations == ["https://www.nytimes.com/2019/01/02/us/sheep.html", "https://example.org/x"]


def test_a_page_that_cites_the_internet_archive():
    """A link to a kept copy is one, where the page is none."""
    page = parse_page("https://www.nytimes.com/2019/03/21/us/bells.html", KEPT.format(mark="", kept=""))
    citations = [link.target for link in page.links if link.role is Role.CITATION]
    assert citations[1] == "https://web.archive.org/web/2016/https://example.org/x"


def test_a_body_without_columns():
    """Class names may go or change; the section that they stand in is the article's text still."""
    html = (
        '<article id="story"><h1>Bells</h1><section name="articleBody"><div><p>The bells '
        '<a href="/2026/01/02/us/a.html">rang</a>.</p></div>'
        '<aside><a href="/2026/01/03/us/b.html">More</a></aside>'
        "<div><p>Again.</p></div></section></article>"
    )
    page = parse_page("https://www.nytimes.com/2026/03/21/us/bells.html", html)
    assert page.body == "The bells rang.\n\nAgain."
    assert [link.target for link in page.links] == ["https://www.nytimes.com/2026/01/02/us/a.html"]
