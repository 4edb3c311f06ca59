"""Real pages: the seed document and the corpus, read where they are there. Their text is not kept here."""

import datetime as dt
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import pytest

from crawler.items import Role
from crawler.parsers import parse_page
from crawler.parsers.blocks import read_pieces
from crawler.parsers.document import Document
from crawler.parsers.evidence import plain_title, split_names
from crawler.parsers.inline import Block
from crawler.urls import canonicalize, in_scope

SHARED = Path(__file__).parents[2] / "shared"
CORPUS = SHARED / "corpus"
SEED = SHARED / "seeds" / "deepseek-china-reaction.txt"
SEED_URL = "https://cn.nytimes.com/technology/20250205/deepseek-china-reaction/"
OF_1977 = "https://www.nytimes.com/1977/05/26/movies/moviesspecial/26STAR.html"
SITES = ("cn.nytimes.com", "www.nytimes.com")

needs_seed = pytest.mark.skipif(not SEED.exists(), reason="the seed document is not beside the repository")
needs_corpus = pytest.mark.skipif(not CORPUS.exists(), reason="../shared/corpus is not beside the repository")

FACTS = CORPUS / "facts.jsonl"
LINES = FACTS.read_text(encoding="utf-8").splitlines() if FACTS.exists() else []
RECORDS = [json.loads(line) for line in LINES]
LAYOUTS = {
    "cn.nytimes.com 2012 launch layout (#text_body)": "cn-2012",
    "cn.nytimes.com 2013-2020s section front (autoListStory / regularSummaryHeadline)": "cn-section-front",
    "2018-06 early React article#story .StoryBodyCompanionColumn (no section)": "react-2018-06",
    "2018-12+ React css-* section[name=articleBody]": "react-2018-12",
    "2025 React vi, metered, server-truncated (optimistic-truncator)": "react-2018-12",
}
OLDER_LAYOUTS = {
    "2001-2006 table layout + NYT_TEXT": "tables-2001",
    "2008-2013 nyt_text": "nyt-text-2008",
    "2008-2013 div.articleBody > nyt_text": "nyt-text-2008",
    "blogs (WordPress) entry-content": "blog-2011",
    "blogs 2014+ story-body": "blog-2014",
    "2014-2018 story-body (nyt-v5)": "story-body-2014",
}
OTHER_LAYOUTS = {
    "live blog 2021 React": "live-2021",
    "interactive (theme-interactive, g-*)": "interactive-2014",
    "section/collection front React (vi)": "front-2018",
}
KNOWN = [record for record in RECORDS if record["era_or_layout"] in LAYOUTS]
OLDER = [record for record in RECORDS if record["era_or_layout"] in OLDER_LAYOUTS]
OTHERS = [record for record in RECORDS if record["era_or_layout"] in OTHER_LAYOUTS]
NO_PAGE = {"robots", "blocked"}

CARD = "a card with picture and headline between the paragraphs: editors' related coverage, not a citation"
PROMOTION = "a box that asks to sign up, inside an embedded interactive"
HOUSE = "a box of the house on its own rules, in NYT_MAIN_CONTENT"
GATE = "log in or subscribe, in the place of the text that is withheld"
BESIDE = "a box of related coverage beside the text"
TOOL = "an article tool: log in, portfolio, print, comment"
TAG = "a tag or category of the blog"
PART = "the list of an article's pages below its text: Page.parts"
SIGNED = "who wrote a post of a live page, below it"
SELF = "the page itself"
NOTE = "a standing note of the house below the text, in italics: how to write a letter to the editor"

