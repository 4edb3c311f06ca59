"""What is new in a seed's graph, as things that are told: text, Markdown, JSON or an Atom feed. Pure."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
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


def as_text(news: Iterable[News], seed: str) -> str:
    """Headline, date and site; below it the reason and the quotation."""
    lines = [f"Around {seed}:", ""]
    lines += [line for kind, things in _grouped(news) for line in (kind, *_texts(things), "")]
    return "\n".join(lines)


def _texts(things: list[News]) -> Iterator[str]:
    for thing in things:
        yield f"  {_titled(thing)} ({_where(thing)})"
        yield f"    {thing.url}"
        yield f"    {_why(thing)}"


def as_markdown(news: Iterable[News], seed: str) -> str:
    """A section for each kind, a list item for each thing."""
    lines = [f"# New around {seed}", ""]
    for kind, things in _grouped(news):
        lines += [f"## {kind}", ""]
        for thing in things:
            where = markdown.escaped(_where(thing))
            lines.append(f"- {markdown.link(_titled(thing), thing.url)} ({where})  ")
            lines.append(f"  {markdown.escaped(_why(thing))}")
        lines.append("")
    return "\n".join(lines)


def as_documents(news: Iterable[News]) -> list[dict[str, Any]]:
    """All fields of each thing, as JSON knows them."""
    return [asdict(thing) | {"seen_at": _iso(thing.seen_at)} for thing in news]


def as_json(news: Iterable[News], seed: str) -> str:
    """An object with the seed and a list of all fields of each thing."""
    return json.dumps({"seed": seed, "news": as_documents(news)}, ensure_ascii=False, indent=1)


def as_atom(news: Iterable[News], seed: str) -> str:
    """An Atom feed (RFC 4287), an entry for each thing; its id never changes."""
    things = list(news)
    feed = etree.Element("feed", nsmap={None: _ATOM})
    latest = max((thing.seen_at for thing in things), default=dt.datetime.fromtimestamp(0, dt.UTC))
    _add(feed, "id", f"tag:related-articles,2026:{seed}")
    _add(feed, "title", f"New around {seed}")
    _add(feed, "updated", _iso(latest))
    _add(_add(feed, "author"), "name", "related-articles")
    for thing in things:
        entry = _add(feed, "entry")
        _add(entry, "id", f"tag:related-articles,2026:{seed}:{quote(thing.key, safe=_IN_TAGS)}")
        _add(entry, "title", _titled(thing))
        _add(entry, "updated", _iso(thing.seen_at))
        _add(entry, "link").set("href", thing.url)
        _add(entry, "summary", _why(thing))
    return etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True).decode()


FORMATS: dict[str, Callable[[Iterable[News], str], str]] = {
    "text": as_text,
    "md": as_markdown,
    "json": as_json,
    "atom": as_atom,
}


def _grouped(news: Iterable[News]) -> Iterator[tuple[str, list[News]]]:
    things = list(news)
    for kind, heading in HEADINGS.items():
        of_kind = [thing for thing in things if thing.kind == kind]
        if of_kind:
            yield heading, of_kind


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


def _iso(moment: Any) -> str:
    return str(moment.isoformat()) if isinstance(moment, dt.datetime) else str(moment)
