"""Each article read as if it had not been there when the rules were written.

For a page, its layout is stripped of all that only its own article taught: the alternatives of selectors
that match on no other article of the layout, and the rules of the head that gave no other article of the
corpus its headline, day or byline. Copies and parts of one article are left out together. What is written in
code, such as a regular expression, stays.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import cssselect

from crawler.items import Page
from crawler.parsers import SITES
from crawler.parsers.base import Layout, new_page
from crawler.parsers.document import Document
from crawler.urls import story_key

LAYOUTS = {layout.name: layout for layouts in SITES.values() for layout in layouts}
NOTHING = "nothing"
"""A tag that no page has."""
FIELDS = {"headline": "headline", "authors": "authors", "date_published": "published_on"}
"""What a rule gives, and the field of the item that is scored."""


def articles_of(pages: Iterable[Page]) -> dict[str, set[str]]:
    """The articles of each layout, by their story keys."""
    articles: dict[str, set[str]] = {}
    for page in pages:
        articles.setdefault(page.extractor.layout, set()).add(_article(page))
    return articles


def read_without(page: Page, document: Document, others: dict[str, tuple[Page, Document]]) -> Page:
    """The page, read by what the other articles teach; nothing but its address where that is no layout."""
    strangers = [other for other in others.values() if _article(other[0]) != _article(page)]
    layout = LAYOUTS[page.extractor.layout]
    alike = [document for other, document in strangers if other.extractor.layout == layout.name]
    left = _stripped(layout, alike)
    if not left.matches(document):
        return new_page(page.url)
    read = left(document).page()
    known = {rule for other, _ in strangers for rule in other.extractor.rule.items()}
    selectors = set(_selectors(layout).values()) | set(_selectors(left).values())
    unknown = [
        field
        for name, field in FIELDS.items()
        if (rule := read.extractor.rule.get(name)) and rule not in selectors and (name, rule) not in known
    ]
    return replace(read, **{field: () if field == "authors" else None for field in unknown})


def _article(page: Page) -> str:
    return story_key(page.id) or page.id


def _selectors(layout: type[Layout]) -> dict[str, Any]:
    """What a layout and those it inherits from select, by its names."""
    names = {name for parent in layout.__mro__ for name in vars(parent) if name.isupper()}
    values = {name: getattr(layout, name) for name in names}
    return {name: value for name, value in values.items() if isinstance(value, str | tuple)}


def _stripped(layout: type[Layout], pages: list[Document]) -> type[Layout]:
    """The layout with that part of its selectors which matches on one of these pages."""
    kept = {name: _kept(value, pages) for name, value in _selectors(layout).items()}
    return type(layout.__name__, (layout,), kept)


def _kept(value: Any, pages: list[Document]) -> Any:
    if isinstance(value, tuple):
        return tuple(_kept(each, pages) for each in value)
    try:
        alternatives = [part.canonical() for part in cssselect.parse(value)]
    except (cssselect.SelectorError, AttributeError):
        return value  # a part of an address
    alive = [part for part in alternatives if any(page.one(part) is not None for page in pages)]
    return ", ".join(alive) or NOTHING
