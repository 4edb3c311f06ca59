"""MongoStore: pages, links and runs in MongoDB, each write journaled before it is acknowledged."""

import datetime as dt
from collections.abc import Collection, Coroutine, Iterator, Sequence

from crawler.items import Outcome, Page, Provenance, Status
from crawler.store import (
    migrations,
    rereading,
)
from crawler.store.bulk import Database, Document, Owned, write_all
from crawler.store.connection import check_version, connect, index_frontier, prepare
from crawler.store.decisions import HELD_PROJECTION, Decision, Held, decide, held_from
from crawler.store.errors import DocumentRejected, StorageUnavailable, unavailable
from crawler.store.rereading import Reread
from crawler.store.settling import settle
from crawler.store.topics.frontier import Frontier
from crawler.store.topics.handing_on import HandingOn
from crawler.store.topics.hosts import Hosts
from crawler.store.topics.labels import Labels
from crawler.store.topics.lists import Lists
from crawler.store.topics.moving import Moving
from crawler.store.topics.relations import Relations
from crawler.store.topics.runs import Runs
from crawler.store.topics.services import Services
from crawler.store.topics.told import Told
from crawler.store.topics.versions import Versions
from crawler.store.writes import Plan, plan

CONFLICTS = 5
"""How often a batch is decided anew because another writer changed its pages meanwhile."""
BUSY = "other writers keep changing the same pages: let one crawl end first"


