"""Pages of www.nytimes.com that are no plain articles, on invented ones in the structure of the real."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.items import PAGE, Outcome, Role
from crawler.outcomes import judge_page
from crawler.parsers import parse_page
from crawler.parsers.evidence import split_names
from crawler.parsers.www_nytimes.fronts import ENTRY_LIMIT
from crawler.parsers.www_nytimes.live import POST_LIMIT

WWW = "https://www.nytimes.com"
LIVE = f"{WWW}/live/2021/03/23/us/invented"
GRAPHIC = f"{WWW}/interactive/2015/11/12/us/invented.html"
VIDEO = f"{WWW}/video/us/100000000000001/invented.html"
SLIDES = f"{WWW}/slideshow/2020/02/14/arts/invented.html"
SECTION = f"{WWW}/section/us"
TWIN = "https://cn.nytimes.com/world/20240104/invented/"
SPANISH = f"{WWW}/es/2024/01/05/espanol/invented.html"
ONE, TWO = "/2024/01/01/us/one.html", "/2024/02/02/us/two.html"
ARTICLE = f"{WWW}/2024/01/03/world/asia/invented.html"
TITLE = '<meta property="og:title" content="Invented">'
COLLECTION = '<meta name="PT" content="collection">'
BODY = (
    '<section name="articleBody"><div class="StoryBodyCompanionColumn"><p>Invented text.</p></div></section>'
)
POST = '<div data-test-id="live-blog-post" class="live-blog-post"><div id="a"></div><p>Invented.</p></div>'
THEME = '<article id="story" class="story theme-interactive">'
ENTRY = '<article><h2><a href="/2024/01/01/us/one.html">An invented story</a></h2></article>'


def targets(page, role):
    return [link.target for link in page.links if link.role is role]


def front(entries, head=COLLECTION):
    return f"<html><head>{TITLE}{head}</head><body><main>{entries}</main></body></html>"


# Which layout


@pytest.mark.parametrize(
    ("url", "html", "layout"),
    [
        (LIVE, f"{TITLE}<article class='live-blog-content'>{POST}</article>", "live-2021"),
        (LIVE, POST.replace("test-id", "testid"), "live-2022"),
        (f"{LIVE}/a", POST, "live-2021"),
        (LIVE, f"{TITLE}<article>{BODY}</article>", "react-2018-12"),
        (GRAPHIC, f"{TITLE}{THEME}</article>", "interactive-2014"),
        (ARTICLE, f"{TITLE}{THEME}</article>", "interactive-2014"),
        (GRAPHIC, TITLE, "interactive-2019"),
        (f"{WWW}/projects/invented/", TITLE, "interactive-2019"),
        (GRAPHIC, f"{TITLE}<article>{BODY}</article>", "react-2018-12"),
        (VIDEO, TITLE, "video-2019"),
        (SLIDES, TITLE, "slideshow-2019"),
        (f"{WWW}/", front(""), "front-2018"),
        (f"{WWW}/", front("", '<meta name="PT" content="Homepage">'), "front-2018"),
        (f"{WWW}/international/", front("", '<meta name="PT" content="Homepage">'), "front-2018"),
        (f"{WWW}/es/", front(""), "front-2018"),
        (f"{WWW}/section/world", front("", ""), "front-2022"),
        (f"{WWW}/topic/person/invented", front("", ""), "front-2022"),
        (f"{WWW}/column/invented", front("", ""), "front-2022"),
        (f"{WWW}/by/ana-sample", front("", ""), "front-2022"),
        (f"{WWW}/zh-hans/series/invented", front("", ""), "front-2022"),
        (ARTICLE, f'<meta name="PT" content="article">{TITLE}<article>{BODY}</article>', "react-2018-12"),
        *(
            (url, "<title>Page Not Found - The New York Times</title><main>" + ENTRY, "not_found")
            for url in (GRAPHIC, VIDEO, SLIDES, f"{WWW}/by/nobody", f"{WWW}/section/none")
        ),
        # A vendor's script stands in pages that are let through, too.
        (
            f"{WWW}/",
            "<meta name=PT content=Homepage><script src='https://ct.captcha-delivery.com/c.js'></script>",
            "front-2018",
        ),
        (f"{WWW}/", "<script src='https://ct.captcha-delivery.com/c.js'></script>", "blocked"),
    ],
)
def test_the_layout_of_a_page(url, html, layout):
    """By what stands in the page; by the address where the page may be empty, unless it is missing."""
    assert parse_page(url, html).extractor.layout == layout


@pytest.mark.parametrize("url", [GRAPHIC, VIDEO, SLIDES, f"{WWW}/", f"{WWW}/by/ana-sample"])
def test_a_page_without_a_text_is_kept(url):
    """An empty shell has its headline, and that is no failure."""
    page = parse_page(url, TITLE)
    assert (page.headline, page.body, page.links) == ("Invented", None, ())
    assert judge_page(page).outcome is Outcome.OK
    assert page.extractor.rule["headline"] == "meta og:title"
    assert not page.extractor.verified


def test_a_list_in_the_place_of_a_story_is_not_that_story():
    """A gone article may lead to the home page: nothing of that is the article's."""
    page = parse_page(ARTICLE, front(ENTRY, '<meta name="PT" content="Homepage">'))
    assert (page.headline, page.links, page.extractor.layout) == (None, (), "front-2018")
    assert judge_page(page).outcome is Outcome.FAILED


