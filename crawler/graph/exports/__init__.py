"""Files for other programs, written piece by piece, so that a graph of any size streams. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from crawler.graph.exports.edgelist import EdgeListWriter
from crawler.graph.exports.gexf import GexfWriter
from crawler.graph.exports.graphml import GraphMLWriter
from crawler.graph.exports.nodelink import NodeLinkWriter
from crawler.graph.exports.writer import About, Placed, Writer
from crawler.graph.network import Edge

__all__ = ["WRITERS", "About", "Placed", "Writer", "pieces"]

WRITERS: Mapping[str, Callable[[About], Writer]] = {
    ".gexf": GexfWriter,
    ".graphml": GraphMLWriter,
    ".json": NodeLinkWriter,
    ".csv": EdgeListWriter,
}
"""By the end of the file's name."""


def pieces(writer: Writer, nodes: Iterable[Placed], edges: Iterable[Edge]) -> Iterator[str]:
    """The whole file. Every end of an edge has to be among the nodes."""
    yield writer.head()
    for node in nodes:
        yield writer.node(node)
    yield writer.between()
    for edge in edges:
        yield writer.edge(edge)
    yield writer.tail()
