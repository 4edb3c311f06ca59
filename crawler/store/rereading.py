"""A stored page read again by a better parser: its fetch stays what it was, only the reading changes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum

import bson
from bson.codec_options import CodecOptions
from pymongo import UpdateOne

from crawler.items import ATTEMPT_FIELDS, STORE_FIELDS, Outcome, Page, Status, from_document
from crawler.parsers import OUTLINE, SITES
from crawler.store.bulk import Database, Document, Owned, write_all
from crawler.store.decisions import Effect
from crawler.store.settling import changed, fetch_of, settle
from crawler.store.writes import link, occurrences, stub, targets, unseen

FETCH_FIELDS = (
    *("url", "status", "redirects_to", "fetched_at", "fetched_via", "provenance", "etag", "last_modified"),
    "warc",
)
"""Facts of the fetch: no reading changes them."""
READ_FIELDS = tuple(
    field.name
    for field in fields(Page)
    if field.name not in {"id", *FETCH_FIELDS, *STORE_FIELDS, *ATTEMPT_FIELDS}
)
"""What a parser reads, and what is computed from it."""

_AS_STORED: CodecOptions[Document] = CodecOptions(tz_aware=True)
_NOT_NEEDED = dict.fromkeys(("aliases", "depths", "in_degree", "out_degree"), 0)
_READ = {Outcome.OK.value, Outcome.TRUNCATED.value}
_UNREAD = {Outcome.FAILED.value, Outcome.BLOCKED.value}


class Verdict(StrEnum):
    """What became of a page that was read again."""

    CHANGED = "changed"
    SAME = "same"
    FILLED = "filled"
    REFUSED = "refused"
    OTHER = "other"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """The verdict on one page, with the fields that differ, or the reason for a refusal."""

    page_id: str
    verdict: Verdict
    fields: tuple[str, ...] = ()
    layout: str = ""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    """A page's new reading beside what is held of it, in `pages` or in `revisions`."""

    page: Document
    held: Document
    values: Document
    """The fields to set."""

    @property
    def is_former(self) -> bool:
        """Whether this is a former version of the page."""
        return bool(self.held["_id"] != self.page["_id"])


async def reread(
    database: Database, readings: Sequence[tuple[Document, Outcome, str | None]]
) -> tuple[list[Reread], set[str]]:
    """Take in new readings: each a page's document, its outcome as judged anew, and the reason.

    Returns the verdicts, and the pages that another writer has changed meanwhile: they are judged anew.
    """
    verdicts: list[Reread] = []
    changes: list[_Change] = []
    stored = [_as_stored(document) for document, _, _ in readings]
    held = await _held(database, stored)
    for page, (_, outcome, reason) in zip(stored, readings, strict=True):
        found = held.get(_record(page)) or held.get(page["_id"])
        verdict, values = judge(page, outcome, reason, found)
        verdicts.append(verdict)
        if values and found:
            changes.append(_Change(page, found, values))
    refused, conflicts = await _write(database, changes)
    kept = (verdict for verdict in verdicts if verdict.page_id not in conflicts)
    return [_or_refused(verdict, refused) for verdict in kept], conflicts


def _or_refused(verdict: Reread, refused: dict[str, str]) -> Reread:
    if verdict.page_id not in refused:
        return verdict
    return replace(verdict, verdict=Verdict.REFUSED, fields=(), reason=refused[verdict.page_id])


def _as_stored(document: Document) -> Document:
    """The document as MongoDB would give it back, so that it can be compared."""
    return bson.decode(bson.encode(document), _AS_STORED)


def _record(page: Document) -> str:
    """The record that brought a page; no URL, so it names nothing else."""
    return str((page.get("warc") or {}).get("record_id"))


async def _held(database: Database, pages: Sequence[Document]) -> dict[str, Document]:
    """What is held of the pages, by `_id`; and all versions that one of their records brought, by record."""
    ids, records = [page["_id"] for page in pages], [_record(page) for page in pages if page.get("warc")]
    current = {page["_id"]: page async for page in database.pages.find({"_id": {"$in": ids}}, _NOT_NEEDED)}
    by_record = {_record(page): page for page in current.values() if page.get("warc")}
    others = [page for page in pages if _record(page) not in by_record]
    former = {"page": {"$in": [page["_id"] for page in others]}, "warc.record_id": {"$in": records}}
    revisions = {_record(page): page async for page in database.revisions.find(former, _NOT_NEEDED)}
    return current | revisions | by_record


def judge(
    page: Document, outcome: Outcome, reason: str | None, held: Document | None
) -> tuple[Reread, Document]:
    """What the new reading of a page changes: the verdict, and the fields to set."""
    name, layout = page["_id"], (page["extractor"] or {}).get("layout", "")
    is_unread = held is not None and _came_but_was_not_read(held)
    if held is None or not (is_unread or held.get("fetched_at")):
        return Reread(page_id=name, verdict=Verdict.ABSENT), {}
    if not is_unread and not _is_held(page, held):
        return Reread(page_id=name, verdict=Verdict.OTHER), {}
    worse = _why_worse(page, outcome, reason, held)
    if worse:
        return Reread(page_id=name, verdict=Verdict.REFUSED, layout=layout, reason=worse), {}
    wanted = OUTLINE if _in_outline(held) else READ_FIELDS
    values = {field: page[field] for field in wanted if page[field] != held.get(field)}
    if is_unread:
        filled = Reread(page_id=name, verdict=Verdict.FILLED, layout=layout, fields=tuple(values))
        return filled, values | _fetch_facts(page, outcome, held)
    verdict = Verdict.CHANGED if values else Verdict.SAME
    return Reread(page_id=name, verdict=verdict, fields=tuple(values), layout=layout), values