# Links that facts.jsonl counts as in-text, each looked at in its page: what it is, and its role instead.
WWW = "https://www.nytimes.com"
DEALBOOK = "https://dealbook.nytimes.com"
OPINIONATOR = "https://opinionator.blogs.nytimes.com"
DARK_ART = f"{WWW}/2011/07/10/magazine/the-dark-art-of-breaking-bad.html"
WATCHES = f"{WWW}/2011/07/07/fashion/watches-are-rediscovered-by-the-cellphone-generation.html"
TOYOTA = f"{WWW}/2010/02/07/business/global/07toyota.html"
NOT_IN_TEXT = {
    f"{WWW}/2019/01/31/opinion/letters/letters-to-editor-new-york-times-women.html": (NOTE, "footer"),
    "https://help.nytimes.com/hc/en-us/articles/115014925288-How-to-submit-a-letter-to-the-editor": (
        NOTE,
        "footer",
    ),
    f"{WWW}/interactive/2016/09/19/nyregion/chelsea-bombing-explosion-maps-timeline.html": (CARD, "related"),
    f"{WWW}/2018/07/30/us/politics/trump-tax-cuts-rich.html": (CARD, "related"),
    f"{WWW}/2018/07/25/business/trump-corporate-tax-cut-deficit.html": (CARD, "related"),
    f"{WWW}/interactive/2018/03/16/us/politics/"
    "all-the-major-firings-and-resignations-in-trump-administration.html": (CARD, "related"),
    f"{WWW}/interactive/2016/08/18/nyregion/new-york-101-streets-repair-and-maintenance.html": (
        CARD,
        "related",
    ),
    f"{WWW}/interactive/2018/09/28/us/politics/the-campaign-reporter-ul.html": (PROMOTION, None),
    f"{WWW}/2022/06/30/admin/why-new-york-times-anonymous-sources.html": (HOUSE, None),
    "https://myaccount.nytimes.com/auth/login": (GATE, None),
    f"{WWW}/subscription": (GATE, None),
    f"{WWW}/2010/02/05/business/05recall.html": (BESIDE, "related"),
    f"{WWW}/2010/02/05/technology/05electronics.html": (BESIDE, "related"),
    f"{WWW}/2010/02/05/business/05questions.html": (BESIDE, "related"),
    f"{WWW}/2010/02/06/business/global/06toyota.html": (BESIDE, "related"),
    f"{WWW}/2010/02/07/weekinreview/07segal.html": (BESIDE, "related"),
    f"{WWW}/auth/login": (TOOL, None),
    "https://markets.on.nytimes.com/research/portfolio/view/view.asp": (TOOL, None),
    f"{DEALBOOK}/category/main-topics/dealbook-columns/": (TAG, "topic"),
    f"{DEALBOOK}/2011/04/11/for-defense-in-galleon-trial-no-time-to-rest/": (TOOL, None),
    "https://community.nytimes.com/comments/dealbook.nytimes.com/2011/04/11/"
    "for-defense-in-galleon-trial-no-time-to-rest/": (TOOL, None),
    f"{DEALBOOK}/2011/04/11/rajaratnam-lawyers-open-defense/": (BESIDE, "related"),
    **dict.fromkeys((DARK_ART, WATCHES, TOYOTA), (PART, None)),
    f"{OPINIONATOR}/category/fixes/": (TAG, None),
    f"{OPINIONATOR}/category/fixes": (BESIDE, "related"),
    **{
        f"{OPINIONATOR}/tag/{tag}/": (TAG, "topic")
        for tag in ("economy", "freelancing", "health-care", "jobs")
    },
    f"{WWW}/live/2021/03/23/us/boulder-colorado-shooting": (SELF, None),
    **{
        f"{WWW}/by/{name}": (SIGNED, "author")
        for name in (
            *("nicholas-bogel-burroughs", "jenny-gross", "richard-perez-pena", "stephanie-saul"),
            *("adam-goldman", "giulia-mcdonnell-nieto-del-rio", "shawn-hubler", "marie-fazio"),
            *("elizabeth-dias", "neil-macfarquhar", "azi-paybarah", "maria-cramer", "glenn-thrush"),
            *("jack-healy", "reid-j-epstein", "patrick-j-lyons", "daniel-victor", "catie-edmondson"),
            "allyson-waller",
        )
    },
}
# Anchors of the body that are no citations, beside those: what they are.
NO_CITATIONS = {
    "07toyota": (1, "Next Article, which is not among the links of facts.jsonl"),
    "galleon-trial": (7, "javascript: share and e-mail"),
    "health-care": (5, "below a rule, in italics: who the author is"),
    "sudan-sanctions": (1, "two anchors side by side with one href are one link"),
    "boulder-colorado": (11, "the headlines of the posts, which lead to themselves"),
    "national-museum": (-1, "a citation more, in `p.g-portrait-person`, which facts.jsonl does not count"),
}


