"""What a response amounts to: pure judgements over status code and the page that was read."""

import re
from typing import NamedTuple
from urllib.parse import urljoin

from w3lib.url import safe_url_string

from crawler.items import Outcome, Page
from crawler.urls import is_closed

_GONE = {404, 410}
_SENDABLE = re.compile("[!-~]+")
_REFUSED = {401, 402, 403, 406, 429, 451, 503}


class Judgement(NamedTuple):
    """An outcome, and the reason in words where it is not ok."""

    outcome: Outcome
    reason: str | None = None


def judge_status(status: int, location: str | None, *, conditional: bool = True) -> Judgement | None:
    """What a status code says by itself; None for a 2xx, whose body decides.

    `conditional` tells whether the request asked for the page only if it changed: 304 answers nothing else.
    """
    if status == 304 and not conditional:
        return Judgement(Outcome.FAILED, "HTTP 304, though nothing is held that could be unchanged")
    if status == 304:
        return Judgement(Outcome.NOT_MODIFIED)
    if 300 <= status < 400:
        return _redirect(status, location)
    if status in _GONE:
        return Judgement(Outcome.GONE, f"HTTP {status}")
    if status in _REFUSED:
        return Judgement(Outcome.BLOCKED, f"HTTP {status}")
    return None if 200 <= status < 300 else Judgement(Outcome.FAILED, f"HTTP {status}")


def _redirect(status: int, location: str | None) -> Judgement:
    if location is None:
        return Judgement(Outcome.FAILED, f"HTTP {status} without a readable Location")
    if is_closed(location):
        return Judgement(Outcome.BLOCKED, f"HTTP {status} to {location}: log in or subscribe")
    return Judgement(Outcome.REDIRECTED, f"HTTP {status}")


def led_to(url: str, location: bytes) -> str | None:
    """The address to which a Location header leads from `url`, in ASCII; None where none can be read from it.

    Servers send raw UTF-8, which no standard has, and old ones Latin-1.
    """
    try:
        text = location.decode()
    except UnicodeDecodeError:
        text = location.decode("latin-1")
    try:
        target = urljoin(url, text.strip()) if text.strip() else None
        return target if target is None or _SENDABLE.fullmatch(target) else safe_url_string(target)
    except ValueError:  # `https://[x`
        return None


MOST_REDIRECTS = 10


def judge_redirect(judgement: Judgement, *, is_loop: bool, before: int) -> Judgement:
    """A redirect after `before` others: the redirect itself, or a failure where that goes on for ever."""
    if is_loop:
        return Judgement(Outcome.FAILED, "a loop of redirects")
    if before >= MOST_REDIRECTS:
        return Judgement(Outcome.FAILED, f"more than {MOST_REDIRECTS} redirects in a row")
    return judgement


def judge_page(page: Page) -> Judgement:
    """What a 2xx page says of itself: a block page is a refusal, whatever its status."""
    if page.extractor and page.extractor.layout == "blocked":
        return Judgement(Outcome.BLOCKED, "the host answers with a block page")
    if page.extractor and page.extractor.layout == "error":
        return Judgement(Outcome.FAILED, "a server's error page, though its status is none")
    if page.is_truncated:
        return Judgement(Outcome.TRUNCATED, "the body is cut off by a meter or paywall")
    if page.extractor and page.extractor.name == "feed" and page.headline is None:
        return Judgement(Outcome.FAILED, "no feed: nothing in it can be read")
    if page.headline is None:
        return Judgement(Outcome.FAILED, "no headline: not an article, or a layout never seen")
    return Judgement(Outcome.OK)


def shows_more(rendered: Page, plain: Page) -> bool:
    """Whether a browser was worth its while: more text, and no block page."""
    if rendered.extractor and rendered.extractor.layout == "blocked":
        return False
    return len(rendered.body or "") > len(plain.body or "")
