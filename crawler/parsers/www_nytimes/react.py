"""The layouts since 2018, rendered by React."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import takewhile
from typing import ClassVar

from crawler.items import Author
from crawler.parsers import dates, evidence
from crawler.parsers.blocks import Picture, Piece, Place, read_block, read_card, read_pieces
from crawler.parsers.document import Document, Element, Fact, first
from crawler.parsers.inline import Block
from crawler.parsers.text import fold
from crawler.parsers.www_nytimes.story import Story, is_shown, is_slanted
from crawler.urls import canonicalize, story_key

# The newspaper's words where a meter withholds the text, whatever the elements around them are called.
_GATE = re.compile(
    r"We are having trouble retrieving the article content|Thank you for your patience while we verify access"
    r"|Already a subscriber\? Log in|Want all of The Times\? Subscribe|Subscribe to The Times to read",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"A correction was made on|Corrections?:|Editors?[’']s? [Nn]ote:|An earlier version of this "
)
_TRUNCATED = '"isOptimisticallyTruncated":true'


class React(Story):
    """The layout since December 2018: hashed class names, but test ids and microdata to hold on to."""

    name = "react-2018-12"

    ARTICLE: ClassVar[tuple[str, ...]] = ("article#story", "article")
    BODY: ClassVar[str] = "section[name=articleBody]"
    TEXT: ClassVar[str] = ".StoryBodyCompanionColumn, [data-testid^=companionColumn]"
    HEADLINE: ClassVar[str] = (
        "h1[data-testid=headline], h1[data-test-id=headline], h1[itemprop=headline], header h1"
    )
    BYLINE: ClassVar[str] = "[itemprop~=author]"
    LAST_AUTHOR: ClassVar[tuple[str, ...]] = (".last-byline", 'header a[href*="/by/"]')
    AUTHOR: ClassVar[str] = "[itemprop=name]"
    TIME: ClassVar[str] = "header time[datetime]"
    SUMMARY: ClassVar[str] = "#article-summary"
    # Not vi-gateway-container or data-paywall-inert: subscribers get these around the whole text, too.
    TRUNCATED: ClassVar[str] = '[data-testid^=optimistic-truncator], [role=note] a[href*="/subscription"]'
    DROPPED: ClassVar[str] = (
        "header, aside, .ad, [id^=story-ad], [id$=-wrapper], [id^=NYT_], [role=complementary]"
        ", [data-testid=share-tools], [data-testid=inline-message], [data-testid^=newsletter]"
        ", [data-testid^=optimistic-truncator], p[role=note]"
        ", section section, .interactive-embedded, .interactive-content, [data-testid=inline-interactive]"
        ", [data-testid^=InteractiveBlock], [data-testid^=EmbeddedInteractive], [data-testid^=AudioBlock]"
        ", [data-testid^=Dropzone], [data-testid=StoryAd]"
        ", .bottom-of-article, [class*=Recirculation], [class*=Trending], .related-links-block"
    )
    RELATED: ClassVar[str] = ".related-links-block a[href]"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the body's section."""
        return document.one(cls.BODY) is not None

    def headline(self) -> Fact[str] | None:
        """The one over the article; og:title is often another."""
        return first(
            self.document.text(self.HEADLINE, self.article),
            evidence.og_title(self.document),
            self.document.data("headline"),
            evidence.page_title(self.document),
        )

    def description(self) -> Fact[str] | None:
        """The summary in the head, else the one over the article."""
        return first(super().description(), self.document.text(self.SUMMARY, self.article))

    def authors(self) -> Fact[tuple[Author, ...]] | None:
        """The byline with the authors' pages; the head of the page, where it names more; else its words."""
        byline = self._byline()
        marked = self.people(byline) if byline is not None else ()
        told = super().authors()
        if marked and (told is None or len(told.value) <= len(marked)):
            return Fact(marked, self.AUTHOR)
        words = read_block(byline).text if byline is not None else ""
        names = () if re.search(r"\d", words) else evidence.split_names(words)  # a date has digits
        found = told or (Fact(tuple(Author(name=name) for name in names), self.BYLINE) if names else None)
        return Fact(self._with_pages(found.value, byline), found.rule) if found else None

    def _with_pages(self, authors: Iterable[Author], byline: Element | None) -> tuple[Author, ...]:
        """Authors with the pages that the byline links to under their names."""
        anchors = byline.iter("a") if byline is not None else ()
        pages = {_name(anchor).casefold(): self._page_of(anchor) for anchor in anchors}
        return tuple(replace(a, url=a.url or pages.get(a.name.casefold())) for a in authors)

    def people(self, byline: Element) -> tuple[Author, ...]:
        """Who is named in a byline, with their pages; `By` may stand in the place of a name."""
        named = (
            (_name(person), self._page_of(person)) for person in self.document.select(self.AUTHOR, byline)
        )
        return tuple(Author(name=name, url=url) for name, url in named if name not in {"", "By"})

    def _page_of(self, person: Element) -> str | None:
        """The link around a name, in it, or itself."""
        around = (anchor for anchor in (*person.iter("a"), *person.iterancestors("a")) if anchor.get("href"))
        anchor = next(around, None)
        href = "" if anchor is None else anchor.get("href", "")
        return canonicalize(self.document.resolve(href) or "") if href else None

    def published(self) -> Fact[dates.Stamp] | None:
        """Meta tags with an offset, New York digits, the day over the article, the URL's."""
        digits, time = (
            self.document.meta("ptime", "DISPLAYDATE"),
            self.document.attribute(self.TIME, "datetime", self.article),
        )
        day = first(time, self.document.meta("pdate"))
        stamps = (
            (digits, dates.local_digits(digits.value, self.zone) if digits else None),
            (time, dates.exact(time.value, self.zone) if time else None),
            (day, dates.day(day.value, self.zone) if day else None),
        )
        written = (Fact(stamp, fact.rule) for fact, stamp in stamps if fact and stamp)
        return first(
            evidence.published(self.document, self.zone),
            next(written, None),
            evidence.published_in_url(self.bare.id, self.zone),
        )

    def is_truncated(self) -> bool:
        """By what stands in the place of the missing text, and by what the page tells its own scripts."""
        marked = self.document.one(self.TRUNCATED, self.article) is not None
        told = any(_TRUNCATED in script for script in self.document.scripts())
        return marked or told or any(_is_gate(*piece) for piece in self.text)

    def pieces(self) -> Iterator[Piece]:
        """Links to other language versions, byline, lead picture, body, notes."""
        yield from self.versions()
        byline = self._byline()
        if byline is not None:
            yield Place.BYLINE, read_block(byline)
        for header in self.document.select("header", self.article)[:1]:
            dropped = self.document.select(self.DROPPED, header)
            yield from read_pieces(header, dropped, scope=(), pictures=("figure",))
        for place, piece in self.text:
            if self._is_of_the_story(place, piece) and not _is_gate(place, piece):
                yield place, piece
        for note in self.notes:
            yield from ((Place.FOOTER, piece) for _, piece in read_pieces(note, pictures=()))

    @cached_property
    def text(self) -> list[Piece]:
        """What the body holds, and what stands in the place of the part of it that is withheld."""
        pieces: list[Piece] = []
        for body in self._bodies():
            dropped = [*self.document.select(self.DROPPED, body), *self.notes]
            columns = self.document.select(self.TEXT, body) or None  # a body without them is all text
            pieces += read_pieces(body, dropped, scope=columns, pictures=("figure",), cards=True)
            related = self.document.select(self.RELATED, body)
            pieces += ((Place.RELATED, read_card(anchor)) for anchor in related)
        return pieces

    @cached_property
    def notes(self) -> list[Element]:
        """What is said below the text of its author or by the house: its last paragraphs, in italics."""
        bodies = self._bodies()
        columns = [column for body in bodies for column in self.document.select(self.TEXT, body)] or bodies
        paragraphs = [p for column in columns for p in column.iter("p") if is_shown(p)]
        last = list(takewhile(_is_note, reversed(paragraphs)))[::-1]
        return last if len(last) < len(paragraphs) else []

    def _is_of_the_story(self, place: Place, piece: Block | Picture) -> bool:
        """All but links beside the text that lead to no story: prints to buy, scans to look at."""
        anchors = piece.anchors if place is Place.RELATED and isinstance(piece, Block) else ()
        targets = (self.document.resolve(anchor.href) or "" for anchor in anchors)
        return all(story_key(target) for target in targets)

    @cached_property
    def article(self) -> Element:
        """The node that all of it stands in."""
        found = (self.document.one(selector) for selector in self.ARTICLE)
        return next((article for article in found if article is not None), self.document.root)

    def _bodies(self) -> list[Element]:
        return self.document.select(self.BODY)[:1]

    def _byline(self) -> Element | None:
        """The paragraph that names the authors."""
        byline = self.document.one(self.BYLINE, self.article)
        if byline is not None:
            return byline
        found = (self.document.one(selector, self.article) for selector in self.LAST_AUTHOR)
        last = next((name for name in found if name is not None), None)
        return None if last is None else next(last.iterancestors("p", "div"), last)


