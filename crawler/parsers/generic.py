"""Any layout without a parser of its own: trafilatura finds the main text, we read it and its links."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

from lxml import etree

from crawler.items import Author, PageType
from crawler.parsers import dates, evidence
from crawler.parsers.blocks import Piece, Place, read_pieces
from crawler.parsers.document import Document, Element, Fact, first
from crawler.parsers.fallback import Unknown
from crawler.parsers.inline import Block
from crawler.parsers.links import whole
from crawler.urls import canonicalize, page_type_of

SIZE_LIMIT = 400_000
"""Characters of markup, scripts apart, that trafilatura is given. It takes a second for a megabyte."""
ELEMENT_LIMIT = 5_000
TWIN_LIMIT = 50

_PART = r"(?:[A-Z][\w.'’-]*|al|bin|d[aeiu]|de[lnr]|l[ae]|v[ao]n)"
_NAME = re.compile(rf"{_PART}(?:\s{_PART}){{1,4}}")
_OFFSET = re.compile(r"([+-])(\d\d):?00$")
_LEAST = 100
"""Characters, spaces left out, of a main text. What is shorter is a notice."""
_SURE = 40
"""Characters of which a copy elsewhere in the text is no accident."""
_FACTS = ("title", "author", "date", "description", "sitename")
_INLINE = {"code", "del", "graphic", "hi", "lb", "ref"}
"""Of the elements that trafilatura makes."""
_LISTS = {PageType.HOME, PageType.SECTION, PageType.TOPIC, PageType.AUTHOR}
_FAILS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError, etree.LxmlError)
"""What another's code may raise on a damaged page."""


@dataclass(frozen=True, slots=True)
class MainText:
    """What trafilatura made of a page."""

    paragraphs: frozenset[str]
    """Without spaces, which each reader folds in its own way."""
    text: str
    """All of them in one."""
    facts: dict[str, str]
    """title, author, date, description, sitename."""

    def holds(self, block: Block) -> bool:
        """Whether a block is part of the text: as a paragraph of its own, or as a long piece of one."""
        key = _key(block.text)
        return key in self.paragraphs or (len(key) >= _SURE and key in self.text)


