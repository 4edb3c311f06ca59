"""The one item schema: what a page, a link and an attempt are, in Python and in MongoDB alike.

Field names are schema.org's terms in snake_case. The same `Page` describes every page and every
outcome: a parsed article, a redirect, a refusal. Nothing here knows Scrapy, pymongo or a site.
"""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter

SCHEMA_VERSION = 2

_STRICT = ConfigDict(extra="forbid")


class PageType(StrEnum):
    """What kind of page a URL names, judged by its grammar."""

    ARTICLE = "article"
    LIVE = "live"
    INTERACTIVE = "interactive"
    VIDEO = "video"
    SLIDESHOW = "slideshow"
    TOPIC = "topic"
    SECTION = "section"
    AUTHOR = "author"
    HOME = "home"
    EXTERNAL = "external"
    OTHER = "other"


class Variant(StrEnum):
    """The language version of a story that a page shows."""

    ZH_HANS = "zh-Hans"
    ZH_HANT = "zh-Hant"
    DUAL = "dual"
    EN = "en"


class Role(StrEnum):
    """Where a link stands, and so what it means."""

    CITATION = "citation"
    TRANSLATION = "translation"
    AUTHOR = "author"
    TOPIC = "topic"
    RELATED = "related"
    CAPTION = "caption"
    FOOTER = "footer"


class Status(StrEnum):
    """What is held of a page."""

    DISCOVERED = "discovered"
    FETCHED = "fetched"
    REDIRECTED = "redirected"
    GONE = "gone"
    FORGOTTEN = "forgotten"


class Outcome(StrEnum):
    """How the last attempt to get a page ended."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    REDIRECTED = "redirected"
    GONE = "gone"
    BLOCKED = "blocked"
    ROBOTS_DENIED = "robots_denied"
    TRUNCATED = "truncated"
    FAILED = "failed"


class Via(StrEnum):
    """By which road a page came."""

    HTTP = "http"
    BROWSER = "browser"
    REPLAY = "replay"
    IMPORT = "import"


class Provenance(StrEnum):
    """Whether a page is the publisher's (live, replay, import) or invented (sample)."""

    LIVE = "live"
    REPLAY = "replay"
    SAMPLE = "sample"
    IMPORT = "import"


