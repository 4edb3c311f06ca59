"""The signals that two works are related, each a function of graph and seeds to one number per work. Pure.

Each carries the name that the literature gives it. Its numbers are at least 0 and mean something only beside
each other: `crawler.graph.ranking` weighs them.
"""

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array

from crawler.graph.workgraph import Floats, Ints, WorkGraph

RESTART = 0.5
"""How often the surfer of PageRank goes back to the seeds: the more often, the nearer it stays."""
STEPS = 7
"""After so many steps less than a hundredth of the surfers is still on the way: 0.5 ** 7."""
NEAR_IN_TIME = 30.0
"""Days after which nearness in time is half of what it was."""

Signal = Callable[[WorkGraph, Ints], Floats]


def citation(graph: WorkGraph, seeds: Ints) -> Floats:
    """The seed cites it; every mention counts, an early one more."""
    made, _ = graph.made_by(seeds)
    return _sums(graph.target[made], _early(graph.paragraph[made]), graph.size)


def cited_by(graph: WorkGraph, seeds: Ints) -> Floats:
    """It cites the seed; every mention counts, an early one more."""
    received, _ = graph.received_by(seeds)
    return _sums(graph.source[received], _early(graph.paragraph[received]), graph.size)


def co_citation(graph: WorkGraph, seeds: Ints) -> Floats:
    """A third work cites both: the nearer to each other in its text and the less else it cites, the more."""
    received, _ = graph.received_by(seeds)
    made, beside = graph.made_by(graph.source[received])
    apart = np.abs(graph.paragraph[made] - graph.paragraph[received][beside])
    return _sums(graph.target[made], graph.specificity[graph.source[made]] / (1.0 + apart), graph.size)


def bibliographic_coupling(graph: WorkGraph, seeds: Ints) -> Floats:
    """Both cite the same works: the fewer others cite them, the more."""
    return np.asarray(graph.links @ _specific(graph, graph.links, seeds))


def adamic_adar(graph: WorkGraph, seeds: Ints) -> Floats:
    """Both are linked with the same works, in whatever direction: the fewer others are, the more."""
    return np.asarray(graph.neighbours @ _specific(graph, graph.neighbours, seeds))


def personalized_pagerank(graph: WorkGraph, seeds: Ints) -> Floats:
    """Where surfers stay who start at the seeds and follow links either way; no way leads through a hub.

    From a seed that is one, a live page, ways lead all the same.
    """
    start = _at(graph, seeds) / max(len(seeds), 1)
    closed = graph.is_hub & (start == 0.0)
    spread = np.where(closed, 0.0, (1.0 - RESTART) / np.maximum(graph.degree, 1.0))
    rank = start
    for _ in range(STEPS):
        rank = RESTART * start + graph.neighbours @ (rank * spread)
    return np.asarray(rank)


def text_similarity(graph: WorkGraph, seeds: Ints) -> Floats:
    """It says what the seed says: BM25 with the seed's terms as the question."""
    asked = np.asarray(graph.terms.T @ _at(graph, seeds)) > 0
    return np.asarray(graph.terms @ asked.astype(float))


def shared_topic(graph: WorkGraph, seeds: Ints) -> Floats:
    """Both stand in the same column or topic: the fewer others do, the more."""
    return _shared(graph.topics, _at(graph, seeds))


def shared_author(graph: WorkGraph, seeds: Ints) -> Floats:
    """Both are by the same author: the fewer others are, the more."""
    return _shared(graph.authors, _at(graph, seeds))


def recommendation(graph: WorkGraph, seeds: Ints) -> Floats:
    """The editors recommend one beside the other."""
    return np.asarray(graph.recommended @ _at(graph, seeds))


def nearness_in_time(graph: WorkGraph, seeds: Ints) -> Floats:
    """It appeared within days of the seed."""
    apart = np.abs(graph.day[:, None] - graph.day[seeds])
    return np.asarray(np.nan_to_num(1.0 / (1.0 + apart / NEAR_IN_TIME)).max(axis=1, initial=0.0))


def _early(paragraph: Ints) -> Floats:
    """1 in the first paragraph, half that in the third, a tenth at the end of a long article."""
    return np.asarray(1.0 / np.log2(1.0 + np.maximum(paragraph, 1)))


def _at(graph: WorkGraph, seeds: Ints) -> Floats:
    """1 at the seeds, 0 elsewhere."""
    place = np.zeros(graph.size)
    place[seeds] = 1.0
    return place


def _specific(graph: WorkGraph, matrix: csr_array, seeds: Ints) -> Floats:
    """The works of the seeds' rows, each with how much it tells."""
    return np.asarray(matrix.T @ _at(graph, seeds)) * graph.specificity


def _shared(labels: csr_array, seeds: Floats) -> Floats:
    frequency = np.bincount(labels.indices, minlength=labels.shape[1])
    return np.asarray(labels @ ((labels.T @ seeds) / np.log2(2.0 + frequency)))


def _sums(works: Ints, weights: Floats, size: int) -> Floats:
    return np.bincount(works, weights, minlength=size).astype(float)
