"""How much of a page's text is kept, and what the page itself says to that. Pure."""

import re
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from crawler.items import Page, Via
from crawler.wording import shingles

EXCERPT = 300
"""Characters of an excerpt, at most."""
_ENDS = "。！？.!?"

AGENT = "relatedarticles"
"""Our name in a robots directive that speaks to one agent only, in small letters."""
WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
"""Directives whose colon does not follow the name of an agent."""
FORBID_COPIES = frozenset({"noarchive", "none"})
_ROBOTS_META = re.compile(rb"<meta\b[^>]*\bname\s*=\s*[\"']?robots\b[^>]*>", re.IGNORECASE)


class BodyPolicy(StrEnum):
    """How much of a text is kept; hash, counts and shingles are, whatever else."""

    FULL = "full"
    EXCERPT = "excerpt"
    NONE = "none"


def as_kept(page: Page, policy: BodyPolicy) -> Page:
    """The page with as much of its text as the policy lets it keep, and the facts of the whole.

    Of a page that asks for `noarchive` no more than an excerpt is kept, unless somebody had a copy of it.
    """
    if page.archive_policy and page.fetched_via is not Via.IMPORT and policy is BodyPolicy.FULL:
        policy = BodyPolicy.EXCERPT
    text = "\n\n".join([page.body or "", *(post.body for post in page.posts)])
    whole = len(text.replace("\n\n", ""))
    page = replace(page, text_length=whole or None, shingles=shingles(text) if whole else ())
    if policy is BodyPolicy.FULL:
        return page
    body = excerpt(page.body) if page.body and policy is BodyPolicy.EXCERPT else None
    posts = tuple(replace(post, body="") for post in page.posts)
    return replace(page, body=body, paragraphs=(), posts=posts)


def excerpt(text: str) -> str:
    """The beginning of a text, to the end of a sentence where one ends in time."""
    if len(text) <= EXCERPT:
        return text
    start = text[:EXCERPT]
    end = max(start.rfind(mark) for mark in _ENDS) + 1
    return start[:end] if end > EXCERPT // 2 else start.rstrip() + "…"


def forbids_copies(tags: Iterable[str]) -> bool:
    """Whether X-Robots-Tag headers ask us not to keep a copy: `noarchive`, `AGENT: noarchive, …`."""
    return any(_forbids(tag.lower()) for tag in tags)


def _forbids(tag: str) -> bool:
    agent = "*"
    for part in tag.split(","):
        name, colon, rest = part.partition(":")
        directive = name.strip()
        if colon and directive not in WITH_VALUE:
            agent, directive = directive, rest.strip()
        if directive in FORBID_COPIES and agent in {"*", AGENT}:
            return True
    return False


def page_forbids_copies(html: bytes) -> bool:
    """Whether an HTML page, as it came, asks the same in its head."""
    return any(b"noarchive" in meta.lower() for meta in _ROBOTS_META.findall(html))
