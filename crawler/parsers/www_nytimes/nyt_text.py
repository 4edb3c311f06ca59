"""The layouts around <nyt_text>: tables to 2006, columns from then to 2013, articles of several pages."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from crawler.parsers.blocks import Picture, Piece, Place
from crawler.parsers.document import Element, Fact
from crawler.parsers.inline import Block
from crawler.parsers.text import fold
from crawler.parsers.www_nytimes.columns import Columns
from crawler.urls import canonicalize, story_key


class NytText(Columns):
    """2007 to 2013. An article may have several pages: each has its own part of the text, and lists all."""

    name = "nyt-text-2008"

    STORY: ClassVar[str] = "div#article"
    TEXT: ClassVar[str] = "nyt_text, div.articleBody, div#articleBody"
    HEADLINE: ClassVar[str] = "nyt_headline, h1"
    BYLINE: ClassVar[str] = "nyt_byline"
    DATELINE: ClassVar[str] = "h6.dateline, div.timestamp"
    PICTURE: ClassVar[str] = "div.inlineImage, div.articleSpanImage, #articleInline div.image"
    RELATED: ClassVar[str] = "ul.headlinesOnly, div.story > h6, div#sidebarArticles, div#relatedArticles"
    NOTES: ClassVar[str] = (
        "div.authorIdentification, div#authorId, div.articleCorrection, nyt_correction_top, nyt_update_bottom"
    )
    DROPPED: ClassVar[str] = (
        "div.articleInline, div.inlineLeft, div.inlineVideo, div.nextArticleLink, div#pageLinks"
    )
    PAGES: ClassVar[str] = "ul#pageNumbers li"
    PAGE_MARK: ClassVar[re.Pattern[str]] = re.compile(r"\(Page \d+ of \d+\)")

    def parts(self) -> tuple[str, ...]:
        """As the list of pages links them; the one number without a link is this page's."""
        addresses = map(self._address, self.document.select(self.PAGES, self.article))
        return tuple(dict.fromkeys(filter(None, addresses)))

    def _address(self, item: Element) -> str | None:
        href = next((anchor.get("href", "") for anchor in item.iter("a")), None)
        if href is not None:
            return canonicalize(self.document.resolve(href) or "")
        number, story = fold("".join(item.itertext())), story_key(self.bare.id)
        return canonicalize(f"{story}?pagewanted={number}") if story and number.isdecimal() else None

    def pieces(self) -> Iterator[Piece]:
        """The text without its `(Page 2 of 5)`."""
        for place, piece in super().pieces():
            if not (isinstance(piece, Block) and self.PAGE_MARK.fullmatch(piece.text)):
                yield place, piece


class Tables(Columns):
    """2001 to 2006, and older articles as the archive served them then: tables, and the same tags.

    Pages for printing have them to 2013, without the frame that the others got.
    """

    name = "tables-2001"

    STORY: ClassVar[str] = "body"
    TEXT: ClassVar[str] = NytText.TEXT
    HEADLINE: ClassVar[str] = "nyt_headline"
    BYLINE: ClassVar[str] = "nyt_byline"
    DATELINE: ClassVar[str] = "font.publishDate, .timestamp"
    PICTURE: ClassVar[str] = "a[href*=imagepages] + table"
    CAPTION: ClassVar[str] = "td > font"
    CREDIT: ClassVar[str] = "div[align=right] > font"
    NOTES: ClassVar[str] = "nyt_author_id, nyt_correction_top, nyt_correction_bottom"
    DROPPED: ClassVar[str] = f"nyt_text table, nyt_text form, {NytText.DROPPED}"
    CAPITAL: ClassVar[str] = "nyt_text img[src*=dropcap][alt]"
    SPACER: ClassVar[str] = "/images/misc/"
    FONT: ClassVar[re.Pattern[str]] = re.compile(r"^(?:font [a-z]+=\S+\s*)?(?:\([^)]*\d{4}\)\s*)?")

    def section(self) -> Fact[str] | None:
        """The desk and its part: Movies / Movies Special."""
        desk = self.document.meta("dsk")
        return Fact(desk.value.partition(" / ")[0], desk.rule) if desk else super().section()

    def description(self) -> Fact[str] | None:
        """The first sentence; what was a tag has lost its brackets."""
        said = super().description()
        return Fact(self.FONT.sub("", said.value), said.rule) if said else None

    def picture(self, box: Element) -> Picture:
        """The photograph, without the images that only hold its place."""
        picture = super().picture(box)
        photographs = (address for address in picture.addresses if self.SPACER not in address)
        return replace(picture, addresses=tuple(photographs))

    def pieces(self) -> Iterator[Piece]:
        """The text begins with a capital that may be drawn: its letter is the picture's alt."""
        capital = self.document.attribute(self.CAPITAL, "alt")
        for place, piece in super().pieces():
            if capital and place is Place.BODY and isinstance(piece, Block):
                yield place, _begin(capital.value, piece)
                capital = None
            else:
                yield place, piece


def _begin(capital: str, block: Block) -> Block:
    size = len(capital)
    anchors = tuple(replace(a, start=a.start + size, end=a.end + size) for a in block.anchors)
    return Block(capital + block.text, anchors)