# Live pages

STATE = (
    '<script>window.__preloadedData = {"initialState":{"Article:1":{"url":"https://www.nytimes.com/x","n":undefined},'
    '"$Article:1.body.content@filterEmpty.0.timestampBlock":{"timestamp":"2021-03-23T14:49:55.000Z"}}};</script>'
)
TIMED = POST.replace(
    '<div id="a">', '<button id="share-link-https://www.nytimes.com/x"></button><div id="a">'
)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (STATE, "2021-03-23T14:49:55+00:00"),
        (STATE.replace("}};", ""), "2021-03-23T14:49:55+00:00"),  # cut off behind it
        (STATE.replace('Z"}}};', ""), None),
        (STATE.replace("nytimes.com/x", "nytimes.com/y"), None),
        (STATE.replace('"2021-03-23T14:49:55.000Z"', "7"), None),
        (STATE.replace("2021-03-23T14:49:55.000Z", "yesterday"), None),
        ("<script>window.__preloadedData = [1]</script>", None),
        ('<script>window.__preloadedData = {"initialState":[1]}</script>', None),
        ("<script>window.__preloadedData = " + "[" * 20_000 + "</script>", None),
        ("", None),
    ],
)
def test_the_time_of_a_post_in_the_data_of_its_page(state, expected):
    """In 2021 a post has no <time>: the page's data tells it by the post's address, or nothing does."""
    (post,) = parse_page(LIVE, TIMED + state).posts
    assert (post.date_published and post.date_published.isoformat()) == expected


@pytest.mark.parametrize(
    ("head", "slug"),
    [
        ('<h2 itemprop="headline"><a href="#a-slug">x</a></h2><div id="b"></div>', "a-slug"),
        (f'<h2 itemprop="headline"><a href="{LIVE}/a-slug">x</a></h2>', "a-slug"),
        (f'<h2 itemprop="headline"><a href="{LIVE}#a-slug">x</a></h2>', "a-slug"),
        ('<div id="a-slug"></div><h2 itemprop="headline">x</h2>', "a-slug"),
        ("<p>x</p>", ""),
    ],
)
def test_the_slug_of_a_post(head, slug):
    """The fragment that its headline leads to, else the first id."""
    (post,) = parse_page(LIVE, f'<div data-test-id="live-blog-post">{head}</div>').posts
    assert post.slug == slug


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        (
            '<p><span class="byline-prefix">— </span><span itemprop="name"><a href="/by/ana">Ana</a>, </span>'
            '<span class="last-byline" itemprop="name"><a href="https://www.nytimes.com/by/bo">Bo</a></span></p>',
            ["Ana", "Bo"],
        ),
        ('<p><span class="byline-prefix">— </span>Ana Sample and Bo Sample</p>', ["Ana Sample", "Bo Sample"]),
        ('<div data-testid="live-blog-byline"><time>5 min ago</time>Ana Sample</div>', ["Ana Sample"]),
        ('<div data-testid="live-blog-byline"><a href="/by/ana">Ana</a></div>', ["Ana"]),
        ("", []),
    ],
)
def test_who_wrote_a_post(byline, expected):
    """Names with their pages where they are marked, else as they are written; they are no text."""
    html = POST.replace("</p></div>", f"</p>{byline}</div>")
    (post,) = parse_page(LIVE, f"<article>{html}</article>").posts
    assert [author.name for author in post.authors] == expected
    assert post.body == "Invented."


