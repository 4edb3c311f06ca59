"""What a page may change of what is held: pure judgement, no database."""

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from crawler.items import Outcome, Page, Status, Via

MUCH_SHORTER = 0.5
"""A body of less than this part of the held one is taken for a cut-off, not for an edit."""


class Effect(StrEnum):
    """How far a page reaches into what is held of it."""

    CONTENT = "content"
    STATUS = "status"
    ATTEMPT = "attempt"
    NOTHING = "nothing"


class Decision(NamedTuple):
    """The effect, and why it is less than the page asked for."""

    effect: Effect
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """As much of a stored page as it takes to decide."""

    status: Status = Status.DISCOVERED
    text_length: int = 0
    is_truncated: bool = False
    content_hash: str | None = None
    extractor: tuple[str, int] | None = None
    revision: int = 0
    display_title_source: str = "url"
    attempted_at: dt.datetime | None = None
    fetched_at: dt.datetime | None = None
    fetched_via: str | None = None


_MEASURED = {
    "$add": [
        {"$strLenCP": {"$ifNull": ["$body", ""]}},
        {"$sum": {"$map": {"input": {"$ifNull": ["$posts", []]}, "in": {"$strLenCP": "$$this.body"}}}},
    ]
}
"""Of pages that were kept before their length was."""

HELD_PROJECTION: dict[str, Any] = {
    "status": 1,
    "text_length": {"$ifNull": ["$text_length", _MEASURED]},
    "is_truncated": 1,
    "content_hash": 1,
    "extractor.name": 1,
    "extractor.version": 1,
    "revision": 1,
    "display_title_source": 1,
    "last_attempt.at": 1,
    "fetched_at": 1,
    "fetched_via": 1,
}


def held_from(document: dict[str, Any]) -> Held:
    """What HELD_PROJECTION brings."""
    extractor = document.get("extractor")
    return Held(
        status=Status(document["status"]),
        text_length=document["text_length"],
        is_truncated=document.get("is_truncated", False),
        content_hash=document.get("content_hash"),
        extractor=(extractor["name"], extractor["version"]) if extractor else None,
        revision=document.get("revision", 0),
        display_title_source=document.get("display_title_source", "url"),
        attempted_at=(document.get("last_attempt") or {}).get("at"),
        fetched_at=document.get("fetched_at"),
        fetched_via=document.get("fetched_via"),
    )


def believed(held: Held, page: Page, now: dt.datetime) -> Held:
    """The page as held, but for times that lie ahead: a clock was wrong, and that makes nothing newer."""
    attempted_at, fetched_at = held.attempted_at, held.fetched_at
    if attempted_at and attempted_at > now:
        attempted_at = page.last_attempt.at if page.last_attempt else now
    if fetched_at and fetched_at > now:
        fetched_at = page.fetched_at or now
    return replace(held, attempted_at=attempted_at, fetched_at=fetched_at)


def decide(page: Page, held: Held) -> Decision:
    """What a page may change: a good body is never replaced by a worse one, nor a newer by an older."""
    if held.status is Status.FORGOTTEN:
        return Decision(Effect.NOTHING, "forgotten: `scrapy forget --undo` lets it in again")
    if page.last_attempt is None:
        return _decide_facts(page, held)
    late = is_late(page, held)
    outcome = page.last_attempt.status
    if outcome in {Outcome.OK, Outcome.TRUNCATED}:
        worse = why_worse(page, held)
        if worse is None:
            return Decision(Effect.CONTENT)
        return Decision(Effect.NOTHING if late else Effect.ATTEMPT, worse)
    if late:
        return Decision(Effect.NOTHING, "a newer attempt is held")
    changes_status = outcome in {Outcome.REDIRECTED, Outcome.GONE}
    return Decision(Effect.STATUS if changes_status else Effect.ATTEMPT)


def _decide_facts(page: Page, held: Held) -> Decision:
    """A page without an attempt is a copy that somebody saved; facts of a seed file only fill a stub."""
    if page.status is not Status.DISCOVERED:
        worse = None if _completes(page, held) else _why_no_copy(page, held) or why_worse(page, held)
        return Decision(Effect.NOTHING, worse) if worse else Decision(Effect.CONTENT)
    known = held.status is not Status.DISCOVERED or held.fetched_at is not None
    return Decision(Effect.NOTHING, "the page itself is held") if known else Decision(Effect.CONTENT)


def _completes(page: Page, held: Held) -> bool:
    """Whether a reader's copy has the whole text of what a crawl got only the beginning of."""
    return held.is_truncated and not is_cut(page) and text_length(page) > held.text_length


def _why_no_copy(page: Page, held: Held) -> str | None:
    """A copy's time is often that of its file, so it never takes the place of what a crawl fetched."""
    if held.fetched_at is None:
        return None
    if held.fetched_via != Via.IMPORT:
        return "a crawl has fetched the page itself"
    same_time = page.fetched_at == held.fetched_at
    return "another copy of that very time is held" if same_time else None


def is_late(page: Page, held: Held) -> bool:
    """Whether a newer attempt is held, as when a spool of an earlier run comes in."""
    return bool(page.last_attempt and held.attempted_at and held.attempted_at > page.last_attempt.at)


def why_worse(page: Page, held: Held) -> str | None:
    """Why the content held is better than this one; None where it is not."""
    if held.fetched_at and page.fetched_at and held.fetched_at > page.fetched_at:
        return "newer content is held"
    length = text_length(page)
    if held.text_length == 0:
        return None
    if length == 0:
        return "kept the held body: none came"
    if is_cut(page) and (not held.is_truncated or length < held.text_length):
        return "kept the held body: this one is cut off"
    same_reading = page.extractor and held.extractor == (page.extractor.name, page.extractor.version)
    if same_reading and length < MUCH_SHORTER * held.text_length:
        return f"kept the held body: {length} of {held.text_length} characters came"
    return None


def text_length(page: Page) -> int:
    """Characters of the body and of a live page's posts, as they came."""
    if page.text_length is not None:
        return page.text_length
    return len(page.body or "") + sum(len(post.body) for post in page.posts)


def is_cut(page: Page) -> bool:
    """Whether the body ends before its end."""
    cut = page.last_attempt is not None and page.last_attempt.status is Outcome.TRUNCATED
    return cut or page.is_truncated
