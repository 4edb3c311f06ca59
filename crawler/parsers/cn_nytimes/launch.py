"""Articles of cn.nytimes.com from its launch in June 2012 to 2017, when it had tabs for its languages."""

from collections.abc import Iterator
from typing import ClassVar

from crawler.parsers import dates, evidence
from crawler.parsers.blocks import Picture, Piece, Place, read_block, read_pieces
from crawler.parsers.chinese import ChineseLayout
from crawler.parsers.document import Document, Fact, first, outermost
from crawler.parsers.inline import Block
from crawler.parsers.text import fold


class Launch2012(ChineseLayout):
    """The layout the site began with, in June 2012."""

    module = "cn_nytimes"
    name = "cn-2012"
    verified = True

    BODY: ClassVar[str] = "#text_body"
    HEADLINE: ClassVar[str] = ".articleHeadline"
    BYLINE: ClassVar[str] = ".byline [class^=byline-]"
    DATE: ClassVar[str] = ".byline .date"
    PHOTO: ClassVar[str] = "#columnAB [class^=photo] img"
    CAPTION: ClassVar[str] = ".articleImgCaption, .photoCaption"
    CREDIT: ClassVar[str] = ".photoCredit"
    FOOTER: ClassVar[str] = ".authorIdentification"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the body's id."""
        return document.one(cls.BODY) is not None

    def headline(self) -> Fact[str] | None:
        """The heading, else meta hd1."""
        return first(self.document.text(self.HEADLINE), self.document.meta("hd1"))

    def alternative_headline(self) -> Fact[str] | None:
        """The English headline."""
        return self.document.meta("foreign_hd1")

    def byline(self) -> Fact[str] | None:
        """Names apart from the word 报道."""
        names = [fold("".join(element.itertext())) for element in self.document.select(self.BYLINE)]
        return Fact(", ".join(filter(None, names)), self.BYLINE) if any(names) else None

    def published(self) -> Fact[dates.Stamp] | None:
        """2012年08月02日; no page of that year has a time."""
        date = self.document.text(self.DATE)
        stamp = dates.day(date.value, self.zone) if date else None
        return first(Fact(stamp, self.DATE) if stamp else None, super().published())

    def section(self) -> Fact[str] | None:
        """Named for the statistics."""
        return first(self.document.meta("WT.cg_n"), evidence.section_in_url(self.bare.id))

    def pieces(self) -> Iterator[Piece]:
        """Photo, body, translator."""
        yield from self.photos()
        yield from self.sorted_body(read_pieces(self.document.select(self.BODY)[0]))
        yield from self.footers()

    def photos(self) -> Iterator[Piece]:
        """The photos over the article share their caption."""
        photos = self.document.select(self.PHOTO)
        addresses = tuple(
            address for photo in photos if (address := photo.get("data-url") or photo.get("src"))
        )
        caption, credit = self.document.one(self.CAPTION), self.document.text(self.CREDIT)
        block = read_block(caption) if caption is not None else Block("")
        if addresses:
            yield Place.CAPTION, Picture(addresses, block, credit.value if credit else None)

    def footers(self) -> Iterator[Piece]:
        """Who wrote and who translated."""
        for footer in self.document.select(self.FOOTER):
            yield from ((Place.FOOTER, piece) for _, piece in read_pieces(footer, pictures=()))


class Tabbed2013(Launch2012):
    """2013 to 2017: the same heads, the body in a block of its language, and more in the meta tags.

    Written from the selectors of public readers of those years, never checked on a real page.
    """

    name = "cn-2013"
    verified = False

    CHINESE: ClassVar[str] = "div.content.chinese"
    ENGLISH: ClassVar[str] = "div.content.english"
    PHOTO: ClassVar[str] = ".articlePhoto img, .article-span-photo img, #columnAB [class^=photo] img"
    DROPPED: ClassVar[str] = ".ad, .articleTool, .shareBox, .relatedArticles, aside, nav"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the body's classes."""
        return document.one(f"{cls.CHINESE}, {cls.ENGLISH}") is not None

    def alternative_headline(self) -> Fact[str] | None:
        """The one for other sites, where it differs."""
        return first(super().alternative_headline(), evidence.og_title(self.document))

    def byline(self) -> Fact[str] | None:
        """Meta tags name the authors; the line over the article has the date in it."""
        named = self.document.meta("byline", "og:article:author")
        return first(named, super().byline(), self.document.text(".byline .en_byline"))

    def published(self) -> Fact[dates.Stamp] | None:
        """A meta tag, else the line over the article."""
        written = self.document.meta("og:article:published_time", "date")
        exact = (
            dates.exact(written.value, self.zone) or dates.day(written.value, self.zone) if written else None
        )
        return first(Fact(exact, written.rule) if written and exact else None, super().published())

    def section(self) -> Fact[str] | None:
        """A meta tag, else the URL's."""
        return first(self.document.meta("og:article:section"), super().section())

    def pieces(self) -> Iterator[Piece]:
        """Photos, the body in Chinese, or in English where there is no other, the translator."""
        yield from self.photos()
        blocks = self.document.select(self.CHINESE) or self.document.select(self.ENGLISH)
        for block in outermost(blocks):
            dropped = {*self.document.select(self.DROPPED, block), *self.document.select(self.FOOTER, block)}
            yield from self.sorted_body(read_pieces(block, dropped))
        yield from self.footers()
