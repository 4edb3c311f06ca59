"""Lists that machines read: RSS, Atom, sitemaps and their indexes. Bytes in, Page out, its entries as links.

A feed is a page like any other: it is asked for, refused, unchanged or gone in the same ways. Only its
entries are read; the text some feeds carry is left to the article's own page.
"""

import datetime as dt
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from heapq import nlargest
from urllib.parse import urljoin

from lxml import etree

from crawler.items import Extractor, Link, Page, Role
from crawler.parsers.base import new_page
from crawler.parsers.text import fold
from crawler.urls import canonicalize

MODULE = "feed"
ENTRY_LIMIT = 500
"""Entries that are kept, the newest. A sitemap has up to 50,000, of all years."""
INDEX_LIMIT = 3
"""Sitemaps of an index that are kept, the newest."""
BYTE_LIMIT = 50_000_000
"""Bytes that are unpacked and read: what sitemaps.org allows a sitemap."""
TITLE_LIMIT = 500

INDEX = "sitemap-index"
ROOTS = {"rss": "rss", "RDF": "rss", "feed": "atom", "urlset": "sitemap", "sitemapindex": INDEX}
"""Layout by the root element's local name."""

_ENTRIES = {"item", "entry", "url", "sitemap"}
_DATES = {"pubDate", "published", "updated", "lastmod", "publication_date", "date"}
_FIRST = 1_000
_OPENINGS = (b"<?xml", b"<rss", b"<feed", b"<urlset", b"<sitemapindex", b"<rdf:RDF")


@dataclass(slots=True)
class _Entry:
    href: str = ""
    title: str = ""
    date: dt.datetime | None = None


def is_feed(body: bytes) -> bool:
    """Whether a body is meant as one of these lists; XHTML with an XML declaration is not."""
    start = _unpacked(body, _FIRST).removeprefix(b"\xef\xbb\xbf").lstrip()[:_FIRST]
    return start.startswith(_OPENINGS) and b"<html" not in start.lower()


def parse_feed(url: str, body: bytes, now: dt.datetime) -> Page:
    """Reads a list. `url` is its address; anything gives a Page, and nothing raises.

    `extractor.layout` is rss, atom, sitemap, sitemap-index, or unknown where it is none of these. The
    links are the newest ENTRY_LIMIT entries, newest first; a date after `now` counts as none. What stands
    before a damaged spot is read. No entity is expanded and nothing external is loaded.
    """
    layout, title, entries = _read(_unpacked(body, BYTE_LIMIT))
    limit = INDEX_LIMIT if layout == INDEX else ENTRY_LIMIT
    page = replace(new_page(url), extractor=Extractor(name=MODULE, layout=layout, verified=False))
    if layout == "unknown":
        return page
    headline = fold(title)[:TITLE_LIMIT] or page.display_title
    return replace(page, headline=headline, links=tuple(_links(url, _newest(entries, limit, now))))


def _unpacked(body: bytes, limit: int) -> bytes:
    """The body, unpacked where it is gzip, at most `limit` bytes of it."""
    if not body.startswith(b"\x1f\x8b"):
        return body[:limit]
    try:
        return zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(body, limit)
    except zlib.error:
        return b""


def _read(body: bytes) -> tuple[str, str, list[_Entry]]:
    """Layout, title of the list, and its entries in document order."""
    layout, title, entries = "unknown", "", list[_Entry]()
    events = etree.iterparse(
        io.BytesIO(body), events=("start", "end"), recover=True, resolve_entities=False, no_network=True
    )
    try:
        for event, element in events:
            name = _name(element)
            if event == "start":
                layout = ROOTS.get(name, layout) if element.getparent() is None else layout
            elif name in _ENTRIES:
                entries.append(_entry(element))
                _forget(element)
            elif name == "title" and not title and not _inside_entry(element):
                title = element.text or ""
    except etree.XMLSyntaxError:
        pass  # what came before is read
    return layout, title, entries


def _name(element: etree._Element) -> str:
    """The local name. Not by QName: it raises for an undeclared prefix."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def _inside_entry(element: etree._Element) -> bool:
    return any(_name(above) in _ENTRIES for above in element.iterancestors())


def _forget(element: etree._Element) -> None:
    """Frees what was read: the tree of a large list never stands in memory."""
    element.clear()
    above = element.getparent()
    while above is not None and element.getprevious() is not None:
        del above[0]


def _entry(element: etree._Element) -> _Entry:
    entry = _Entry()
    for child in element.iterdescendants(etree.Element):
        name, text = _name(child), (child.text or "").strip()
        if name in {"link", "loc"} and not entry.href:
            entry.href = _href(child, text)
        elif name == "title" and not entry.title:
            entry.title = text
        elif name in _DATES and entry.date is None:
            entry.date = read_date(text)
    return entry


def _href(link: etree._Element, text: str) -> str:
    """RSS and sitemaps write the address as text, Atom as an attribute; other relations are other pages."""
    return link.get("href", text) if link.get("rel", "alternate") == "alternate" else ""


def read_date(text: str) -> dt.datetime | None:
    """A moment in the two spellings of feeds (RFC 822, ISO 8601), in UTC; a day is its midnight, UTC."""
    for read in (dt.datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _newest(entries: list[_Entry], limit: int, now: dt.datetime) -> list[_Entry]:
    """Newest first; entries without a believable date come last, in the list's own order."""

    def age(numbered: tuple[int, _Entry]) -> tuple[float, int]:
        number, entry = numbered
        dated = entry.date is not None and entry.date <= now
        return (entry.date.timestamp() if entry.date and dated else 0.0), -number

    return [entry for _, entry in nlargest(limit, enumerate(entries), key=age)]


def _links(url: str, entries: list[_Entry]) -> Iterator[Link]:
    seen = {canonicalize(url)}
    for entry in entries:
        target = canonicalize(urljoin(url, entry.href)) if entry.href else None
        if target and target not in seen:
            seen.add(target)
            title = fold(entry.title)[:TITLE_LIMIT]
            yield Link(target=target, role=Role.RELATED, anchor_text=title)
