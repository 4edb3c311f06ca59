"""Which stored pages are due for a seed, and how its membership spreads over stored links."""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from crawler.frontier import DAY, RAREST
from crawler.items import Role, Status
from crawler.seeds import Seed
from crawler.store.bulk import Database, Document
from crawler.urls import is_fetchable

CHUNK = 1000

NOWHERE_TO_GO = [Status.REDIRECTED.value, Status.GONE.value, Status.FORGOTTEN.value]

_FACTS = (
    "etag",
    "last_modified",
    "failures",
    "fetch_interval",
    "status",
    "next_fetch_at",
    "content_hash",
)
DUE_FIELDS = (*_FACTS, "extractor.name", "extractor.version")


class Revisit(StrEnum):
    """Which pages that were tried before are fetched again."""

    DUE = "due"
    """Those whose time has come."""
    ALL = "all"
    """Those too that were ever fetched."""
    NONE = "none"
    """None that was ever fetched, redirected or gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A page to fetch, and what a conditional request for it needs."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    failures: int = 0
    fetch_interval: int | None = None
    status: Status = Status.DISCOVERED
    next_fetch_at: dt.datetime | None = None
    content_hash: str | None = None
    read_by: tuple[str, int] | None = None
    """Name and version of the extractor that read what is held."""

    @property
    def is_held(self) -> bool:
        """Whether there is content that a 304 can speak of."""
        return self.status is Status.FETCHED


def due_query(
    seed: str,
    depth: int,
    sites: Collection[str],
    now: dt.datetime,
    exclude: Collection[str],
    run_id: str | None,
    outside: bool,
    revisit: Revisit,
    shut: Collection[str] = (),
) -> Document:
    """Members of a level whose time has come, or that were never tried; not those this run has tried.

    None is on one of the hosts that are `shut`.

    Of other sites (`outside`) only those that were never had.
    """
    query: Document = {
        f"depths.{seed}": depth,
        **(
            {"site": {"$nin": list(sites)}, "fetched_at": None} if outside else {"site": {"$in": list(sites)}}
        ),
        "_id": {"$nin": list(exclude), **_elsewhere(shut)},
        "$or": _chosen(revisit, now),
    }
    return query if run_id is None else query | {"last_attempt.run_id": {"$ne": run_id}}


def _elsewhere(hosts: Collection[str]) -> Document:
    if not hosts:
        return {}
    return {"$not": {"$regex": f"^https?://({'|'.join(map(re.escape, sorted(hosts)))})[:/]"}}


def _chosen(revisit: Revisit, now: dt.datetime) -> list[Document]:
    """The alternatives of which a page must match one."""
    never_tried = {"next_fetch_at": None, "status": {"$nin": NOWHERE_TO_GO}}
    time_has_come: Document = {"next_fetch_at": {"$lte": now}}
    if revisit is Revisit.NONE:
        return [never_tried, time_has_come | {"status": Status.DISCOVERED.value, "fetched_at": None}]
    if revisit is Revisit.ALL:
        return [never_tried, time_has_come, {"fetched_at": {"$ne": None}}]
    # further ahead than any page is ever put off: the clock was wrong that said so
    impossible: Document = {"next_fetch_at": {"$gt": now + dt.timedelta(seconds=RAREST + DAY)}}
    return [never_tried, time_has_come, impossible]


async def due(database: Database, query: Document, limit: int) -> list[Due]:
    """The first pages that match, the first seen first."""
    cursor = database.pages.find(query, DUE_FIELDS).sort({"first_seen_at": 1, "_id": 1}).limit(limit)
    return [due_from(document) async for document in cursor]


async def count_due(database: Database, seed: Seed, now: dt.datetime) -> int:
    """How many pages of a seed could be fetched now, as far as its levels are spread."""
    sides = {False: seed.depth, True: seed.depth + seed.external_depth if seed.external_depth else -1}
    return sum(
        [
            is_fetchable(page["_id"])
            for outside, deepest in sides.items()
            for depth in range(deepest + 1)
            async for page in database.pages.find(
                due_query(seed.name, depth, seed.sites, now, (), None, outside, Revisit.DUE), {"_id": 1}
            )
        ]
    )


def due_from(document: Document) -> Due:
    """What DUE_FIELDS brings."""
    facts = {name: document[name] for name in _FACTS if name in document}
    extractor = document.get("extractor")
    read_by = (extractor["name"], extractor["version"]) if extractor else None
    return Due(url=document["_id"], read_by=read_by, **facts | {"status": Status(document["status"])})


async def spread(
    database: Database, seed: str, depth: int, roles: Collection[str], closed: Collection[str] = ()
) -> bool:
    """Pass membership on from one level, `closed` pages left out; returns whether the level itself grew."""
    grew = False
    hops = [role for role in roles if role != Role.TRANSLATION]
    async with database.pages.find({f"depths.{seed}": depth}, {"redirects_to": 1}) as cursor:
        while members := await cursor.to_list(CHUNK):
            members = [member for member in members if member["_id"] not in closed]
            ids = [member["_id"] for member in members]
            same = [member["redirects_to"] for member in members if member.get("redirects_to")]
            if Role.TRANSLATION in roles:
                same += await _targets(database, ids, [Role.TRANSLATION])
            grew |= await _join(database, seed, depth, same)
            await _join(database, seed, depth + 1, await _targets(database, ids, hops))
    return grew


async def _targets(database: Database, sources: list[str], roles: Collection[str]) -> list[str]:
    query = {"source": {"$in": sources}, "active": True, "role": {"$in": [str(role) for role in roles]}}
    return [link["target"] async for link in database.links.find(query, {"_id": 0, "target": 1})]


async def _join(database: Database, seed: str, depth: int, ids: Iterable[str]) -> bool:
    """Make pages members at this depth, unless they are as near already; returns whether any moved."""
    moved = 0
    for chunk in _chunks(dict.fromkeys(ids)):
        nearest = {"$min": {f"depths.{seed}": depth}}
        moved += (await database.pages.update_many({"_id": {"$in": chunk}}, nearest)).modified_count
    return moved > 0


def _chunks(values: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
