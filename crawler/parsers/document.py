"""A page as parsed once: its tree, meta tags and JSON-LD, and facts found in them."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar
from urllib.parse import urljoin

from crawler.parsers.markup import clean, cut_scripts, parse
from crawler.parsers.selectors import Element as Element  # for all who read a document
from crawler.parsers.selectors import Index
from crawler.parsers.text import fold

T = TypeVar("T")

READ_LIMIT = 3_000_000
"""Characters that are read. The largest real page known has one million; more is a dump."""

TEXT_LIMIT = 10_000
"""Characters that are read of a heading, a line or a meta tag. A tag left open makes one of a whole page."""

# A page kept by the Internet Archive, and what it puts before the addresses of its links.
_KEPT_COPY = re.compile(r"web\.archive\.org/_static/|BEGIN WAYBACK TOOLBAR|__wm\.init|FILE ARCHIVED ON \d")
_KEPT = re.compile(r"(?:(?:https?:)?//web\.archive\.org)?/web/\d{4,14}(?:[a-z]{2}_)?/(?=https?:)")
_WHOLE = re.compile(r"https?://[\w.-]+/[\w./~-]*", re.ASCII)  # urljoin would give it back as it is
_NO_HOST = re.compile(r"//(?:[/?#]|$)")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_UNDEFINED = re.compile(r"(?<=[:\[,])\s*undefined(?=\s*[,}\]])")
_ARTICLE_TYPES = (
    "NewsArticle",
    "Article",
    "OpinionNewsArticle",
    "ReportageNewsArticle",
    "LiveBlogPosting",
    "BlogPosting",
)


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """A value and the rule that gave it."""

    value: T
    rule: str


def first(*facts: Fact[T] | None) -> Fact[T] | None:
    """The first fact there is: rules stand in the order of trust."""
    return next((fact for fact in facts if fact is not None), None)


@dataclass(frozen=True)
class Document:
    """A page's markup and its tree; any text makes one, broken markup included."""

    url: str
    markup: bytes
    """In UTF-8, clean, without the text of long scripts."""
    long_scripts: tuple[str, ...] = ()
    """Their text, as it came."""

    @classmethod
    def read(cls, url: str, html: str) -> "Document":
        """Takes at most READ_LIMIT characters."""
        rest, scripts = cut_scripts(html[:READ_LIMIT])
        return cls(url, clean(rest), tuple(scripts))

    @cached_property
    def html(self) -> str:
        """The markup as text."""
        return self.markup.decode()

    @property
    def opening(self) -> str:
        """How the markup begins."""
        return self.markup[:TEXT_LIMIT].decode(errors="ignore")

    def scripts(self) -> Iterator[str]:
        """The text of all scripts, long ones first."""
        yield from self.long_scripts
        yield from (element.text or "" for element in self.select("script"))

    @cached_property
    def root(self) -> Element:
        """The tree; an empty one where there is no markup at all."""
        return parse(self.markup)

    @cached_property
    def _index(self) -> Index:
        return Index(self.root)

    def select(self, selector: str, scope: Element | None = None) -> list[Element]:
        """Elements that match a CSS selector, in document order; the scope may be one of them."""
        return self._index.select(selector, self.root if scope is None else scope)

    def one(self, selector: str, scope: Element | None = None) -> Element | None:
        """The first element that matches, if any does."""
        return next(iter(self.select(selector, scope)), None)

    def text(self, selector: str, scope: Element | None = None) -> Fact[str] | None:
        """Text of the first match that has some."""
        wholes = ("".join(element.itertext()) for element in self.select(selector, scope))
        texts = (fold(whole[:TEXT_LIMIT]) for whole in wholes)
        return next((Fact(text, selector) for text in texts if text), None)

    def attribute(self, selector: str, name: str, scope: Element | None = None) -> Fact[str] | None:
        """An attribute of the first match that has it."""
        values = (element.get(name, "").strip() for element in self.select(selector, scope))
        return next((Fact(value, f"{selector} @{name}") for value in values if value), None)

    def resolve(self, href: str) -> str | None:
        """An absolute address, in a kept copy the original's; None where the two can't be joined."""
        href = href.strip()
        if _KEPT.match(href) and self.is_kept_copy:
            href = _KEPT.sub("", href, count=1)
        if _WHOLE.fullmatch(href):
            return href
        # `//?utm_source=nav-footer` stands in real pages: a host is meant, and missing.
        if _NO_HOST.match(href):
            return None
        try:
            return urljoin(self.url, href)
        except ValueError:
            return None

    @cached_property
    def is_kept_copy(self) -> bool:
        """Whether the Internet Archive served this: then it has rewritten the links."""
        return bool(_KEPT_COPY.search(self.html))

    @cached_property
    def metas(self) -> dict[str, list[str]]:
        """Contents of the meta tags by property or name, in lower case; `itemprop=` before an itemprop."""
        metas: dict[str, list[str]] = {}
        for element in self.select("meta"):
            told = dict(element.items())
            # cn.nytimes.com has `id` for `name`.
            names = [(told.get("property") or told.get("name") or told.get("id") or "").lower()]
            names += [f"itemprop={name}" for name in told.get("itemprop", "").lower().split()]
            # One public copy of real pages has `value` for `content`.
            content = fold((told.get("content") or told.get("value") or "")[:TEXT_LIMIT])
            for name in names if content else ():
                metas.setdefault(name, []).append(content)
        return metas

    def meta(self, *names: str) -> Fact[str] | None:
        """Content of the first of these meta tags that is there."""
        return next(
            (Fact(self.metas[n.lower()][0], f"meta {n}") for n in names if n.lower() in self.metas), None
        )

    def meta_list(self, name: str) -> Fact[tuple[str, ...]] | None:
        """Contents of a repeated meta tag, each once."""
        values = self.metas.get(name.lower(), ())
        return Fact(tuple(dict.fromkeys(values)), f"meta {name}") if values else None

    @cached_property
    def json_ld(self) -> list[dict[str, Any]]:
        """All JSON-LD objects, in document order."""
        return [item for element in self.select("script") for item in _json_ld(element)]

    def thing(self, *types: str) -> dict[str, Any]:
        """The first JSON-LD object of one of these types; empty where there is none."""
        things = (item for item in self.json_ld if any(name in types for name in _types(item)))
        return next(things, {})

    @cached_property
    def article_data(self) -> dict[str, Any]:
        """The JSON-LD object that describes the article; empty where there is none."""
        return self.thing(*_ARTICLE_TYPES)

    def data(self, name: str) -> Fact[str] | None:
        """A text of the JSON-LD article."""
        value = self.article_data.get(name)
        text = fold(value) if isinstance(value, str) else ""
        return Fact(text, f"json-ld {name}") if text else None

    def data_list(self, name: str) -> list[Any]:
        """A value of the JSON-LD article as a list, whether one or several were given."""
        value = self.article_data.get(name)
        return value if isinstance(value, list) else [value] if value else []


def outermost(elements: Iterable[Element]) -> Iterator[Element]:
    """Elements that stand in no other of them; given and kept in document order."""
    inside: set[Element] = set()
    for element in elements:
        if element not in inside:
            inside.update(element.iterdescendants())
            yield element


def _json_ld(element: Element) -> Iterator[dict[str, Any]]:
    """Objects of one script; what is no JSON is passed over."""
    if "ld+json" not in (element.get("type") or ""):
        return
    text = _UNDEFINED.sub("null", _CDATA.sub("", element.text or ""))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, dict):
            graph = item.get("@graph")
            yield from (
                part for part in (graph if isinstance(graph, list) else [item]) if isinstance(part, dict)
            )


def _types(item: dict[str, Any]) -> list[Any]:
    types = item.get("@type")
    return types if isinstance(types, list) else [types]