@lru_cache(maxsize=1)  # who asks whether there is one reads it next
def main_text(document: Document) -> MainText | None:
    """The main text of a page, found without any request; None where there is none."""
    markup = _markup(document.root)
    if markup is None:
        return None
    import trafilatura  # half a second, for the few pages that need it

    try:
        found = trafilatura.bare_extraction(
            markup,
            url=document.url,
            with_metadata=True,
            include_comments=False,
            # any number that might be a date is none; and two seconds are saved
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    except _FAILS:
        return None
    if found is None or isinstance(found, dict) or found.body is None:
        return None
    facts = {name: value for name in _FACTS if (value := getattr(found, name))}
    blocks = (element for element in found.body.iter() if element.tag not in _INLINE)
    text = _text(found.body)
    return MainText(frozenset(map(_text, blocks)), text, facts) if len(text) >= _LEAST else None


def _markup(root: Element) -> str | None:
    """The page without what is no text; None where that leaves nothing, or too much to be read in time."""
    if next(root.iter("body"), None) is None or root.xpath(f"count(//*) > {ELEMENT_LIMIT}"):
        return None
    tree = deepcopy(root)
    for element in tree.iter("script", "style", "svg", "template"):
        if "ld+json" not in (element.get("type") or ""):
            tail = element.tail
            element.clear()
            element.tail = tail
    if len(_text(tree)) < _LEAST:
        return None
    markup: str = etree.tostring(tree, method="html", encoding="unicode")
    return markup if len(markup) <= SIZE_LIMIT else None


def _text(element: Element) -> str:
    return _key("".join(element.itertext()))


def _key(text: str) -> str:
    return "".join(text.split())


def _is_byline(text: str) -> bool:
    """Whether a block only says who wrote: `By`, `By Ana Sample and Bo de Sample`."""
    return text == "By" or (text.startswith("By ") and all(map(_NAME.fullmatch, evidence.split_names(text))))


def _zone_written(raw: str) -> str:
    """The zone of an offset of whole hours: Etc/GMT-9 is nine hours east, for historical reasons."""
    found = _OFFSET.search(raw)
    hours = int(found[2]) if found else 0
    if found is None or hours == 0 or hours > 12:
        return "UTC"
    return f"Etc/GMT{'-' if found[1] == '+' else '+'}{hours}"


class Generic(Unknown):
    """The main text, and what the head of the page does not tell, by trafilatura; all else as everywhere."""

    module = "generic"
    name = "trafilatura"

    TWINS: ClassVar[str] = "link[rel~=alternate][hreflang][href]"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """Wherever there is a main text; in a list of articles the text is theirs."""
        return page_type_of(document.url) not in _LISTS and main_text(document) is not None

    @cached_property
    def found(self) -> MainText:
        """What trafilatura made of the page."""
        return main_text(self.document) or MainText(frozenset(), "", {})

    def _fact(self, name: str) -> Fact[str] | None:
        value = self.found.facts.get(name)
        return Fact(value, f"trafilatura {name}") if value else None

    def headline(self) -> Fact[str] | None:
        """What the page gives other sites, else what trafilatura takes for it."""
        return first(
            evidence.og_title(self.document),
            self.document.data("headline"),
            self._fact("title"),
            super().headline(),
        )

    def description(self) -> Fact[str] | None:
        """The publisher's summary."""
        return first(super().description(), self._fact("description"))

    def authors(self) -> Fact[tuple[Author, ...]] | None:
        """The byline; trafilatura takes a date behind a name for another name."""
        byline = self._fact("author")
        names = [n for n in evidence.split_names(byline.value) if not re.search(r"\d", n)] if byline else []
        found = Fact(tuple(Author(name=name) for name in names), byline.rule) if byline and names else None
        return first(super().authors(), found)

    def published(self) -> Fact[dates.Stamp] | None:
        """A time with its offset, which is the publisher's; else the day."""
        day = self._fact("date")
        stamp = dates.day(day.value, self._zone()) if day else None
        return first(
            evidence.published(self.document, self._zone()),
            evidence.published_in_url(self.bare.id, self._zone()),
            Fact(stamp, day.rule) if day and stamp else None,
        )

    def _zone(self) -> str:
        """Of a publisher nobody knows, the offset in which it writes."""
        if self.bare.page_type is not PageType.EXTERNAL:
            return self.zone
        written = evidence.published(self.document, "UTC")
        return _zone_written(written.value.raw) if written else "UTC"

    def publisher(self) -> Fact[str] | None:
        """Its name, else its host's."""
        host = Fact(self.bare.site.removeprefix("www."), "host") if self.bare.site else None
        return first(super().publisher(), self._fact("sitename"), host)

    def translation_of(self) -> Fact[str] | None:
        """The original that JSON-LD names."""
        work = next(iter(self.document.data_list("translationOfWork")), None)
        named = work.get("@id") or work.get("url") if isinstance(work, dict) else work
        target = canonicalize(self.document.resolve(named) or "") if isinstance(named, str) else None
        return Fact(target, "json-ld translationOfWork") if target and target != self.bare.id else None

    def translations(self) -> tuple[str, ...]:
        """The twins in other languages."""
        targets = (canonicalize(self.document.resolve(href) or "") for href in self._twins())
        return tuple(dict.fromkeys(target for target in targets if target and target != self.bare.id))

    def _twins(self) -> list[str]:
        twins = self.document.select(self.TWINS)[:TWIN_LIMIT]
        return [twin.get("href", "") for twin in twins if twin.get("hreflang", "").lower() != "x-default"]

    @cached_property
    def titles(self) -> set[str]:
        """The headline, and that over the article where it is another."""
        headline, heading = self.headline(), self.document.text("h1")
        return {fact.value for fact in (headline, heading) if fact}

    def pieces(self) -> Iterator[Piece]:
        """Twins, then the blocks that trafilatura kept, and the pictures between them."""
        yield from ((Place.HEADER, whole(href)) for href in self._twins())
        waiting: list[Piece] = []
        begun = False
        for place, piece in read_pieces(self.document.root):
            if place is Place.BODY and isinstance(piece, Block):
                if not self.found.holds(piece) or piece.text in self.titles or _is_byline(piece.text):
                    continue
                yield from waiting
                yield place, piece
                waiting, begun = [], True
            elif begun:
                waiting.append((place, piece))