@cache
def read(file, url):
    html = (CORPUS / "pages" / file).read_bytes().decode("utf-8", "replace")
    return parse_page(url, html)


def by_file(records):
    return [pytest.param(record, id=record["file"].removesuffix(".html")[:70]) for record in records]


# The seed


@pytest.fixture(scope="module")
def seed():
    return parse_page(SEED_URL, SEED.read_text(encoding="utf-8"))


def targets(page, role):
    return [link.target for link in page.links if link.role is role]


@needs_seed
def test_the_links_of_the_seed(seed):
    """Three citations to the two sites, three elsewhere, a translation, a topic, the author twice."""
    citations = targets(seed, Role.CITATION)
    assert [url for url in citations if in_scope(url, SITES)] == [
        "https://cn.nytimes.com/technology/20250124/deepseek-china-ai-chips/",
        "https://www.nytimes.com/2025/01/27/business/us-stock-market-deepseek-ai-sp500-nvidia.html",
        "https://cn.nytimes.com/business/20250121/tiktok-red-note-china-internet/",
    ]
    assert [url for url in citations if not in_scope(url, SITES)] == [
        "https://x.com/kaifulee/status/1883689612637548818",
        "https://mp.weixin.qq.com/s/r9zZaEgqAa_lml_fOEZmjg",
        "https://tv.cctv.com/2025/01/20/VIDEP7O5fkXufWLSm3J5pwkL250120.shtml",
    ]
    original = "https://www.nytimes.com/2025/01/28/business/deepseek-china-reaction.html"
    assert targets(seed, Role.TRANSLATION) == [original]
    assert targets(seed, Role.TOPIC) == ["https://cn.nytimes.com/topic/20180823/the-new-new-world/"]
    assert targets(seed, Role.AUTHOR) == ["https://www.nytimes.com/by/li-yuan"] * 2
    assert (len(seed.links), seed.broken_links, seed.translation_of) == (10, (), original)


@needs_seed
def test_the_facts_of_the_seed(seed):
    """Headline, author, date, language, translator, figures: as the document has them."""
    assert seed.headline == "改变国运的突破？DeepSeek引爆中国社交媒体"
    assert [(author.name, author.url) for author in seed.authors] == [
        ("袁莉", "https://www.nytimes.com/by/li-yuan")
    ]
    assert seed.date_published.isoformat() == "2025-02-05T07:56:31+00:00"
    assert (seed.published_on, seed.published_tz, seed.date_precision) == (
        "2025-02-05",
        "Asia/Shanghai",
        "minute",
    )
    assert (seed.translators, seed.in_language) == (("纽约时报中文网",), "zh-Hans")
    assert [bool(image.caption) for image in seed.images] == [True] * 4
    assert seed.images[0].credit == "Violeta Santos Moura/Reuters"
    assert seed.main_image == seed.images[0].url
    assert (seed.extractor.name, seed.extractor.verified) == ("saved_article", True)


@needs_seed
def test_the_body_of_the_seed(seed):
    """Every paragraph of the section that holds text is a paragraph of the body; no caption is."""
    section = SEED.read_text(encoding="utf-8").partition("<section>")[2].partition("</section>")[0]
    paragraphs = [
        re.sub(r"<[^>]+>", "", part) for part in section.split("</p>") if part and "<img" not in part
    ]
    assert seed.body.split("\n\n") == paragraphs
    assert all(image.caption not in seed.body for image in seed.images)


@needs_seed
def test_every_link_of_the_seed_can_be_found_in_its_body(seed):
    """Paragraph and position lead to the anchor text, and the context holds it."""
    paragraphs = seed.body.split("\n\n")
    for link in seed.links:
        assert link.anchor_text in link.context
        if link.role is Role.CITATION:
            assert paragraphs[link.paragraph - 1][link.position :].startswith(link.anchor_text)


# The corpus


@needs_corpus
def test_all_pages_of_the_known_layouts_are_there():
    """Thirteen pages are in the layouts that are written; a renamed layout must not pass unseen."""
    assert len(KNOWN) == 13


