"""What readers decided about pages."""

from collections.abc import Collection, Sequence

from crawler.labels import Label
from crawler.store import (
    labels,
)
from crawler.store.errors import unavailable
from crawler.store.topics.topic import Topic


class Labels(Topic):
    """What readers decided about pages."""

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

    async def label_history(
        self, seed: str | None = None, pages: Collection[str] | None = None
    ) -> list[Label]:
        """All labels, the latest last: of one seed, or of some pages in any of their versions, if given."""
        with unavailable():
            return await labels.history(self._db, seed, pages)

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