class EarlyReact(React):
    """June to October 2018: the same columns of text, but no section around them."""

    name = "react-2018-06"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the columns."""
        return document.one(cls.TEXT) is not None

    def _bodies(self) -> list[Element]:
        """The article around the columns."""
        return [self.article]


class PhoneReact(EarlyReact):
    """2017 and 2018, first on phones: no columns, and classes that still have names.

    Written from the class names that public readers of those pages knew, never checked on a real page.
    """

    name = "react-2017"
    verified = False

    STORY: ClassVar[str] = "article[class*=Story-story]"
    DROPPED: ClassVar[str] = (
        f"{React.DROPPED}, [class*=InlineMessage], [class*=ResponsiveAd], [class*=SectionBar]"
        ", [class*=shareNetworks], [class*=printInformation], [class*=translationLinks]"
        ", [class*=RelatedCoverage], [class*=visuallyHidden]"
    )

    SIGNED: ClassVar[str] = "[class^=Byline-bylineAuthor--]"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the article's own class."""
        return document.one(cls.STORY) is not None

    def _byline(self) -> Element | None:
        """The line that a name stands in, if it begins as one."""
        byline, name = super()._byline(), self.document.one(self.SIGNED, self.article)
        lines = () if name is None else (name, *name.iterancestors("p", "div"))
        signed = (line for line in lines if _name(line).startswith("By "))
        return next(signed, None) if byline is None else byline


def _is_note(paragraph: Element) -> bool:
    return is_slanted(paragraph) or bool(_CORRECTION.match(_name(paragraph)))


def _is_gate(place: Place, piece: Block | Picture) -> bool:
    return place is Place.BODY and isinstance(piece, Block) and bool(_GATE.match(piece.text))


def _name(person: Element) -> str:
    return fold("".join(person.itertext())).strip(" ,")