@needs_corpus
@pytest.mark.parametrize("record", by_file(KNOWN))
def test_facts_of_a_page(record):
    """Layout, headline, date and byline are those of facts.jsonl."""
    page = read(record["file"], record["url"])
    assert page.extractor.layout == LAYOUTS[record["era_or_layout"]]
    assert page.extractor.verified
    assert page.headline == plain_title(record["title"])
    if record["published"]:
        published = record["published"].replace(".000Z", "+00:00")
        assert (page.date_published.isoformat(), page.date_precision) == (published, "minute")
    if record["byline_meta"]:
        assert tuple(author.name for author in page.authors) == split_names(record["byline_meta"])
        assert all(author.url for author in page.authors)
    assert page.is_truncated == ("truncated" in record["kind"])


@needs_corpus
def test_all_pages_of_the_older_layouts_are_there():
    """Nineteen pages are older than React; a renamed layout must not pass unseen."""
    assert len(OLDER) == 19


@needs_corpus
@pytest.mark.parametrize("record", by_file(OLDER))
def test_facts_of_an_older_page(record):
    """Layout, headline, day and byline are those of facts.jsonl, the time where it has one."""
    page = read(record["file"], record["url"] or OF_1977)
    assert page.extractor.layout == OLDER_LAYOUTS[record["era_or_layout"]]
    assert page.extractor.verified
    title = plain_title(record["title"]).rpartition("Movie Review | 'Star Wars': ")[2]
    assert title in (page.headline, page.alternative_headline)
    assert [author.name for author in page.authors] == list(split_names(record["byline_meta"]))
    assert page.published_on == _day(record)
    if "T" in (record["published"] or ""):
        assert page.date_published == dt.datetime.fromisoformat(record["published"])
    assert page.body
    assert page.publisher == "The New York Times"


def _day(record):
    """pdate=20101221, 2016-07-29T16:42:34-04:00, or on blogs the day in the URL."""
    written = record["published"] or re.search(r"/(\d{4}/\d\d/\d\d)/", record["url"])[1]
    digits = re.sub(r"\D", "", written)[:8]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


@needs_corpus
@pytest.mark.parametrize(
    ("file", "moment"),
    [
        # The clock on the page, which says 12:42 pm, 9:43 pm, 4:13 pm, 9:15 pm; all of them New York's.
        ("teenage-cyclist", "2011-03-09T17:42:24+00:00"),
        ("galleon-trial", "2011-04-12T01:43:18+00:00"),
        ("mcconnell-proposal", "2011-07-12T20:13:49+00:00"),
        ("health-care-for", "2011-12-02T02:15:22+00:00"),
        # Meta ptime; the tags with a name have the day only.
        ("brussels-neighborhood", "2015-11-17T03:12:56+00:00"),
    ],
)
def test_the_minute_of_an_older_page(file, moment):
    """New York digits are read as such, also where a false offset or none stands beside them."""
    (record,) = [record for record in OLDER if file in record["file"]]
    page = read(record["file"], record["url"])
    assert (page.date_published.isoformat(), page.date_precision) == (moment, "minute")


@needs_corpus
def test_a_page_that_declares_the_wrong_charset():
    """A page of 2010 is UTF-8, declares ISO-8859-1, and holds both: read either way it is the same."""
    (record,) = [record for record in OLDER if "07toyota" in record["file"]]
    html = (CORPUS / "pages" / record["file"]).read_bytes().decode("cp1252", "replace")
    page, same = parse_page(record["url"], html), read(record["file"], record["url"])
    assert (page.headline, page.body, page.description) == (same.headline, same.body, same.description)


@needs_corpus
def test_the_parts_of_an_article():
    """Five files of one article: each lists all five parts, whichever it is, and has a text of its own."""
    parts = [record for record in OLDER if "dark-art" in record["file"]]
    pages = [read(record["file"], record["url"]) for record in parts]
    assert {page.parts for page in pages} == {
        (DARK_ART, *(f"{DARK_ART}?pagewanted={n}" for n in range(2, 6)))
    }
    assert len({page.body for page in pages}) == 5
    assert not any("(Page " in page.body or "Next Page" in page.body for page in pages)
    assert {page.story_key for page in pages} == {DARK_ART}


