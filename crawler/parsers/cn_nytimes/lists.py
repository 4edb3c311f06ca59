"""Lists of articles on cn.nytimes.com: the home page, section fronts, topics. They cite nothing."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from crawler.items import Extractor, Page, PageType
from crawler.parsers import evidence
from crawler.parsers.blocks import Piece, Place
from crawler.parsers.chinese import ChineseLayout
from crawler.parsers.document import Document, Element, Fact, first
from crawler.parsers.fallback import NotFound
from crawler.parsers.inline import Anchor, Block
from crawler.parsers.text import fold
from crawler.urls import page_type_of

ENTRY_LIMIT = 300
"""Entries of a list that are kept. The home page has about a hundred."""

_MISSING = re.compile(r"(?:访问|訪問)的(?:页面|頁面)(?:未找到|不存在)")
_WORDS = ("body", "div", "p", "section", "h1", "h2", "h3", "h4", "span")
_FIRST = 20_000


class Missing(NotFound):
    """A 404 that says so somewhere in its text, over recommended articles: they are no links of it."""

    module = "cn_nytimes"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """Asked after the articles, which may speak of missing pages."""
        text = "".join(document.root.itertext(*_WORDS))
        return super().matches(document) or bool(_MISSING.search(text[:_FIRST]))


class SectionFront(ChineseLayout):
    """Fronts since 2013: a headline's link inside a heading with a class of its own."""

    module = "cn_nytimes"
    name = "cn-section-front"
    verified = True

    OF: ClassVar[PageType | None] = None

    NAME: ClassVar[str] = "#alternativeHeader h2, .topic-header h1, .topic-header h2, .section-title h3"
    ENTRY: ClassVar[str] = (
        ".sectionLeadHeader, .leadHeadline, .subHeadline, .regularSummaryHeadline, .referListHeadline"
        ", .wellHeadline, .commentSummaryHeadline, .sfheadline, h3.headline"
    )
    LINK: ClassVar[str] = "a[href]"
    TITLE: ClassVar[str] = "h2, h3"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By an entry; where a kind of page has a layout of its own, by its address, too."""
        of_kind = cls.OF is None or page_type_of(document.url) == cls.OF
        return of_kind and document.one(cls.ENTRY) is not None

    def page(self) -> Page:
        """A list under the address of a story is not that story, and gives nothing."""
        if self.bare.story_key:
            return replace(self.bare, extractor=Extractor(name=self.module, layout=self.name))
        return super().page()

    def headline(self) -> Fact[str] | None:
        """The list's name."""
        return first(
            self.document.text(self.NAME),
            evidence.og_title(self.document),
            evidence.page_title(self.document),
        )

    def byline(self) -> Fact[str] | None:
        """Each entry has its own; the list has none."""
        return None

    def section(self) -> None:
        """It is one, or is in none."""

    def authors(self) -> None:
        """Nobody's."""

    def main_image(self) -> None:
        """The one for other sites is the site's logo."""

    def pieces(self) -> Iterator[Piece]:
        """Each entry once, in the order of the page."""
        seen: set[str] = set()
        for entry in self.document.select(self.ENTRY):
            anchor = entry if entry.tag == "a" else self.document.one(self.LINK, entry)
            href = "" if anchor is None else anchor.get("href", "")
            if anchor is not None and href not in seen and len(seen) < ENTRY_LIMIT:
                seen.add(href)
                yield Place.RELATED, self._titled(anchor, href)

    def _titled(self, anchor: Element, href: str) -> Block:
        """The headline carries the link; where it is empty, the link's title, or all words."""
        title = self.document.text(self.TITLE, anchor)
        text = title.value if title else fold(anchor.get("title", "") or "".join(anchor.itertext()))
        return Block(text, (Anchor(href, 0, len(text)),))


class Home(SectionFront):
    """The home page: more kinds of headings, each with a link in it."""

    name = "cn-home"
    verified = False

    OF = PageType.HOME

    ENTRY: ClassVar[str] = f"{SectionFront.ENTRY}, .storyWindow h3, .mothThumbnail + h3"


class Topic(SectionFront):
    """A topic's page, read like a front by those who read it."""

    name = "cn-topic"
    verified = False

    OF = PageType.TOPIC


class MobileList(SectionFront):
    """Lists of m.cn.nytimes.com: picture, headline and summary inside one link."""

    name = "cn-mobile-list"
    verified = False

    ENTRY: ClassVar[str] = ".article-list .regular-item, ol.article-list > li[class]"


class Front2012(SectionFront):
    """Lists of the launch layout, as they stand beside its articles."""

    name = "cn-2012-front"
    verified = False

    NAME: ClassVar[str] = "#header h2"
    ENTRY: ClassVar[str] = "#columnAB ul.refer li, #main ul.refer li"
