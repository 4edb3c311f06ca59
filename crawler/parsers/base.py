"""The frame of every layout: from a document's facts and pieces to a Page."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from crawler.items import Author, BrokenLink, Extractor, Link, Page, PageType, Paragraph, Variant
from crawler.parsers import dates, evidence
from crawler.parsers.blocks import Piece
from crawler.parsers.document import Document, Fact, first
from crawler.parsers.reading import Reading
from crawler.parsers.text import count_han, count_words, has_words, is_chinese
from crawler.urls import canonicalize, page_type_of, readable_title, site_of, story_key, variant_of

OUTLINE = (
    *("headline", "display_title", "display_title_source", "publisher", "archive_policy", "extractor"),
    *("date_published", "published_on", "published_tz", "date_published_raw", "date_precision"),
)


def new_page(url: str) -> Page:
    """A page of which nothing but its address is known; also used for failures."""
    address = canonicalize(url) or url
    variant = variant_of(address)
    return Page(
        id=address,
        url=url,
        site=site_of(address),
        page_type=PageType(page_type_of(address)),
        variant=Variant(variant) if variant else None,
        story_key=story_key(address),
        display_title=readable_title(address),
    )


def outline(page: Page) -> Page:
    """As much of a page as a citation of it shows: no text, no links."""
    return replace(new_page(page.url), **{name: getattr(page, name) for name in OUTLINE})


def content_hash(headline: str | None, body: str | None) -> str | None:
    """SHA-256 in hex of headline and body, white space folded; None where there is neither."""
    text = " ".join(f"{headline or ''}\n{body or ''}".split())
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if text else None


def content_of(headline: str | None, body: str | None) -> dict[str, Any]:
    """The fields of a page that follow from its text."""
    return {
        "body": body,
        "word_count": count_words(body) if body and has_words(body) else None,
        "character_count": count_han(body) if body and is_chinese(body) else None,
        "content_hash": content_hash(headline, body),
    }


class Layout:
    """One way a site writes its pages: selectors on top, a short method for each field.

    A site's change is a new subclass, not a condition in an old one. The methods here read what any page may
    have in its head; a layout overrides those where it knows better.
    """

    module: ClassVar[str] = "fallback"
    name: ClassVar[str] = "unknown"
    zone: ClassVar[str] = dates.NEW_YORK
    publisher_name: ClassVar[str | None] = None
    verified: bool = False

    def __init__(self, document: Document) -> None:
        self.document = document
        self.bare = new_page(document.url)

    @classmethod
    def matches(cls, document: Document) -> bool:
        """Whether a page is written in this layout."""
        raise NotImplementedError

    # The fields. Each gives its value with the rule that found it.

    def headline(self) -> Fact[str] | None:
        """The headline over the article, else the one that stands for it elsewhere."""
        return evidence.og_title(self.document)

    def alternative_headline(self) -> Fact[str] | None:
        """A second headline, kept where it differs."""
        return evidence.og_title(self.document)

    def description(self) -> Fact[str] | None:
        """The publisher's summary."""
        return first(self.document.meta("description", "og:description"), self.document.data("description"))

    def authors(self) -> Fact[tuple[Author, ...]] | None:
        """The byline."""
        return evidence.authors(self.document)

    def translators(self) -> Fact[tuple[str, ...]] | None:
        """Who translated."""
        return None

    def published(self) -> Fact[dates.Stamp] | None:
        """When, by the most exact evidence."""
        return first(
            evidence.published(self.document, self.zone), evidence.published_in_url(self.bare.id, self.zone)
        )

    def modified(self) -> Fact[dt.datetime] | None:
        """When last changed."""
        return evidence.modified(self.document)

    def section(self) -> Fact[str] | None:
        """The section, as published, else from the URL."""
        said = first(self.document.meta("article:section"), self.document.data("articleSection"))
        return first(said, evidence.section_in_url(self.bare.id))

    def keywords(self) -> Fact[tuple[str, ...]] | None:
        """Tags by the publisher."""
        return evidence.keywords(self.document)

    def publisher(self) -> Fact[str] | None:
        """Name of the publication."""
        own = Fact(self.publisher_name, "layout") if self.publisher_name else None
        return first(self.document.meta("og:site_name"), own)

    def main_image(self) -> Fact[str] | None:
        """The leading picture."""
        images = self.reading.images
        return first(Fact(images[0].url, "first image") if images else None, self.document.meta("og:image"))

    def is_truncated(self) -> bool:
        """Whether a meter or paywall cut the body off."""
        return False

    def translation_of(self) -> Fact[str] | None:
        """The original."""
        return None

    def translations(self) -> tuple[str, ...]:
        """The same story in other languages or variants."""
        return ()

    def parts(self) -> tuple[str, ...]:
        """Canonical URLs of all parts of a multi-page article, this one included."""
        return ()

    def pieces(self) -> Iterator[Piece]:
        """Text, pictures and links, in reading order; none where the layout is not known."""
        return iter(())

    def aligned(self) -> tuple[Paragraph, ...]:
        """Paragraphs in two languages side by side."""
        return ()

    # From there to a Page.

    @cached_property
    def reading(self) -> Reading:
        """All pieces."""
        reading = Reading(self.document)
        for place, piece in self.pieces():
            reading.add(place, piece)
        return reading

    @cached_property
    def body(self) -> str | None:
        """Paragraphs joined by a blank line."""
        return "\n\n".join(block.text for block in self.reading.paragraphs) or None

    @cached_property
    def links(self) -> tuple[Link | BrokenLink, ...]:
        """All links in reading order."""
        return tuple(self.reading.links(self.bare.id))

    def page(self) -> Page:
        """The page as this layout reads it."""
        facts = {name: fact for name, fact in self._facts() if fact is not None}
        published = self.published()
        rules = {name: fact.rule for name, fact in facts.items()}
        if published:
            rules["date_published"] = published.rule
        values = {name: fact.value for name, fact in facts.items()}
        return replace(
            self.bare,
            **values,
            **_dates(published.value if published else None),
            **self._content(values.get("headline")),
            extractor=Extractor(name=self.module, layout=self.name, rule=rules, verified=self.verified),
        )

    def _facts(self) -> Iterable[tuple[str, Fact[Any] | None]]:
        headline, alternative = self.headline(), self.alternative_headline()
        same = headline is not None and alternative is not None and headline.value == alternative.value
        text = self.body or (headline.value if headline else "")
        return (
            ("headline", headline),
            ("alternative_headline", None if same else alternative),
            ("description", self.description()),
            ("authors", self.authors()),
            ("translators", self.translators()),
            ("date_modified", self.modified()),
            ("article_section", self.section()),
            ("keywords", self.keywords()),
            ("publisher", self.publisher()),
            ("in_language", evidence.language(self.document, text, self.bare.variant)),
            ("main_image", self.main_image()),
            ("is_accessible_for_free", evidence.is_accessible_for_free(self.document)),
            ("archive_policy", evidence.archive_policy(self.document)),
            ("translation_of", self.translation_of()),
        )

    def _content(self, headline: str | None) -> dict[str, Any]:
        return {
            "display_title": headline or self.bare.display_title,
            "display_title_source": "headline" if headline else "url",
            **content_of(headline, self.body),
            "paragraphs": self.aligned(),
            "is_truncated": self.is_truncated(),
            "images": tuple(self.reading.images),
            "links": tuple(link for link in self.links if isinstance(link, Link)),
            "broken_links": tuple(link for link in self.links if isinstance(link, BrokenLink)),
            "translations": self.translations(),
            "parts": self.parts(),
        }


def _dates(stamp: dates.Stamp | None) -> dict[str, Any]:
    if stamp is None:
        return {}
    return {
        "date_published": stamp.moment,
        "published_on": stamp.day,
        "published_tz": stamp.zone,
        "date_published_raw": stamp.raw,
        "date_precision": stamp.precision,
    }
