"""GEXF 1.3, Gephi's own: typed columns, dates for the timeline, colours, sizes and positions. Pure."""

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

_TYPES = {str: "string", int: "integer"}


class GexfWriter:
    """`kind` keeps apart the edges of several roles between two nodes; Gephi would join them otherwise."""

    def __init__(self, about: About) -> None:
        self.about = about
        self._dates: dict[str, str] = {}

    def head(self) -> str:
        """Description and columns."""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">\n'
            f'<meta lastmodifieddate="{escaped(self.about.made_on)}"><creator>related-articles</creator>'
            f"<description>{escaped(self.about.description)}</description></meta>\n"
            '<graph mode="dynamic" timeformat="date" timerepresentation="interval" defaultedgetype="directed"'
            ' idtype="string">\n'
            f"{_columns('node', NODE_COLUMNS)}{_columns('edge', EDGE_COLUMNS)}<nodes>\n"
        )

    def node(self, placed: Placed) -> str:
        """It appears in the timeline on its date; without one it is always there."""
        node = placed.node
        if node.date:
            self._dates[node.id] = node.date
        red, green, blue = colour(node)
        return (
            f'<node id="{escaped(node.id)}" label="{escaped(node.label)}"{_start(node.date)}>'
            f"{_values(dict(node_values(node)))}"
            f'<viz:color r="{red}" g="{green}" b="{blue}"/>'
            f'<viz:position x="{placed.x:.2f}" y="{placed.y:.2f}" z="0.0"/>'
            f'<viz:size value="{size(node)}"/></node>\n'
        )

    def between(self) -> str:
        """The end of the nodes."""
        return "</nodes>\n<edges>\n"

    def edge(self, edge: Edge) -> str:
        """It appears when both ends are there: a link to a later article was added in an update."""
        start = max(self._dates.get(edge.source, ""), self._dates.get(edge.target, ""))
        return (
            f'<edge source="{escaped(edge.source)}" target="{escaped(edge.target)}"'
            f' kind="{escaped(edge.role)}" weight="{edge.weight}"{_start(start)}>'
            f"{_values(dict(edge_values(edge)))}</edge>\n"
        )

    def tail(self) -> str:
        """The end of the file."""
        return "</edges>\n</graph>\n</gexf>\n"


def _columns(kind: str, columns: dict[str, type]) -> str:
    rows = "".join(
        f'<attribute id="{name}" title="{name}" type="{_TYPES[value]}"/>' for name, value in columns.items()
    )
    return f'<attributes class="{kind}" mode="static">{rows}</attributes>\n'


def _start(day: str) -> str:
    return f' start="{escaped(day)}"' if day else ""


def _values(values: dict[str, Value]) -> str:
    rows = "".join(f'<attvalue for="{name}" value="{escaped(value)}"/>' for name, value in values.items())
    return f"<attvalues>{rows}</attvalues>"