@needs_corpus
@pytest.mark.parametrize("record", by_file(OLDER + OTHERS))
def test_all_links_of_an_older_or_other_body_are_accounted_for(record):
    """An anchor that facts.jsonl counts is a citation, a part of the article, excused, or no link."""
    page = read(record["file"], record["url"] or OF_1977)
    parts = sum("pagewanted=" in href for href in record["in_text_link_list"])
    excused = sum(1 for href in record["in_text_link_list"] if _excuse(canonicalize(href) or ""))
    others = sum(count for file, (count, _) in NO_CITATIONS.items() if file in record["file"])
    assert len(targets(page, Role.CITATION)) + parts + excused + others == record["links_in_body"]


@needs_corpus
@pytest.mark.parametrize("record", by_file(KNOWN + OLDER + OTHERS))
def test_in_text_links_of_a_page(record):
    """Citations to the newspaper are those of facts.jsonl, less those that are not in-text (NOT_IN_TEXT)."""
    page = read(record["file"], record["url"] or OF_1977)
    listed = Counter(canonicalize(urljoin(record["url"], href)) for href in record["in_text_link_list"])
    excused = {url: _excuse(url) for url in listed if _excuse(url)}
    cited = Counter(url for url in targets(page, Role.CITATION) if "nytimes.com" in url)
    assert cited == Counter({url: n for url, n in listed.items() if url not in excused})
    roles = {link.target: str(link.role) for link in page.links}
    assert {url: roles.get(url) for url in excused} == {url: role for url, (_, role) in excused.items()}


def _excuse(url):
    return NOT_IN_TEXT.get(url.partition("?")[0])


@needs_corpus
@pytest.mark.parametrize("record", by_file(KNOWN))
def test_all_links_of_the_body_are_accounted_for(record):
    """Every anchor that facts.jsonl counts in the body is a citation, excused, or in a note."""
    page = read(record["file"], record["url"])
    excused = sum(1 for href in record["in_text_link_list"] if _excuse(canonicalize(href)))
    note = 4 if "republicans-elections" in record["file"] else 0  # a mailto: and three networks
    assert len(targets(page, Role.CITATION)) + excused + note == record["links_in_body"]


@needs_corpus
def test_the_launch_page_of_2012():
    """The one whole page of cn.nytimes.com: byline, day, English headline, translator, photo, tab."""
    (record,) = [record for record in KNOWN if record["file"].startswith("cn_2012")]
    page = read(record["file"], record["url"])
    assert page.alternative_headline == "Tea Party Favorite Wins Texas Runoff"
    assert [author.name for author in page.authors] == ["ERIK ECKHOLM"]
    assert (page.published_on, page.date_precision) == ("2012-08-02", "day")
    assert (page.translators, page.article_section, page.in_language) == (("柳沉",), "world", "zh-Hans")
    assert [image.credit for image in page.images] == ["Michael Stravato for The New York Times"]
    assert page.translations == ("https://cn.nytimes.com/article/world/2012/08/02/c02texas/en/",)
    assert (page.links, len(page.body.split("\n\n"))) == ((), 16)


@needs_corpus
def test_the_section_front_of_2017():
    """The one real list of cn.nytimes.com: its name, its five entries in order, no menu, no page number."""
    (record,) = [record for record in KNOWN if record["file"].startswith("cn_2017")]
    page = read(record["file"], record["url"])
    assert targets(page, Role.RELATED) == [
        "https://cn.nytimes.com/business/20171031/xi-jinping-american-executives/",
        "https://cn.nytimes.com/world/20171030/russia-venezula-oil-rosneft/",
        "https://cn.nytstyle.com/technology/20171024/artificial-intelligence-experts-salaries/",
        "https://cn.nytstyle.com/culture/20171024/flameless-cremation/",
        "https://cn.nytstyle.com/morning-brief/20171016/mogadishu-iran-north-korea/",
    ]
    assert len(page.links) == 5
    assert (page.headline, page.body, page.in_language) == ("商业与经济", None, "zh-Hans")


