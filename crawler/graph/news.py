"""What is new in a seed's graph, as things that are told: text, Markdown, JSON or an Atom feed. Pure."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any
from urllib.parse import quote

from lxml import etree

from crawler.graph import markdown
from crawler.plain import plain, shortened

QUOTE = 160
_ATOM = "http://www.w3.org/2005/Atom"
_IN_TAGS = ":/?@!$&'()*+,;=~"
"""What may stand in a tag URI (RFC 4151) beside letters and digits; a key has spaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One thing to tell: a new work, a revised article, a new link of a known one, or a near match by text.

    `kind` is work, revision, link or suggestion; `key` names the thing for good, so that it is told once.
    """

    key: str
    kind: str
    url: str
    title: str
    site: str
    published_on: str | None = None
    twin_title: str | None = None
    """Headline in the other language."""
    reason: str = ""
    """Why it is told, in words."""
    quote: str = ""
    """The sentence around the link."""
    other_url: str | None = None
    """The page at the other end of the link."""
    seen_at: dt.datetime
    """When it was first seen, UTC."""
    label: str = ""
    """What readers say of the page, in words."""


HEADINGS = {
    "work": "New articles",
    "revision": "Revised articles",
    "link": "New links",
    "suggestion": "Perhaps: alike by words alone",
}
"""Kinds in the order in which they are told."""


def as_text(news: Iterable[News], seed: str) -> Iterator[str]:
    """Headline, date and site; below it the reason and the quotation."""
    yield f"Around {seed}:\n"
    for kind, things in groupby(news, _kind):
        yield f"\n{HEADINGS[kind]}\n"
        for thing in things:
            yield f"  {_titled(thing)} ({_where(thing)})\n    {thing.url}\n    {_why(thing)}\n"


def as_markdown(news: Iterable[News], seed: str) -> Iterator[str]:
    """A section for each kind, a list item for each thing."""
    yield f"# New around {seed}\n"
    for kind, things in groupby(news, _kind):
        yield f"\n## {HEADINGS[kind]}\n\n"
        for thing in things:
            where = markdown.escaped(_where(thing))
            yield f"- {markdown.link(_titled(thing), thing.url)} ({where})  \n"
            yield f"  {markdown.escaped(_why(thing))}\n"


def as_json(news: Iterable[News], seed: str) -> Iterator[str]:
    """An object with the seed and a list of all fields of each thing."""
    yield f'{{"seed": {json.dumps(seed, ensure_ascii=False)}, "news": ['
    for place, thing in enumerate(news):
        yield "," if place else ""
        yield "\n" + json.dumps(to_document(thing), ensure_ascii=False)
    yield "\n]}\n"


def as_atom(news: Iterable[News], seed: str) -> Iterator[str]:
    """An Atom feed (RFC 4287), an entry for each thing; its id never changes. Goes through the news twice."""
    nothing = dt.datetime.fromtimestamp(0, dt.UTC)
    latest = max((thing.seen_at for thing in news), default=nothing)
    feed = etree.Element("feed", nsmap={None: _ATOM})
    _add(feed, "id", f"tag:related-articles,2026:{seed}")
    _add(feed, "title", f"New around {seed}")
    _add(feed, "updated", latest.isoformat())
    _add(_add(feed, "author"), "name", "related-articles")
    head = etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True).decode()
    yield head.removesuffix("</feed>\n")
    for thing in news:
        yield etree.tostring(_entry(thing, seed), encoding="unicode", pretty_print=True)
    yield "</feed>\n"


def _entry(thing: News, seed: str) -> etree._Element:
    entry = etree.Element("entry")
    _add(entry, "id", f"tag:related-articles,2026:{seed}:{quote(thing.key, safe=_IN_TAGS)}")
    _add(entry, "title", _titled(thing))
    _add(entry, "updated", thing.seen_at.isoformat())
    _add(entry, "link").set("href", thing.url)
    _add(entry, "summary", _why(thing))
    return entry


FORMATS: dict[str, Callable[[Iterable[News], str], Iterator[str]]] = {
    "text": as_text,
    "md": as_markdown,
    "json": as_json,
    "atom": as_atom,
}
"""Each gives the text piece by piece, of things that come kind by kind."""


def to_document(thing: News) -> dict[str, Any]:
    """All fields of a thing, as JSON knows them."""
    return asdict(thing) | {"seen_at": thing.seen_at.isoformat()}


def from_document(document: Mapping[str, Any]) -> News:
    """The thing of which `to_document` made this."""
    return News(**{**document, "seen_at": dt.datetime.fromisoformat(document["seen_at"])})


def _kind(thing: News) -> str:
    return thing.kind


def _titled(thing: News) -> str:
    twin = f" / {plain(thing.twin_title)}" if thing.twin_title else ""
    return plain(thing.title) + twin


def _where(thing: News) -> str:
    return ", ".join(filter(None, (thing.published_on, thing.site, plain(thing.label))))


def _why(thing: News) -> str:
    quote = shortened(plain(thing.quote), QUOTE)
    return f"{plain(thing.reason)}: «{quote}»" if quote else plain(thing.reason)


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, name)
    element.text = text
    return element
