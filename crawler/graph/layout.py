"""Positions, so that a graph opens as a picture and not as a blob. Pure and the same in every run."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from crawler.graph.network import UNREACHED, Edge, Node

Positions = Mapping[str, tuple[float, float]]

RING = 240.0
"""Between two depths."""
SPACING = 30.0
"""Between two neighbours on a ring."""
ROUNDS = 12
GOLDEN = math.pi * (3 - math.sqrt(5))


def rings(nodes: Iterable[Node], edges: Iterable[Edge]) -> dict[str, tuple[float, float]]:
    """The seed in the middle, a ring for each depth, neighbours near each other: few lines cross.

    Time and memory grow with nodes and edges; meant for graphs that one can look at.
    """
    levels: defaultdict[int, list[str]] = defaultdict(list)
    nodes = list(nodes)
    outermost = max((node.depth for node in nodes), default=0) + 1
    for node in sorted(nodes, key=lambda node: (node.date, node.id)):
        levels[outermost if node.depth == UNREACHED else node.depth].append(node.id)
    neighbours = _neighbours(edges)
    angles = {name: angle for level in levels.values() for name, angle in _spread(level)}
    for _ in range(ROUNDS):
        for depth in sorted(levels):
            levels[depth].sort(key=lambda name: (_mean_angle(name, neighbours, angles), name))
            angles.update(_spread(levels[depth]))
    return _places(levels, angles)


def _neighbours(edges: Iterable[Edge]) -> dict[str, set[str]]:
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for edge in edges:
        if edge.source != edge.target:
            neighbours[edge.source].add(edge.target)
            neighbours[edge.target].add(edge.source)
    return neighbours


def _mean_angle(name: str, neighbours: Mapping[str, set[str]], angles: Mapping[str, float]) -> float:
    """The direction in which the neighbours lie, one's own where there are none."""
    around = [angles[other] for other in sorted(neighbours.get(name, ())) if other in angles]
    x, y = sum(map(math.cos, around)), sum(map(math.sin, around))
    return math.atan2(y, x) % math.tau if abs(x) + abs(y) > 1e-9 else angles[name]


def _spread(level: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Even angles in the order given."""
    step = math.tau / len(level)
    return ((name, step * place) for place, name in enumerate(level))


def _places(
    levels: Mapping[int, Sequence[str]], angles: Mapping[str, float]
) -> dict[str, tuple[float, float]]:
    """Each ring wide enough for what stands on it; a full one is laid in three."""
    places: dict[str, tuple[float, float]] = {}
    radius = 0.0
    for depth in sorted(levels):
        names = levels[depth]
        alone = len(names) == 1 and not places
        radius = 0.0 if alone else max(radius + RING, len(names) * SPACING / math.tau / 3 + RING / 2)
        for place, name in enumerate(names):
            distance = radius if alone else radius + (place % 3 - 1) * RING / 5
            places[name] = (distance * math.cos(angles[name]), distance * math.sin(angles[name]))
    return places


def spiral(place: int) -> tuple[float, float]:
    """The n-th place of a sunflower's head: fills a disc evenly, for graphs too large to arrange."""
    radius = SPACING * math.sqrt(place)
    return radius * math.cos(place * GOLDEN), radius * math.sin(place * GOLDEN)