@needs_corpus
def test_the_chinese_versions_of_an_english_page():
    """The header's links to both scripts: one story, one link, two translations."""
    (record,) = [record for record in KNOWN if "trump-trade-war-china" in record["file"]]
    page = read(record["file"], record["url"])
    twin = "https://cn.nytimes.com/business/20191119/trump-trade-war-china/"
    assert targets(page, Role.TRANSLATION) == [twin]
    assert page.translations == (twin, f"{twin}zh-hant/")


# What the suites that kept the pages expect and the body has not: the frame of the page, not its text.
FRAME = re.compile(
    r"^\w{3,5}\.? \d{1,2}, \d{4}$|^A version of this article appears in print|has covered economics since"
    r"|is a Metro reporter|^More about the federal debt|^Continue reading the main story$"
)
# What the body has and they leave out: notes in the body's own columns, after the story.
NOTES = re.compile("contributed reporting")


@needs_corpus
@pytest.mark.parametrize(
    "record",
    by_file(record for record in KNOWN + OLDER if record["expected"]),
)
def test_the_body_is_the_expected_one(record):
    """Paragraph by paragraph the body is what other suites expect, but for frame and notes."""
    page = read(record["file"], record["url"])
    ours = [_letters(text) for text in page.body.split("\n\n") if not NOTES.search(text)]
    for file in record["expected"]:
        if file.endswith("-metadata.json"):
            continue
        expected = list(_expected_paragraphs(CORPUS / file, page))
        assert expected
        if file.endswith(".txt"):
            assert all(any(part in text for text in ours) for part in map(_letters, expected))
        else:
            assert ours == [_letters(text) for text in expected if not FRAME.search(text)]


def _letters(text):
    return re.sub(r"\W+", "", text)


def _expected_paragraphs(path, page):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        pieces = read_pieces(Document.read("", text).root, pictures=("figure",))
        return (
            piece.text for _, piece in pieces if isinstance(piece, Block) and piece.text != page.description
        )
    if path.suffix == ".json":
        (truth,) = json.loads(text).values()
        return filter(None, map(str.strip, truth["articleBody"].split("\n")))
    return json.loads(re.search(r'"with": (\[.*?\])', text, re.DOTALL)[1])


@needs_corpus
def test_all_pages_are_in_a_layout_that_is_written():
    """Seven pages are no plain articles; with the older and the newer ones that is the corpus."""
    assert len(OTHERS) == 7
    assert [r["file"] for r in RECORDS if r not in KNOWN + OLDER + OTHERS and r["kind"] not in NO_PAGE] == []


# A head that says `By` and no name, as it was five days after publication; the graphic itself is signed.
UNNAMED = {"national-museum-of-african-american-history-and-culture__parser_20160920": ["The New York Times"]}


@needs_corpus
@pytest.mark.parametrize("record", by_file(OTHERS))
def test_facts_of_a_page_that_is_no_plain_article(record):
    """Layout, headline, minute and byline are those of facts.jsonl; digits are New York's time."""
    page = read(record["file"], record["url"])
    assert page.extractor.layout == OTHER_LAYOUTS[record["era_or_layout"]]
    assert page.extractor.verified
    assert page.headline == plain_title(record["title"])
    assert page.date_published == _moment(record["published"])
    assert page.date_precision == "minute"
    named = next((names for file, names in UNNAMED.items() if file in record["file"]), None)
    assert [author.name for author in page.authors] == (
        named or list(split_names(record["byline_meta"] or ""))
    )


def _moment(published):
    if "T" in published:
        return dt.datetime.fromisoformat(published)
    return dt.datetime.strptime(published, "%Y%m%d%H%M%S").replace(tzinfo=ZoneInfo("America/New_York"))


