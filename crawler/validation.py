"""What a Page must be to be kept. Pure."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import fields
from functools import lru_cache

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from crawler.items import PAGE, Attempt, Outcome, Page, PageType, Status
from crawler.urls import canonicalize

LARGEST_BODY = 12_000_000
"""Bytes. MongoDB takes documents of 16 MB."""
LARGEST_PAGE = 15_000_000

DAY = 86_400

FIELDS = tuple(field.name for field in fields(Page))
TIMES = ("date_published", "date_modified", "fetched_at", "next_fetch_at")


def problems(page: Page) -> list[str]:
    """Why this page can't be kept as it is; empty where it can."""
    shape = list(_shape(page))
    if shape:
        return shape  # the other checks rely on the types
    return [*_addresses(page), *_attempt(page), *_content(page), *_times(page), *_sizes(page)]


def as_failure(page: Page, reason: str, at: dt.datetime | None = None) -> Page:
    """The page without its content: a failed attempt to get it, due again a day later."""
    at = at or dt.datetime.now(dt.UTC)
    attempt = page.last_attempt
    failed = Attempt(
        at=at,
        status=Outcome.FAILED,
        http_status=attempt.http_status if attempt else None,
        reason=reason,
        run_id=attempt.run_id if attempt else None,
    )
    return Page(
        id=page.id,
        url=page.url,
        site=page.site,
        page_type=page.page_type,
        variant=page.variant,
        story_key=page.story_key,
        display_title=page.display_title,
        display_title_source=page.display_title_source,
        provenance=page.provenance,
        last_attempt=failed,
        next_fetch_at=at + dt.timedelta(seconds=DAY),
        fetch_interval=DAY,
        failures=max(page.failures, 0) + 1 if isinstance(page.failures, int) else 1,
    )


def _shape(page: Page) -> Iterator[str]:
    """Wrong types: what pydantic refuses, and what it would have had to convert."""
    try:
        read = PAGE.validate_python(PAGE.dump_python(page, warnings=False))
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            yield f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
        return
    for name in FIELDS:
        given, expected = getattr(page, name), getattr(read, name)
        if type(given) is not type(expected) or given != expected:
            yield f"{name}: not of the type that the schema asks for"


def _addresses(page: Page) -> Iterator[str]:
    named = {"id": page.id, "redirects_to": page.redirects_to, "translation_of": page.translation_of}
    for name, url in named.items():
        if url is not None and not is_canonical(url):
            yield f"{name}: not a canonical URL: {url!r}"
    for name, urls in (("links", (link.target for link in page.links)), ("translations", page.translations)):
        odd = next((url for url in urls if not is_canonical(url)), None)
        if odd is not None:
            yield f"{name}: not a canonical URL: {odd!r}"


@lru_cache(maxsize=8_192)
def is_canonical(url: str) -> bool:
    """Whether a URL is the one spelling of its page. Remembered: pages share most of their links."""
    return canonicalize(url) == url


def _attempt(page: Page) -> Iterator[str]:
    """What the attempt says must agree with what came of it."""
    outcome = page.last_attempt.status if page.last_attempt else None
    moved = outcome is Outcome.REDIRECTED or page.status is Status.REDIRECTED
    if moved and page.redirects_to is None:
        yield "redirects_to: a redirect needs its target"
    if moved and page.redirects_to == page.id:
        yield "redirects_to: a page can't redirect to itself"
    if page.status is Status.FETCHED and outcome not in {None, Outcome.OK, Outcome.TRUNCATED}:
        yield f"status: fetched, though the attempt is {outcome}"
    if page.failures < 0:
        yield "failures: less than none"


def _content(page: Page) -> Iterator[str]:
    kept = page.status is Status.FETCHED
    if kept and page.page_type is PageType.ARTICLE and not (page.headline or "").strip():
        yield "headline: an article that was fetched needs one"
    if kept and page.provenance is None:
        yield "provenance: unknown"
    if not page.display_title.strip():
        yield "display_title: empty"
    if page.published_on is not None and not _is_date(page.published_on):
        yield f"published_on: no date of the form YYYY-MM-DD: {page.published_on!r}"


def _is_date(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _times(page: Page) -> Iterator[str]:
    times = [(name, getattr(page, name)) for name in TIMES]
    times += [("posts.date_published", post.date_published) for post in page.posts]
    if page.last_attempt:
        times.append(("last_attempt.at", page.last_attempt.at))
    for name, time in times:
        if time is not None and time.utcoffset() != dt.timedelta(0):
            yield f"{name}: not in UTC"


def _sizes(page: Page) -> Iterator[str]:
    """A document MongoDB can take; that it can be encoded at all rules out lone surrogates."""
    try:
        size = len(PAGE.dump_json(page))
    except PydanticSerializationError:
        yield "text: half a surrogate pair, which UTF-8 can't express"
        return
    if page.body and len(page.body.encode()) > LARGEST_BODY:
        yield f"body: more than {LARGEST_BODY:,} bytes"
    elif size > LARGEST_PAGE:
        yield f"page: more than {LARGEST_PAGE:,} bytes"
