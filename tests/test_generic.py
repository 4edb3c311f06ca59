"""Pages of any other layout: trafilatura's text, our own reading of its links; and crawls of such pages."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from crawling import Crawls, seed_file
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import Reply

from crawler.items import Outcome, Role
from crawler.parsers import outline, parse_page
from crawler.store import MongoStore

PROJECT = Path(__file__).parent.parent
URL = "https://example.org/posts/tin"
GOLDEN = (Path(__file__).parent / "pages" / "example.org" / "blog" / "page.html").read_text()


def post(title, *paragraphs, head="", lang="en"):
    """A plain blog's page; paragraphs are HTML."""
    filling = "This invented paragraph is long enough to be taken for a text by whoever looks for one here."
    body = "".join(f"<p>{paragraph} {filling}</p>" for paragraph in (*paragraphs, "", ""))
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f'<body><nav><a href="/">Home</a><a href="/all">All</a></nav><main><h1>{title}</h1>{body}</main>'
        '<aside><a href="/popular">Popular</a></aside><footer><a href="/imprint">Imprint</a></footer>'
        "</body></html>"
    )


def cites(*urls):
    return [f'Here it cites <a href="{url}">number {number}</a>.' for number, url in enumerate(urls, 1)]


# reading


def test_only_pages_that_need_it_pay_for_trafilatura():
    """It is imported with the first page that no parser knows, not before."""
    script = (
        "import sys; from pathlib import Path; from crawler.parsers import parse_page\n"
        "def read(url, name): parse_page(url, Path('tests/pages', name, 'page.html').read_text())\n"
        "read('https://www.nytimes.com/2025/01/01/us/x.html', 'www.nytimes.com/react-2025')\n"
        "assert 'trafilatura' not in sys.modules\n"
        "read('https://example.org/posts/tin', 'example.org/blog')\n"
        "assert 'trafilatura' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True, timeout=60)


def test_no_network(monkeypatch):
    """Nothing is asked for while a page is read."""

    def refuse(*args, **kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    assert parse_page(URL, GOLDEN).body.count("\n\n") == 3


@pytest.mark.parametrize(
    ("written", "day", "zone"),
    [
        ("2026-01-01T23:30:00-05:00", "2026-01-01", "Etc/GMT+5"),
        ("2026-01-02T00:30:00+09:00", "2026-01-02", "Etc/GMT-9"),
        ("2026-01-01T15:30:00Z", "2026-01-01", "UTC"),
        ("2026-01-02T00:30:00+05:30", "2026-01-01", "UTC"),
        ("2026-01-02", "2026-01-02", "UTC"),
    ],
)
def test_the_day_is_the_publisher_s(written, day, zone):
    """Of a publisher nobody knows the offset tells the zone; half hours have no name there."""
    page = parse_page(URL, GOLDEN.replace("2026-01-01T23:30:00-05:00", written))
    assert (page.published_on, page.published_tz, page.date_published_raw) == (day, zone, written)


def test_a_moment_is_better_than_a_day():
    """A time without its offset tells the day; another place may have both."""
    data = '{"@type":"NewsArticle","datePublished":"2026-01-02T03:04:05Z"}'
    head = (
        '<meta property="article:published_time" content="2026-01-02T03:04:05">'
        f'<script type="application/ld+json">{data}</script>'
    )
    page = parse_page(URL, post("Tin", head=head))
    assert (page.date_published.isoformat(), page.date_precision) == ("2026-01-02T03:04:05+00:00", "minute")


@pytest.mark.parametrize(
    ("line", "is_text"),
    [
        ("By", False),
        ("By Ana Sample", False),
        ("By Ana Sample and Bo de la Sample", False),
        ("By Monday the bells had rung.", True),
        ("By Ana Sample’s reckoning the bells had rung", True),
    ],
)
def test_headings_and_bylines_are_no_text(line, is_text):
    """The heading of the page is none even where it is another than the title, nor is a line of names."""
    heading = f"<h1>Tin Is Back, and Shepherds Care</h1><p>{line}</p>"
    page = parse_page(URL, post("Tin").replace("<h1>Tin</h1>", heading))
    paragraphs = page.body.split("\n\n")
    assert "Tin Is Back, and Shepherds Care" not in paragraphs
    assert (line in paragraphs) is is_text


def test_a_date_that_only_the_text_tells():
    """It has the day's precision, and says by what rule it was found."""
    page = parse_page(URL, post("Tin", '<span class="date">March 3, 2025</span>'))
    assert (page.published_on, page.date_precision) == ("2025-03-03", "day")
    assert page.extractor.rule["date_published"] == "trafilatura date"


def test_languages():
    """Kana is no Chinese; what the page declares counts."""
    text = "これは見本のために作られた文章であり、実在の出来事とは関係がありません。" * 4
    page = parse_page(
        URL, f'<html lang="ja"><body><article><h1>見本</h1><p>{text}</p></article></body></html>'
    )
    assert (page.in_language, page.character_count) == ("ja", None)
    chinese = parse_page(
        URL, f"<html><body><article><p>{'这是虚构的样本文字，说的什么都不是。' * 9}</p></article>"
    )
    assert (chinese.in_language, chinese.character_count) == ("zh-Hans", 144)


@pytest.mark.parametrize(
    ("url", "is_story"),
    [
        ("https://www.nytimes.com/2026/01/01/business/an-unknown-layout.html", True),
        ("https://cn.nytimes.com/business/20260101/an-unknown-layout/", True),
        ("https://www.nytimes.com/by/somebody", False),
        ("https://cn.nytimes.com/business/", False),
    ],
)
def test_on_the_two_sites(url, is_story):
    """A story in a layout never seen has its text; in a list of stories the text is theirs."""
    page = parse_page(url, post("Tin", *cites("https://example.com/x")))
    assert (page.extractor.layout == "trafilatura") is is_story
    assert not is_story or (page.body and page.links and not page.extractor.verified)


def test_an_outline_shows_what_a_citation_needs():
    """Headline, date and publisher; no text, links, pictures."""
    page = outline(parse_page(URL, GOLDEN))
    assert (page.headline, page.publisher, page.published_on) == (
        "An invented report on tin",
        "example.org",
        "2026-01-01",
    )
    assert (page.body, page.links, page.images, page.translations, page.content_hash) == (
        None,
        (),
        (),
        (),
        None,
    )


PARAGRAPH = (
    '<p>An invented paragraph that is as long as a paragraph is, with <a href="/x">a link</a> in it.</p>'
)
LARGE = {
    "anchors": '<a href="/x">word </a>' * 100_000,
    "few enough anchors": '<a href="/x">word </a>' * 4_900,
    "paragraphs": PARAGRAPH * 2_400,
    "deep": "<div>" * 5_000 + PARAGRAPH * 9,
    "inline": "<p>" + "<b>" * 2_000 + "text " * 2_000,
    "cells": "<table>" + "<tr><td>some text in a cell<td>other" * 1_500,
    "tables in tables": "<table><tr><td>text" * 600,
    "items": "<ul>" + "<li>an item of a list that has some text" * 4_900,
    "lines": "<p>" + "some text of a line<br>" * 4_900,
    "a word": "<p>" + "x" * 390_000,
    "dates": "<p>" + "2025-01-02 3 Mai 2019 10/11/12 " * 12_000,
    "spaces": "<p>" + " " * 390_000,
    "times": PARAGRAPH * 9 + "<time datetime=2025-01-01>x</time>" * 4_800,
    "authors": PARAGRAPH * 9 + "<span class=author>Jane Doe" * 4_800,
    "data": '<script type="application/ld+json">{"@type":"Article","author":[</script>' * 2_000
    + PARAGRAPH * 9,
}


@pytest.mark.parametrize("name", LARGE)
def test_no_page_takes_long(name):
    """Two seconds, whatever stands in the page; twice that on a busy machine."""
    parse_page(URL, GOLDEN)
    began = time.process_time()
    parse_page(URL, f"<html><body>{LARGE[name]}")
    assert time.process_time() - began < 2


@given(st.randoms(use_true_random=False), st.sampled_from(["cut", "doubled", "nested", "nulls", "shuffled"]))
@settings(max_examples=40, deadline=None)
def test_damaged_pages(random, how):
    """Whatever is left of a page gives a page."""
    at = random.randrange(len(GOLDEN))
    tags = GOLDEN.split("<")
    random.shuffle(tags)
    damaged = {
        "cut": GOLDEN[:at],
        "doubled": GOLDEN + GOLDEN,
        "nested": GOLDEN[:at] + GOLDEN + GOLDEN[at:],
        "nulls": GOLDEN[:at] + "\0" * 9 + GOLDEN[at:],
        "shuffled": "<".join(tags),
    }
    assert parse_page(URL, damaged[how]).id == URL


def test_random_bytes():
    """So does noise."""
    noise = random.Random(1)
    for _ in range(50):
        text = noise.randbytes(2_000).decode("latin-1")
        assert parse_page(URL, f"<html><body><p>{text}<article>{text}").id == URL


# crawling


def test_any_site_can_be_crawled(web, mongo_uri, database, tmp_path):
    """sites = ["example.org"]: in-text links and twins are followed, chrome and other hosts are not."""
    home = "https://example.org"
    twin = '<link rel="alternate" hreflang="de" href="/de/zinn">'
    site = web(
        {
            f"{home}/tin": post("Tin", *cites("/lead", "https://example.net/away"), head=twin),
            f"{home}/de/zinn": post(
                "Zinn", lang="de", head=twin.replace("de", "en").replace("/en/zinn", "/tin")
            ),
            f"{home}/lead": post("Lead", *cites("/zinc")),
            f"{home}/zinc": post("Zinc", *cites("/too-far")),
        }
    )
    crawl = Crawls(mongo_uri, database, tmp_path, site.proxy)
    run = crawl.run("articles", seed_file(tmp_path, url=f"{home}/tin", depth=2, sites=["example.org"]))
    assert run.returncode == 0, run.stderr
    assert set(site.urls()) == {f"{home}/{path}" for path in ("tin", "de/zinn", "lead", "zinc")}
    stored = crawl.pages()
    fetched = {url for url, page in stored.items() if page["status"] == "fetched"}
    assert fetched == set(site.urls())
    assert {stored[url]["extractor"]["layout"] for url in fetched} == {"trafilatura"}
    assert {stored[url]["headline"] for url in fetched} == {"Tin", "Zinn", "Lead", "Zinc"}
    assert stored[f"{home}/de/zinn"]["work_id"] == stored[f"{home}/tin"]["work_id"] is not None
    assert {(link["role"], link["target"]) for link in crawl.links(source=f"{home}/tin")} == {
        (Role.CITATION, f"{home}/lead"),
        (Role.CITATION, "https://example.net/away"),
        (Role.TRANSLATION, f"{home}/de/zinn"),
    }


OUTSIDE = {f"https://away{number}.example.net/page": post(f"Away {number}") for number in range(6)}


def test_cited_pages_elsewhere_give_an_outline(web, mongo_uri, database, tmp_path):
    """external_depth = 1: one hop and its redirects; robots.txt is obeyed; no text, no links."""
    home = "https://example.org"
    cited, moved, refused = (
        "https://away.example.net/page",
        "https://short.example.com/x",
        "https://no.example.com/x",
    )
    site = web(
        {
            f"{home}/tin": post("Tin", *cites("/lead", moved, refused)),
            f"{home}/lead": post("Lead", *cites(cited, "/zinc")),
            moved: Reply("", 301, {"Location": "https://long.example.com/y"}),
            "https://long.example.com/y": post("Long", *cites("https://further.example.com/")),
            cited: post("Away", *cites("https://further.example.com/", f"{home}/zinc")),
            "https://no.example.com/robots.txt": Reply("User-agent: *\nDisallow: /"),
        }
    )
    crawl = Crawls(mongo_uri, database, tmp_path, site.proxy)
    seed = seed_file(tmp_path, url=f"{home}/tin", depth=1, sites=["example.org"], external_depth=1)
    assert crawl.run("articles", seed).returncode == 0
    asked = {f"{home}/tin", f"{home}/lead", moved, "https://long.example.com/y", cited}
    assert set(site.urls()) == asked
    stored = crawl.pages()
    for url, headline in ((cited, "Away"), ("https://long.example.com/y", "Long")):
        page = stored[url]
        assert (page["status"], page["headline"], page["publisher"]) == (
            "fetched",
            headline,
            url.split("/")[2],
        )
        assert (page["body"], page["links"], page["out_degree"]) == (None, [], 0)
    assert stored[refused]["last_attempt"]["status"] == "robots_denied"
    assert "https://further.example.com/" not in stored
    assert crawl.run("articles", seed).returncode == 0
    assert len(site.urls()) == len(asked), "an outline is fetched once"


def test_pages_elsewhere_have_a_budget(web, mongo_uri, database, tmp_path):
    """However many hosts are cited, no more are asked than external_pages, nor any without external_depth."""
    site = web({"https://example.org/tin": post("Tin", *cites(*OUTSIDE)), **OUTSIDE})
    crawl = Crawls(mongo_uri, database, tmp_path, site.proxy)
    start = {"url": "https://example.org/tin", "sites": ["example.org"]}
    assert crawl.run("articles", seed_file(tmp_path, **start)).returncode == 0
    assert site.urls() == ["https://example.org/tin"]
    within = seed_file(tmp_path, **start, name="two", external_depth=1, external_pages=2)
    assert crawl.run("articles", within).returncode == 0
    hosts = {asked.url.split("/")[2] for asked in site.asked}
    assert len(hosts - {"example.org"}) == 2


async def test_what_a_run_has_asked_elsewhere(mongo_uri, database, make_page):
    """A run that is taken up goes on with what is left: refusals count, for their hosts were asked, too."""
    store = MongoStore(mongo_uri, database)
    await store.open()
    elsewhere = [
        make_page("https://example.net/a"),
        make_page("https://example.com/b", Outcome.ROBOTS_DENIED),
    ]
    await store.write([make_page("https://example.org/tin"), *elsewhere], "run-1")
    assert await store.spent_outside("run-1", ["example.org"]) == 2
    assert await store.spent_outside("run-2", ["example.org"]) == 0
    await store.close()