def test_a_live_page_of_posts_without_end():
    """Only the first thousand are read."""
    page = parse_page(LIVE, POST * (POST_LIMIT + 1))
    assert len(page.posts) == POST_LIMIT


# Interactives


@pytest.mark.parametrize(
    ("graphic", "body"),
    [
        ('<p class="g-body">text</p>', "text"),
        ('<p class="paragraph">text</p><ul><li>item</li></ul>', "text\n\nitem"),
        ('<div class="g-body">text</div>', "text"),
        ('<div class="g-chart"><span>label</span><svg><text>label</text></svg></div><p>text</p>', "text"),
        ('<div class="g-artboard"><p class="g-aiPstyle0">label</p></div><p>text</p>', "text"),
        ('<p class="g-caption">caption</p><p>text</p>', "text"),
        ('<p class="g-source">Source: x</p><p>text</p>', "text"),
        ('<div class="g-mobile-only"><p>text</p></div><div class="g-desktop-only"><p>text</p></div>', "text"),
        ('<p><span class="g-drop">T</span>\n<span class="g-upper">he words</span></p>', "The words"),
        ('<p><span class="g-drop">A</span>\n<span class="g-upper">word</span></p>', "A word"),
        ("<script>x</script>", None),
    ],
)
def test_the_text_of_a_graphic(graphic, body):
    """Its paragraphs, whatever they are called; no labels, captions or sources, nothing twice."""
    frame = f'{THEME}<div class="interactive-graphic">{graphic}</div></article>'
    assert parse_page(GRAPHIC, frame).body == body
    if "mobile" not in graphic:
        assert parse_page(GRAPHIC, f"<main>{graphic}</main>").body == body


@pytest.mark.parametrize(
    ("head", "header", "day", "precision"),
    [
        ('<meta name="ptime" content="20151112235409">', "", "2015-11-12", "minute"),
        ('<meta name="DISPLAYDATE" content="20151113003409">', "", "2015-11-13", "minute"),
        (
            '<meta name="DISPLAYDATE" content="Nov. 13, 2015"><meta name="pdate" content="20151113">',
            "",
            "2015-11-13",
            "day",
        ),
        ("", '<time class="dateline" datetime="2015-11-13">NOV. 13, 2015</time>', "2015-11-13", "day"),
        ("", "", "2015-11-12", "day"),
    ],
)
def test_the_date_of_a_graphic(head, header, day, precision):
    """Digits are New York's time; the date on the page weighs more than the one in its address."""
    page = parse_page(GRAPHIC, f"{head}{THEME}<header>{header}</header></article>")
    assert (page.published_on, page.date_precision) == (day, precision)


@pytest.mark.parametrize(
    ("head", "article", "expected"),
    [
        ('<meta name="byl" content="By ANA SAMPLE">', "", ["ANA SAMPLE"]),
        ('<meta name="byl" content="By">', "", []),
        (
            '<meta name="byl" content="By">',
            '<p class="g-byline">By Ana Sample and Bo Sample</p>',
            ["Ana Sample", "Bo Sample"],
        ),
        ("", '<div class="interactive-byline"><span itemprop="name">By</span></div>', []),
    ],
)
def test_the_byline_of_a_graphic(head, article, expected):
    """`By` without a name is no name."""
    page = parse_page(GRAPHIC, f"{head}{THEME}{article}</article>")
    assert [author.name for author in page.authors] == expected
    assert split_names("By") == ()


