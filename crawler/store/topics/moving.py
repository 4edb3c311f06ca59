"""Dumps, and what is forgotten."""

from collections.abc import AsyncIterator, Iterable

from crawler.store import (
    dumping,
    forgetting,
    loading,
)
from crawler.store.bulk import Document
from crawler.store.dump_lines import Header
from crawler.store.errors import unavailable
from crawler.store.forgetting import Traces
from crawler.store.loading import Loaded
from crawler.store.topics.topic import Topic


class Moving(Topic):
    """Dumps, and what is forgotten."""

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
