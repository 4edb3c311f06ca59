"""An article of several pages is one document: the pure joining, and the crawl that gets the parts."""

from dataclasses import replace

import pytest
from crawling import Crawls, article, citing, seed_file
from hypothesis import given
from hypothesis import strategies as st
from loopback import Reply, Web

from crawler.items import Role
from crawler.parsers import parse_page
from crawler.parsers.parts import PART_LIMIT, join, missing_part
from crawler.parsers.text import count_words
from crawler.urls import whole_article

CN, WWW = "https://cn.nytimes.com", "https://www.nytimes.com"
ADDRESS = f"{WWW}/2011/07/10/magazine/bells.html"
ELSEWHERE = f"{WWW}/2011/01/02/us/sheep.html"


def address_of(number):
    return ADDRESS if number == 1 else f"{ADDRESS}?pagewanted={number}"


def part(number, of, *paragraphs):
    """A page of an article in the layout of 2011; paragraphs are HTML."""
    pages = "".join(
        f"<li>{n}</li>" if n == number else f'<li><a href="?pagewanted={n}&amp;_r=1">{n}</a></li>'
        for n in range(1, of + 1)
    )
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<html><head><title>Bells of the Valley - NYTimes.com</title>"
        '<meta name="byl" content="By ANA SAMPLE"><meta name="pdate" content="20110706"></head><body>'
        '<div id="article"><h1 class="articleHeadline"><nyt_headline>Bells of the Valley</nyt_headline></h1>'
        '<nyt_byline><h6 class="byline">By <a href="/by/ana-sample">ANA SAMPLE</a></h6></nyt_byline>'
        f'<div class="articleBody"><nyt_text>{text}</nyt_text></div>'
        f'<div id="pageLinks"><ul id="pageNumbers">{pages}</ul></div></div></body></html>'
    )


def cite(number):
    return f'Bells number {number}, <a href="/2011/01/0{number}/us/bell.html">as was told</a>, rang.'


def parts(*texts):
    return [
        parse_page(address_of(number), part(number, len(texts), *paragraphs))
        for number, paragraphs in enumerate(texts, 1)
    ]


def test_parts_make_one_article():
    """Text and links of all, each link with its paragraph in the whole; facts that each repeats, once."""
    pages = parts(["One.", cite(1)], [cite(2)], ["Five.", "Six.", cite(3), cite(3)])
    page = join(pages)
    assert page.id == ADDRESS
    assert page.body == "\n\n".join(each.body for each in pages)
    paragraphs = page.body.split("\n\n")
    citations = [link for link in page.links if link.role is Role.CITATION]
    assert [link.paragraph for link in citations] == [2, 3, 6, 7]
    for link in citations:
        assert paragraphs[link.paragraph - 1][link.position :].startswith(link.anchor_text)
    assert [link.target for link in page.links if link.role is Role.AUTHOR] == [f"{WWW}/by/ana-sample"]
    assert page.word_count == count_words(page.body)
    assert page.content_hash not in {each.content_hash for each in pages}
    assert (page.headline, page.parts) == (pages[0].headline, tuple(map(address_of, (1, 2, 3))))


@given(st.lists(st.lists(st.sampled_from(["Bells.", cite(1), cite(2)]), min_size=1, max_size=3), max_size=4))
def test_no_citation_is_lost_or_moved(texts):
    """Whatever the parts hold."""
    pages = parts(["One.", cite(1)], *texts)
    page = join(pages)
    paragraphs = page.body.split("\n\n")
    told = [link.anchor_text for each in pages for link in each.links if link.role is Role.CITATION]
    found = [link for link in page.links if link.role is Role.CITATION]
    assert [link.anchor_text for link in found] == told
    assert all(link.context in paragraphs[link.paragraph - 1] for link in found)