# Lists


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (ENTRY, [(ONE, "An invented story")]),
        (ENTRY * 3, [(ONE, "An invented story")]),
        (f"<nav>{ENTRY}</nav><footer>{ENTRY}</footer><aside>{ENTRY}</aside>", []),
        ('<a href="/section/world"><h2>World</h2></a>', []),
        ('<a href="https://example.org/"><h2>Elsewhere</h2></a>', []),
        (f'<li><a href="{ONE}"><h3>Kicker</h3><h2>Head</h2></a></li>', [(ONE, "Head")]),
        (
            f'<li><a href="{ONE}"><img></a><a href="{ONE}">Head</a><a href="{TWO}">Read in English</a></li>',
            [(ONE, "Head")],
        ),
        (
            f'<section class="story-wrapper"><a href="{ONE}"><div><p>Head</p></div></a></section>'
            '<section class="story-wrapper"><a href="/live/2024/01/01/us/b"><p>Live</p></a></section>',
            [(ONE, "Head"), ("/live/2024/01/01/us/b", "Live")],
        ),
        ('<a href="//[">x</a><a>y</a><a href="/2024/01/01/us/a.html"><img></a>', []),
    ],
)
def test_the_entries_of_a_list(entries, expected):
    """The story of every entry, once, by its highest heading; menus, sections and other sites are none."""
    page = parse_page(f"{WWW}/section/us", front(entries))
    assert [(link.target.removeprefix(WWW), link.anchor_text) for link in page.links] == expected
    assert {link.role for link in page.links} <= {Role.RELATED}
    assert (page.body, page.authors, page.broken_links) == (None, (), ())


def test_a_list_takes_nothing_from_its_entries():
    """Byline, date and language versions in a list are not those of the list."""
    entry = (
        '<article><header><h1>An entry</h1><time datetime="2024-01-01">x</time></header>'
        '<p itemprop="author">By <span itemprop="name">Ana Sample</span></p></article>'
    )
    head = f'{COLLECTION}<meta name="byl" content="By Bo Sample"><link rel="alternate" hreflang="zh" href="https://cn.nytimes.com/">'
    page = parse_page(f"{WWW}/section/us", front(f"<h1>The List</h1>{entry}", head))
    assert (page.headline, page.authors, page.published_on, page.translations) == ("The List", (), None, ())


def test_a_list_without_end():
    """Only the first entries are read."""
    entries = "".join(f'<a href="/2024/01/01/us/{n}.html">Story {n}</a>' for n in range(ENTRY_LIMIT + 9))
    assert len(parse_page(f"{WWW}/", front(entries)).links) == ENTRY_LIMIT


# Videos and slideshows


@pytest.mark.parametrize(
    ("data", "published", "headline"),
    [
        ({"uploadDate": "2023-06-01T03:30:00.000Z", "name": "A Film"}, "2023-06-01T03:30:00+00:00", "A Film"),
        ({"uploadDate": "soon", "name": ["x"]}, None, None),
        ({}, None, None),
    ],
)
def test_a_video_by_its_object(data, published, headline):
    """What the head does not tell, JSON-LD does."""
    script = json.dumps({"@type": "VideoObject", **data})
    page = parse_page(VIDEO, f'<script type="application/ld+json">{script}</script>')
    assert (page.date_published and page.date_published.isoformat(), page.headline) == (published, headline)


def test_slides_by_their_object():
    """Pictures that only a script shows are told by JSON-LD, in either form."""
    images = [
        {"url": "https://x.org/1.jpg", "caption": " A  caption ", "creditText": "B"},
        "https://x.org/2.jpg",
        3,
    ]
    script = json.dumps({"@type": "ImageGallery", "image": images})
    page = parse_page(SLIDES, f'<script type="application/ld+json">{script}</script>')
    told = [(image.url, image.caption, image.credit) for image in page.images]
    assert told == [("https://x.org/1.jpg", "A caption", "B"), ("https://x.org/2.jpg", None, None)]


# Versions in other languages


@pytest.mark.parametrize(
    ("url", "links", "original", "translations"),
    [
        (ARTICLE, [("zh-hans", TWIN)], None, [TWIN]),
        (ARTICLE, [("es", SPANISH.removeprefix(WWW)), ("en", ARTICLE)], None, [SPANISH]),
        (ARTICLE, [("x-default", f"{WWW}{ONE}"), ("en-US", f"{WWW}{TWO}")], None, []),
        (ARTICLE, [("zh", "https://cn.nytimes.com/")], None, []),
        (f"{WWW}/zh-hans/2024/01/04/world/x.html", [("en-US", ARTICLE)], ARTICLE, []),
        (f"{WWW}/es/2024/01/04/espanol/x.html", [("en", ARTICLE), ("es", "")], ARTICLE, []),
    ],
)
def test_versions_in_the_head(url, links, original, translations):
    """Alternates tell the English original of a translation, and the translations of an English page."""
    head = "".join(f'<link rel="alternate" hreflang="{tag}" href="{href}">' for tag, href in links)
    page = parse_page(url, f"{head}<article>{BODY}</article>")
    assert (page.translation_of, list(page.translations)) == (original, translations)
    expected = ([original] if original else []) + translations
    assert targets(page, Role.TRANSLATION) == expected
    if original:
        assert page.extractor.rule["translation_of"] == "link @hreflang"


