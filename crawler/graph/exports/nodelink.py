"""JSON as node and link lists, the form of networkx's node_link_data and of D3. Pure."""

import json
from typing import Any

from crawler.graph.exports.writer import About, Placed, colour, edge_values, node_values, size
from crawler.graph.network import Edge


class NodeLinkWriter:
    """A node or an edge on each line; `key` tells the edges between two nodes apart."""

    def __init__(self, about: About) -> None:
        self.about = about
        self._comma = ""

    def head(self) -> str:
        """The graph's own facts."""
        facts = {"description": self.about.description, "made_on": self.about.made_on}
        return f'{{"directed":true,"multigraph":true,"graph":{_json(facts)},\n"nodes":[\n'

    def node(self, placed: Placed) -> str:
        """One node with all its columns."""
        node = placed.node
        place = {"x": round(placed.x, 2), "y": round(placed.y, 2), "size": size(node)}
        drawn = {"label": node.label, **place, "color": "#{:02x}{:02x}{:02x}".format(*colour(node))}
        return self._row({"id": node.id, **dict(node_values(node)), **drawn})

    def between(self) -> str:
        """The end of the nodes."""
        self._comma = ""
        return '\n],\n"edges":[\n'

    def edge(self, edge: Edge) -> str:
        """One edge with all its columns."""
        ends = {"source": edge.source, "target": edge.target, "key": edge.role, "weight": edge.weight}
        return self._row({**ends, **dict(edge_values(edge))})

    def tail(self) -> str:
        """The end of the file."""
        return "\n]}\n"

    def _row(self, values: dict[str, Any]) -> str:
        row = f"{self._comma}{_json(values)}"
        self._comma = ",\n"
        return row


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
