"""What the writers share: the file's own facts, the columns with their types, sizes and colours. Pure."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from crawler.graph.network import Edge, Node

Value = str | int | float | bool

NODE_COLUMNS: dict[str, type] = {
    "headline": str,
    "twin": str,
    "date": str,
    "language": str,
    "site": str,
    "page_type": str,
    "status": str,
    "provenance": str,
    "depth": int,
    "in_degree": int,
    "out_degree": int,
    "decision": str,
    "remarks": str,
}
EDGE_COLUMNS: dict[str, type] = {"role": str, "quotes": str, "paragraph": int}

COLOURS = {"zh": (200, 54, 47), "en": (43, 108, 176), "zh+en": (124, 77, 158)}
OTHER_COLOUR = (130, 136, 143)

QUOTE_MARK = " | "
"""Between two quotes of one edge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the file says of itself."""

    title: str
    made_on: str
    """YYYY-MM-DD."""
    is_sample: bool = False
    """Whether the pages are invented."""

    @property
    def description(self) -> str:
        """The title; a sample says so first."""
        warning = "SAMPLE: real addresses, headlines, dates and links around invented prose. "
        return f"{warning if self.is_sample else ''}{self.title}"


class Placed(NamedTuple):
    """A node and where to draw it."""

    node: Node
    x: float
    y: float


class Writer(Protocol):
    """Gives the file's text: `head`, every `node`, `between`, every `edge`, `tail`, in this order."""

    def head(self) -> str:
        """What comes before the nodes."""

    def node(self, placed: Placed) -> str:
        """One node."""

    def between(self) -> str:
        """What stands between nodes and edges."""

    def edge(self, edge: Edge) -> str:
        """One edge."""

    def tail(self) -> str:
        """What comes after the edges."""


def node_values(node: Node) -> Iterator[tuple[str, Value]]:
    """Each column's name and value: never null, never a list."""
    return ((name, getattr(node, name)) for name in NODE_COLUMNS)


def edge_values(edge: Edge) -> Iterator[tuple[str, Value]]:
    """Each column's name and value, the quotes joined."""
    yield "role", edge.role
    yield "quotes", QUOTE_MARK.join(edge.quotes)
    yield "paragraph", edge.paragraph


def colour(node: Node) -> tuple[int, int, int]:
    """Red, green, blue, by language."""
    return COLOURS.get(node.language, OTHER_COLOUR)


def size(node: Node) -> float:
    """Grows with the pages that link here, ever more slowly."""
    return round(8 + 6 * math.log2(1 + node.in_degree), 2)
