"""Saved pages as items: what a worker process does with files for `import`."""

import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from crawler.bodies import BodyPolicy, as_kept
from crawler.intake.forms import HEAD, Copy, Form, NoPage, form_of, read_copy
from crawler.items import Extractor, Outcome, Page, Provenance, Status, Via, WarcRecord, to_document
from crawler.outcomes import judge_page
from crawler.parsers import new_page, parse_page
from crawler.parsers.document import Document
from crawler.urls import canonicalize, is_fetchable
from crawler.validation import problems

LARGEST = 50_000_000
"""Bytes of a file. The largest real page known has one million; pictures inside make some larger."""


_NO_PAGES = {
    "blocked": "a block page",
    "error": "a server's error page",
    "not_found": "a page that says it was not found",
}


class Task(NamedTuple):
    """A file to read."""

    path: Path
    url: str | None
    """Where it comes from, where somebody says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a file, a record or a row held: a page, or the reason why none."""

    source: str
    """The file, and the place in it where it holds several pages."""
    form: str
    document: dict[str, Any] | None = None
    """The page as a document of plain types."""
    outcome: Outcome = Outcome.OK
    reason: str | None = None


def read_files(tasks: tuple[Task, ...]) -> list[Found]:
    """What stands in each of the files. Nothing raises."""
    return [_read_file(task) for task in tasks]


def form_of_file(path: Path) -> Form | None:
    """What a file is. Raises OSError."""
    with path.open("rb") as file:
        return form_of(file.read(HEAD))


def _read_file(task: Task) -> Found:
    name = str(task.path)
    try:
        if task.path.stat().st_size > LARGEST:
            raise NoPage(f"larger than {LARGEST // 1_000_000} MB")
        data = task.path.read_bytes()
        copy = read_copy(data)
        saved_at = copy.saved_at or dt.datetime.fromtimestamp(task.path.stat().st_mtime, dt.UTC)
        page = page_of(copy, task.url, saved_at, WarcRecord(file=task.path.name, record_id=_digest(data)))
    except OSError as error:
        return Found(source=name, form="", reason=f"can't be read: {error.strerror}")
    except NoPage as error:
        return Found(source=name, form="", reason=str(error))
    judged = judge_page(page)
    return Found(
        source=name, form=copy.form, document=to_document(page), outcome=judged.outcome, reason=judged.reason
    )


def _digest(data: bytes) -> str:
    """Names a copy as a record is named: whoever imports the file again finds it."""
    return f"<urn:sha1:{hashlib.sha1(data, usedforsecurity=False).hexdigest()}>"


def page_of(copy: Copy, said_url: str | None, saved_at: dt.datetime, record: WarcRecord) -> Page:
    """The page in a copy, as it is kept. Raises NoPage with the reason where it can't be."""
    url = said_url or copy.url
    page_id = canonicalize(url or "")
    if url is None or page_id is None:
        raise NoPage("it does not say its own address: name it with --url, or in a CSV beside it")
    if not is_fetchable(page_id):
        raise NoPage(f"its address names no page: {page_id}")
    page = parse_page(page_id, copy.html)
    if page.parts and page.id not in page.parts:
        page = parse_page(_own_part(page, copy.html), copy.html)
    layout = page.extractor.layout if page.extractor else ""
    if layout in _NO_PAGES:
        raise NoPage(_NO_PAGES[layout])
    if page.headline is None:
        raise NoPage("no headline: not an article, or a layout never seen")
    page = replace(
        page,
        url=url if canonicalize(url) == page.id else page.id,
        status=Status.FETCHED,
        fetched_at=saved_at.replace(microsecond=saved_at.microsecond // 1000 * 1000),  # as MongoDB keeps it
        fetched_via=Via.IMPORT,
        provenance=Provenance.IMPORT,
        warc=record,
    )
    if wrong := problems(page):
        raise NoPage(f"can't be kept: {'; '.join(wrong)}"[:500])
    return as_kept(page, BodyPolicy.FULL)


def _own_part(page: Page, html: str) -> str:
    """Which part of an article this is, saved under the address of the whole: the one it does not link to."""
    document = Document.read(page.id, html)
    hrefs = (document.resolve(anchor.get("href", "")) for anchor in document.root.iter("a"))
    linked = {canonicalize(href) for href in hrefs if href}
    # The first is linked to from all, for printing.
    return next((part for part in page.parts if part not in linked), page.parts[0])


def listed(url: str, headline: str | None, published_on: str | None) -> Page:
    """A page that is only named. Raises NoPage."""
    page_id = canonicalize(url)
    if page_id is None:
        raise NoPage(f"not the address of a page: {url[:200]}")
    page = replace(new_page(page_id), provenance=Provenance.IMPORT)
    if headline:
        facts = Extractor(name="import", layout="facts")
        page = replace(
            page, headline=headline, display_title=headline, display_title_source="headline", extractor=facts
        )
    if published_on:
        page = replace(page, published_on=published_on)
    if wrong := problems(page):
        raise NoPage(f"can't be kept: {'; '.join(wrong)}"[:500])
    return page
