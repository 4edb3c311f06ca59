"""Discovery forward in time: what a seed's lists name, and what of it belongs to its graph."""

import datetime as dt
import logging
from collections.abc import AsyncIterator
from functools import partial

from crawler.items import Page
from crawler.seeds import Seed
from crawler.store import Due, MongoStore
from crawler.writer import patiently
from spiders.feeder import Feeder

logger = logging.getLogger(__name__)


class Watch:
    """Reads the lists, then the graph as ever, then what the lists name, as long as some of it joins.

    The graph comes before the candidates, so that these can only spend what it leaves of the budget.
    """

    def __init__(self, store: MongoStore, seed: Seed, feeder: Feeder, lists: list[Page]) -> None:
        self.store = store
        self.lists = lists
        """A page for each list of the seed, never fetched."""
        self.seed = seed
        self.feeder = feeder
        self.joined: list[str] = []

    async def pages(self) -> AsyncIterator[Due]:
        """Everything that a run which watches fetches."""
        await patiently(partial(self.store.write, self.lists, self.feeder.run_id), self.feeder.patience)
        async for due in self.feeder.batches(self._lists):
            yield due
        growing = True
        while growing:
            async for due in self.feeder.pages():
                yield due
            async for due in self.feeder.batches(self._candidates):
                yield due
            growing = await self._join()
        logger.info("%d articles from %d lists joined the graph", len(self.joined), len(self.seed.lists))

    async def _lists(self, limit: int) -> list[Due]:
        due = await self.store.due_lists(
            self.seed, self.feeder.run_id, now=dt.datetime.now(dt.UTC), exclude=self.feeder.not_now
        )
        return due[:limit]

    async def _candidates(self, limit: int) -> list[Due]:
        return await self.store.candidates(
            self.seed,
            self.feeder.run_id,
            now=dt.datetime.now(dt.UTC),
            limit=limit,
            exclude=self.feeder.not_now,
        )

    async def _join(self) -> bool:
        """Whether the graph grew: then there may be more to fetch."""
        fresh = await patiently(partial(self.store.join_watched, self.seed), self.feeder.patience)
        self.joined += fresh
        return bool(fresh)