class DatePrecision(StrEnum):
    """How far a date can be trusted."""

    MINUTE = "minute"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """A person or desk named in the byline."""

    __pydantic_config__ = _STRICT

    name: str
    """As published, in Chinese or Latin letters."""
    url: str | None = None
    """Canonical URL of the author's page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture of the article."""

    __pydantic_config__ = _STRICT

    url: str
    """Absolute address, as published."""
    caption: str | None = None
    """The caption without the credit."""
    credit: str | None = None
    """Photographer or agency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link occurrence: who is cited, in which words, and where."""

    __pydantic_config__ = _STRICT

    target: str
    """Canonical URL of the page linked to."""
    role: Role
    """Where it stands: citation is an in-text link, wherever it leads."""
    anchor_text: str = ""
    """The words that carry the link."""
    context: str = ""
    """The sentence around it."""
    paragraph: int | None = None
    """Number of the paragraph of the body, from 1; null outside the body."""
    position: int | None = None
    """Offset of the anchor in its paragraph or block, in characters from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenLink:
    """An in-text href that names no page: kept as evidence, never followed."""

    __pydantic_config__ = _STRICT

    href: str
    """As it stands in the page."""
    role: Role
    """Where it stands."""
    anchor_text: str = ""
    """The words that carry the link."""
    context: str = ""
    """The sentence around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One aligned paragraph of a bilingual page."""

    __pydantic_config__ = _STRICT

    text: str
    """Chinese text."""
    text_en: str | None = None
    """The English beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One entry of a live page."""

    __pydantic_config__ = _STRICT

    slug: str
    """Fragment that names the post in its page."""
    headline: str | None = None
    """The post's own headline."""
    authors: tuple[Author, ...] = ()
    """Who wrote the post."""
    date_published: dt.datetime | None = None
    """UTC."""
    body: str = ""
    """Paragraphs joined by a blank line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extractor:
    """Which code read the page."""

    __pydantic_config__ = _STRICT

    name: str
    """The parser's module, or `seed` for facts of a seed file."""
    layout: str
    """The page layout recognized."""
    rule: dict[str, str] = field(default_factory=dict)
    """Field name to the rule that gave it."""
    version: int = 1
    """Raised when the parser's reading changes."""
    verified: bool = False
    """Whether this layout was ever checked on a real page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The last attempt to get a page."""

    __pydantic_config__ = _STRICT

    at: dt.datetime
    """When, UTC."""
    status: Outcome
    """How it ended."""
    http_status: int | None = None
    """Null when no response came."""
    reason: str | None = None
    """In words, for anything but ok."""
    run_id: str | None = None
    """The crawl run that made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcRecord:
    """Where the response as received is kept."""

    __pydantic_config__ = _STRICT

    file: str
    """File name of the archive."""
    record_id: str
    """WARC-Record-ID, `<urn:uuid:…>`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """Why a page is a tombstone: `scrapy forget` removed what it said, and nothing brings it back."""

    __pydantic_config__ = _STRICT

    at: dt.datetime
    """When, UTC."""
    by: str
    """Who."""
    reason: str | None = None
    """In words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page, fetched or not: the item of every spider and the document of `pages`."""

    __pydantic_config__ = _STRICT

    # identity
    id: str
    """Canonical URL; `_id` in MongoDB."""
    url: str
    """Final URL, as fetched."""
    site: str
    """Publication: cn.nytimes.com, www.nytimes.com, or an external host."""
    page_type: PageType
    """Kind of page, by URL grammar."""
    variant: Variant | None = None
    """Language version of the story."""
    story_key: str | None = None
    """URL without its variant: one piece of evidence that pages tell one story."""
    work_id: str | None = None
    """The work this page belongs to; set at the end of a run."""
    aliases: tuple[str, ...] = ()
    """Other URLs that led here."""
    display_title: str
    """A title to show for any page, read or not: never a bare anchor."""
    display_title_source: str = "url"
    """headline, api, or url."""

    # content
    headline: str | None = None
    """schema.org headline."""
    alternative_headline: str | None = None
    """A second headline, such as the English one on a bilingual page or og:title where it differs."""
    description: str | None = None
    """Summary by the publisher."""
    authors: tuple[Author, ...] = ()
    """Byline, in order."""
    translators: tuple[str, ...] = ()
    """Who translated, as credited."""
    date_published: dt.datetime | None = None
    """UTC. With date_precision `day` it is midnight UTC of `published_on`: never show its time."""
    published_on: str | None = None
    """YYYY-MM-DD in the publisher's zone."""
    published_tz: str | None = None
    """The publisher's zone, an IANA name."""
    date_published_raw: str | None = None
    """As it stands in the page."""
    date_precision: DatePrecision | None = None
    """How far the date can be trusted."""
    date_modified: dt.datetime | None = None
    """UTC."""
    article_section: str | None = None
    """Section, as published, else from the URL."""
    keywords: tuple[str, ...] = ()
    """Tags by the publisher."""
    publisher: str | None = None
    """Name of the publication."""
    in_language: str | None = None
    """BCP 47, such as zh-Hans, zh-Hant, en; null where nothing tells."""
    main_image: str | None = None
    """Address of the leading picture."""
    images: tuple[Image, ...] = ()
    """All pictures, in order."""
    body: str | None = None
    """Paragraphs joined by a blank line."""
    paragraphs: tuple[Paragraph, ...] = ()
    """Aligned Chinese and English, on dual pages."""
    posts: tuple[Post, ...] = ()
    """Entries of a live page."""
    parts: tuple[str, ...] = ()
    """Canonical URLs of all parts of a multi-page article; a crawl joins them all in this page."""
    word_count: int | None = None
    """English words of the body."""
    character_count: int | None = None
    """Chinese characters of the body, punctuation and spaces left out."""
    text_length: int | None = None
    """Characters of body and posts as they came, whatever of them is kept."""
    shingles: tuple[int, ...] = ()
    """A sketch of the whole text, 64 numbers at most: tells how far two texts are the same."""
    is_accessible_for_free: bool | None = None
    """What the publisher says; no sign of truncation."""
    is_truncated: bool = False
    """Whether the body was cut off by a meter or paywall, or lacks a part that could not be had."""
    content_hash: str | None = None
    """Hash of headline and body, whitespace folded: says whether an article changed."""

    # the link graph
    links: tuple[Link, ...] = ()
    """Out-links in reading order: the truth; the `links` collection is its index."""
    broken_links: tuple[BrokenLink, ...] = ()
    """In-text hrefs that name no page."""
    translation_of: str | None = None
    """Canonical URL of the original."""
    translations: tuple[str, ...] = ()
    """Canonical URLs of the same story in other languages or variants."""
    in_degree: int = 0
    """Pages that link here; recomputed at the end of a run."""
    out_degree: int = 0
    """Pages linked to; recomputed at the end of a run."""

    # what we hold
    status: Status = Status.DISCOVERED
    """What is held of the page."""
    redirects_to: str | None = None
    """Canonical URL of the redirect's target."""
    fetched_at: dt.datetime | None = None
    """When the held content came, UTC."""
    fetched_via: Via | None = None
    """By which road."""
    provenance: Provenance | None = None
    """Publisher's page or invented sample."""
    etag: str | None = None
    """Validator of the held content."""
    last_modified: str | None = None
    """Validator of the held content, as sent."""
    archive_policy: str | None = None
    """`noarchive` where the page asks for it."""
    warc: WarcRecord | None = None
    """The record of the response in an archive."""
    extractor: Extractor | None = None
    """Which code read it."""
    revision: int = 0
    """How often the content changed since it was first held."""
    held_since: dt.datetime | None = None
    """When this version of the content first came, UTC."""
    schema_version: int = SCHEMA_VERSION
    """Version of this schema."""

    # what happened last, and when again
    last_attempt: Attempt | None = None
    """The last attempt, whatever came of it."""
    next_fetch_at: dt.datetime | None = None
    """When it is due again, UTC; null is now."""
    fetch_interval: int | None = None
    """Seconds between fetches."""
    failures: int = 0
    """Failed attempts in a row."""

    # membership; written by the store only
    depths: dict[str, int] = field(default_factory=dict)
    """Least number of hops from each seed, over the roles that seed follows."""
    discovered_from: str | None = None
    """The page whose link was seen first."""
    discovered_by: dict[str, str] = field(default_factory=dict)
    """By seed, the list in which a watch found it; in the graph only with a depth for that seed, too."""
    forgotten: Forgotten | None = None
    """Set on a tombstone, with status `forgotten`."""
    first_seen_at: dt.datetime | None = None
    """UTC."""
    last_seen_at: dt.datetime | None = None
    """UTC: last time a link to it, or itself, was seen."""


ATTEMPT_FIELDS = ("last_attempt", "next_fetch_at", "fetch_interval", "failures")
"""Written by every attempt, whatever came of it."""

STORE_FIELDS = (
    "work_id",
    "aliases",
    "in_degree",
    "out_degree",
    "revision",
    "held_since",
    "depths",
    "discovered_from",
    "discovered_by",
    "forgotten",
    "first_seen_at",
    "last_seen_at",
)
"""Owned by the store: no item ever carries them in."""

PAGE = TypeAdapter(Page)


def to_document(page: Page) -> dict[str, Any]:
    """The page as a MongoDB document: every field, `id` as `_id`, enums as strings."""
    document: dict[str, Any] = PAGE.dump_python(page)
    return {"_id": document.pop("id"), **document}


def from_document(document: dict[str, Any]) -> Page:
    """The page a document of `pages` describes; fields it lacks get their defaults."""
    fields = dict(document)
    return PAGE.validate_python({"id": fields.pop("_id"), **fields})


@cache
def json_schema() -> dict[str, Any]:
    """JSON Schema of a Page (draft 2020-12)."""
    return PAGE.json_schema(mode="serialization")
