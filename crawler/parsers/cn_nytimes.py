"""cn.nytimes.com: one class per layout the site has had."""

from collections.abc import Iterator
from functools import cached_property
from typing import ClassVar

from crawler.items import Paragraph
from crawler.parsers import dates, evidence
from crawler.parsers.blocks import (
    Block,
    Picture,
    Piece,
    Place,
    read_block,
    read_card,
    read_picture,
    read_pieces,
)
from crawler.parsers.chinese import ChineseLayout
from crawler.parsers.document import Document, Element, Fact, first, outermost
from crawler.parsers.links import whole
from crawler.parsers.text import fold, is_chinese
from crawler.urls import WWW, site_of


class Modern(ChineseLayout):
    """Since 2018; simplified, traditional, bilingual and English pages alike.

    Written from the selectors of many public readers of the site, never checked on a real page.
    """

    module = "cn_nytimes"
    name = "cn-2018"

    BODY: ClassVar[str] = "section.article-body"
    TITLES: ClassVar[str] = ".article-header h1"
    BYLINE: ClassVar[str] = ".byline address, .article-header address, address"
    TIME: ClassVar[str] = ".byline-row time[datetime], .article-header time[datetime], time[datetime]"
    LEAD: ClassVar[str] = "figure.article-span-photo"
    FOOTER: ClassVar[str] = "footer.author-info, .author-info-container, .article-author, article > footer"
    ENGLISH: ClassVar[str] = ".dual-btn a[href]"
    SECTION: ClassVar[str] = ".section-title h3"
    ROW: ClassVar[str] = ".article-dual-body-item"
    PARAGRAPH: ClassVar[str] = ".article-paragraph"
    DROPPED: ClassVar[str] = (
        ".big_ad, .article-body-aside, .article-header, .article-footer, .article-ribbon, .setting-bar"
        ", .share-tools, .download, .copy-footer, aside, nav"
    )

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the body's section."""
        return document.one(cls.BODY) is not None

    def headline(self) -> Fact[str] | None:
        """Of two headlines on a bilingual page the Chinese one."""
        titles = self._titles()
        chinese = next((fact for fact in titles if is_chinese(fact.value)), None)
        return first(chinese, titles[0] if titles else None, evidence.og_title(self.document))

    def alternative_headline(self) -> Fact[str] | None:
        """The English one beside it."""
        english = (fact for fact in self._titles() if not is_chinese(fact.value))
        return first(next(english, None), evidence.og_title(self.document))

    def _titles(self) -> list[Fact[str]]:
        headings = self.document.select(self.TITLES) or self.document.select("h1")
        return [
            Fact(text, self.TITLES) for heading in headings if (text := fold("".join(heading.itertext())))
        ]

    def byline(self) -> Fact[str] | None:
        """Names with commas."""
        return self.document.text(self.BYLINE)

    def published(self) -> Fact[dates.Stamp] | None:
        """The meta tag has an offset; the clock of <time> tells the day only."""
        time = self.document.attribute(self.TIME, "datetime")
        stamp = dates.beijing_clock(time.value, None) if time else None
        return first(
            evidence.published(self.document, self.zone),
            Fact(stamp, time.rule) if time and stamp else None,
            super().published(),
        )

    def section(self) -> Fact[str] | None:
        """The heading of the column, else the URL's."""
        return first(
            self.document.meta("article:section"),
            self.document.text(self.SECTION),
            evidence.section_in_url(self.bare.id),
        )

    def pieces(self) -> Iterator[Piece]:
        """Link to the original, lead picture, body, footer, related coverage."""
        body = self.document.select(self.BODY)[0]
        yield from self._original()
        inside = set(body.iterdescendants())
        figures = (figure for figure in self.document.select(self.LEAD) if figure not in inside)
        yield from ((Place.CAPTION, read_picture(figure)) for figure in figures)
        footers = list(outermost(self.document.select(self.FOOTER)))
        english = [column for _, column in self.rows if column is not None]
        dropped = {*self.document.select(self.DROPPED, body), *footers, *english, *self.title_rows}
        yield from self.sorted_body(read_pieces(body, dropped))
        yield from ((Place.ENGLISH, read_block(column)) for column in english)
        for footer in footers:
            yield from ((Place.FOOTER, piece) for _, piece in read_pieces(footer, pictures=()))
        yield from self.related()

    def _original(self) -> Iterator[Piece]:
        """The English page that the header or the head names."""
        for anchor in self.document.select(self.ENGLISH)[-1:]:
            if site_of(self.document.resolve(anchor.get("href", "")) or "") == WWW:
                yield Place.HEADER, read_card(anchor)
        for twin in self.document.select("link[hreflang^=en][href]"):
            if site_of(twin.get("href", "")) == WWW:
                yield Place.HEADER, whole(twin.get("href", ""))

    @cached_property
    def rows(self) -> list[tuple[Element, Element | None]]:
        """Chinese and English column of each row of a bilingual page, told apart by script."""
        return [columns for row in self.document.select(self.ROW) if (columns := self._columns(row))]

    def _columns(self, row: Element) -> tuple[Element, Element | None] | None:
        columns = self.document.select(self.PARAGRAPH, row) or list(row)
        in_chinese = [is_chinese(_text(column)) for column in columns]
        if not columns or all(in_chinese) or not any(in_chinese):
            return (columns[0], None) if columns else None
        return columns[in_chinese.index(True)], columns[in_chinese.index(False)]

    @cached_property
    def title_rows(self) -> set[Element]:
        """The first row of a bilingual page may repeat the headline."""
        headline = self.headline()
        return {chinese for chinese, _ in self.rows if headline and _text(chinese) == headline.value}

    def aligned(self) -> tuple[Paragraph, ...]:
        """Rows of a bilingual page."""
        rows = [(_text(zh), en) for zh, en in self.rows if zh not in self.title_rows]
        return tuple(
            Paragraph(text=text, text_en=_text(en) or None if en is not None else None)
            for text, en in rows
            if text
        )


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
    CAPTION: ClassVar[str] = ".articleImgCaption"
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
        photos = self.document.select(self.PHOTO)
        addresses = tuple(photo.get("src", "") for photo in photos if photo.get("src"))
        caption, credit = self.document.one(self.CAPTION), self.document.text(self.CREDIT)
        block = read_block(caption) if caption is not None else Block("")
        if addresses:
            yield Place.CAPTION, Picture(addresses, block, credit.value if credit else None)
        yield from self.sorted_body(read_pieces(self.document.select(self.BODY)[0]))
        for footer in self.document.select(self.FOOTER):
            yield from ((Place.FOOTER, piece) for _, piece in read_pieces(footer, pictures=()))


def _text(element: Element) -> str:
    return read_block(element).text


LAYOUTS = (Modern, Launch2012)
