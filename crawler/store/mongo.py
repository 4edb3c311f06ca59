"""MongoStore: pages, links and runs in MongoDB, each write journaled before it is acknowledged."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from crawler.items import Outcome, Page, Provenance, Role, Status
from crawler.store import refresh, summary
from crawler.store.bulk import Document, Owned, write_all
from crawler.store.decisions import HELD_PROJECTION, Held, held_from
from crawler.store.errors import NOT_WRITABLE, DocumentRejected, StorageUnavailable, too_old, unavailable
from crawler.store.schema import COLLECTIONS, INDEXES, frontier_index, validators
from crawler.store.writes import Plan, plan

NAMESPACE_EXISTS = 48
CONFLICTS = 5
"""How often a batch is decided anew because another writer changed its pages meanwhile."""
CHUNK = 1000
STUCK = 60.0
"""Seconds without any answer after which a connection is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A page to fetch, and what a conditional request for it needs."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    failures: int = 0
    fetch_interval: int | None = None
    status: Status = Status.DISCOVERED


DUE_FIELDS = ("etag", "last_modified", "failures", "fetch_interval", "status")


def _due(document: Document) -> Due:
    facts = {name: document[name] for name in DUE_FIELDS if name in document}
    return Due(url=document["_id"], **facts | {"status": Status(document["status"])})


