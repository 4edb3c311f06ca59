"""The layouts since 2018, rendered by React."""

from collections.abc import Iterator
from functools import cached_property
from typing import ClassVar

from crawler.items import Author
from crawler.parsers import dates, evidence
from crawler.parsers.base import Layout
from crawler.parsers.blocks import Piece, Place, read_block, read_card, read_pieces
from crawler.parsers.document import Document, Element, Fact, first
from crawler.parsers.links import whole
from crawler.parsers.text import fold
from crawler.urls import canonicalize, story_key


class React(Layout):
    """The layout since December 2018: hashed class names, but test ids and microdata to hold on to."""

    module = "www_nytimes"
    name = "react-2018-12"
    publisher_name = "The New York Times"
    verified = True

    ARTICLE: ClassVar[str] = "article#story, article"
    BODY: ClassVar[str] = "section[name=articleBody]"
    TEXT: ClassVar[str] = ".StoryBodyCompanionColumn"
    HEADLINE: ClassVar[str] = (
        "h1[data-testid=headline], h1[data-test-id=headline], h1[itemprop=headline], header h1"
    )
    BYLINE: ClassVar[str] = "[itemprop~=author]"
    LAST_AUTHOR: ClassVar[str] = ".last-byline"
    AUTHOR: ClassVar[str] = "[itemprop=name]"
    TIME: ClassVar[str] = "header time[datetime]"
    SUMMARY: ClassVar[str] = "#article-summary"
    VERSIONS: ClassVar[str] = "a[data-version][href], a[hreflang][href]"
    TRUNCATED: ClassVar[str] = "[data-testid^=optimistic-truncator], [data-testid=vi-gateway-container]"
    DROPPED: ClassVar[str] = (
        "header, aside, .ad, [id^=story-ad], [id$=-wrapper], [id^=NYT_], [role=complementary]"
        ", [data-testid=share-tools], [data-testid=inline-message], [data-testid^=newsletter]"
        ", [data-testid^=optimistic-truncator]"
        ", section section, .interactive-embedded, .interactive-content"
        ", .bottom-of-article, [class*=Recirculation], [class*=Trending]"
    )

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
        )

    def description(self) -> Fact[str] | None:
        """The summary in the head, else the one over the article."""
        return first(super().description(), self.document.text(self.SUMMARY, self.article))

    def authors(self) -> Fact[tuple[Author, ...]] | None:
        """The byline with the authors' pages; what it does not tell, meta byl does."""
        byline = self._byline()
        authors = self.people(byline) if byline is not None else ()
        return first(Fact(authors, self.AUTHOR) if authors else None, super().authors())

    def people(self, byline: Element) -> tuple[Author, ...]:
        """Who is named in a byline, with their pages; `By` may stand in the place of a name."""
        named = ((_name(person), _author_url(person)) for person in self.document.select(self.AUTHOR, byline))
        return tuple(Author(name=name, url=url) for name, url in named if name not in {"", "By"})

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
        """By what stands in the place of the missing text."""
        return self.document.one(self.TRUNCATED, self.article) is not None

    def translation_of(self) -> Fact[str] | None:
        """The English page, on one in another language."""
        rules = {"a": self.VERSIONS, "link": "link @hreflang"}
        versions = self._versions()
        originals = (Fact(url, rules[str(link.tag)]) for language, url, link in versions if language == "en")
        return next(originals, None)

    def translations(self) -> tuple[str, ...]:
        """This story in other languages; Chinese in both scripts."""
        targets = (target for language, target, _ in self._versions() if language != "en")
        return tuple(dict.fromkeys(targets))

    def pieces(self) -> Iterator[Piece]:
        """Links to other language versions, byline, lead picture, body."""
        for _, _, element in self._versions():
            yield Place.HEADER, read_card(element) if element.tag == "a" else whole(element.get("href", ""))
        byline = self._byline()
        if byline is not None:
            yield Place.BYLINE, read_block(byline)
        for header in self.document.select("header", self.article)[:1]:
            dropped = self.document.select(self.DROPPED, header)
            yield from read_pieces(header, dropped, scope=(), pictures=("figure",))
        for body in self._bodies():
            dropped = self.document.select(self.DROPPED, body)
            text = self.document.select(self.TEXT, body)
            yield from read_pieces(body, dropped, scope=text, pictures=("figure",), cards=True)

    @cached_property
    def article(self) -> Element:
        """The node that all of it stands in."""
        article = self.document.one(self.ARTICLE)
        return self.document.root if article is None else article

    def _bodies(self) -> list[Element]:
        return self.document.select(self.BODY)[:1]

    def _byline(self) -> Element | None:
        """The paragraph that names the authors."""
        article = self.article
        byline = self.document.one(self.BYLINE, article)
        last = self.document.one(self.LAST_AUTHOR, article) if byline is None else None
        return byline if last is None else next(last.iterancestors("p", "div"), last)

    def _versions(self) -> Iterator[tuple[str, str, Element]]:
        """Language, address and link of this story in other languages, over the article or in the head."""
        twins = (link for link in self.document.root.iter("link") if link.get("hreflang"))
        for element in (*self.document.select(self.VERSIONS, self.article), *twins):
            language = _language(element)
            target = canonicalize(self.document.resolve(element.get("href", "")) or "")
            other = target != self.bare.id and language not in {"x", self.bare.variant}
            if target and other and story_key(target):
                yield language, target, element


class EarlyReact(React):
    """June to October 2018: the same columns of text, but no section around them."""

    name = "react-2018-06"

    BODY: ClassVar[str] = "article#story"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the columns."""
        return document.one(f"{cls.BODY} {cls.TEXT}") is not None


def _language(element: Element) -> str:
    """`zh-Hans` as zh-hans, `en-US` as en, `x-default` as x."""
    tag = (element.get("hreflang") or element.get("data-version") or "").lower()
    return tag if tag.startswith("zh") else tag.partition("-")[0]


def _name(person: Element) -> str:
    return fold("".join(person.itertext())).strip(" ,")


def _author_url(person: Element) -> str | None:
    """The link around a name, in it, or itself."""
    around = (anchor for anchor in (*person.iter("a"), *person.iterancestors("a")) if anchor.get("href"))
    anchor = next(around, None)
    return canonicalize(anchor.get("href", "")) if anchor is not None else None
