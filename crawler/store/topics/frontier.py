"""What is due for a seed, and how its membership spreads."""

import datetime as dt
from collections.abc import Collection

from crawler.seeds import Seed
from crawler.store import (
    frontier,
    labels,
)
from crawler.store.errors import unavailable
from crawler.store.frontier import Due, Revisit
from crawler.store.topics.topic import Topic


class Frontier(Topic):
    """What is due for a seed, and how its membership spreads."""

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

    async def count_due(self, seed: Seed) -> int:
        """How many pages of a seed could be fetched now, as far as its levels are spread."""
        with unavailable():
            return await frontier.count_due(self._db, seed, dt.datetime.now(dt.UTC))

    async def spread(self, seed: str, depth: int, roles: Collection[str]) -> bool:
        """Pass membership on from one level of a seed over stored links, fetched now or long ago.

        A redirect or a translation costs no depth, any other role one hop. Returns whether the level
        itself grew: then it has to be spread again.
        """
        with unavailable():
            closed = await labels.out(self._db, seed)
            return await frontier.spread(self._db, seed, depth, roles, closed)
