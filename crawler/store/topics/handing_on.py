"""The graph, node by node and edge by edge."""

from collections.abc import AsyncIterator, Mapping

from crawler.graph.network import Edge, Node
from crawler.store import (
    network,
)
from crawler.store.bulk import Document
from crawler.store.errors import unavailable
from crawler.store.network import Scope
from crawler.store.topics.topic import Topic


class HandingOn(Topic):
    """The graph, node by node and edge by edge."""

    async def seeds(self) -> list[str]:
        """Names of the seeds that runs started from."""
        with unavailable():
            return sorted(await self._db.crawl_runs.distinct("seed"))

    async def count_pages(self, scope: Scope) -> int:
        """How many pages this part of the graph has."""
        with unavailable():
            return await network.count_pages(self._db, scope)

    async def nodes(self, scope: Scope) -> AsyncIterator[Node]:
        """The nodes of this part of the graph, in the order of their ids."""
        with unavailable():
            async for node in network.nodes(self._db, scope):
                yield node

    async def edges(self, members: Mapping[str, str]) -> AsyncIterator[Edge]:
        """The edges among nodes: see `network.edges`."""
        with unavailable():
            async for edge in network.edges(self._db, members):
                yield edge

    async def links_among(self, members: Mapping[str, str]) -> AsyncIterator[Document]:
        """The links among these pages: see `network.links_among`."""
        with unavailable():
            async for link in network.links_among(self._db, members):
                yield link
