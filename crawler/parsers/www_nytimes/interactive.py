"""Interactives: graphics with a text around them that is written differently every time."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import ClassVar
from urllib.parse import unquote

from crawler.items import Author, PageType
from crawler.parsers.blocks import Picture, Piece, Place, read_block, read_card, read_pieces
from crawler.parsers.document import Document, Element, Fact, first, outermost
from crawler.parsers.evidence import split_names
from crawler.parsers.fallback import NotFound
from crawler.parsers.inline import Block
from crawler.parsers.www_nytimes.react import React
from crawler.urls import page_type_of

_WORDS_OF_ONE_LETTER = {"A", "I", "O"}


class Interactive2014(React):
    """From 2014 to 2018: a graphic in the frame of an article.

    What the paragraphs of a graphic are called differs from page to page; that they are paragraphs does not.
    Labels on maps and charts are set as paragraphs as well, by the program that drew them: ai2html.
    """

    name = "interactive-2014"

    THEME: ClassVar[str] = "article.theme-interactive"
    ARTICLE: ClassVar[tuple[str, ...]] = (THEME,)
    GRAPHIC: ClassVar[str] = ".interactive-graphic"
    FRAME: ClassVar[str] = ".interactive-graphic"
    PARAGRAPH: ClassVar[str] = "p, h2, h3, h4, h5, blockquote, li, .g-body, .g-p, .g-text"
    HEADLINE: ClassVar[str] = "h1.interactive-headline, h1[itemprop=headline], header h1"
    BYLINE: ClassVar[str] = ".interactive-byline"
    TITLE: ClassVar[str] = ".g-headline"
    SIGNED: ClassVar[str] = ".g-byline"
    SUMMARY: ClassVar[str] = ".interactive-leadin"
    CAPTION: ClassVar[str] = "[class*=g-][class*=caption]"
    DROP_CAP: ClassVar[str] = ".g-drop"
    NOTES: ClassVar[str] = (
        ".interactive-notes, .interactive-source, .interactive-credit, .g-source, .g-sources, .g-notes"
        ", .g-footer, .g-credits, .g-methodology"
    )
    DROPPED: ClassVar[str] = (
        "header, footer, aside, nav, .ad, .ai2html, .g-artboard, .g-aiAbs, .g-aiImg, [class*=credit]"
        ", .g-header, .g-headline, .g-byline, .g-kicker, .g-story-meta, .g-nav, .g-mobile-only"
        ", .g-label, .g-debug, .g-ad"
        ", [class*=share], [class*=related], [class*=promo], [id$=-wrapper], [id^=NYT_], [role=complementary]"
    )
    RELATED: ClassVar[str] = ".interactive-leadin a[href], .related-coverage a[href]"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the theme of the article."""
        return document.one(cls.THEME) is not None

    def alternative_headline(self) -> Fact[str] | None:
        """The graphic may have one of its own."""
        return first(self.document.text(self.TITLE, self.article), super().alternative_headline())

    def authors(self) -> Fact[tuple[Author, ...]] | None:
        """The byline of the frame, else the head's, else the one that the graphic has itself."""
        own = self.document.text(self.SIGNED, self.article)
        names = tuple(Author(name=name) for name in split_names(own.value)) if own else ()
        return first(super().authors(), Fact(names, self.SIGNED) if names else None)

    def pieces(self) -> Iterator[Piece]:
        """Byline, coverage pointed to, paragraphs and pictures of the graphic, notes and sources."""
        byline = self._byline()
        if byline is not None:
            yield Place.BYLINE, read_block(byline, self.document.select("time", byline))
        for anchor in self.document.select(self.RELATED, self.article):
            yield Place.RELATED, read_card(anchor)
        notes = [
            note for note in outermost(self.document.select(self.NOTES, self.article)) if self._is_note(note)
        ]
        dropped = [*self.document.select(self.DROPPED, self.article), *notes]
        for graphic in self.graphics:
            text = self.document.select(self.PARAGRAPH, graphic)
            pieces = read_pieces(graphic, dropped, scope=text)
            yield from ((place, _without_templates(piece)) for place, piece in pieces)
        for note in notes:
            yield from ((Place.FOOTER, piece) for _, piece in read_pieces(note, pictures=()))

    def _is_note(self, box: Element) -> bool:
        """Whether a box is about the graphic; with a caption in it, it belongs to the picture before it."""
        return self.document.one(self.CAPTION, box) is None

    @cached_property
    def graphics(self) -> list[Element]:
        """The roots of the graphics, with captions named as such and drop caps joined to their words."""
        found = self.document.select(self.GRAPHIC, self.article)
        graphics = list(outermost(found or self.document.select(self.FRAME, self.article)))
        for graphic in graphics:
            for caption in self.document.select(self.CAPTION, graphic):
                caption.tag = "figcaption"
            for letter in self.document.select(self.DROP_CAP, graphic):
                if (letter.text or "").strip() not in _WORDS_OF_ONE_LETTER:
                    letter.tail = (letter.tail or "").lstrip()
        return graphics


class Interactive(Interactive2014):
    """Since 2019, in the frame that React renders; often nothing but a frame that a script fills.

    Written from what is known of the public structure, never checked on a real page.
    """

    name = "interactive-2019"
    verified = False

    ARTICLE: ClassVar[tuple[str, ...]] = ("main", "article")
    GRAPHIC: ClassVar[str] = ".interactive-graphic, .interactive-content, .interactive-body, .rad-story-body"
    FRAME: ClassVar[str] = "article, main"
    HEADLINE: ClassVar[str] = (
        "#interactive-heading, h1[data-testid=headline], h1[itemprop=headline], header h1, .g-headline"
    )
    BYLINE: ClassVar[str] = (
        "[itemprop~=author], [data-testid=interactive-byline], #interactive-byline, .rad-byline"
    )
    SUMMARY: ClassVar[str] = "#interactive-leadin"
    RELATED: ClassVar[str] = "#interactive-leadin a[href]"
    DROPPED: ClassVar[str] = (
        f"{Interactive2014.DROPPED}, [id*=footer], .bottom-of-article, [class*=Recirculation]"
        ", [data-testid=share-tools], [data-testid^=newsletter], [data-testid^=optimistic-truncator]"
        ", .rad-header, .rad-interactive, .rad-series-box, [id^=newsletter], [id^=Newsletter-]"
        ", [class*=Newsletter-wrap], .mainTabsContainer"
    )

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the frame, else by the address: there may be no frame at all."""
        if document.one("#interactive-heading, #interactive-leadin, .rad-story-body") is not None:
            return True
        return page_type_of(document.url) == PageType.INTERACTIVE and not NotFound.matches(document)


def _without_templates(piece: Block | Picture) -> Block | Picture:
    """A picture without the addresses that a script completes: `mall-{{size}}.jpg`."""
    if isinstance(piece, Block):
        return piece
    return replace(piece, addresses=tuple(url for url in piece.addresses if "{{" not in unquote(url)))
