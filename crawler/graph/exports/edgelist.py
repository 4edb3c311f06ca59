"""CSV: a row for each edge, with headline and date of both ends. Pure."""

import csv
import io

from crawler.graph.exports.writer import About, Placed, edge_values
from crawler.graph.network import Edge
from crawler.spreadsheet import cell

COLUMNS = (
    *("Source", "Target", "Type", "Weight", "role", "quotes", "paragraph"),
    *("source_headline", "source_date", "target_headline", "target_date"),
)
"""The first four under the names that Gephi's import looks for."""


class EdgeListWriter:
    """Remembers headline and date of every node: an edge's row names both ends."""

    def __init__(self, about: About) -> None:
        self.about = about
        self._known: dict[str, tuple[str, str]] = {}

    def head(self) -> str:
        """The names of the columns, after the mark by which spreadsheets know UTF-8."""
        return "\ufeff" + _row(*COLUMNS)

    def node(self, placed: Placed) -> str:
        """Nothing: a node without edges has no row."""
        self._known[placed.node.id] = (placed.node.headline, placed.node.date)
        return ""

    def between(self) -> str:
        """Nothing."""
        return ""

    def edge(self, edge: Edge) -> str:
        """One row."""
        values = [value for _, value in edge_values(edge)]
        ends = (*self._known[edge.source], *self._known[edge.target])
        return _row(edge.source, edge.target, "Directed", edge.weight, *values, *ends)

    def tail(self) -> str:
        """Nothing."""
        return ""


def _row(*values: str | int | float | bool) -> str:
    """One line; text that a spreadsheet would run as a formula is led by an apostrophe."""
    line = io.StringIO()
    cells = (cell(value) if isinstance(value, str) else value for value in values)
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
