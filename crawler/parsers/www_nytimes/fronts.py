"""Pages that list articles: home and section fronts, topics, columns, authors.

A list has a name, a description and entries; it is no article, and has neither body nor byline.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import ClassVar

from crawler.items import Author, Extractor, Page, PageType
from crawler.parsers import dates, evidence
from crawler.parsers.base import Layout
from crawler.parsers.blocks import Piece, Place, read_block, read_card
from crawler.parsers.document import Document, Element, Fact, first, outermost
from crawler.parsers.fallback import NotFound
from crawler.parsers.inline import Anchor, Block
from crawler.parsers.links import LINK_LIMIT
from crawler.urls import canonicalize, page_type_of

ENTRY_LIMIT = 300
"""Entries read of a list. A home page has about a hundred; more is a list without end."""

_STORIES = {PageType.ARTICLE, PageType.LIVE, PageType.INTERACTIVE, PageType.VIDEO, PageType.SLIDESHOW}
_LISTS = {PageType.HOME, PageType.SECTION, PageType.TOPIC, PageType.AUTHOR}


class Front(Layout):
    """A list that the head of the page says to be one; in React since 2018."""

    module = "www_nytimes"
    name = "front-2018"
    publisher_name = "The New York Times"
    verified = True

    KIND: ClassVar[tuple[str, ...]] = ("pt", "nyt-collection:type")
    KINDS: ClassVar[set[str]] = {"collection", "homepage", "sectioncollection", "sectionfront"}
    LISTS: ClassVar[tuple[str, ...]] = ("main", "#site-content", "#main", "body")
    NAME: ClassVar[str] = "main h1"
    TITLES: ClassVar[tuple[str, ...]] = ("h2", "h3", "h4")
    ENTRY: ClassVar[tuple[str, ...]] = ("article", "li")
    CHROME: ClassVar[str] = (
        "nav, footer, form, aside, .ad, [id$=-wrapper], [role=search], [role=complementary]"
    )

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By what the head says that it is; `PT` is told by articles, too."""
        said = {value.lower() for name in cls.KIND for value in document.metas.get(name, ())}
        return not said.isdisjoint(cls.KINDS)

    def page(self) -> Page:
        """The list; nothing of it where it stands in the place of a story that is gone."""
        if self.bare.page_type in _STORIES:
            return replace(self.bare, extractor=Extractor(name=self.module, layout=self.name))
        return super().page()

    def headline(self) -> Fact[str] | None:
        """The name of the list."""
        return first(
            self._heading(),
            evidence.og_title(self.document),
            self.document.meta("nyt-collection:display-name"),
            evidence.page_title(self.document),
        )

    def _heading(self) -> Fact[str] | None:
        """The list's own; on home pages of 2014 to 2018 an entry may have one of the first rank."""
        headings = self.document.select(self.NAME)
        own = (h for h in headings if next(h.iterancestors(*self.ENTRY), None) is None)
        texts = (read_block(heading).text for heading in own)
        return next((Fact(text, self.NAME) for text in texts if text), None)

    def authors(self) -> Fact[tuple[Author, ...]] | None:
        """None: who wrote what is listed did not write the list."""
        return None

    def published(self) -> Fact[dates.Stamp] | None:
        """When the list was made, New York digits; JSON-LD and <time> may be those of an entry."""
        digits = self.document.meta("ptime")
        stamp = dates.local_digits(digits.value, self.zone) if digits else None
        return Fact(stamp, digits.rule) if digits and stamp else None

    def pieces(self) -> Iterator[Piece]:
        """The entries, each with its headline."""
        for anchor, text in islice(self._entries(), ENTRY_LIMIT):
            yield Place.RELATED, Block(text, (Anchor(anchor.get("href", ""), 0, len(text)),))

    def _entries(self) -> Iterator[tuple[Element, str]]:
        """The first story of every entry, once, with the words that its first link with words has."""
        targets: dict[Element, str] = {}
        listed: set[str] = set()
        for anchor, target in self._stories():
            entry = next(anchor.iterancestors(*self.ENTRY), anchor)
            text = self._title(anchor)
            if targets.setdefault(entry, target) == target and target not in listed and text:
                listed.add(target)
                yield anchor, text

    def _stories(self) -> Iterator[tuple[Element, str]]:
        """Links of the list that lead to a story, with its address."""
        chrome = {part for top in outermost(self.document.select(self.CHROME)) for part in top.iter()}
        for anchor in islice(self._anchors(), LINK_LIMIT):
            target = canonicalize(self.document.resolve(anchor.get("href", "")) or "")
            if target and anchor not in chrome and page_type_of(target) in _STORIES:
                yield anchor, target

    def _title(self, anchor: Element) -> str:
        """The highest heading in a link, since a lower one may be a kicker over it; else its first words."""
        headings = (heading for level in self.TITLES for heading in anchor.iter(level))
        heading = next(headings, None)
        return read_block(heading).text if heading is not None else read_card(anchor).text

    def _anchors(self) -> Iterator[Element]:
        parts = (part for name in self.LISTS for part in self.document.select(name))
        anchors = (anchor for part in islice(parts, 1) for anchor in part.iter("a") if anchor.get("href"))
        # One around another was never closed: its words would be those of the rest of the page.
        return (anchor for anchor in anchors if next(anchor.iterdescendants("a"), None) is None)


class Listing(Front):
    """A list that only its address tells: topics, columns and authors of today.

    Written from what is known of the public structure, never checked on a real page.
    """

    name = "front-2022"
    verified = False

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the address, unless the page says that there is none."""
        return page_type_of(document.url) in _LISTS and not NotFound.matches(document)
