"""The versions of pages."""

from crawler.store import (
    history,
)
from crawler.store.bulk import Document
from crawler.store.errors import unavailable
from crawler.store.topics.topic import Topic


class Versions(Topic):
    """The versions of pages."""

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
