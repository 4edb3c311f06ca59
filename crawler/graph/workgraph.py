"""The link graph of works in compact arrays: who cites whom, and where in the text. Pure.

Works, not pages: all versions of a story are one node, and their links are joined. A node is a number; an
article that cites another three times makes three citations, and they are one link.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from crawler.graph.facts import CITING, Neighbourhood
from crawler.graph.incidence import Flags, Floats, Incidence, Ints, incidence, ranges
from crawler.graph.text import rarity

NOWHERE = 1_000
"""The paragraph of a citation that stands outside the body, or of which nobody knows where it stands."""
BY_LENGTH = 0.5
"""How far a text's length is taken into account, from 0 to 1: `b` of BM25."""
USUAL_LENGTH = 40
"""Terms of a usual text. A constant, for the mean of what was read would be another for each seed."""


class Citation(NamedTuple):
    """One work cites another, in a paragraph of its text."""

    source: str
    target: str
    paragraph: int = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """As much of a work as it takes to rank it."""

    id: str
    is_hub: bool = False
    """Whether everything links to it: topic, author, section, home, or a live page that is cited much."""
    degree: int = 0
    """How many works are linked with it, in the whole graph of which this may be a part."""
    day: int | None = None
    """Day of publication, as an ordinal."""
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    """Columns and topics, by URL or name."""
    terms: tuple[str, ...] = ()
    """What its headlines, descriptions and bodies say: see `crawler.graph.text`."""


