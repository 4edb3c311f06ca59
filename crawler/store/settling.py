"""Pages to which several writers came at once: only one of them came through, but all of them wrote links."""

import datetime as dt
from collections.abc import Iterator, Mapping

from pymongo import UpdateOne

from crawler.items import Outcome, Page, Status, from_document
from crawler.store.bulk import Database, Document, Operation, write_all
from crawler.store.forgetting import erase
from crawler.store.writes import occurrences, unseen

Fetch = tuple[str, dt.datetime | None, dt.datetime | None]
"""Tells one fetch of a page from another, and from its being forgotten."""

_READ = {Outcome.OK, Outcome.TRUNCATED}


def fetch_of(page: Document) -> Fetch:
    """Status, time of the content and time of the last attempt."""
    return page["status"], page.get("fetched_at"), (page.get("last_attempt") or {}).get("at")


async def changed(database: Database, before: Mapping[str, Fetch]) -> set[str]:
    """Which of the pages another has written since they were so."""
    if not before:
        return set()
    times = {"status": 1, "fetched_at": 1, "last_attempt.at": 1}
    found = [page async for page in database.pages.find({"_id": {"$in": list(before)}}, times)]
    return {page["_id"] for page in found if fetch_of(page) != before[page["_id"]]}


async def settle(database: Database, lost: Mapping[str, dt.datetime]) -> None:
    """Set the links of pages to what the pages say by now; of forgotten ones nothing is left.

    `lost` tells when the pages were had whose links were written for nothing. Links that were seen later
    than that and than the page are a third writer's, who may come through yet.
    """
    ids = set(lost)
    while ids:
        found = {page["_id"]: page async for page in database.pages.find({"_id": {"$in": list(ids)}})}
        forgotten = [url for url, page in found.items() if page["status"] == Status.FORGOTTEN]
        if forgotten:
            await erase(database, forgotten)
        said = [from_document(page) for url, page in found.items() if url not in forgotten]
        links = [(page.id, operation) for page in said for operation in _links(page, lost[page.id])]
        await write_all(database.links, links)
        ids = await changed(database, {url: fetch_of(page) for url, page in found.items()})


def _links(page: Page, lost: dt.datetime) -> Iterator[Operation]:
    """Sets what the page says, which is there since it was written, and deactivates all else."""
    attempt = page.last_attempt
    until = max(time for time in (lost, page.fetched_at, attempt and attempt.at) if time)
    last: Document = {}
    if attempt and attempt.status in _READ:
        last = {"last_seen_run": attempt.run_id, "last_seen_at": attempt.at}
    facts = dict(occurrences(page))
    for name, said in facts.items():
        yield UpdateOne({"_id": name, "last_seen_at": {"$lte": until}}, {"$set": said | last})
    gone_at = last.get("last_seen_at") or page.fetched_at
    yield unseen(page, list(facts), last.get("last_seen_run"), gone_at, until)
