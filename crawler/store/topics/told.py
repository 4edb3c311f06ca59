"""What is new, and what was told."""

import datetime as dt
from collections.abc import AsyncGenerator, Iterable, Sequence

from crawler.graph.news import News
from crawler.store import (
    news,
    told,
)
from crawler.store.errors import unavailable
from crawler.store.topics.topic import Topic


class Told(Topic):
    """What is new, and what was told."""

    async def knows_seed(self, seed: str) -> bool:
        """Whether any page is a member of this seed's graph."""
        with unavailable():
            return (
                await self._db.pages.find_one({f"depths.{seed}": {"$exists": True}}, {"_id": 1}) is not None
            )

    async def news(self, seed: str, since: dt.datetime | None) -> AsyncGenerator[list[News], None]:
        """What was not told yet of a seed's graph; with `since` what came since then, told or not.

        In portions, kind by kind.
        """
        with unavailable():
            async for things in news.news(self._db, seed, since):
                yield things

    async def tell(self, seed: str, things: Sequence[News]) -> list[News]:
        """Note things as told; returns those that nobody else told meanwhile."""
        with unavailable():
            return await told.tell(self._db, seed, things)

    async def take_back(self, seed: str, things: Iterable[News]) -> None:
        """Forget that the things were told."""
        with unavailable():
            await told.take_back(self._db, seed, things)
