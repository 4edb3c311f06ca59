"""GraphML, which most graph programs read: typed keys, nodes, edges. Pure."""

from collections.abc import Iterator

from crawler.graph.exports.writer import (
    EDGE_COLUMNS,
    NODE_COLUMNS,
    About,
    Placed,
    Value,
    colour,
    edge_values,
    node_values,
    size,
)
from crawler.graph.exports.xml import escaped
from crawler.graph.network import Edge

_TYPES = {str: "string", int: "int", float: "double"}
_DRAWN: dict[str, type] = {
    "label": str,
    "x": float,
    "y": float,
    "size": float,
    "r": int,
    "g": int,
    "b": int,
}
"""Columns by these names are a node's label, place, size and colour in Gephi."""


class GraphMLWriter:
    """Edges are numbered, so that readers keep those of several roles between two nodes apart."""

    def __init__(self, about: About) -> None:
        self.about = about
        self._edges = 0

    def head(self) -> str:
        """Description and keys."""
        node_keys = "".join(_key("node", name, kind) for name, kind in (NODE_COLUMNS | _DRAWN).items())
        edge_keys = "".join(
            _key("edge", name, kind) for name, kind in ({"weight": int} | EDGE_COLUMNS).items()
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
            f"<desc>{escaped(self.about.description)}</desc>\n"
            f'{node_keys}{edge_keys}<graph id="related-articles" edgedefault="directed">\n'
        )

    def node(self, placed: Placed) -> str:
        """One node with all its columns."""
        values = dict(node_values(placed.node)) | dict(_drawn(placed))
        return f'<node id="{escaped(placed.node.id)}">{_data("n", values)}</node>\n'

    def between(self) -> str:
        """Nothing: nodes and edges stand in one row."""
        return ""

    def edge(self, edge: Edge) -> str:
        """One edge with all its columns."""
        self._edges += 1
        values: dict[str, Value] = {"weight": edge.weight, **dict(edge_values(edge))}
        return (
            f'<edge id="e{self._edges}" source="{escaped(edge.source)}" target="{escaped(edge.target)}">'
            f"{_data('e', values)}</edge>\n"
        )

    def tail(self) -> str:
        """The end of the file."""
        return "</graph>\n</graphml>\n"


def _drawn(placed: Placed) -> Iterator[tuple[str, Value]]:
    yield "label", placed.node.label
    yield from (("x", round(placed.x, 2)), ("y", round(placed.y, 2)), ("size", size(placed.node)))
    yield from zip("rgb", colour(placed.node), strict=True)


def _key(kind: str, name: str, value: type) -> str:
    return f'<key id="{kind[0]}_{name}" for="{kind}" attr.name="{name}" attr.type="{_TYPES[value]}"/>\n'


def _data(kind: str, values: dict[str, Value]) -> str:
    return "".join(f'<data key="{kind}_{name}">{escaped(value)}</data>' for name, value in values.items())
