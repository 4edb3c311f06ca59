"""Forms of the newspaper's pages that no saved page here has, rebuilt around invented words.

Each was told by public code that reads the site, its notes or its tests: they are named beside the form.
"""

import pytest

from crawler.items import Role
from crawler.parsers import parse_page

WWW = "https://www.nytimes.com"
STORY = f"{WWW}/2025/10/11/world/asia/bells.html"
CITED = f"{WWW}/2025/10/01/us/other.html"


def targets(page, role):
    return [link.target for link in page.links if link.role is role]


# An article of October 2025, as a collector of news sites describes it: the preview that ends in a note.
PREVIEW = """<html lang="en"><head><title>Bells of the Valley - The New York Times</title>{head}</head><body>
<div data-testid="vi-gateway-container" class="vi-gateway-container">
<main id="site-content" data-paywall-inert="">
<article id="story"><header><h1 id="link-1" class="css-4um83n" data-testid="headline">
Bells of
the Valley</h1><p class="css-4anu6l"><span class="byline-prefix">By </span>
<a href="/by/ana-sample" itemprop="name">
Ana Sample
</a> and <a href="/by/bo-sample" class="last-byline" itemprop="name">Bo Sample</a></p>
<ul><li><time datetime="2025-10-11T22:01:11-04:00">Oct. 11, 2025</time></li></ul></header>
<section name="articleBody" class="meteredContent css-ar1ez3"><div class="css-s99gbd StoryBodyCompanionColumn"
data-testid="companionColumn-0"><div class="css-53u6y8">
<p>The bells <a href="/2025/10/01/us/other.html">rang</a>.</p>
<p>They rang
again.</p>{end}</div><aside aria-label="companion column"></aside></div></section></article></main></div>
</body></html>"""
NOTE = '<p class="css-zry96z" aria-live="polite" role="note"><a href="{}">{}</a>{}</p>'
SUBSCRIPTION = f"{WWW}/subscription?campaignId=8WXW7"
FLAG = (
    '<script>window.__preloadedData = {{"config":{{"isOptimisticallyTruncated":{}}},"a":undefined}};</script>'
)


@pytest.mark.parametrize(
    ("head", "end", "truncated"),
    [
        ("", "", False),  # vi-gateway-container and data-paywall-inert are around a subscriber's page, too
        (
            "",
            NOTE.format(SUBSCRIPTION, "Subscribe to The Times", " to read as many articles as you like."),
            True,
        ),
        ("", NOTE.format(SUBSCRIPTION, "Go on", " reading."), True),
        ("", NOTE.format("/2025/10/02/us/a.html", "See", " what was corrected."), False),
        (FLAG.format("true"), "", True),
        (FLAG.format("false"), "", False),
        ("", '<div data-testid="optimistic-truncator-noscript"></div>', True),
    ],
)
def test_an_article_of_today_and_its_preview(head, end, truncated):
    """Facts, text and links are the same; a preview says so in a note or in what it tells its scripts."""
    page = parse_page(STORY, PREVIEW.format(head=head, end=end))
    assert page.is_truncated == truncated
    assert (page.headline, page.body) == ("Bells of the Valley", "The bells rang.\n\nThey rang again.")
    assert page.published_on == "2025-10-11"
    assert page.date_published.isoformat() == "2025-10-12T02:01:11+00:00"
    assert [(author.name, author.url) for author in page.authors] == [
        ("Ana Sample", f"{WWW}/by/ana-sample"),
        ("Bo Sample", f"{WWW}/by/bo-sample"),
    ]
    assert targets(page, Role.CITATION) == [CITED]


BARE = (
    "<html><head><title>Bells - The New York Times</title>"
    '<meta name="byl" content="By Ana Sample and Bo Sample">'
    '<meta property="article:author" content="https://www.nytimes.com/by/ana-sample">'
    '<meta property="article:author" content="http://www.nytimes.com/by/bo-sample"></head><body>'
    '<main id="site-content" inert=""></main><article id="story"><section name="articleBody">'
    '<div class="meteredContent css-6wov7h"><p>The bells.</p></div></section></article></body></html>'
)


def test_an_article_without_a_heading():
    """The title of the page stands for it; meta tags name the authors, in one order, and their pages."""
    page = parse_page(STORY, BARE)
    assert (page.headline, page.body, page.is_truncated) == ("Bells", "The bells.", False)
    assert [author.url for author in page.authors] == [f"{WWW}/by/ana-sample", f"{WWW}/by/bo-sample"]


