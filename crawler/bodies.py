"""How much of a page's text is kept. Pure."""

from dataclasses import replace
from enum import StrEnum

from crawler.items import Page, Via
from crawler.wording import shingles

EXCERPT = 300
"""Characters of an excerpt, at most."""
_ENDS = "。！？.!?"


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