def _is_held(page: Document, held: Document) -> bool:
    """Whether the content held is what this very record brought."""
    return page.get("warc") is not None and _record(held) == _record(page)


def _came_but_was_not_read(held: Document) -> bool:
    """Whether a response came and no parser of its day could make anything of it."""
    attempt = held.get("last_attempt") or {}
    came = 200 <= (attempt.get("http_status") or 0) < 300
    never = held["status"] == Status.DISCOVERED and held.get("fetched_at") is None
    return never and came and attempt.get("status") in _UNREAD


def _why_worse(page: Document, outcome: Outcome, reason: str | None, held: Document) -> str | None:
    if outcome not in {Outcome.OK, Outcome.TRUNCATED}:
        return reason or str(outcome)
    if _has_text(held) and not _has_text(page) and not _in_outline(held):
        return "no text came of it, and one is held"
    if len(page["parts"]) > 1 and _length(held) > _length(page):
        return "it is one page of an article, and what is held joins them all"
    return None


def _has_text(page: Document) -> bool:
    return bool(page.get("body") or page.get("posts") or page.get("text_length"))


def _length(page: Document) -> int:
    """Characters of the text as it came, where that is known; else of what is kept."""
    return int(page.get("text_length") or len(page.get("body") or ""))


def _in_outline(held: Document) -> bool:
    """Whether only headline and date of a page elsewhere are kept: it must not grow by being read again."""
    return held["site"] not in SITES and not _has_text(held) and not held.get("links")


def _fetch_facts(page: Document, outcome: Outcome, held: Document) -> Document:
    """The fetch of a page that came and can be read only now; the attempt keeps its time and run."""
    replayed = held.get("provenance") in {"replay", "sample"}
    kept = {name: page[name] for name in ("url", "fetched_at", "etag", "last_modified", "warc")}
    reason = "the body is cut off by a meter or paywall" if outcome is Outcome.TRUNCATED else None
    return kept | {
        "fetched_at": page["fetched_at"] or held["last_attempt"]["at"],
        "fetched_via": "replay" if replayed else "http",
        "status": Status.FETCHED.value,
        "is_truncated": outcome is Outcome.TRUNCATED,
        "failures": 0,
        "last_attempt": held["last_attempt"] | {"status": str(outcome), "reason": reason},
    }


async def _write(database: Database, changes: Sequence[_Change]) -> tuple[dict[str, str], set[str]]:
    """Stubs, links, the links that are gone, and the page last: cut off before that, it is judged as now.

    Returns why pages were refused, and those that another writer has changed meanwhile: their links
    are set to what they say.
    """
    former = [_update(change) for change in changes if change.is_former]
    current = [change for change in changes if not change.is_former]
    refused = (await write_all(database.revisions, former)).refused
    await _write_links(database, [change for change in current if "links" in change.values])
    written = await write_all(database.pages, [_update(change) for change in current])
    matched = len(current) - len(written.refused) == written.matched
    held = {} if matched else {change.held["_id"]: fetch_of(change.held) for change in current}
    lost = await changed(database, held)
    await settle(
        database, {change.held["_id"]: _seen(change)[0] for change in current if change.held["_id"] in lost}
    )
    return refused | written.refused, lost


def _update(change: _Change) -> Owned:
    """Matches the page only as long as no crawl has written what the verdict was made on."""
    status, fetched, attempted = fetch_of(change.held)
    same = {
        "_id": change.held["_id"],
        "status": status,
        "last_attempt.at": attempted,
        "fetched_at": fetched,
    }
    return change.page["_id"], UpdateOne(same, {"$set": change.values})


async def _write_links(database: Database, changes: Sequence[_Change]) -> None:
    """Stubs of new targets, then the links that differ, then the end of those that are gone."""
    nodes: list[Owned] = []
    links: list[Owned] = []
    gone: list[Owned] = []
    for change in changes:
        held = from_document(change.held)
        page = replace(from_document(change.page), provenance=held.provenance)
        seen, run_id = _seen(change)
        before, found = dict(occurrences(held)), dict(occurrences(page))
        new = set(targets(page, Effect.CONTENT)) - set(targets(held, Effect.CONTENT))
        differ = {name: facts for name, facts in found.items() if before.get(name) != facts}
        nodes += [(page.id, stub(target, page, seen)) for target in sorted(new)]
        # They were there all the time, though only now they are read: no later run has found them new.
        links += [(page.id, link(name, facts, run_id, seen, again=False)) for name, facts in differ.items()]
        gone.append((page.id, unseen(page, list(found), run_id, seen)))
    await write_all(database.pages, nodes)
    await write_all(database.links, links)
    await write_all(database.links, gone)


def _seen(change: _Change) -> tuple[dt.datetime, str | None]:
    """When the page was had, and by which run, where that is still known."""
    attempt = change.values.get("last_attempt") or change.held.get("last_attempt") or {}
    if attempt.get("status") in _READ:
        return attempt["at"], attempt.get("run_id")
    return change.held.get("fetched_at") or change.values["fetched_at"], None
