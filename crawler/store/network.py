"""Reads the stored graph as nodes and edges, in batches: memory does not grow with the links."""

from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from crawler.graph.network import Edge, Node, Occurrence, PageFacts, join, page_node, work_node
from crawler.items import Role
from crawler.store.bulk import Database, Document
from crawler.store.lists import FEED

BATCH = 100
"""Nodes whose links are read at once."""
PORTION = 1_000
"""Documents fetched at once. Between two portions the driver's heartbeat has its turn: where it has to wait
for some seconds, on a busy machine, the server counts as gone and the reading is cancelled."""
PAGE = (
    *("display_title", "headline", "site", "page_type", "status", "in_language", "variant"),
    *("published_on", "provenance", "in_degree", "out_degree", "work_id"),
)
LINK = ("source", "target", "role", "context", "anchor_text", "paragraph")


class Scope(NamedTuple):
    """Which part of the graph: what a seed reaches, down to a depth; without a seed all."""

    seed: str | None = None
    depth: int | None = None
    works: bool = True
    """Whether the versions of a story are one node."""

    def query(self) -> Document:
        """The pages in it. A feed or sitemap names whatever is new: it is no part of the graph."""
        if self.seed is None:
            return {"extractor.name": {"$ne": FEED}}
        limit: Document = {"$exists": True} if self.depth is None else {"$lte": self.depth}
        return {f"depths.{self.seed}": limit}


async def count_pages(database: Database, scope: Scope) -> int:
    """How many pages are in it."""
    return await database.pages.count_documents(scope.query())


async def nodes(database: Database, scope: Scope) -> AsyncIterator[Node]:
    """The nodes, in the order of their ids."""
    fields = [*PAGE, *([f"depths.{scope.seed}"] if scope.seed else [])]
    cursor = database.pages.find(scope.query(), fields, batch_size=PORTION)
    if not scope.works:
        async for page in cursor.sort("_id"):
            yield page_node(_facts(page, scope.seed))
        return
    held: list[Document] = []
    async for page in cursor.sort([("work_id", 1), ("_id", 1)]).allow_disk_use(True):
        if held and (page.get("work_id") is None or page["work_id"] != held[0].get("work_id")):
            yield _work(held, scope.seed)
            held = []
        held.append(page)
    if held:
        yield _work(held, scope.seed)


def _work(pages: Sequence[Document], seed: str | None) -> Node:
    """A page that no run has sorted into a work yet is one by itself."""
    return work_node(pages[0].get("work_id") or pages[0]["_id"], [_facts(page, seed) for page in pages])


def _facts(page: Document, seed: str | None) -> PageFacts:
    return PageFacts(
        id=page["_id"],
        title=page["display_title"],
        site=page["site"],
        page_type=page["page_type"],
        status=page["status"],
        headline=page.get("headline"),
        in_language=page.get("in_language"),
        variant=page.get("variant"),
        published_on=page.get("published_on"),
        provenance=page.get("provenance"),
        depth=(page.get("depths") or {}).get(seed),
        in_degree=page.get("in_degree", 0),
        out_degree=page.get("out_degree", 0),
    )


async def edges(database: Database, members: Mapping[str, str]) -> AsyncIterator[Edge]:
    """The edges among nodes; `members` gives the node of each page, those of one node in a row.

    Links among the versions of one work are none of its citations and left out.
    """
    batch: list[str] = []
    count = 0
    for _, pages in groupby(members, key=members.__getitem__):
        batch += pages
        count += 1
        if count == BATCH:
            for edge in await _joined(database, batch, members):
                yield edge
            batch, count = [], 0
    for edge in await _joined(database, batch, members):
        yield edge


async def _joined(database: Database, pages: Sequence[str], members: Mapping[str, str]) -> list[Edge]:
    query = {"source": {"$in": list(pages)}, "active": True}
    found = database.links.find(query, dict.fromkeys(LINK, 1) | {"_id": 0}, batch_size=PORTION)
    occurrences = [_occurrence(link, members) async for link in found if link["target"] in members]
    return join(link for link in occurrences if link.source != link.target or link.role != Role.TRANSLATION)


def _occurrence(link: Document, members: Mapping[str, str]) -> Occurrence:
    return Occurrence(
        source=members[link["source"]],
        target=members[link["target"]],
        role=link["role"],
        quote=link["context"] or link["anchor_text"],
        paragraph=link["paragraph"],
    )


async def links_among(database: Database, members: Mapping[str, str]) -> AsyncIterator[Document]:
    """Every link among pages that stands, with the works of both ends; in the order of their addresses."""
    fields = dict.fromkeys((*LINK, "first_seen_at"), 1) | {"_id": 0}
    order = [("source", 1), ("active", 1), ("role", 1), ("target", 1)]  # an index has it
    async for link in database.links.find({"active": True}, fields, batch_size=PORTION).sort(order):
        source, target = link.pop("source"), link.pop("target")
        if source in members and target in members:
            ends = {"source": members[source], "target": members[target]}
            yield ends | {"source_page": source, "target_page": target} | link
