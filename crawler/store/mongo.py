"""MongoStore: pages, links and runs in MongoDB, each write journaled before it is acknowledged."""

import datetime as dt
from collections.abc import AsyncIterator, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence

from crawler.graph.network import Edge, Node
from crawler.graph.news import News
from crawler.items import Outcome, Page, Provenance, Status
from crawler.labels import Label
from crawler.seeds import Seed
from crawler.store import (
    dumping,
    forgetting,
    frontier,
    history,
    hosts,
    labels,
    loading,
    lookups,
    migrations,
    network,
    news,
    redirects,
    refresh,
    rereading,
    runs,
    suggestions,
    summary,
    terms,
    watching,
)
from crawler.store.bulk import Database, Document, Owned, write_all
from crawler.store.connection import check_version, connect, index_frontier, prepare
from crawler.store.decisions import HELD_PROJECTION, Decision, Held, decide, held_from
from crawler.store.dump_lines import Header
from crawler.store.errors import DocumentRejected, StorageUnavailable, unavailable
from crawler.store.forgetting import Traces
from crawler.store.frontier import Due, Revisit
from crawler.store.loading import Loaded
from crawler.store.network import Scope
from crawler.store.relations import Relations
from crawler.store.rereading import Reread
from crawler.store.writes import Plan, plan

CONFLICTS = 5
"""How often a batch is decided anew because another writer changed its pages meanwhile."""
BUSY = "other writers keep changing the same pages: let one crawl end first"


