"""Feeds and sitemaps: every form, and everything that is wrong with them in the wild."""

import datetime as dt
import gzip
import random
import time

import pytest

from crawler.items import PAGE, Role
from crawler.parsers import is_feed, parse_feed
from crawler.parsers.feed import ENTRY_LIMIT, read_date

URL = "https://cn.nytimes.com/rss/"
NOW = dt.datetime(2025, 2, 15, tzinfo=dt.UTC)
A, B = "https://cn.nytimes.com/china/20250213/a/", "https://cn.nytimes.com/china/20250214/b/"

RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>头条</title><link>https://cn.nytimes.com</link>
<image><title>no</title><link>https://cn.nytimes.com/logo</link></image>
<item><title>甲 &amp; 乙</title><link>{A}?utm_source=RSS</link>
<pubDate>Thu, 13 Feb 2025 15:07:01 +0800</pubDate></item>
<item><title><![CDATA[丙 <b>丁</b>]]></title><link>{B}</link>
<pubDate>Fri, 14 Feb 2025 15:07:01 +0800</pubDate></item>
</channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>头条</title><link rel="self" href="{URL}"/>
<entry><title>甲</title><link rel="replies" href="https://example.org/"/><link href="{A}"/>
<updated>2025-02-13T01:00:00Z</updated></entry>
<entry><title>丙</title><link rel="alternate" href="/china/20250214/b/"/>
<updated>2025-02-14T01:00:00Z</updated></entry></feed>"""
SITEMAP = f"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{A}</loc><lastmod>2025-02-13</lastmod></url>
<url><loc>{B}</loc><news:news><news:publication_date>2025-02-14T00:00:00+08:00</news:publication_date>
<news:title>丙</news:title></news:news></url></urlset>"""
INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://www.nytimes.com/sitemaps/2024.xml.gz</loc><lastmod>2024-12-31</lastmod></sitemap>
<sitemap><loc>https://www.nytimes.com/sitemaps/2025.xml.gz</loc><lastmod>2025-02-14</lastmod></sitemap></sitemapindex>"""
RDF = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel><title>头条</title></channel><item><title>甲</title><link>{A}</link></item></rdf:RDF>"""


@pytest.mark.parametrize(
    ("body", "layout", "targets"),
    [
        (RSS, "rss", [B, A]),
        (ATOM, "atom", [B, A]),
        (SITEMAP, "sitemap", [B, A]),
        (RDF, "rss", [A]),
        (
            INDEX,
            "sitemap-index",
            [f"https://www.nytimes.com/sitemaps/{year}.xml.gz" for year in (2025, 2024)],
        ),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_entries_are_links_newest_first(body, layout, targets, pack):
    """Whatever the form, and packed or not."""
    packed = pack(body.encode())
    assert is_feed(packed)
    page = parse_feed(URL, packed, NOW)
    assert page.extractor.layout == layout
    assert [link.target for link in page.links] == targets
    assert {link.role for link in page.links} == {Role.RELATED}


def test_titles_are_read_as_text():
    """Of the list and of its entries, not of the logo."""
    page = parse_feed(URL, RSS.encode(), NOW)
    assert page.headline == "头条"
    assert [link.anchor_text for link in page.links] == ["丙 <b>丁</b>", "甲 & 乙"]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Thu, 13 Feb 2025 15:07:01 +0800", "2025-02-13T07:07:01+00:00"),
        ("2025-02-13T15:07:01+08:00", "2025-02-13T07:07:01+00:00"),
        ("2025-02-13", "2025-02-13T00:00:00+00:00"),
        ("yesterday", None),
        ("", None),
        ("Thu, 99 Feb 20250 15:07:01 +0800", None),
    ],
)
def test_dates_of_feeds(text, moment):
    """Both spellings; a day is its midnight."""
    read = read_date(text)
    assert (read and read.isoformat()) == moment


def test_a_date_in_the_future_does_not_come_first():
    """A wrong clock would keep its entry at the top for years."""
    body = RSS.replace("Thu, 13 Feb 2025", "Mon, 13 Feb 2045").encode()
    assert [link.target for link in parse_feed(URL, body, NOW).links] == [B, A]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<?xml",
        b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body/></html>",
        b"not xml at all",
        b"\x1f\x8b broken gzip",
        b"<rss>",
        b'<?xml version="1.0" encoding="nonsense"?><rss><channel/></rss>',
        b"<rss><channel><item><link>javascript:alert(1)</link></item><item/></channel></rss>",
    ],
)
def test_nothing_that_is_no_feed_raises(body):
    """It gives a page without links."""
    assert parse_feed(URL, body, NOW).links == ()


def test_what_stands_before_the_damage_is_read():
    """A feed cut off in an entry."""
    cut = RSS.encode()[: RSS.encode().index(b"<![CDATA[")]
    assert [link.target for link in parse_feed(URL, cut, NOW).links] == [A]


def test_random_damage_never_raises():
    """Bytes changed and lost anywhere; what comes of it can be stored."""
    chance = random.Random(7)
    for body in (RSS, ATOM, SITEMAP, INDEX):
        for _ in range(50):
            hurt = bytearray(body.encode())
            for _ in range(5):
                hurt[chance.randrange(len(hurt))] = chance.randrange(256)
            PAGE.dump_json(parse_feed(URL, bytes(hurt[: chance.randrange(len(hurt))]), NOW))


def test_entities_do_not_expand_and_nothing_is_loaded():
    """The billion laughs, and a file of this machine."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">{levels}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    body = f"{head}<rss><channel><item><title>&l11;&f;</title><link>{A}</link></item></channel></rss>"
    before = time.process_time()
    page = parse_feed(URL, body.encode(), NOW)
    assert time.process_time() - before < 2
    assert "root:" not in str(page)
    assert len(str(page)) < 5_000


def test_a_large_sitemap_gives_its_newest_entries():
    """50,000 of all years, in no order; in little time."""
    entries = [
        f"<url><loc>https://www.nytimes.com/2020/01/01/world/s{n}.html</loc>"
        f"<lastmod>{dt.date(1990, 1, 1) + dt.timedelta(days=(n * 7919) % 12_000)}</lastmod></url>"
        for n in range(50_000)
    ]
    body = f"<urlset>{''.join(entries)}</urlset>".encode()
    page = parse_feed(URL, body, NOW)
    assert len(page.links) == ENTRY_LIMIT
    newest = max(range(50_000), key=lambda n: (n * 7919) % 12_000)
    assert page.links[0].target.endswith(f"/s{newest}.html")
