"""Articles of cn.nytimes.com since 2018; every way of the site to show a story is one layout of theirs."""

from collections.abc import Iterator
from functools import cached_property
from typing import ClassVar

from crawler.items import Paragraph
from crawler.parsers import dates, evidence
from crawler.parsers.blocks import Piece, Place, read_block, read_card, read_picture, read_pieces
from crawler.parsers.chinese import ChineseLayout
from crawler.parsers.cn_nytimes.dual import Row, read_rows
from crawler.parsers.document import Document, Fact, first, outermost
from crawler.parsers.links import whole
from crawler.parsers.text import is_chinese
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
    SHOWN: ClassVar[str] = ".byline-row time, .article-header time"
    LEAD: ClassVar[str] = "figure.article-span-photo"
    FOOTER: ClassVar[str] = ".author-info, .author-info-container, .article-author, article > footer"
    ENGLISH: ClassVar[str] = ".dual-btn a[href]"
    SECTION: ClassVar[str] = ".section-title h3"
    ROW: ClassVar[str] = ".article-dual-body-item"
    DROPPED: ClassVar[str] = (
        ".big_ad, .article-body-aside, .article-header, .article-footer, .article-ribbon, .setting-bar"
        ", .share-tools, .download, .copy-footer, .top_banner_ad, [id^=subscribe_], aside, nav"
    )

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the body's section."""
        return document.one(cls.BODY) is not None

    def headline(self) -> Fact[str] | None:
        """Of two headlines on a bilingual page the Chinese one."""
        titles = self._titles()
        chinese = next((fact for fact in titles if is_chinese(fact.value)), None)
        return first(
            chinese,
            titles[0] if titles else None,
            evidence.og_title(self.document),
            evidence.plain(self.document.meta("headline")),
            evidence.page_title(self.document),
        )

    def alternative_headline(self) -> Fact[str] | None:
        """The English one beside it."""
        english = (fact for fact in self._titles() if not is_chinese(fact.value))
        return first(next(english, None), evidence.og_title(self.document))

    def _titles(self) -> list[Fact[str]]:
        headings = self.document.select(self.TITLES) or self.document.select("h1")
        words = (read_block(heading, self.document.select("small", heading)).text for heading in headings)
        return [Fact(text, self.TITLES) for text in words if text]

    def byline(self) -> Fact[str] | None:
        """Names with commas."""
        return first(self.document.text(self.BYLINE), self.document.meta("byline"))

    def published(self) -> Fact[dates.Stamp] | None:
        """What the page says; where that is days after the day in its address, the address.

        An article that is fed again after a correction says when that was (2 of 89 of the year 2025).
        """
        said, day = self._said(), evidence.published_in_url(self.bare.id, self.zone)
        return day if said and day and said.value.days_after(day.value) > 1 else first(said, day)

    def _said(self) -> Fact[dates.Stamp] | None:
        """The meta tag has an offset; the clock of <time> tells the day only."""
        time = first(
            self.document.attribute(self.TIME, "datetime"),
            self.document.attribute("time[pudate]", "pudate"),
            self.document.text(self.SHOWN),
            self.document.meta("date"),
        )
        stamp = dates.beijing_clock(time.value, None) if time else None
        return first(
            evidence.published(self.document, self.zone),
            Fact(stamp, time.rule) if time and stamp else None,
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
        yield from self.original()
        inside = set(body.iterdescendants())
        figures = (figure for figure in self.document.select(self.LEAD) if figure not in inside)
        yield from ((Place.CAPTION, read_picture(figure)) for figure in figures)
        footers = list(outermost(self.document.select(self.FOOTER)))
        english = [row.english for row in self.rows if row.english is not None]
        titles = set(self.document.select(self.ROW, body)) - {row.element for row in self.rows}
        dropped = {*self.document.select(self.DROPPED, body), *footers, *english, *titles}
        dropped.update(self.related_lists())
        yield from self.sorted_body(read_pieces(body, dropped))
        yield from ((Place.ENGLISH, read_block(column)) for column in english)
        for footer in footers:
            yield from ((Place.FOOTER, piece) for _, piece in read_pieces(footer, pictures=()))
        yield from self.related()

    def original(self) -> Iterator[Piece]:
        """The English page that the header or the head names."""
        for anchor in self.document.select(self.ENGLISH)[-1:]:
            if site_of(self.document.resolve(anchor.get("href", "")) or "") == WWW:
                yield Place.HEADER, read_card(anchor)
        for twin in self.document.select("link[hreflang^=en][href]"):
            if site_of(twin.get("href", "")) == WWW:
                yield Place.HEADER, whole(twin.get("href", ""))

    @cached_property
    def rows(self) -> list[Row]:
        """Rows of a bilingual page, without the first where it only repeats the headline."""
        rows = read_rows(self.document.select(self.ROW))
        titles = {fact.value for fact in self._titles()}
        return rows[1:] if rows and titles & set(rows[0].texts()) else rows

    def aligned(self) -> tuple[Paragraph, ...]:
        """Rows of a bilingual page."""
        pairs = (row.texts() for row in self.rows)
        return tuple(Paragraph(text=chinese, text_en=english or None) for chinese, english in pairs)