class MongoStore(Relations):
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

    async def holds_pages(self) -> bool:
        """Whether anything was ever crawled into this database."""
        with unavailable():
            return await self._db.pages.find_one({}, {"_id": 1}) is not None

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
        for _ in range(CONFLICTS):
            held = await self._held([page.id for page in pages])
            now = dt.datetime.now(dt.UTC)
            plans = [plan(page, held.get(page.id, Held()), run_id, now) for page in pages]
            refused, conflicts = await self._carry_out(plans)
            if not conflicts:
                return refused
        raise StorageUnavailable(BUSY)

    async def _held(self, ids: list[str]) -> dict[str, Held]:
        cursor = self._db.pages.find({"_id": {"$in": ids}}, HELD_PROJECTION)
        return {document["_id"]: held_from(document) async for document in cursor}

    async def _carry_out(self, plans: list[Plan]) -> tuple[dict[str, str], int]:
        """Run the plans step by step; a page whose stubs or links were refused goes no further.

        Returns why pages were refused, and how many another writer has changed meanwhile.
        """
        pages, links = self._db.pages, self._db.links
        refused = await self._write_stubs(plans)
        linking: list[Owned] = [(p.page_id, link) for p in _but(plans, refused) for link in p.links]
        refused |= (await write_all(links, linking)).refused
        await self._keep_revisions([p.page_id for p in _but(plans, refused) if p.revises])
        updates: list[Owned] = [(p.page_id, p.page) for p in _but(plans, refused) if p.page]
        written = await write_all(pages, updates)
        refused |= written.refused
        await write_all(pages, [(p.page_id, p.alias) for p in _but(plans, refused) if p.alias])
        await write_all(links, [(p.page_id, p.unseen) for p in _but(plans, refused) if p.unseen])
        return refused, len(updates) - len(written.refused) - written.matched

    async def _write_stubs(self, plans: list[Plan]) -> dict[str, str]:
        nodes = {url: node for plan in plans for url, node in plan.nodes.items()}
        nodes |= {plan.page_id: plan.nodes[plan.page_id] for plan in plans}  # a page knows itself best
        bad = (await write_all(self._db.pages, list(nodes.items()))).refused
        return {plan.page_id: bad[url] for plan in plans for url in plan.nodes if url in bad}

    async def _keep_revisions(self, ids: list[str]) -> None:
        """Copy the versions held to `revisions`, inside the server."""
        if not ids:
            return
        stages: list[Document] = [
            {"$match": {"_id": {"$in": ids}}},
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

    # the frontier

    async def plant(self, seed: str, page: Page, run_id: str | None) -> None:
        """Make a page the start of a seed, with what is known of it. Raises DocumentRejected."""
        for rejection in await self.write([page], run_id):
            raise rejection
        with unavailable():
            await self._db.pages.update_one({"_id": page.id}, {"$min": {f"depths.{seed}": 0}})
            await index_frontier(self._db, seed)

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
        outside: bool = False,
        revisit: Revisit = Revisit.DUE,
        shut: Collection[str] = (),
    ) -> list[Due]:
        """What to fetch at one depth, the first seen first; at most `limit`.

        Pages that the run `run_id` has tried are left out: one that failed is due again in the next.
        With `outside` pages of all other sites, and of these none that was had before. `shut` are hosts.
        """
        query = frontier.due_query(seed, depth, sites, now, exclude, run_id, outside, revisit, shut)
        with unavailable():
            return await frontier.due(self._db, query, limit)

    async def spread(self, seed: str, depth: int, roles: Collection[str]) -> bool:
        """Pass membership on from one level of a seed over stored links, fetched now or long ago.

        A redirect or a translation costs no depth, any other role one hop. Returns whether the level
        itself grew: then it has to be spread again.
        """
        with unavailable():
            closed = await labels.out(self._db, seed)
            return await frontier.spread(self._db, seed, depth, roles, closed)

    # what another service was asked

    async def take_quota(
        self, service: str, limit: int, pause: dt.timedelta, now: dt.datetime
    ) -> dt.datetime | None:
        """Take one request of the day's quota: None where it is taken, else when to try again."""
        with unavailable():
            return await lookups.take(self._db, service, limit, pause, now)

    async def hold_quota(self, service: str, until: dt.datetime) -> None:
        """Nobody asks before a time: the service said so."""
        with unavailable():
            await lookups.hold(self._db, service, until)

    async def note_lookup(self, page: str, service: str, outcome: str, at: dt.datetime) -> None:
        """What came of asking for a page."""
        with unavailable():
            await lookups.note(self._db, page, service, outcome, at)

    async def nameless(
        self, service: str, sites: Collection[str], asked_since: dt.datetime, limit: int
    ) -> list[str]:
        """Stories never read that have no name but their address, the most cited first."""
        with unavailable():
            return await lookups.nameless(self._db, service, sites, asked_since, limit)

    # what readers decided

    async def add_labels(self, given: Sequence[Label]) -> int:
        """Add labels; nothing is ever changed or lost. Returns how many were not there yet."""
        with unavailable():
            return await labels.add(self._db, given)

    async def labels(self, seed: str) -> dict[str, Label]:
        """The label that stands for each page, by canonical URL."""
        with unavailable():
            return await labels.current(self._db, seed)

    async def work_labels(self, seed: str) -> dict[str, Label]:
        """The label that stands for each work, by its id; a page of no work is its own."""
        with unavailable():
            return await labels.of_works(self._db, seed)

    async def page_labels(self, seed: str) -> dict[str, Label]:
        """The label that stands for each page, those of its other versions included."""
        with unavailable():
            return await labels.of_pages(self._db, seed)

    async def label_history(self, seed: str | None = None, page: str | None = None) -> list[Label]:
        """All labels, of one seed or page where one is given, the latest last."""
        with unavailable():
            return await labels.history(self._db, seed, page)

    async def behind_out(self, seed: str, urls: Sequence[str], roles: Collection[str]) -> set[str]:
        """Those of the pages to which nothing leads any more but pages that are out."""
        with unavailable():
            return await labels.behind_out(self._db, seed, urls, roles)

    async def known_page(self, url: str) -> str:
        """The page a reader means by a URL: where it redirects to, what it is an alias of, else itself."""
        with unavailable():
            return await labels.known_page(self._db, url)

    async def titles(self, pages: Sequence[str]) -> dict[str, str]:
        """What to call the pages that are held."""
        with unavailable():
            return await labels.titles(self._db, pages)

    # what a seed's lists name

    async def due_lists(
        self, seed: Seed, run_id: str | None, *, now: dt.datetime, exclude: Collection[str]
    ) -> list[Due]:
        """The lists of a seed that this run has not asked for yet."""
        with unavailable():
            return await watching.due_lists(self._db, seed.lists, now, exclude, run_id)

    async def candidates(
        self, seed: Seed, run_id: str | None, *, now: dt.datetime, limit: int, exclude: Collection[str]
    ) -> list[Due]:
        """Stories that the seed's lists name and nobody has fetched, the newest first; at most `limit`."""
        with unavailable():
            return await watching.candidates(self._db, seed, now, limit, exclude, run_id)

    async def join_watched(self, seed: Seed) -> list[str]:
        """Take into the graph what its lists brought and what links to a member; returns their URLs."""
        with unavailable():
            return await watching.join(self._db, seed.name, seed.depth, seed.roles)

    async def proposed_lists(self, starts: Collection[str]) -> list[str]:
        """Columns, topics and authors that a seed's start pages link to: lists that it might watch."""
        with unavailable():
            return await watching.proposed_lists(self._db, starts)

    async def suggest(self, seed: str, run_id: str | None) -> None:
        """Keep what the lists brought and what is like the seed's start by its words; after `refresh`."""
        with unavailable():
            await suggestions.refresh(self._db, seed, run_id)

    # the run ledger

    async def open_run(self, run: Document) -> bool:
        """Enter a run, with `_id`, seed and provenance, as begun. False where the seed has an open one."""
        with unavailable():
            return await runs.open_run(self._db, run)

    async def unfinished_run(self, seed: str) -> Document | None:
        """The run of a seed that was never closed, and for how many seconds it has been `silent_for`."""
        with unavailable():
            found = await runs.find(self._db, {"seed": seed, "finished": None})
        return found[0] if found else None

    async def take_up_run(self, run: Document, claim: Document) -> bool:
        """Make a run that was cut off one's own; False where another process was quicker."""
        with unavailable():
            return await runs.take_up(self._db, run, claim)

    async def join_run(self, run_id: str, archives: Collection[str]) -> None:
        """Work on a run beside others; what this worker receives is in these archives."""
        with unavailable():
            await runs.join(self._db, run_id, archives)

    async def heartbeat(self, run_id: str, traffic: dict[str, int]) -> None:
        """Note that the run is alive, and its traffic since the last heartbeat."""
        with unavailable():
            await runs.beat(self._db, run_id, traffic)

    async def close_run(self, run_id: str, reason: str, closed_hosts: Sequence[Document] = ()) -> None:
        """Note that the run ended, why, and what it did; and the hosts that wanted to be left alone."""
        with unavailable():
            await runs.close(self._db, run_id, reason, list(closed_hosts))

    async def note_monitors(self, run_id: str, findings: list[Document]) -> None:
        """Keep what the monitors say of a run."""
        with unavailable():
            await self._db.crawl_runs.update_one({"_id": run_id}, {"$set": {"monitors": findings}})

    async def runs(self, seed: str | None = None, limit: int = 0) -> list[Document]:
        """The ledger, the newest first: of one seed or all; every run where the limit is 0."""
        with unavailable():
            return await runs.find(self._db, {"seed": seed} if seed else {}, limit)

    async def run(self, run_id: str) -> Document | None:
        """One run with its account: the one it closed with, or as it stands."""
        with unavailable():
            found = await runs.find(self._db, {"_id": run_id})
            if found and found[0]["finished"] is None:
                found[0] |= await runs.account(self._db, found[0])
        return found[0] if found else None

    async def spent(self, run_id: str) -> int:
        """How much of its page budget a run has used: a refusal by robots.txt costs nothing."""
        costly = {"last_attempt.run_id": run_id, "last_attempt.status": {"$ne": Outcome.ROBOTS_DENIED.value}}
        with unavailable():
            return await self._db.pages.count_documents(costly)

    async def never_had(self, urls: Collection[str]) -> dict[str, str]:
        """Those of the pages that were never read, and what came of the last attempt."""
        query = {"_id": {"$in": list(urls)}, "status": {"$in": [Status.DISCOVERED.value, Status.GONE.value]}}
        with unavailable():
            found = self._db.pages.find(query, {"last_attempt": 1})
            return {page["_id"]: (page.get("last_attempt") or {}).get("reason") or "" async for page in found}

    async def spent_outside(self, run_id: str, sites: Collection[str]) -> int:
        """How many pages of other sites a run has asked for, refusals included: each may be another host."""
        asked = {"last_attempt.run_id": run_id, "site": {"$nin": list(sites)}}
        with unavailable():
            return await self._db.pages.count_documents(asked)

    # what is told

    async def knows_seed(self, seed: str) -> bool:
        """Whether any page is a member of this seed's graph."""
        with unavailable():
            return (
                await self._db.pages.find_one({f"depths.{seed}": {"$exists": True}}, {"_id": 1}) is not None
            )

    async def news(self, seed: str, since: dt.datetime | None) -> list[News]:
        """What was not told yet of a seed's graph; with `since` what came since then, told or not."""
        with unavailable():
            return await news.news(self._db, seed, since)

    async def tell(self, seed: str, things: Sequence[News]) -> list[News]:
        """Note things as told; returns those that nobody else told meanwhile."""
        with unavailable():
            return await news.tell(self._db, seed, things)

    async def take_back(self, seed: str, things: Sequence[News]) -> None:
        """Forget that the things were told."""
        with unavailable():
            await news.take_back(self._db, seed, things)

    async def trail(self, url: str, target: str) -> redirects.Trail:
        """The redirects that led to a page which itself redirects to `target`."""
        with unavailable():
            return await redirects.trail(self._db, url, target)

    # hosts

    async def take_host(self, host: str, holder: str, pause: float) -> float:
        """Take the right to ask a host once; returns 0, or the seconds after which to try again.

        `pause` is the least number of seconds from this request to the next.
        """
        with unavailable():
            return await hosts.take(self._db, host, holder, pause)

    async def renew_host(self, host: str, holder: str) -> None:
        """Say that the request goes on."""
        with unavailable():
            await hosts.renew(self._db, host, holder)

    async def leave_host(self, host: str, holder: str, pause: float = 0.0) -> None:
        """Say that the request is over; all runs leave the host alone for at least `pause` seconds."""
        with unavailable():
            await hosts.leave(self._db, host, holder, pause)

    async def rules(self, host: str, scheme: str) -> hosts.Rules | None:
        """The robots.txt of a host, where it was read within a day."""
        with unavailable():
            return await hosts.rules(self._db, host, scheme)

    async def keep_rules(self, host: str, scheme: str, read: hosts.Rules) -> None:
        """Keep a robots.txt for all runs of the day."""
        with unavailable():
            await hosts.keep_rules(self._db, host, scheme, read)

    # former versions

    async def versions(self, url: str) -> list[Document]:
        """All versions of a page, the oldest first; none of a page that was never read."""
        with unavailable():
            return await history.versions(self._db, url)

    async def revised(self, limit: int) -> list[str]:
        """Pages that changed since they were first held, the latest change first."""
        with unavailable():
            return await history.revised(self._db, limit)

    async def link_history(self, url: str) -> list[Document]:
        """All links a page ever had, those that went away too."""
        with unavailable():
            return await history.link_history(self._db, url)

    # moving and forgetting

    async def dump(self, header: Header) -> AsyncIterator[str]:
        """The lines of a dump of this database, or of one seed: see `dumping.dump`."""
        with unavailable():
            async for line in dumping.dump(self._db, header):
                yield line

    async def load(self, documents: Iterable[tuple[str, Document]]) -> Loaded:
        """Bring the documents of a dump in, as often as one likes: see `loading.load`."""
        with unavailable():
            return await loading.load(self._db, documents)

    async def traces(self, url: str) -> Traces:
        """What leads to a page, or from it."""
        with unavailable():
            return await forgetting.traces(self._db, url)

    async def forget(self, url: str, aliases: list[str], facts: Document) -> None:
        """Put a tombstone in place of a page and its aliases: see `forgetting.forget`."""
        with unavailable():
            await forgetting.forget(self._db, url, aliases, facts)

    async def forgotten(self) -> set[str]:
        """All pages that are tombstones."""
        with unavailable():
            return await forgetting.forgotten(self._db)

    async def archives(self, seed: str) -> list[str]:
        """File names of the archives that hold the pages of a seed."""
        with unavailable():
            return await self._db.pages.distinct("warc.file", {f"depths.{seed}": {"$exists": True}})

    async def remember(self, url: str) -> int:
        """Take a page's tombstone away; returns how many were taken."""
        with unavailable():
            return await forgetting.remember(self._db, url)

    # the end of a run

    async def refresh(self) -> None:
        """Recompute degrees and works from the links."""
        with unavailable():
            await refresh.degrees(self._db)
            await refresh.works(self._db)
            await terms.refresh(self._db)

    async def summary(self, seed: str, run_id: str | None = None) -> Document:
        """Plain numbers for the report, of all attempts or those of one run: see `summary.summary`."""
        with unavailable():
            return await summary.summary(self._db, seed, run_id)

    # the graph, to hand on

    async def seeds(self) -> list[str]:
        """Names of the seeds that runs started from."""
        with unavailable():
            return sorted(await self._db.crawl_runs.distinct("seed"))

    async def count_pages(self, scope: Scope) -> int:
        """How many pages this part of the graph has."""
        with unavailable():
            return await network.count_pages(self._db, scope)

    async def nodes(self, scope: Scope) -> AsyncIterator[Node]:
        """The nodes of this part of the graph, in the order of their ids."""
        with unavailable():
            async for node in network.nodes(self._db, scope):
                yield node

    async def edges(self, members: Mapping[str, str]) -> AsyncIterator[Edge]:
        """The edges among nodes: see `network.edges`."""
        with unavailable():
            async for edge in network.edges(self._db, members):
                yield edge

    async def links_among(self, members: Mapping[str, str]) -> AsyncIterator[Document]:
        """The links among these pages: see `network.links_among`."""
        with unavailable():
            async for link in network.links_among(self._db, members):
                yield link


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