class MongoStore:
    """The collections of one database. Every method may raise StorageUnavailable, and nothing else.

    `timeout` is in seconds: how long to look for a server before giving up.
    """

    def __init__(self, uri: str, database: str, *, timeout: float = 3.0) -> None:
        self.uri = uri
        self.database = database
        self.timeout = timeout
        self._client: AsyncMongoClient[Document] | None = None

    @property
    def _db(self) -> AsyncDatabase[Document]:
        if self._client is None:
            raise StorageUnavailable("the store is not open")
        return self._client[self.database]

    @property
    def _pages(self) -> AsyncCollection[Document]:
        return self._db.pages

    @property
    def _links(self) -> AsyncCollection[Document]:
        return self._db.links

    @property
    def _runs(self) -> AsyncCollection[Document]:
        return self._db.crawl_runs

    async def open(self) -> None:
        """Connect, check the server, and make what is missing of collections, validators and indexes."""
        try:
            with unavailable():
                self._client = self._connect()
                await self._check_server()
                await self._prepare()
        except StorageUnavailable:
            await self.close()
            raise

    def _connect(self) -> AsyncMongoClient[Document]:
        milliseconds = int(self.timeout * 1000)
        try:
            return AsyncMongoClient(
                self.uri,
                appname="related-articles",
                tz_aware=True,
                journal=True,
                serverSelectionTimeoutMS=milliseconds,
                connectTimeoutMS=milliseconds,
                socketTimeoutMS=int(STUCK * 1000),
            )
        except ValueError as error:
            raise StorageUnavailable(f"MONGO_URI can't be read: {error}") from error

    async def _check_server(self) -> None:
        build = await self._db.command("buildInfo")
        if problem := too_old(build["version"]):
            raise StorageUnavailable(problem)
        hello = await self._db.command("hello")
        if not hello["isWritablePrimary"]:
            raise StorageUnavailable(NOT_WRITABLE)

    async def _prepare(self) -> None:
        existing = {c["name"]: c["options"] async for c in await self._db.list_collections()}
        wanted = validators()
        for name in COLLECTIONS:
            validator = wanted.get(name, {})
            if name not in existing:
                await self._create(name, validator)
            elif existing[name].get("validator", {}) != validator:
                await self._db.command("collMod", name, validator=validator)
        for name, indexes in INDEXES.items():
            await self._db[name].create_indexes(indexes)

    async def _create(self, name: str, validator: Document) -> None:
        try:
            await self._db.command("create", name, validator=validator)
        except OperationFailure as error:
            if error.code != NAMESPACE_EXISTS:  # another process was quicker
                raise

    async def close(self) -> None:
        """Close the connections; the store can be opened again."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()

    async def claim(self, *, sample: bool) -> None:
        """Refuse to mix invented sample pages with the publishers' own in one database."""
        invented = Provenance.SAMPLE.value
        real = [provenance.value for provenance in Provenance if provenance is not Provenance.SAMPLE]
        with unavailable():
            other = {"$in": real} if sample else invented
            found = await self._pages.find_one({"provenance": other}, {"provenance": 1})
        if found is None:
            return
        whose = "real pages" if sample else "invented sample pages"
        raise StorageUnavailable(
            f"the database {self.database} holds {whose} (such as {found['_id']}):"
            " name another one with MONGO_DATABASE"
        )

    # pages and links

    async def write(self, pages: Sequence[Page], run_id: str | None) -> list[DocumentRejected]:
        """Keep the pages with their links and the stubs of all they point to; idempotent.

        Returns the pages that can't be kept as they are; the others are on disk. A page that is
        stored as fetched has its links stored before it, and their targets before those.
        """
        rejected: list[DocumentRejected] = []
        with unavailable():
            for batch in _without_repeats(pages):
                refused = await self._write_batch(batch, run_id)
                rejected += [DocumentRejected(page_id, reason) for page_id, reason in refused.items()]
        return rejected

    async def _write_batch(self, pages: Sequence[Page], run_id: str | None) -> dict[str, str]:
        for _ in range(CONFLICTS):
            held = await self._held([page.id for page in pages])
            now = dt.datetime.now(dt.UTC)
            plans = [plan(page, held.get(page.id, Held()), run_id, now) for page in pages]
            refused, conflicts = await self._carry_out(plans)
            if not conflicts:
                return refused
        raise StorageUnavailable("other writers keep changing the same pages: let one crawl end first")

    async def _held(self, ids: list[str]) -> dict[str, Held]:
        cursor = self._pages.find({"_id": {"$in": ids}}, HELD_PROJECTION)
        return {document["_id"]: held_from(document) async for document in cursor}

    async def _carry_out(self, plans: list[Plan]) -> tuple[dict[str, str], int]:
        """Run the plans step by step; a page whose stubs or links were refused goes no further."""
        refused = await self._write_stubs(plans)
        plans = [plan for plan in plans if plan.page_id not in refused]
        refused |= await self._write_links(plans)
        plans = [plan for plan in plans if plan.page_id not in refused]
        await self._keep_revisions([plan.page_id for plan in plans if plan.revises])
        updates: list[Owned] = [(plan.page_id, plan.page) for plan in plans if plan.page]
        pages = await write_all(self._pages, updates)
        refused |= pages.refused
        plans = [plan for plan in plans if plan.page_id not in refused]
        await write_all(self._pages, [(plan.page_id, plan.alias) for plan in plans if plan.alias])
        await write_all(self._links, [(plan.page_id, plan.unseen) for plan in plans if plan.unseen])
        return refused, len(updates) - len(pages.refused) - pages.matched

    async def _write_stubs(self, plans: list[Plan]) -> dict[str, str]:
        nodes = {url: node for plan in plans for url, node in plan.nodes.items()}
        nodes |= {plan.page_id: plan.nodes[plan.page_id] for plan in plans}  # a page knows itself best
        bad = (await write_all(self._pages, list(nodes.items()))).refused
        return {plan.page_id: bad[url] for plan in plans for url in plan.nodes if url in bad}

    async def _write_links(self, plans: list[Plan]) -> dict[str, str]:
        links: list[Owned] = [(plan.page_id, link) for plan in plans for link in plan.links]
        return (await write_all(self._links, links)).refused

    async def _keep_revisions(self, ids: list[str]) -> None:
        """Copy the versions held to `revisions`, inside the server."""
        if not ids:
            return
        stages: list[Document] = [
            {"$match": {"_id": {"$in": ids}}},
            {"$addFields": {"page": "$_id", "_id": {"$concat": ["$_id", "#", {"$toString": "$revision"}]}}},
            {"$merge": {"into": "revisions"}},
        ]
        await (await self._pages.aggregate(stages)).to_list()

    # the frontier

    async def plant(self, seed: str, page: Page, run_id: str | None) -> None:
        """Make a page the start of a seed, with what is known of it. Raises DocumentRejected."""
        for rejection in await self.write([page], run_id):
            raise rejection
        with unavailable():
            await self._pages.update_one({"_id": page.id}, {"$min": {f"depths.{seed}": 0}})
            await self._pages.create_indexes([frontier_index(seed)])

    async def due(
        self,
        seed: str,
        depth: int,
        *,
        sites: Collection[str],
        now: dt.datetime,
        limit: int,
        exclude: Collection[str] = (),
        run_id: str | None = None,
    ) -> list[Due]:
        """What to fetch at one depth, the first seen first; at most `limit`.

        Pages that this very run has tried are left out: one that failed is due again in the next.
        """
        never_tried = {
            "next_fetch_at": None,
            "status": {"$nin": [Status.REDIRECTED.value, Status.GONE.value]},
        }
        query: Document = {
            f"depths.{seed}": depth,
            "site": {"$in": list(sites)},
            "_id": {"$nin": list(exclude)},
            "$or": [never_tried, {"next_fetch_at": {"$lte": now}}],
        }
        if run_id is not None:
            query["last_attempt.run_id"] = {"$ne": run_id}
        with unavailable():
            cursor = self._pages.find(query, DUE_FIELDS).sort({"first_seen_at": 1, "_id": 1}).limit(limit)
            return [_due(document) async for document in cursor]

    async def spread(self, seed: str, depth: int, roles: Collection[str]) -> bool:
        """Pass membership on from one level of a seed over stored links, fetched now or long ago.

        A redirect or a translation costs no depth, any other role one hop. Returns whether the level
        itself grew: then it has to be spread again.
        """
        grew = False
        hops = [role for role in roles if role != Role.TRANSLATION]
        level = {f"depths.{seed}": depth}
        with unavailable():
            async with self._pages.find(level, {"redirects_to": 1}) as cursor:
                while members := await cursor.to_list(CHUNK):
                    ids = [member["_id"] for member in members]
                    same = [m["redirects_to"] for m in members if m.get("redirects_to")]
                    if Role.TRANSLATION in roles:
                        same += await self._targets(ids, [Role.TRANSLATION])
                    grew |= await self._join(seed, depth, same) > 0
                    await self._join(seed, depth + 1, await self._targets(ids, hops))
        return grew

    async def _targets(self, sources: list[str], roles: Collection[str]) -> list[str]:
        query = {"source": {"$in": sources}, "active": True, "role": {"$in": [str(role) for role in roles]}}
        return [link["target"] async for link in self._links.find(query, {"_id": 0, "target": 1})]

    async def _join(self, seed: str, depth: int, ids: Iterable[str]) -> int:
        """Make pages members at this depth, unless they are nearer already; counts those it moved."""
        moved = 0
        for chunk in chunks(dict.fromkeys(ids), CHUNK):
            nearer = {"$min": {f"depths.{seed}": depth}}
            moved += (await self._pages.update_many({"_id": {"$in": chunk}}, nearer)).modified_count
        return moved

    # the run ledger

    async def open_run(self, run: Document) -> None:
        """Enter a run (see `crawl_runs` in docs/design) as begun."""
        entry: Document = {
            "heartbeat": run.get("started"),
            "finished": None,
            "finish_reason": None,
            "counts": {},
        }
        with unavailable():
            await self._runs.insert_one(entry | run)

    async def unfinished_run(self, seed: str) -> Document | None:
        """The latest run of a seed that was never closed."""
        with unavailable():
            return await self._runs.find_one(
                {"seed": seed, "finished": None}, sort=[("started", -1), ("_id", -1)]
            )

    async def heartbeat(self, run_id: str) -> None:
        """Note that the run is alive."""
        with unavailable():
            await self._runs.update_one({"_id": run_id}, {"$set": {"heartbeat": dt.datetime.now(dt.UTC)}})

    async def close_run(self, run_id: str, reason: str, counts: Document) -> None:
        """Note that the run ended, why, and with what."""
        end = {"finished": dt.datetime.now(dt.UTC), "finish_reason": reason, "counts": counts}
        with unavailable():
            await self._runs.update_one({"_id": run_id}, {"$set": end})

    async def spent(self, run_id: str) -> int:
        """How much of its page budget a run has used: a refusal by robots.txt costs nothing."""
        costly = {"$ne": Outcome.ROBOTS_DENIED.value}
        with unavailable():
            return await self._pages.count_documents(
                {"last_attempt.run_id": run_id, "last_attempt.status": costly}
            )

    # the end of a run

    async def refresh(self) -> None:
        """Recompute degrees and works from the links."""
        with unavailable():
            await refresh.degrees(self._db)
            await refresh.works(self._db)

    async def summary(self, seed: str, run_id: str | None = None) -> Document:
        """Plain numbers for the report at the end of a run, or of all runs of a seed: see `summary`."""
        with unavailable():
            return await summary.summary(self._db, seed, run_id)


def _without_repeats(pages: Sequence[Page]) -> Iterator[list[Page]]:
    """The pages in turns, so that each is decided on what the one before it left."""
    rest = list(pages)
    while rest:
        turn = {page.id: page for page in reversed(rest)}
        yield [page for page in rest if turn[page.id] is page]
        rest = [page for page in rest if turn[page.id] is not page]


def chunks(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """The values in lists of at most `size`."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk
