"""Positions, so that a graph opens as a picture and not as a blob. Pure and the same in every run."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from crawler.graph.network import UNREACHED, Edge, Node

Places = dict[str, tuple[float, float]]

RING = 160.0
"""Between two depths."""
SPACING = 42.0
"""Between two neighbours on a ring."""
ROWS = 3
"""A ring of more than a few nodes is laid in so many rows: labels stand beside each other, not on top."""
MOST_ROWS = 12
"""A crowded ring becomes a band of up to so many rows before it gets wider."""
ROW = 44.0
GOLDEN = math.pi * (3 - math.sqrt(5))
CENTRE = None
"""The parent of what no shallower node leads to."""


def rings(nodes: Iterable[Node], edges: Iterable[Edge]) -> Places:
    """The seed in the middle, a ring for each depth, and around each node what it leads to.

    Every node has a part of the circle, inside its parent's: the lines of the tree never cross. Time and
    memory grow with nodes and edges; meant for graphs that one can look at.
    """
    levels = _levels(nodes)
    depths = {node.id: depth for depth, level in levels.items() for node in level}
    parents = _parents(depths, edges)
    children: defaultdict[str | None, list[str]] = defaultdict(list)
    for level in levels.values():
        for node in level:
            children[parents[node.id]].append(node.id)
    widths = _widths(levels, parents)
    angles = _angles(children, widths)
    return _places(levels, angles, widths[CENTRE])


def _levels(nodes: Iterable[Node]) -> dict[int, list[Node]]:
    """The nodes by depth, the oldest first; what is not reached lies outermost."""
    levels: defaultdict[int, list[Node]] = defaultdict(list)
    for node in sorted(nodes, key=lambda node: (node.date, node.id)):
        levels[node.depth].append(node)
    unreached = levels.pop(UNREACHED, [])
    if unreached:
        levels[max(levels, default=-1) + 1] = unreached
    return dict(sorted(levels.items()))


def _parents(depths: Mapping[str, int], edges: Iterable[Edge]) -> dict[str, str | None]:
    """Of the shallower neighbours of each node the least deep, the first by id among equals."""
    best: dict[str, tuple[int, str]] = {}
    for edge in edges:
        for child, parent in ((edge.target, edge.source), (edge.source, edge.target)):
            if depths[parent] < depths[child]:
                candidate = (depths[parent], parent)
                best[child] = min(best.get(child, candidate), candidate)
    return {node: best[node][1] if node in best else CENTRE for node in depths}


def _widths(
    levels: Mapping[int, Sequence[Node]], parents: Mapping[str, str | None]
) -> dict[str | None, float]:
    """The part of the circle that each node needs: its children's, and more the nearer to the middle."""
    deepest = max(levels, default=0) or 1
    widths: defaultdict[str | None, float] = defaultdict(float)
    for depth in sorted(levels, reverse=True):
        for node in levels[depth]:
            widths[node.id] = max(widths[node.id], (deepest / max(depth, 1)) ** 1.5)
            widths[parents[node.id]] += widths[node.id]
    return widths


def _angles(
    children: Mapping[str | None, Sequence[str]], widths: Mapping[str | None, float]
) -> dict[str, float]:
    """The middle of each node's part."""
    angles: dict[str, float] = {}
    open_parts: list[tuple[str | None, float, float]] = [(CENTRE, 0.0, math.tau)]
    while open_parts:
        parent, begin, width = open_parts.pop()
        inside = children.get(parent, ())
        share = width / sum(widths[child] for child in inside) if inside else 0.0
        for child in inside:
            part = share * widths[child]
            angles[child] = begin + part / 2
            open_parts.append((child, begin, part))
            begin += part
    return angles


def _places(levels: Mapping[int, Sequence[Node]], angles: Mapping[str, float], total: float) -> Places:
    """Each ring wide enough for what stands on it."""
    places: Places = {}
    deepest = max(levels, default=0) or 1
    outer = 0.0
    for depth, level in levels.items():
        inner = 0.0 if len(level) == 1 and not places else outer + RING
        crowd = total * max(depth, 1) / deepest * SPACING / math.tau
        rows = ROWS if len(level) > 3 * ROWS else 1
        if inner:
            rows = max(rows, min(math.ceil(crowd / inner), MOST_ROWS))
            inner = max(inner, crowd / rows)
        for place, node in enumerate(sorted(level, key=lambda node: (angles[node.id], node.id))):
            distance = inner + place % rows * ROW
            places[node.id] = (distance * math.cos(angles[node.id]), distance * math.sin(angles[node.id]))
        outer = inner + (rows - 1) * ROW
    return places


def spiral(place: int) -> tuple[float, float]:
    """The n-th place of a sunflower's head: fills a disc evenly, for graphs too large to arrange."""
    radius = SPACING * math.sqrt(place)
    return radius * math.cos(place * GOLDEN), radius * math.sin(place * GOLDEN)
