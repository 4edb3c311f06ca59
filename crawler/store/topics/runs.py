"""The run ledger, and what a run leaves behind."""

from collections.abc import Collection, Sequence

from crawler.items import Outcome, Status
from crawler.store import (
    degrees,
    runs,
    summary,
    terms,
    works,
)
from crawler.store.bulk import Document
from crawler.store.errors import unavailable
from crawler.store.topics.topic import Topic


class Runs(Topic):
    """The run ledger, and what a run leaves behind."""

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

    async def join_run(self, run_id: str, worker: Document, archives: Collection[str]) -> None:
        """Work on a run beside others; what this worker (`host`, `pid`) receives is in these archives."""
        with unavailable():
            await runs.join(self._db, run_id, worker, archives)

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

    async def refresh(self) -> None:
        """Recompute degrees and works from the links."""
        with unavailable():
            await degrees.refresh(self._db)
            await works.refresh(self._db)
            await terms.refresh(self._db)

    async def summary(self, seed: str, run_id: str | None = None) -> Document:
        """Plain numbers for the report, of all attempts or those of one run: see `summary.summary`."""
        with unavailable():
            return await summary.summary(self._db, seed, run_id)