def test_which_part_comes_next():
    """In their order, until all are there; an article of one page has none, and a later part begins none."""
    one, two, three = parts(["One."], ["Two."], ["Three."])
    assert missing_part([one]) == two.id
    assert missing_part([one, two]) == three.id
    assert missing_part([one, two, three]) is None
    assert missing_part([two]) is None
    assert missing_part(parts(["One."])) is None
    endless = replace(one, parts=tuple(map(address_of, range(1, 1000))))
    assert missing_part([endless] * PART_LIMIT) is None


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        (f"{ADDRESS}?pagewanted=2&_r=1", ADDRESS),
        (f"{ADDRESS}?pagewanted=all", ADDRESS),
        (f"{ADDRESS}?pagewanted=1", None),
        (ADDRESS, None),
        (
            "https://query.nytimes.com/gst/fullpage.html?res=9C0&pagewanted=3",
            "https://query.nytimes.com/gst/fullpage.html?res=9C0",
        ),
        ("https://example.org/2011/07/10/a.html?pagewanted=2", None),
        (f"{WWW}/by/ana-sample?pagewanted=2", None),
        ("", None),
    ],
)
def test_whose_page_an_address_is(url, whole):
    """By its query alone, and on the newspaper's hosts only."""
    assert whole_article(url) == whole


# The crawl


@pytest.fixture
def crawl(mongo_uri, database, tmp_path):
    """Crawls a few pages of an invented web; gives what was asked for and the pages stored."""

    def run(pages):
        robots = {f"{host}/robots.txt": Reply("User-agent: *\nDisallow:\n") for host in (CN, WWW)}
        with Web({**robots, **pages}, tmp_path) as web:
            crawls = Crawls(mongo_uri, database, tmp_path, web.proxy)
            done = crawls.run("articles", seed_file(tmp_path, depth=2))
        assert done.returncode == 0, done.stderr
        return web.urls(), crawls

    return run


SEED = "https://cn.nytimes.com/technology/20260101/start/"


def test_an_article_of_several_pages_is_one_document(crawl):
    """Cited three ways, asked for once, stored once, followed from all its parts."""
    last = f'The end, <a href="{ELSEWHERE}">of sheep</a>.'
    urls, crawls = crawl(
        {
            SEED: article("开始", *citing(f"{ADDRESS}?pagewanted=all", address_of(2), f"{ADDRESS}?hp")),
            ADDRESS: part(1, 3, "One.", cite(1)),
            address_of(2): part(2, 3, cite(2)),
            address_of(3): part(3, 3, last),
            ELSEWHERE: part(1, 1, "Sheep."),
        }
    )
    assert [urls.count(address_of(number)) for number in (1, 2, 3)] == [1, 1, 1]
    assert f"{ADDRESS}?pagewanted=all" not in urls
    stored = crawls.pages()
    whole = stored[ADDRESS]
    assert whole["body"].split("\n\n")[0] == "One."
    assert whole["body"].endswith("The end, of sheep.")
    assert (whole["last_attempt"]["status"], whole["is_truncated"]) == ("ok", False)
    assert stored[ELSEWHERE]["status"] == "fetched"
    for address in (f"{ADDRESS}?pagewanted=all", address_of(2)):
        assert (stored[address]["status"], stored[address].get("body")) == ("redirected", None)
        assert (stored[address]["redirects_to"], stored[address]["work_id"]) == (ADDRESS, whole["work_id"])
    assert address_of(3) not in stored
    assert [link["paragraph"] for link in crawls.links(source=ADDRESS, role="citation")] == [2, 3, 4]


def test_a_part_that_can_not_be_had_is_said(crawl):
    """What is there is kept, as cut off, with the reason; and it is asked for again in a week."""
    _, crawls = crawl(
        {
            SEED: article("开始", *citing(ADDRESS)),
            ADDRESS: part(1, 3, "One."),
            address_of(2): part(2, 3, "Two."),
        }
    )
    page = crawls.pages()[ADDRESS]
    assert (page["status"], page["is_truncated"], page["body"]) == ("fetched", True, "One.\n\nTwo.")
    attempt = page["last_attempt"]
    assert (attempt["status"], attempt["reason"]) == (
        "truncated",
        "page 3 of 3 of the article could not be had",
    )