def test_pages_of_authors_that_cannot_be_told_apart():
    """Two names, one page: nobody's."""
    page = parse_page(STORY, BARE.replace('<meta property="article:author" content="http', "<x y='z"))
    assert [author.url for author in page.authors] == [None, None]


# As a reader of feeds tests it in 2026: columns told by test ids only, graphics between them.
COLUMNS = (
    '<h1>Bells</h1><section name="articleBody"><div data-testid="companionColumn-0"><div>'
    '<p>The bells <a href="/2025/10/01/us/other.html">rang</a>.</p></div></div>'
    '<div data-testid="inline-interactive"><p>Label <a href="/2025/10/02/us/map.html">map</a></p></div>'
    '<div data-testid="InteractiveBlock-2"><p>Source: the shepherds</p></div>'
    '<div data-testid="Dropzone-3"><p>Advertisement</p></div>'
    '<div data-testid="companionColumn-1"><div><p>They rang again.</p></div></div>'
    "<p>Ana Sample is a shepherd.</p></section>"
)


def test_columns_that_only_a_test_id_tells():
    """Labels of a graphic and who the author is are no paragraphs."""
    page = parse_page(STORY, COLUMNS)
    assert page.body == "The bells rang.\n\nThey rang again."
    assert [link.target for link in page.links] == [CITED]


# From a parser that was tried on 800 archived pages a year, and from readers of 2018.
BRIEFING = (
    '<article><div class="StoryBodyCompanionColumn"><p>Good evening.</p></div>'
    f'<div class="StoryBodyCompanionColumn"><p>First, the <a href="{CITED}">bells</a>.</p></div>'
    "</article>"
)
PHONE = (
    '<article id="story" class="Story-story--2QyGh"><header><h1 itemprop="headline">Bells</h1></header>'
    '<button class="SectionBarShare-shareButton--2f1RP">Share</button><p>Good evening.</p>'
    '<p>First, the <a href="/2025/10/01/us/other.html">bells</a>.</p>'
    '<figure><img src="https://static01.nyt.com/a.jpg"><figcaption class="ResponsiveMedia-caption--1dUVu">'
    '<span itemprop="copyrightHolder"><span>Credit</span><span>Cy Sample</span></span></figcaption></figure>'
    '<div class="Recirculation-moreInRecirculation--2skgO"><p><a href="/2025/10/03/us/c.html">News</a></p>'
    "</div></article>"
)


@pytest.mark.parametrize(("markup", "layout"), [(BRIEFING, "react-2018-06"), (PHONE, "react-2017")])
def test_columns_without_a_section(markup, layout):
    """Any article with the columns of 2018, and the first React pages, which were for phones."""
    page = parse_page(f"{WWW}/2018/06/02/briefing/bells.html", markup)
    assert (page.extractor.layout, page.body) == (layout, "Good evening.\n\nFirst, the bells.")
    assert [link.target for link in page.links] == [CITED]


@pytest.mark.parametrize(
    ("url", "section"),
    [
        (f"{WWW}/athletic/5551234/2024/06/10/bells-of-the-valley/", None),
        ("https://invented.blogs.nytimes.com/2011/03/09/bells-of-the-valley/", None),
        (f"{WWW}/aponline/2018/05/09/world/europe/ap-bells.html", "world"),
        (f"{WWW}/live/2025/02/03/us/bells", "us"),
        ("https://cn.nytimes.com/china/20250210/bells/", "china"),
    ],
)
def test_a_slug_is_no_section(url, section):
    """What follows the date is a section where more follows."""
    assert parse_page(url, "<h1>Bells</h1>").article_section == section


HOME = (
    '<html class="app-homepage"><head><meta name="PT" content="Homepage">'
    '<meta property="og:title" content="News">'
    '</head><body><main id="main" class="main"><section id="top-news">'
    '<h2 class="section-heading">Top News</h2>'
    '<article class="story theme-feature"><h1 class="story-heading">'
    '<a href="/2015/10/17/arts/bells.html">Bells.<br>'
    ' A Price?</a></h1></article><ul class="theme-news-headlines"><li><article class="story">'
    '<h2 class="story-heading"><i class="icon"></i><a href="/2015/10/17/world/sheep.html">Sheep</a>'
    '<time datetime="2015-10-16">4:22 PM ET</time></h2><p class="theme-comments">'
    '<a href="/2015/10/17/world/sheep.html?hp&amp;target=comments#commentsContainer">Comments</a></p>'
    "</article></li></ul>"
    "</section></main></body></html>"
)


