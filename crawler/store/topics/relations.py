"""What MongoStore answers about related articles: each method one reading, raising StorageUnavailable."""

from collections.abc import Collection, Sequence

from crawler.graph.facts import Neighbourhood, Tie
from crawler.graph.pieces import Piece
from crawler.store import described, lookup, neighbourhood, paths, search
from crawler.store.errors import unavailable
from crawler.store.topics.topic import Topic


class Relations(Topic):
    """The part of MongoStore that `scrapy related`, `why` and `find` ask."""

    async def work_of(self, url: str) -> str | None:
        """The work that an address names, in any of its versions; None where it is not known."""
        with unavailable():
            return await lookup.work_of(self._db, url)

    async def nearest(self, text: str) -> list[str]:
        """Known works that are most like an address which is not known."""
        with unavailable():
            return await lookup.nearest(self._db, text)

    async def start_of(self, seed: str) -> str | None:
        """The work that a seed starts from; None where it was never crawled."""
        with unavailable():
            return await lookup.start(self._db, seed)

    async def latest_start(self) -> str | None:
        """The work that the seed crawled last starts from."""
        with unavailable():
            return await lookup.latest_start(self._db)

    async def neighbourhood(self, works: Sequence[str]) -> Neighbourhood:
        """What lies around these works, over one or two links or by its words; bounded."""
        with unavailable():
            return await neighbourhood.read(self._db, works)

    async def pieces(self, works: Collection[str]) -> dict[str, Piece]:
        """These works as they are shown, those of which anything is known."""
        with unavailable():
            return await described.read(self._db, works)

    async def ties_between(self, start: str, end: str) -> list[Tie]:
        """The links that a path of three between two works may take; bounded."""
        with unavailable():
            return await paths.ties(self._db, start, end)

    async def saying(self, words: str) -> search.Asked:
        """Works that may say these words."""
        with unavailable():
            return await search.read(self._db, words)

    async def rank(self, seed: str, run_id: str) -> int:
        """Keep the rankings around a seed that a run has touched; returns how many changed."""
        # numpy takes a while to load: not for what does without
        from crawler.store import ranked

        with unavailable():
            return await ranked.refresh(self._db, seed, run_id)
