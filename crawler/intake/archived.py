"""A range of an archive as pages: what a worker process does for `reparse` and `import`."""

import contextlib
import datetime as dt
import io
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from crawler.bodies import BodyPolicy, as_kept
from crawler.directives import forbids_copies
from crawler.intake.encoding import PackedBody, unpack
from crawler.items import Outcome, Page, WarcRecord, to_document
from crawler.outcomes import Judgement, judge_page, judge_status, led_to
from crawler.parsers import decode, new_page, parse_page
from crawler.urls import canonicalize
from crawler.validation import problems
from crawler.warc.ranges import Damage, Range, Received, read

_WEB_PAGES = {"", "text/html", "application/xhtml+xml", "text/plain"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One archived response as a page, and what it amounts to.

    The page is a document already, of plain types: that crosses from process to process at half the cost.
    """

    document: dict[str, Any]
    outcome: Outcome
    reason: str | None
    http_status: int
    at: dt.datetime | None
    """When it came, UTC."""


@dataclass(slots=True)
class Read:
    """What a range held. `skipped` counts responses that are no pages, by the reason."""

    part: Range
    readings: list[Reading] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    damage: str | None = None


def read_range(part: Range, policy: BodyPolicy = BodyPolicy.FULL) -> Read:
    """All responses of a range, read by the parsers of today. Nothing raises: damage is told.

    `policy` says how much of the texts is kept.
    """
    found = Read(part)
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # warcio prints what Damage says
            for received in read(part):
                _take(received, found, policy)
    except Damage as damage:
        found.damage = str(damage)
    return found


def _take(received: Received, found: Read, policy: BodyPolicy) -> None:
    page_id = canonicalize(received.url)
    if page_id is None or urlsplit(page_id).path == "/robots.txt":
        found.skipped["robots.txt" if page_id else "an address that can't be read"] += 1
        return
    headers = {name.lower(): value for name, value in received.response.headers}
    location = led_to(received.url, headers.get("location", "").encode("latin-1"))
    target = canonicalize(location) if location else None
    status = received.response.status
    if target == page_id and 300 <= status < 400:
        found.skipped["a redirect to itself"] += 1
        return
    judgement = judge_status(status, target)
    if judgement is None:
        page, judgement = _read(received, page_id, headers, found.part.path.name)
    else:
        moved = judgement.outcome is Outcome.REDIRECTED
        page = replace(new_page(page_id), redirects_to=target if moved else None)
    outcome, reason = judgement
    found.readings.append(
        Reading(
            document=to_document(as_kept(page, policy)),
            outcome=outcome,
            reason=reason,
            http_status=status,
            at=received.at,
        )
    )


def _read(received: Received, page_id: str, headers: dict[str, str], file: str) -> tuple[Page, Judgement]:
    """A page that came, with its fetch facts; a failure where it is none, or can't be kept."""
    warc = WarcRecord(file=file, record_id=received.response.record_id)
    declared = headers.get("content-type", "")
    kind = declared.partition(";")[0].strip().lower()
    if kind not in _WEB_PAGES:
        return _unread(page_id, warc, f"not a web page but {kind}")
    try:
        body = unpack(received.response.body, headers.get("content-encoding"))
    except PackedBody as error:
        return _unread(page_id, warc, str(error))
    page = parse_page(page_id, decode(body, declared))
    page = replace(
        page,
        url=received.url,
        fetched_at=received.at,
        etag=headers.get("etag"),
        last_modified=headers.get("last-modified"),
        archive_policy="noarchive"
        if forbids_copies([headers.get("x-robots-tag", "")])
        else page.archive_policy,
        warc=warc,
    )
    wrong = problems(page)
    if wrong:
        return _unread(page_id, warc, f"invalid: {'; '.join(wrong)}"[:500])
    return page, judge_page(page)


def _unread(page_id: str, warc: WarcRecord, reason: str) -> tuple[Page, Judgement]:
    return replace(new_page(page_id), warc=warc), Judgement(Outcome.FAILED, reason)