def test_a_home_page_with_a_great_headline():
    """The greatest heading is an entry's, and not the name of the page."""
    page = parse_page(f"{WWW}/", HOME)
    assert (page.headline, page.page_type) == ("News", "home")
    assert [(link.target, link.anchor_text) for link in page.links] == [
        (f"{WWW}/2015/10/17/arts/bells.html", "Bells. A Price?"),
        (f"{WWW}/2015/10/17/world/sheep.html", "Sheep"),
    ]


# The head of an article of March 2018, from the tests of a reader of Open Graph tags.
STORY_2018 = (
    '<html itemtype="http://schema.org/NewsArticle"><head>{}<meta name="byl" content="By ANA SAMPLE">'
    '<link rel="alternate" hreflang="es-LA" href="https://www.nytimes.com/es/2018/03/24/campanas/?">'
    '<link rel="alternate" hreflang="en" href="https://www.nytimes.com/2018/03/21/technology/bells.html">'
    '<meta property="article:author" content="https://www.nytimes.com/by/ana-sample"></head><body>'
    '<article id="story" class="story theme-main"><header><h1 id="headline">Bells</h1>'
    '<span class="byline">By '
    '<span class="byline-author">ANA SAMPLE</span></span></header><div class="story-body">'
    '<p class="story-body-text story-content">The bells.</p></div></article></body></html>'
)


@pytest.mark.parametrize(
    ("head", "moment", "precision"),
    [
        (
            '<meta property="article:published_time" content="2018-03-21T05:00:12-04:00">',
            "2018-03-21T09:00:12+00:00",
            "minute",
        ),
        ('<meta name="ptime" content="20180321050012">', "2018-03-21T09:00:12+00:00", "minute"),
        ('<meta name="pdate" content="20180321">', "2018-03-21T00:00:00+00:00", "day"),
    ],
)
def test_an_article_of_the_last_days_before_react(head, moment, precision):
    """The head knows the author's page; the Spanish version is told there, too, with a bare question mark."""
    page = parse_page(f"{WWW}/2018/03/21/technology/bells.html", STORY_2018.format(head))
    assert [(author.name, author.url) for author in page.authors] == [("ANA SAMPLE", f"{WWW}/by/ana-sample")]
    assert page.translations == (f"{WWW}/es/2018/03/24/campanas/",)
    assert (page.date_published.isoformat(), page.date_precision) == (moment, precision)


# What two readers of 2026 cut out of a body: slots for advertisements, players, embedded graphics.
INJECTED = (
    '<h1>Bells</h1><section name="articleBody"><div data-testid="StoryAd"><p>Advertisement</p></div>'
    '<div data-testid="AudioBlock-1"><h2>Listen</h2><p>Hear it.</p></div><p>The bells.</p>'
    '<div data-testid="Dropzone-2"><p><a href="/2025/10/02/us/a.html">More</a></p></div>'
    '<div data-testid="EmbeddedInteractive-3"><p>Label</p></div><p>They rang.</p>'
    '<aside><ol aria-label="Comments"><li><p>Nice.</p></li></ol></aside>{}</section>'
)


@pytest.mark.parametrize(
    "end",
    [
        "",
        "<p>A correction was made on <b>Oct. 12, 2025</b>: An earlier version of this article said less.</p>",
        "<p><strong>Correction: Oct. 12, 2025</strong></p><p><em>An earlier version said less.</em></p>",
        "<p>Editors’ Note: It said less.</p><p><i>Ana Sample is a shepherd.</i></p>",
    ],
)
def test_what_is_put_into_a_body_and_what_is_said_below_it(end):
    """Neither is text of the article; a correction is a note."""
    page = parse_page(STORY, INJECTED.format(end))
    assert (page.body, page.links) == ("The bells.\n\nThey rang.", ())


def test_a_correction_in_the_middle_is_text():
    """Only what ends the text is said of it."""
    page = parse_page(STORY, INJECTED.format("<p>Correction: none.</p><p>They stopped.</p>"))
    assert page.body.endswith("Correction: none.\n\nThey stopped.")