@dataclass(frozen=True, eq=False, kw_only=True)
class WorkGraph:
    """Works, numbered, and the citations between them, ordered by source and paragraph."""

    works: tuple[str, ...]
    source: Ints
    target: Ints
    paragraph: Ints
    is_hub: Flags
    known_degree: Floats
    day: Floats
    """NaN where it is not known."""
    recommended: Incidence
    """Row and column are recommended beside each other by the editors."""
    authors: Incidence
    """Work by author; so for topics."""
    topics: Incidence
    terms: Incidence
    """Work by term, each weighed as BM25 does, for terms that a text has or has not."""

    @property
    def size(self) -> int:
        """How many works there are."""
        return len(self.works)

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of each work."""
        return {work: number for number, work in enumerate(self.works)}

    @cached_property
    def links(self) -> Incidence:
        """Row cites column."""
        return incidence(self.source, self.target, self.size, self.size)

    @cached_property
    def neighbours(self) -> Incidence:
        """Row and column are linked; each pair stands there both ways."""
        return _either_way(self.source, self.target, self.size)

    @cached_property
    def degree(self) -> Floats:
        """How many works are linked with each."""
        return np.maximum(self.neighbours.lengths, self.known_degree)

    @cached_property
    def specificity(self) -> Floats:
        """How much it tells to be linked with a work: little where many are, nothing for a hub."""
        return np.where(self.is_hub, 0.0, 1.0 / np.log2(2.0 + self.degree))

    def made_by(self, nodes: Ints) -> tuple[Ints, Ints]:
        """The citations that these works make, and for each the place of its work in `nodes`."""
        return ranges(self._first_made, nodes)

    def received_by(self, nodes: Ints) -> tuple[Ints, Ints]:
        """The citations that these works receive, and for each the place of its work in `nodes`."""
        places, owners = ranges(self._first_received, nodes)
        return self._by_target[places], owners

    @cached_property
    def _first_made(self) -> Ints:
        return np.searchsorted(self.source, np.arange(self.size + 1))

    @cached_property
    def _by_target(self) -> Ints:
        return np.argsort(self.target, kind="stable")

    @cached_property
    def _first_received(self) -> Ints:
        return np.searchsorted(self.target[self._by_target], np.arange(self.size + 1))


def build(
    nodes: Sequence[Node],
    citations: Iterable[Citation],
    recommendations: Iterable[tuple[str, str]] = (),
    rarities: Mapping[str, float] | None = None,
) -> WorkGraph:
    """The graph of these works; what cites itself, or no work of these, is left out.

    `rarities` tells how rare each term is in the whole of which this is a part; else it is counted here.
    """
    number = {node.id: place for place, node in enumerate(nodes)}
    rows = [(number.get(c.source, -1), number.get(c.target, -1), c.paragraph) for c in citations]
    beside = [(number[a], number[b]) for a, b in recommendations if a in number and b in number]
    return WorkGraph(
        works=tuple(number),
        **_in_order(np.array(rows, dtype=np.int64).reshape(-1, 3)),
        is_hub=np.array([node.is_hub for node in nodes], dtype=bool),
        known_degree=np.array([node.degree for node in nodes], dtype=float),
        day=np.array([np.nan if node.day is None else node.day for node in nodes], dtype=float),
        recommended=_either_way(*_columns(beside), len(nodes)),
        authors=_labels([node.authors for node in nodes])[0],
        topics=_labels([node.topics for node in nodes])[0],
        terms=_weighed([node.terms for node in nodes], rarities),
    )


def from_neighbourhood(read: Neighbourhood) -> WorkGraph:
    """The graph of what was read from the database."""
    nodes = [
        Node(id=work.id, is_hub=work.is_hub, degree=work.degree, terms=work.terms)
        for work in read.works.values()
    ]
    citations = (
        Citation(tie.source, tie.target, NOWHERE if tie.paragraph is None else tie.paragraph)
        for tie in read.ties
        if tie.role in CITING
    )
    return build(nodes, citations, rarities=read.rarity)


def from_arrays(rows: Ints, size: int, is_hub: Flags | None = None) -> WorkGraph:
    """A graph of works of which nothing is known but their citations: rows of source, target, paragraph."""
    nothing, _ = _labels([()] * size)
    return WorkGraph(
        works=tuple(map(str, range(size))),
        **_in_order(rows),
        is_hub=np.zeros(size, dtype=bool) if is_hub is None else is_hub,
        known_degree=np.zeros(size),
        day=np.full(size, np.nan),
        recommended=_either_way(*_columns([]), size),
        authors=nothing,
        topics=nothing,
        terms=nothing,
    )


def _in_order(rows: Ints) -> dict[str, Ints]:
    """Columns of the citations between two works, ordered by source and paragraph."""
    real = rows[(rows[:, 0] >= 0) & (rows[:, 1] >= 0) & (rows[:, 0] != rows[:, 1])]
    source, target, paragraph = real[np.lexsort((real[:, 2], real[:, 0]))].T.copy()
    return {"source": source, "target": target, "paragraph": paragraph}


def _either_way(one: Ints, other: Ints, size: int) -> Incidence:
    return incidence(np.concatenate([one, other]), np.concatenate([other, one]), size, size)


def _columns(pairs: Sequence[tuple[int, int]]) -> tuple[Ints, Ints]:
    ones, others = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return ones, others


def _labels(labels: Sequence[Sequence[str]]) -> tuple[Incidence, dict[str, int]]:
    """Work by label, and the number of each label, in the order in which they come."""
    number: dict[str, int] = {}
    pairs = [
        (row, number.setdefault(label, len(number))) for row, own in enumerate(labels) for label in set(own)
    ]
    return incidence(*_columns(pairs), len(labels), len(number)), number


def _weighed(texts: Sequence[Sequence[str]], rarities: Mapping[str, float] | None) -> Incidence:
    """Work by term: rarity of the term over length of the text."""
    terms, number = _labels(texts)
    beside_usual = terms.lengths[terms.rows] / USUAL_LENGTH
    weight = 1.0 / (1.0 - BY_LENGTH + BY_LENGTH * beside_usual)
    return replace(terms, values=weight * _rarities(terms, number, rarities)[terms.columns])


def _rarities(terms: Incidence, number: Mapping[str, int], known: Mapping[str, float] | None) -> Floats:
    """How rare each term is: `idf` of BM25, or what is known of it; 0 for what nobody asks for."""
    if known is not None:
        return np.array([known.get(term, 0.0) for term in number], dtype=float)
    return np.array([rarity(count, terms.height) for count in terms.frequency.tolist()], dtype=float)