# Who wrote it, by the head alone


@pytest.mark.parametrize(
    ("meta", "data", "expected"),
    [
        ("By Ana Sample", ["Ana Sample"], [("Ana Sample", f"{WWW}/by/x")]),
        ("By Ana Sample", ["Bo Sample"], [("Ana Sample", None)]),
        ("", ["Bo Sample"], [("Bo Sample", f"{WWW}/by/x")]),
    ],
)
def test_names_in_the_head(meta, data, expected):
    """JSON-LD has the authors' pages; where it names others, the meta tag is right."""
    people = [{"@type": "Person", "name": name, "url": f"{WWW}/by/x"} for name in data]
    script = json.dumps({"@type": "NewsArticle", "author": people})
    html = f'<meta name="byl" content="{meta}"><script type="application/ld+json">{script}</script>'
    page = parse_page(GRAPHIC, html)
    assert [(author.name, author.url) for author in page.authors] == expected


def test_null_is_no_keyword():
    """Live pages say `null` where they have none."""
    assert parse_page(LIVE, f'<meta name="news_keywords" content="null">{POST}').keywords == ()


# Totality

JSON_LD = '<script type="application/ld+json">'
FRAGMENTS = [
    *(POST, TIMED, STATE, THEME, TITLE, COLLECTION, BODY, ENTRY, "<main>", "</main>", "</article>", "<li>"),
    '<div data-testid="live-blog-post">',
    '<h2 itemprop="headline"><a href="//[">',
    '<div data-testid="live-blog-byline">',
    '<div class="interactive-graphic g-caption">',
    '<p class="g-caption"><img src="{{size}}.jpg">',
    '<figure><img src="//["><figcaption>',
    JSON_LD + '{"@type":["VideoObject",{}],"uploadDate":3,"name":"\\ud800"}</script>',
    JSON_LD + '{"@type":"ImageGallery","image":[{"url":"//[","caption":"\\ud800"},7]}</script>',
    JSON_LD + '{"@type":"LiveBlogPosting","liveBlogUpdate":[{"headline":{}},1]}</script>',
    '<a href="/2024/01/01/us/x.html">',
    '<link hreflang="en" href="//[">',
]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    parts=st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=30),
    url=st.sampled_from([LIVE, GRAPHIC, VIDEO, SLIDES, f"{WWW}/", f"{WWW}/by/x", ARTICLE]),
)
def test_any_jumble_of_these_pages_gives_a_page(parts, url):
    """Pieces of all these layouts in any order are read, and the page can be stored."""
    page = parse_page(url, "".join(parts))
    json.dumps(PAGE.dump_python(page, mode="json"), ensure_ascii=False).encode("utf-8")


GRAPHICS = '<div class="interactive-graphic">'
STORIES = "".join(f'<li><a href="/2024/01/01/us/{n}.html">' for n in range(20_000))


@pytest.mark.parametrize(
    ("url", "html"),
    [
        pytest.param(LIVE, "<article>" + '<div class="live-blog-post">x' * 40_000, id="posts in posts"),
        pytest.param(LIVE, POST * 15_000, id="fifteen thousand posts"),
        pytest.param(GRAPHIC, THEME + "<p class=g-caption>x" * 20_000, id="captions outside"),
        pytest.param(GRAPHIC, f"{THEME}{GRAPHICS}" + "<p class=g-caption>x" * 20_000, id="captions"),
        pytest.param(f"{WWW}/", front('<li><a href="/2024/01/01/us/x.html">y</a>' * 20_000), id="one story"),
        pytest.param(f"{WWW}/", front(STORIES), id="stories"),
        pytest.param(f"{WWW}/", front("<nav>" * 2000 + ENTRY * 9000), id="menus in menus"),
    ],
)
def test_a_monster_of_these_is_read_in_bounded_time(url, html):
    """Neither posts nor entries without end cost the evening."""
    before = time.process_time()
    parse_page(url, html)
    assert time.process_time() - before < 4
