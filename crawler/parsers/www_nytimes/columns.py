"""What the layouts before 2018 share: a column of text, with boxes in it that are not the text."""

import datetime as dt
from collections.abc import Iterator
from functools import cached_property
from typing import ClassVar

from crawler.items import Author
from crawler.parsers import dates, evidence
from crawler.parsers.blocks import Picture, Piece, Place, read_block, read_card, read_picture, read_pieces
from crawler.parsers.document import Document, Element, Fact, first, outermost
from crawler.parsers.inline import Block
from crawler.parsers.text import fold
from crawler.parsers.www_nytimes.story import Story
from crawler.urls import canonicalize


class Columns(Story):
    """Selectors and order of reading; a layout says where it has what."""

    STORY: ClassVar[str]
    TEXT: ClassVar[str]
    HEADLINE: ClassVar[str]
    BYLINE: ClassVar[str]
    AUTHOR: ClassVar[str] = "[itemprop=name]"
    PICTURE: ClassVar[str]
    CAPTION: ClassVar[str] = ".caption"
    CREDIT: ClassVar[str] = ".credit"
    DATELINE: ClassVar[str | None] = None
    RELATED: ClassVar[str | None] = None
    NOTES: ClassVar[str]
    DROPPED: ClassVar[str]

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the text's own column."""
        return any(document.one(cls.TEXT, story) is not None for story in document.select(cls.STORY)[:1])

    @cached_property
    def article(self) -> Element:
        """The node that all of it stands in."""
        return self.document.select(self.STORY)[0]

    def headline(self) -> Fact[str] | None:
        """The one over the article; meta hdl is often the other of the two, for print and for the web."""
        return self.document.text(self.HEADLINE, self.article) or self._web_headline()

    def alternative_headline(self) -> Fact[str] | None:
        """The one for the web."""
        return self._web_headline()

    def _web_headline(self) -> Fact[str] | None:
        return (
            self.document.meta("hdl")
            or evidence.og_title(self.document)
            or evidence.page_title(self.document)
        )

    def authors(self) -> Fact[tuple[Author, ...]] | None:
        """Names as the byline marks them, or the head where it knows more; with the pages linked to."""
        known = filter(None, (self._marked_names(), self._names_in_head()))
        names = max(known, key=lambda fact: len(fact.value), default=None) or self._names_in_words()
        anchors = [anchor for byline in self.bylines for anchor in byline.iter("a")]
        hrefs = {text_of(anchor).casefold(): anchor.get("href", "") for anchor in anchors}
        pages = {name: canonicalize(self.document.resolve(href) or "") for name, href in hrefs.items()}
        told = super().authors()
        pages = {one.name.casefold(): one.url for one in (told.value if told else ())} | pages
        if names is None:
            return told
        people = (Author(name=name, url=pages.get(name.casefold())) for name in names.value)
        return Fact(tuple(people), names.rule)

    def _marked_names(self) -> Fact[tuple[str, ...]] | None:
        people = [person for line in self.bylines for person in self.document.select(self.AUTHOR, line)]
        names = tuple(dict.fromkeys(filter(None, map(text_of, people))))
        return Fact(names, self.AUTHOR) if names else None

    def _names_in_head(self) -> Fact[tuple[str, ...]] | None:
        byline = self.document.meta("byl", "CLMST")
        names = evidence.split_names(byline.value) if byline else ()
        return Fact(names, byline.rule) if byline and names else None

    def _names_in_words(self) -> Fact[tuple[str, ...]] | None:
        words = fold(" ".join(map(text_of, self.bylines)))
        names = evidence.split_names(words) if words.startswith("By ") else ()
        return Fact(names, self.BYLINE) if names else None

    @cached_property
    def bylines(self) -> list[Element]:
        """The lines that name the authors."""
        return list(outermost(self.document.select(self.BYLINE, self.article)))

    def published(self) -> Fact[dates.Stamp] | None:
        """New York digits, which alone have a time on every page that has them; else the day."""
        written = (
            ("ptime", dates.local_digits),
            ("article:published", dates.exact),
            ("article:published_time", dates.exact),
            ("pdate", dates.day),
            ("PUD", dates.day),
            ("DISPLAYDATE", dates.english_day),
        )
        facts = ((self.document.meta(name), read) for name, read in written)
        stamps = ((fact.rule, read(fact.value, self.zone)) for fact, read in facts if fact)
        found = next((Fact(stamp, rule) for rule, stamp in stamps if stamp), None)
        return first(found, self._shown(), evidence.published_in_url(self.bare.id, self.zone))

    def _shown(self) -> Fact[dates.Stamp] | None:
        """The day over the text: that in the URL is the next one's for what was in print the next day."""
        line = self.document.text(self.DATELINE, self.article) if self.DATELINE else None
        stamp = dates.english_day(line.value, self.zone) if line else None
        return Fact(stamp, line.rule) if line and stamp else None

    def modified(self) -> Fact[dt.datetime] | None:
        """With its offset, else New York digits."""
        digits = self.document.meta("utime")
        stamp = dates.local_digits(digits.value, self.zone) if digits else None
        return first(super().modified(), Fact(stamp.moment, digits.rule) if digits and stamp else None)

    def section(self) -> Fact[str] | None:
        """As published, else as the statistics name it, else the URL's."""
        return first(self.document.meta("article:section", "CG"), evidence.section_in_url(self.bare.id))

    def keywords(self) -> Fact[tuple[str, ...]] | None:
        """Tags one by one; the list in meta keywords has lost the commas inside of them."""
        lists = [fact for name in ("des", "per", "org", "geo") if (fact := self.document.meta(name))]
        tags = dict.fromkeys(tag.strip() for fact in lists for tag in fact.value.split(";"))
        kinds = Fact(tuple(filter(None, tags)), "meta des, per, org, geo")
        return first(
            self.document.meta_list("article:tag"),
            kinds if kinds.value else None,
            evidence.keywords(self.document),
        )

    def pieces(self) -> Iterator[Piece]:
        """Other languages, byline, pictures, text, related coverage, notes."""
        yield from self.versions()
        for byline in self.bylines:
            yield Place.BYLINE, read_block(byline)
        notes = self.notes()
        boxes = [b for b in outermost(self.document.select(self.PICTURE, self.article)) if b not in notes]
        yield from ((Place.CAPTION, self.picture(box)) for box in boxes)
        dropped = {*boxes, *notes, *self.document.select(self.DROPPED, self.article)}
        text = self.document.select(self.TEXT, self.article)
        yield from read_pieces(self.article, dropped, scope=text, pictures=())
        for box in outermost(self.document.select(self.RELATED, self.article) if self.RELATED else ()):
            yield from ((Place.RELATED, read_card(anchor)) for anchor in box.iter("a") if anchor.get("href"))
        for note in notes:
            yield from ((Place.FOOTER, piece) for _, piece in read_pieces(note, pictures=()))

    def notes(self) -> list[Element]:
        """What is said about the article, its author, its subjects: below the text, and not part of it."""
        return list(outermost(self.document.select(self.NOTES, self.article)))

    def picture(self, box: Element) -> Picture:
        """Images of a box with caption and credit."""
        caption, credit = self.document.one(self.CAPTION, box), self.document.text(self.CREDIT, box)
        block = read_block(caption) if caption is not None else Block("")
        return Picture(read_picture(box).addresses, block, credit.value if credit else None)


def text_of(element: Element) -> str:
    """All text of an element, without the commas around a name."""
    return fold("".join(element.itertext())).strip(" ,")