def test_prompts_between_the_paragraphs_of_2018():
    """A survey and a newsletter have the class of the text."""
    prompts = (
        '<div class="prompt feedback-prompt story-content hidden">Did you like it?</div>'
        '<div class="newsletter-signup story-content"><p>Sign up</p></div>'
        '<p class="story-body-text story-content">'
    )
    html = STORY_2018.format("").replace('<p class="story-body-text story-content">', prompts)
    assert parse_page(f"{WWW}/2018/03/21/technology/bells.html", html).body == "The bells."


def test_paragraphs_without_the_classes_of_theirs():
    """As a reader of 2018 pages selects them: all that stand in the body itself."""
    html = STORY_2018.format("").replace(' class="story-body-text story-content"', "")
    page = parse_page(f"{WWW}/2018/03/21/technology/bells.html", html)
    assert (page.extractor.layout, page.body) == ("story-body-2014", "The bells.")


@pytest.mark.parametrize("column", ["StoryBodyCompanionColumn", "css-1"])
def test_a_box_of_related_links_between_paragraphs(column):
    """As a collector of recipes and two savers of pages find it: no text, with columns or without."""
    html = (
        f'<article id="story"><h1 data-testid="headline">Bells</h1><section name="articleBody">'
        f'<div class="{column}"><p>The bells.</p></div>'
        '<div class="related-links-block"><h2>More on Bells</h2>'
        '<ul><li><a href="/2025/01/02/world/sheep.html"><h3>Sheep</h3><p>Where they stay.</p></a></li></ul>'
        "</div>"
        f'<div class="{column}"><p>They rang again.</p></div></section></article>'
    )
    page = parse_page(f"{WWW}/2025/01/05/world/bells.html", html)
    assert page.body == "The bells.\n\nThey rang again."
    assert [(link.anchor_text, link.role) for link in page.links] == [("Sheep", Role.RELATED)]


@pytest.mark.parametrize(
    "byline",
    [
        '<p class="Byline-bylineAuthor--1">By <a href="/by/ana-sample">ANA SAMPLE</a> and BO SAMPLE</p>',
        '<div>By <span class="Byline-bylineAuthor--1"><a href="/by/ana-sample">ANA SAMPLE</a></span> and '
        '<span class="Byline-bylineAuthor--1">BO SAMPLE</span></div>',
    ],
)
def test_the_byline_of_a_phone_page(byline):
    """By the class that a reference manager knows, without microdata and without a head."""
    head = f'<article class="Story-story--2QyGh"><header><h1>Bells</h1>{byline}</header>'
    page = parse_page(
        "https://mobile.nytimes.com/2017/11/05/world/bells.html", f"{head}<p>The bells.</p></article>"
    )
    assert [(one.name, one.url) for one in page.authors] == [
        ("ANA SAMPLE", f"{WWW}/by/ana-sample"),
        ("BO SAMPLE", None),
    ]


def test_a_byline_told_by_its_links_alone():
    """Without microdata and head: the line in the article's header that links to an author's page."""
    html = (
        '<article id="story"><header><h1>Bells</h1><p><span>Written by</span> '
        '<a href="/by/ana-sample">Ana Sample</a>'
        '</p></header><section name="articleBody"><p>The bells.</p></section></article>'
    )
    page = parse_page(f"{WWW}/2025/01/05/world/bells.html", html)
    assert [(one.name, one.url) for one in page.authors] == [("Ana Sample", f"{WWW}/by/ana-sample")]
    assert [link.role for link in page.links] == [Role.AUTHOR]


@pytest.mark.parametrize(
    "box",
    [
        '<div class="rad-series-box"><p>More in the series</p></div>',
        '<div id="newsletter-module"><p>Sign up</p></div>',
        '<figure id="Newsletter-embed-1"><figcaption>Sign up</figcaption></figure>',
        '<div class="css-1 Newsletter-wrapper"><p>Sign up</p></div>',
        '<div class="mainTabsContainer"><ul><li>Map</li></ul></div>',
    ],
)
def test_boxes_inside_an_interactive(box):
    """As a reading tool of 2024 leaves them out."""
    html = f'<main><div class="rad-story-body"><p>The bells.</p>{box}<p>They rang again.</p></div></main>'
    page = parse_page(f"{WWW}/interactive/2024/01/05/world/bells.html", html)
    assert (page.body, page.images) == ("The bells.\n\nThey rang again.", ())
