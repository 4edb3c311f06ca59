"""From the database to a file: arranges a graph that can be looked at, streams one that can't. No Scrapy."""

import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import NamedTuple, TextIO

from crawler.dump_file import replacing
from crawler.graph import view
from crawler.graph.exports import About, Placed, Writer, pieces
from crawler.graph.layout import rings, spiral
from crawler.graph.network import Node, judged
from crawler.labels import Label, passes
from crawler.store import MongoStore
from crawler.store.network import Scope

ARRANGED = 5_000
"""Pages up to which the graph is held in memory and laid out; a larger one fills a disc as it streams."""


class Counts(NamedTuple):
    """What was written."""

    nodes: int
    edges: int


@contextlib.contextmanager
def replaced(path: Path) -> Iterator[TextIO]:
    """A text file that takes its name when it is complete: what was there before stays until then.

    Raises OSError where it can't be written.
    """
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as out:
        yield out


@dataclass(frozen=True, slots=True)
class Judged:
    """What readers say of pages, and which of them are wanted."""

    labels: Mapping[str, Label] = field(default_factory=dict)
    """By URL, all versions of a work included."""
    choice: str | None = None
    """Only nodes that were labelled so: in, out, undecided, none."""


EVERYTHING = Judged()


async def _nodes(store: MongoStore, scope: Scope, said: Judged) -> AsyncIterator[Node]:
    """The nodes that are wanted, with what readers say of them."""
    async for node in store.nodes(scope):
        shown = judged(node, said.labels)
        if passes(shown.decision, said.choice):
            yield shown


async def export(
    store: MongoStore,
    scope: Scope,
    writer: Writer,
    out: TextIO,
    *,
    said: Judged = EVERYTHING,
    arranged: int = ARRANGED,
) -> Counts:
    """Write the part of the graph that `scope` names. Raises StorageUnavailable, OSError."""
    if await store.count_pages(scope) <= arranged:
        return await _arranged(store, scope, said, writer, out)
    return await _streamed(store, scope, said, writer, out)


async def _arranged(store: MongoStore, scope: Scope, said: Judged, writer: Writer, out: TextIO) -> Counts:
    nodes = [node async for node in _nodes(store, scope, said)]
    members = {page: node.id for node in nodes for page in node.members}
    edges = [edge async for edge in store.edges(members)]
    places = rings(nodes, edges)
    placed = [Placed(node, *places[node.id]) for node in nodes]
    out.writelines(pieces(writer, placed, edges))
    return Counts(len(nodes), len(edges))


async def _streamed(store: MongoStore, scope: Scope, said: Judged, writer: Writer, out: TextIO) -> Counts:
    """Holds the ids only: of each page its node's."""
    members: dict[str, str] = {}
    places = count()
    out.write(writer.head())
    async for node in _nodes(store, scope, said):
        members.update(dict.fromkeys(node.members, node.id))
        out.write(writer.node(Placed(node, *spiral(next(places)))))
    out.write(writer.between())
    edges = 0
    async for edge in store.edges(members):
        out.write(writer.edge(edge))
        edges += 1
    out.write(writer.tail())
    return Counts(next(places), edges)


async def export_view(
    store: MongoStore,
    scope: Scope,
    about: About,
    ranking: Iterable[view.Ranked],
    out: TextIO,
    *,
    said: Judged = EVERYTHING,
) -> Counts:
    """Write the page to look at, of the nodes nearest to the seed. Raises StorageUnavailable, OSError."""
    nodes: list[Node] = []
    total = 0
    async for node in _nodes(store, scope, said):
        total += 1
        nodes.append(node)
        if len(nodes) > 2 * view.LARGEST:
            nodes = view.nearest(nodes)
    nodes = view.nearest(nodes)
    members = {page: node.id for node in nodes for page in node.members}
    edges = [edge async for edge in store.edges(members)]
    places = rings(nodes, edges)
    placed = [Placed(node, *places[node.id]) for node in nodes]
    out.write(view.page(about, placed, edges, ranking, total=total))
    return Counts(len(nodes), len(edges))


RANKED = 40
"""Related works that the page lists."""


async def ranking(store: MongoStore, seed: str | None, label: str | None = None) -> list[view.Ranked]:
    """The works related to where the seed starts, and why; none without a seed. Raises StorageUnavailable."""
    # numpy takes a while to load: not for the exports that do without
    from crawler.graph import related
    from crawler.graph.view.ranked import entries

    start = await store.start_of(seed) if seed else None
    if start is None:
        return []
    labels = await store.work_labels(seed) if seed else {}
    wanted = related.Wanted(limit=RANKED, external=True, stubs=True, label=label, labels=labels)
    found = related.find(await store.neighbourhood([start]), wanted)
    return entries(found, [start], await store.pieces(related.named(found, [start])))
