"""What every layout shares: from facts and pieces of a document to a Page."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar

from crawler.items import Author, BrokenLink, Extractor, Image, Link, Page, PageType, Paragraph, Role, Variant
from crawler.parsers import dates
from crawler.parsers.blocks import Block, Picture, Place
from crawler.parsers.document import Document, Fact, first
from crawler.parsers.links import LINK_LIMIT, read_links
from crawler.parsers.text import chinese_script, count_han, count_words, fold, is_chinese
from crawler.urls import (
    canonicalize,
    page_type_of,
    published_on,
    readable_title,
    site_of,
    story_key,
    variant_of,
)

_TITLE_SUFFIX = re.compile(
    r"(?:\s+\(Published \d{4}\))?(?:\s*[-–—|]\s*(?:The New York Times|NYTimes\.com|纽约时报中文网.*|紐約時報中文網.*))?$"
)
_TITLE_PREFIX = re.compile(r"^Opinion \| ")
_NAMES = re.compile(r"\s*[,，、;；](?!\s*(?:Jr|Sr|II|III|IV)\b)\s*(?:and\s+)?|\s+and\s+", re.IGNORECASE)
_BY = re.compile(r"^(?:By|Por)\s+", re.IGNORECASE)
_SECTION_CN = re.compile(r"//cn\.nytimes\.com/(?:article/)?([a-z-]+)/\d{4}")
_SECTION_WWW = re.compile(r"/\d{4}/\d\d/\d\d/([a-z-]+)/")


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


def split_names(byline: str) -> tuple[str, ...]:
    """Names of a byline, as published: `By A, B and C`, `甲、乙`."""
    return tuple(name for name in _NAMES.split(_BY.sub("", fold(byline))) if name)


def plain_title(title: str) -> str:
    """A title without what the site adds to it."""
    return _TITLE_PREFIX.sub("", _TITLE_SUFFIX.sub("", title, count=1)).strip()


def content_hash(headline: str | None, body: str | None) -> str | None:
    """SHA-256 in hex of headline and body, white space folded; None where there is neither."""
    text = fold(f"{headline or ''}\n{body or ''}")
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if text else None


@dataclass(slots=True)
class Reading:
    """What was read of a page, in reading order."""

    paragraphs: list[Block] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    placed: list[tuple[Place, int | None, Block]] = field(default_factory=list)

    def add(self, document: Document, place: Place, piece: Block | Picture) -> None:
        """Takes the next piece in."""
        if isinstance(piece, Picture):
            self._add_picture(document, piece)
        elif place is Place.BODY:
            self.paragraphs.append(piece)
            self.placed.append((place, len(self.paragraphs), piece))
        else:
            self.placed.append((place, None, piece))
            if place is Place.CAPTION and self.images and not self.images[-1].caption:
                self.images[-1] = replace(self.images[-1], caption=piece.text or None)

    def _add_picture(self, document: Document, picture: Picture) -> None:
        captions = [picture.caption.text or None] + [None] * len(picture.addresses)
        for address, caption in zip(picture.addresses, captions, strict=False):
            url = document.resolve(address)
            if url:
                self.images.append(Image(url=url, caption=caption, credit=picture.credit))
        self.placed.append((Place.CAPTION, None, picture.caption))


class Layout:
    """One way a site writes its pages: selectors on top, a short method for each field.

    A site's change is a new subclass, not a condition in an old one.
    """

    module: ClassVar[str] = "fallback"
    name: ClassVar[str] = "unknown"
    zone: ClassVar[str] = dates.NEW_YORK
    publisher_name: ClassVar[str | None] = None
    verified: ClassVar[bool] = False

    def __init__(self, document: Document) -> None:
        self.document = document
        self.bare = new_page(document.url)

    @classmethod
    def matches(cls, document: Document) -> bool:
        """Whether a page is written in this layout."""
        raise NotImplementedError

    # Fields; each gives the value with the rule that found it.

    def headline(self) -> Fact[str] | None:
        """The headline over the article, else the one that stands for it elsewhere."""
        return self._og_title()

    def alternative_headline(self) -> Fact[str] | None:
        """A second headline, where it differs."""
        return self._og_title()

    def description(self) -> Fact[str] | None:
        """The publisher's summary."""
        return first(self.document.meta("description", "og:description"), self.document.data("description"))

    def authors(self) -> Fact[tuple[Author, ...]] | None:
        """The byline."""
        return first(self._authors_in_meta(), self._authors_in_data())

    def translators(self) -> Fact[tuple[str, ...]] | None:
        """Who translated."""
        return None

    def published(self) -> Fact[dates.Stamp] | None:
        """When, by the most exact evidence."""
        return first(self._published_in_meta(), self._published_in_url())

    def modified(self) -> Fact[dt.datetime] | None:
        """When last changed."""
        facts = (
            self.document.meta("article:modified_time", "article:modified"),
            self.document.data("dateModified"),
        )
        moments = ((fact.rule, dates.utc(fact.value)) for fact in facts if fact)
        return next((Fact(moment, rule) for rule, moment in moments if moment), None)

    def section(self) -> Fact[str] | None:
        """The section, as published, else from the URL."""
        return first(
            self.document.meta("article:section"),
            self.document.data("articleSection"),
            self._section_in_url(),
        )

    def keywords(self) -> Fact[tuple[str, ...]] | None:
        """Tags."""
        listed = self.document.meta("news_keywords", "keywords")
        words = (
            tuple(word for word in map(str.strip, re.split("[,;，；]", listed.value)) if word)
            if listed
            else ()
        )
        return first(
            self.document.meta_list("article:tag"), Fact(words, listed.rule) if listed and words else None
        )

    def publisher(self) -> Fact[str] | None:
        """Name of the publication."""
        own = Fact(self.publisher_name, "layout") if self.publisher_name else None
        return first(self.document.meta("og:site_name"), own)

    def is_accessible_for_free(self) -> Fact[bool] | None:
        """What the publisher says; no sign of truncation."""
        value = self.document.article_data.get("isAccessibleForFree")
        said = Fact(str(value), "json-ld isAccessibleForFree") if value is not None else None
        fact = first(said, self.document.meta("itemprop=isAccessibleForFree"))
        return Fact(fact.value.lower() == "true", fact.rule) if fact else None

    def is_truncated(self) -> bool:
        """Whether a meter or paywall cut the body off."""
        return False

    def translation_of(self) -> Fact[str] | None:
        """The original."""
        return None

    def translations(self) -> tuple[str, ...]:
        """The same story in other languages or variants."""
        return ()

    def pieces(self) -> Iterator[tuple[Place, Block | Picture]]:
        """Text, pictures and links, in reading order; none for a layout that is not known."""
        return iter(())

    def aligned(self) -> tuple[Paragraph, ...]:
        """Paragraphs in two languages side by side."""
        return ()

    # From facts to a Page.

    def page(self) -> Page:
        """The page as this layout reads it."""
        facts = {name: fact for name, fact in self._facts() if fact is not None}
        values = {name: fact.value for name, fact in facts.items()}
        if values.get("alternative_headline") == values.get("headline"):
            values.pop("alternative_headline", None)
        page = replace(
            self.bare,
            **values,
            **self._dates(),
            **self._content(values.get("headline")),
            translations=self.translations(),
        )
        rules = {name: fact.rule for name, fact in facts.items() if name in values}
        if (published := self._published) is not None:
            rules["date_published"] = published.rule
        extractor = Extractor(name=self.module, layout=self.name, rule=rules, verified=self.verified)
        return replace(page, extractor=extractor)

    def _facts(self) -> Iterable[tuple[str, Fact[Any] | None]]:
        robots = self.document.meta("robots")
        noarchive = robots is not None and "noarchive" in robots.value.lower()
        return (
            ("headline", self.headline()),
            ("alternative_headline", self.alternative_headline()),
            ("description", self.description()),
            ("authors", self.authors()),
            ("translators", self.translators()),
            ("date_modified", self.modified()),
            ("article_section", self.section()),
            ("keywords", self.keywords()),
            ("publisher", self.publisher()),
            ("in_language", self.language()),
            ("main_image", self.main_image()),
            ("is_accessible_for_free", self.is_accessible_for_free()),
            ("archive_policy", Fact("noarchive", "meta robots") if noarchive else None),
            ("translation_of", self.translation_of()),
        )

    @cached_property
    def _published(self) -> Fact[dates.Stamp] | None:
        return self.published()

    def _dates(self) -> dict[str, Any]:
        if self._published is None:
            return {}
        stamp = self._published.value
        return {
            "date_published": stamp.moment,
            "published_on": stamp.day,
            "published_tz": stamp.zone,
            "date_published_raw": stamp.raw,
            "date_precision": stamp.precision,
        }

    def _content(self, headline: str | None) -> dict[str, Any]:
        body = self.body
        chinese = bool(body) and is_chinese(body or "")
        return {
            "display_title": headline or self.bare.display_title,
            "display_title_source": "headline" if headline else "url",
            "body": body,
            "paragraphs": self.aligned(),
            "word_count": count_words(body) if body and not chinese else None,
            "character_count": count_han(body) if body and chinese else None,
            "content_hash": content_hash(headline, body),
            "is_truncated": self.is_truncated(),
            "images": tuple(self.reading.images),
            "links": tuple(link for link in self.links if isinstance(link, Link)),
            "broken_links": tuple(link for link in self.links if isinstance(link, BrokenLink)),
        }

    @cached_property
    def reading(self) -> Reading:
        """All pieces, sorted by what they are."""
        reading = Reading()
        for place, piece in self.pieces():
            reading.add(self.document, place, piece)
        return reading

    @cached_property
    def body(self) -> str | None:
        """Paragraphs joined by a blank line."""
        return "\n\n".join(block.text for block in self.reading.paragraphs) or None

    @cached_property
    def links(self) -> tuple[Link | BrokenLink, ...]:
        """All links in reading order."""
        return tuple(islice(self._links(), LINK_LIMIT))

    def _links(self) -> Iterator[Link | BrokenLink]:
        """Leaves out the page itself in any variant, and what merely repeats a link in another place."""
        seen: set[tuple[Role, str]] = set()
        for place, number, block in self.reading.placed:
            for link in read_links(self.document, block, place, number):
                if isinstance(link, Link):
                    story = story_key(link.target)
                    if link.target == self.bare.id or (story and story == self.bare.story_key):
                        continue
                    key = (link.role, story or link.target)
                    if key in seen and (place is Place.ENGLISH or link.role is Role.TRANSLATION):
                        continue
                    seen.add(key)
                yield link

    # Rules that several layouts use.

    def language(self) -> Fact[str] | None:
        """BCP 47, by the script of the text, then by what the page declares."""
        declared = first(
            self.document.attribute("html[lang]", "lang"),
            self.document.meta("itemprop=inLanguage", "LANG"),
            self.document.data("inLanguage"),
        )
        text = self.body or (self.headline() or Fact("", "")).value
        if text and is_chinese(text):
            return first(_written_chinese(text), _declared_chinese(declared), self._chinese_by_url())
        tag = declared.value.partition("-")[0].lower() if declared else ""
        if declared and re.fullmatch("[a-z]{2,3}", tag) and tag != "zh":
            return Fact(tag, declared.rule)
        return Fact("en", "script of the text") if text else None

    def _chinese_by_url(self) -> Fact[str]:
        traditional = self.bare.variant is Variant.ZH_HANT
        return Fact("zh-Hant" if traditional else "zh-Hans", "url")

    def main_image(self) -> Fact[str] | None:
        """The leading picture."""
        images = self.reading.images
        return first(Fact(images[0].url, "first image") if images else None, self.document.meta("og:image"))

    def _og_title(self) -> Fact[str] | None:
        fact = self.document.meta("og:title")
        return Fact(plain_title(fact.value), fact.rule) if fact and plain_title(fact.value) else None

    def _authors_in_meta(self) -> Fact[tuple[Author, ...]] | None:
        fact = self.document.meta("byl", "author")
        names = split_names(fact.value) if fact and "://" not in fact.value else ()
        return Fact(tuple(Author(name=name) for name in names), fact.rule) if fact and names else None

    def _authors_in_data(self) -> Fact[tuple[Author, ...]] | None:
        people = [person for person in self.document.data_list("author") if isinstance(person, dict)]
        named = [
            (person["name"], person.get("url")) for person in people if isinstance(person.get("name"), str)
        ]
        authors = tuple(
            Author(name=fold(name), url=canonicalize(url) if isinstance(url, str) else None)
            for name, url in named
            if fold(name)
        )
        return Fact(authors, "json-ld author") if authors else None

    def _published_in_meta(self) -> Fact[dates.Stamp] | None:
        facts = (
            self.document.meta("article:published_time"),
            self.document.meta("article:published"),
            self.document.data("datePublished"),
        )
        stamps = ((fact.rule, dates.exact(fact.value, self.zone)) for fact in facts if fact)
        return next((Fact(stamp, rule) for rule, stamp in stamps if stamp), None)

    def _published_in_url(self) -> Fact[dates.Stamp] | None:
        day = published_on(self.bare.id)
        stamp = dates.day(day, self.zone) if day else None
        return Fact(stamp, "url") if stamp else None

    def _section_in_url(self) -> Fact[str] | None:
        found = _SECTION_CN.search(self.bare.id) or _SECTION_WWW.search(self.bare.id)
        return Fact(found[1], "url") if found else None


def _declared_chinese(declared: Fact[str] | None) -> Fact[str] | None:
    tag = declared.value.lower() if declared else ""
    if declared and re.match("zh-(hant|tw|hk|mo)", tag):
        return Fact("zh-Hant", declared.rule)
    return Fact("zh-Hans", declared.rule) if declared and re.match("zh-(hans|cn|sg)", tag) else None


def _written_chinese(text: str) -> Fact[str] | None:
    script = chinese_script(text)
    return Fact(script, "script of the text") if script else None
