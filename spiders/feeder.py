"""The one feeder: what is due for a seed, read from the stored graph, level by level."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial

from crawler.politeness import Hosts
from crawler.seeds import Seed
from crawler.store import Due, MongoStore, Revisit
from crawler.urls import in_scope, is_fetchable
from crawler.writer import patiently

BATCH = 200
NEARLY_EMPTY = 20


class Feeder:
    """Hands out due pages breadth first and keeps account of those in flight.

    `patience` is in seconds: how long to wait for a database that is away.

    A level is spread to the next only when nothing of it is due or in flight, so that every page is met
    at its least depth; a run cut off anywhere comes to the same levels again.
    """

    def __init__(
        self,
        store: MongoStore,
        seed: Seed,
        run_id: str | None,
        budget: int,
        patience: float,
        outside: int = 0,
        revisit: Revisit = Revisit.DUE,
        hosts: Hosts | None = None,
    ) -> None:
        self.store = store
        self.patience = patience
        self.seed = seed
        self.run_id = run_id
        self.budget = budget
        self.revisit = revisit
        self.outside = outside
        """How much of the budget pages of other sites may take."""
        self.depth = 0
        self.in_flight: set[str] = set()
        self.hosts = hosts or Hosts()
        self._left_out: set[str] = set()
        self._postponed: dict[str, str] = {}
        self._moved = asyncio.Event()

    async def pages(self) -> AsyncIterator[Due]:
        """Due pages until none is left and the last is acknowledged, or the budget is spent."""
        self.depth = 0
        while self.depth <= self.seed.depth + self.seed.external_depth:
            due = await self.due(self.depth, min(BATCH, self.budget))
            for page in self._hand_out(due):
                yield page
            if due:
                await self._until(NEARLY_EMPTY)
            elif busy := self._busy():
                await self._until(busy - 1)
            elif wait := self.hosts.opening():
                await asyncio.sleep(wait)
            elif not await self._grew():
                self.depth += 1

    async def batches(self, ask: Callable[[int], Awaitable[list[Due]]]) -> AsyncIterator[Due]:
        """What `ask(limit)` brings, until it brings nothing more and the last is acknowledged."""
        while due := await self._next(ask):
            for page in self._hand_out(due):
                yield page

    async def _next(self, ask: Callable[[int], Awaitable[list[Due]]]) -> list[Due]:
        """The next batch. What is in flight may bring more: only when all of it is in, nothing is nothing."""
        await self._until(NEARLY_EMPTY)
        while not (due := await patiently(partial(ask, min(BATCH, self.budget)), self.patience)):
            if busy := self._busy():
                await self._until(busy - 1)
            elif wait := self.hosts.opening():
                await asyncio.sleep(wait)
            else:
                break
        return due

    def _hand_out(self, due: list[Due]) -> Iterator[Due]:
        for page in due:
            self.in_flight.add(page.url)
            self.budget -= 1
            self.outside -= not in_scope(page.url, self.seed.sites)
            yield page

    @property
    def not_now(self) -> set[str]:
        """Pages not to be handed out: those in flight, and those that can't be had now or in this run."""
        shut = self.hosts.shut
        waiting = {url for url, host in self._postponed.items() if host in shut}
        return self.in_flight | self._left_out | waiting

    async def _grew(self) -> bool:
        """Whether spreading the level brought it new pages that may still be fetched."""
        # Beyond the last level there are pages of other sites only: their redirects are followed, no more.
        roles = self.seed.roles if self.depth <= self.seed.depth else ()
        grew = await patiently(lambda: self.store.spread(self.seed.name, self.depth, roles), self.patience)
        return grew and self.budget > 0

    async def due(self, depth: int, limit: int) -> list[Due]:
        """At most `limit` fetchable pages of a level that are due: the seed's sites before all others."""
        own = await self._due(depth, limit) if depth <= self.seed.depth else []
        return own or await self._due(depth, min(limit, self.outside), outside=True)

    async def _due(self, depth: int, limit: int, *, outside: bool = False) -> list[Due]:
        """In the order (first seen, URL)."""
        while limit > 0:
            due = await patiently(partial(self._ask, depth, limit, outside), self.patience)
            unwanted = {page.url for page in due if not is_fetchable(page.url)}
            unwanted |= await patiently(partial(self._behind_out, due), self.patience)
            if not unwanted:
                return due
            self._left_out |= unwanted
        return []

    async def _behind_out(self, due: list[Due]) -> set[str]:
        """What nothing leads to any more but pages that a reader put out of this seed's story."""
        return await self.store.behind_out(self.seed.name, [page.url for page in due], self.seed.roles)

    async def _ask(self, depth: int, limit: int, outside: bool) -> list[Due]:
        return await self.store.due(
            self.seed.name,
            depth,
            sites=self.seed.sites,
            now=dt.datetime.now(dt.UTC),
            limit=limit,
            exclude=self.not_now,
            run_id=self.run_id,
            outside=outside,
            revisit=self.revisit,
            shut=self.hosts.shut,
        )

    def _busy(self) -> int:
        """How many pages are not acknowledged yet."""
        return len(self.in_flight)

    def kept(self, url: str) -> None:
        """The page is durable."""
        self.in_flight.discard(url)
        self._moved.set()

    def returned(self, url: str, host: str) -> None:
        """The page was not asked for: it is handed out again when its host may be asked, if in this run."""
        self._postponed[url] = host
        self.budget += 1
        self.outside += not in_scope(url, self.seed.sites)
        self.kept(url)

    def lost(self, url: str) -> None:
        """The page could not be kept: it stays due, but for the next run."""
        self._left_out.add(url)
        self.kept(url)

    async def _until(self, in_flight: int) -> None:
        while len(self.in_flight) > in_flight:
            self._moved.clear()
            await self._moved.wait()