class MongoStore(
    Frontier, Lists, Services, Labels, Runs, Told, Hosts, Versions, Moving, HandingOn, Relations
):
    """The collections of one database. Its methods raise StorageUnavailable, and never pymongo's errors.

    `timeout` is in seconds: how long to look for a server before giving up.
    """

    def __init__(self, uri: str, database: str, *, timeout: float = 3.0) -> None:
        self.uri = uri
        self.database = database
        self.timeout = timeout
        self._opened: Database | None = None

    @property
    def _db(self) -> Database:
        if self._opened is None:
            raise StorageUnavailable("the store is not open")
        return self._opened

    async def open(self) -> None:
        """Connect, check the server, and make what is missing of collections, validators and indexes."""
        await self.open_to_read()
        await self.prepare()

    async def open_to_read(self) -> None:
        """Connect and check the server; nothing is made, so a user who may only read can do it."""
        with unavailable():
            self._opened = connect(self.uri, self.timeout)[self.database]
        await self._or_close(check_version(self._db))
        await self._or_close(migrations.check_schema(self._db))

    async def prepare(self) -> None:
        """Check that the server takes writes, and make what is missing of collections and indexes."""
        await self._or_close(prepare(self._db))
        await self._or_close(migrations.mark(self._db))

    async def migrate(self) -> dict[str, int]:
        """Open a database of an older schema and bring it up: see `migrations.migrate`."""
        with unavailable():
            self._opened = connect(self.uri, self.timeout)[self.database]
            await check_version(self._db)
            return await migrations.migrate(self._db) if await self.holds_pages() else {}

    async def _or_close(self, step: Coroutine[None, None, None]) -> None:
        try:
            with unavailable():
                await step
        except StorageUnavailable:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the connections; the store can be opened again."""
        if self._opened is not None:
            client, self._opened = self._opened.client, None
            await client.close()

    async def claim(self, *, sample: bool) -> None:
        """Refuse to mix invented sample pages with the publishers' own in one database."""
        # a document somebody imported may stand beside samples
        other = [Provenance.LIVE, Provenance.REPLAY] if sample else [Provenance.SAMPLE]
        with unavailable():
            found = await self._db.pages.find_one({"provenance": {"$in": other}}, {"provenance": 1})
        if found is not None:
            whose = "real pages" if sample else "invented sample pages"
            raise StorageUnavailable(
                f"the database {self.database} holds {whose} (such as {found['_id']}):"
                " name another one with MONGO_DATABASE"
            )

    async def holds_pages(self, *, read: bool = False) -> bool:
        """Whether anything was ever crawled into this database; with `read`, whether any page was read."""
        query = {"status": Status.FETCHED.value} if read else {}
        with unavailable():
            return await self._db.pages.find_one(query, {"_id": 1}) is not None

    async def holds_samples(self) -> bool:
        """Whether pages of this database are invented."""
        with unavailable():
            sample = {"provenance": Provenance.SAMPLE.value}
            return await self._db.pages.find_one(sample, {"_id": 1}) is not None

    # pages and links

    async def write(self, pages: Sequence[Page], run_id: str | None) -> list[DocumentRejected]:
        """Keep the pages with their links and the stubs of all they point to; idempotent.

        Returns the pages that can't be kept as they are; the others are on disk. A page that is
        stored as fetched has its links stored before it, and their targets before those. An attempt
        that names its run counts for that run, any other for `run_id`.
        """
        rejected = [
            DocumentRejected(page.id, "its address is no text") for page in pages if not _is_text(page.id)
        ]
        with unavailable():
            for batch in _without_repeats([page for page in pages if _is_text(page.id)]):
                refused = await self._write_batch(batch, run_id)
                rejected += [DocumentRejected(page_id, reason) for page_id, reason in refused.items()]
        return rejected

    async def _write_batch(self, pages: Sequence[Page], run_id: str | None) -> dict[str, str]:
        refused: dict[str, str] = {}
        for _ in range(CONFLICTS):
            held = await self._held([page.id for page in pages])
            now = dt.datetime.now(dt.UTC)
            plans = [plan(page, held.get(page.id, Held()), run_id, now) for page in pages]
            reasons, lost = await self._carry_out(plans)
            refused |= reasons
            if not lost:
                return refused
            pages = [page for page in pages if page.id in lost]
        raise StorageUnavailable(BUSY)

    async def _held(self, ids: list[str]) -> dict[str, Held]:
        cursor = self._db.pages.find({"_id": {"$in": ids}}, HELD_PROJECTION)
        return {document["_id"]: held_from(document) async for document in cursor}

    async def _carry_out(self, plans: list[Plan]) -> tuple[dict[str, str], set[str]]:
        """Run the plans step by step; a page whose stubs or links were refused goes no further.

        Returns why pages were refused, and those that another writer has changed meanwhile.
        """
        pages, links = self._db.pages, self._db.links
        refused = await self._write_stubs(plans)
        linking: list[Owned] = [(p.page_id, link) for p in _but(plans, refused) for link in p.links]
        refused |= (await write_all(links, linking)).refused
        await self._keep_revisions([p.unchanged for p in _but(plans, refused) if p.revises])
        updates: list[Owned] = [(p.page_id, p.page) for p in _but(plans, refused) if p.page]
        written = await write_all(pages, updates)
        refused |= written.refused
        matched = len(updates) - len(written.refused) == written.matched
        lost = set() if matched else await self._lost([p for p in _but(plans, refused) if p.page])
        done = _but(plans, {*refused, *lost})
        await write_all(pages, [(p.page_id, p.alias) for p in done if p.alias])
        await write_all(links, [(p.page_id, p.unseen) for p in done if p.unseen])
        return refused, lost

    async def _lost(self, plans: list[Plan]) -> set[str]:
        """The pages to which another writer came first, with their links set to what that one read."""
        ours = self._db.pages.find({"$or": [p.written for p in plans]}, {"_id": 1})
        won = {page["_id"] async for page in ours}
        lost = {p.page_id: p.seen for p in plans if p.page_id not in won}
        await settle(self._db, lost)
        return set(lost)

    async def _write_stubs(self, plans: list[Plan]) -> dict[str, str]:
        nodes = {url: node for plan in plans for url, node in plan.nodes.items()}
        nodes |= {plan.page_id: plan.nodes[plan.page_id] for plan in plans}  # a page knows itself best
        bad = (await write_all(self._db.pages, list(nodes.items()))).refused
        return {plan.page_id: bad[url] for plan in plans for url in plan.nodes if url in bad}

    async def _keep_revisions(self, unchanged: list[Document]) -> None:
        """Copy the versions that these queries still find to `revisions`, inside the server."""
        if not unchanged:
            return
        stages: list[Document] = [
            {"$match": {"$or": unchanged}},
            {"$addFields": {"page": "$_id", "_id": {"$concat": ["$_id", "#", {"$toString": "$revision"}]}}},
            {"$merge": {"into": "revisions"}},
        ]
        await (await self._db.pages.aggregate(stages)).to_list()

    async def records(self, ids: Sequence[str]) -> dict[str, str]:
        """Which record or copy brought what is held of the pages, where that is known."""
        query = {"_id": {"$in": list(ids)}, "warc": {"$ne": None}, "fetched_at": {"$ne": None}}
        with unavailable():
            found = self._db.pages.find(query, {"warc.record_id": 1})
            return {page["_id"]: page["warc"]["record_id"] async for page in found}

    async def foresee(self, pages: Sequence[Page]) -> dict[str, tuple[Decision, Held | None]]:
        """What `write` would do with each page, and what is held of it by now; None where nothing is."""
        with unavailable():
            held = await self._held([page.id for page in pages])
        return {page.id: (decide(page, held.get(page.id, Held())), held.get(page.id)) for page in pages}

    async def reread(self, readings: Sequence[tuple[Document, Outcome, str | None]]) -> list[Reread]:
        """Take in new readings of fetches that are held, in the order given: see `rereading.reread`."""
        verdicts: list[Reread] = []
        with unavailable():
            for _ in range(CONFLICTS):
                judged, conflicts = await rereading.reread(self._db, readings)
                verdicts += judged
                if not conflicts:
                    return verdicts
                readings = [reading for reading in readings if reading[0]["_id"] in conflicts]
        raise StorageUnavailable(BUSY)

    async def plant(self, seed: str, page: Page, run_id: str | None) -> None:
        """Make a page the start of a seed, with what is known of it. Raises DocumentRejected."""
        for rejection in await self.write([page], run_id):
            raise rejection
        with unavailable():
            await self._db.pages.update_one({"_id": page.id}, {"$min": {f"depths.{seed}": 0}})
            await index_frontier(self._db, seed)


def _is_text(url: str) -> bool:
    """Whether it can be asked for: half a surrogate pair can't be sent to any server."""
    try:
        return bool(url.encode())
    except UnicodeEncodeError:
        return False


def _but(plans: list[Plan], refused: Collection[str]) -> list[Plan]:
    return [plan for plan in plans if plan.page_id not in refused]


def _without_repeats(pages: Sequence[Page]) -> Iterator[list[Page]]:
    """The pages in turns, each at most once in a turn: it is decided on what the one before it left."""
    rest = list(pages)
    while rest:
        turn = {page.id: page for page in reversed(rest)}
        yield [page for page in rest if turn[page.id] is page]
        rest = [page for page in rest if turn[page.id] is not page]
