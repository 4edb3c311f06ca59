"""What a seed's lists name, and what of it belongs to its graph."""

import datetime as dt
from collections.abc import Collection

from crawler.seeds import Seed
from crawler.store import (
    suggestions,
    watching,
)
from crawler.store.errors import unavailable
from crawler.store.frontier import Due
from crawler.store.topics.topic import Topic


class Lists(Topic):
    """What a seed's lists name, and what of it belongs to its graph."""

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