@needs_corpus
def test_the_posts_of_a_live_page():
    """Eleven posts, each with its slug, headline, minute, authors and text, which is part of the page's."""
    (record,) = [record for record in OTHERS if record["kind"] == "liveblog"]
    page = read(record["file"], record["url"])
    assert [(post.slug, post.date_published.isoformat()) for post in page.posts] == [
        ("boulder-shooting-suspect-charged", "2021-03-23T14:49:55+00:00"),
        (
            "the-shooting-victims-included-a-police-officer-grocery-workers-and-a-retiree",
            "2021-03-23T16:44:30+00:00",
        ),
        (
            "biden-calls-for-action-on-gun-violence-after-two-mass-shootings-in-a-week",
            "2021-03-23T11:00:16+00:00",
        ),
        (
            "she-thought-it-might-be-her-last-phone-call-i-just-told-them-i-loved-them",
            "2021-03-23T15:37:10.462000+00:00",
        ),
        (
            "across-states-a-checkerboard-of-gun-laws-reflects-a-partisan-tilt",
            "2021-03-24T00:25:35+00:00",
        ),
        (
            "the-suspect-was-prone-to-angry-outbursts-according-to-former-classmates",
            "2021-03-23T17:57:16+00:00",
        ),
        ("boulder-colorado-gun-laws", "2021-03-23T02:21:46+00:00"),
        ("grocery-store-workers-boulder", "2021-03-23T14:07:39+00:00"),
        ("recent-mass-shootings", "2021-03-23T17:30:07+00:00"),
        ("senate-gun-control", "2021-03-23T13:58:55+00:00"),
        ("another-grocery-store-chain-is-now-linked-to-a-mass-shooting", "2021-03-23T20:34:52+00:00"),
    ]
    assert [len(post.authors) for post in page.posts] == [5, 5, 3, 1, 1, 1, 1, 1, 2, 1, 1]
    assert all(author.url for post in page.posts for author in post.authors)
    assert all(author.url for author in page.authors)
    texts = [text for post in page.posts for text in (post.headline, post.body)]
    assert page.body == "\n\n".join(texts)
    assert "transcript" not in page.body
    assert targets(page, Role.RELATED) == [f"{WWW}/live/2021/03/24/us/boulder-colorado-shooting"]


@needs_corpus
def test_a_graphic_without_its_labels():
    """Neither the names on a map nor the sources below it are text; two pictures share a caption."""
    (record,) = [record for record in OTHERS if "gun-traffickers" in record["file"]]
    page = read(record["file"], record["url"])
    paragraphs = page.body.split("\n\n")
    assert (len(paragraphs), min(map(len, paragraphs)) > 100) == (20, True)
    assert [bool(image.caption) for image in page.images] == [False, True]
    assert len(targets(page, Role.FOOTER)) == 3


@needs_corpus
def test_one_graphic_saved_four_times():
    """What changed in the six years between are captions and boxes, not the text."""
    pages = [read(record["file"], record["url"]) for record in OTHERS if "museum" in record["file"]]
    assert len({page.body for page in pages[1:]}) == 1
    assert not any(re.match(r"\w ", page.body) for page in pages)  # the drop cap is part of its word
    assert {page.alternative_headline for page in pages} == {"I, Too, Sing America"}
    assert {page.images for page in pages} == {()}  # their addresses are completed by a script
    assert all(page.main_image.startswith("https://static01.nyt.com/images/") for page in pages)


@needs_corpus
def test_a_front_is_no_article():
    """The Spanish front: a name, a description and thirty-seven stories, each once; no text, no byline."""
    (record,) = [record for record in OTHERS if record["kind"] == "section-front"]
    page = read(record["file"], record["url"])
    assert (page.page_type, page.in_language, page.story_key) == ("home", "es", None)
    assert (page.body, page.authors, page.translations, page.posts) == (None, (), (), ())
    assert page.description
    assert {link.role for link in page.links} == {Role.RELATED}
    stories = targets(page, Role.RELATED)
    assert (len(stories), len(set(stories))) == (37, 37)
    assert all(url.startswith(f"{WWW}/es/") for url in stories)
    assert all(len(link.anchor_text) > 10 for link in page.links)


@needs_corpus
def test_a_block_page_is_told():
    """The vendor's page gives an address and nothing else."""
    page = read("blocked_datadome_reuters_sample.html", "https://www.nytimes.com/2025/01/01/us/x.html")
    assert (page.extractor.layout, page.headline, page.links) == ("blocked", None, ())
