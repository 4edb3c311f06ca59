"""The signals that two works are related, each a function of graph and seeds to one number per work. Pure.

Each carries the name that the literature gives it. Its numbers are at least 0 and mean something only beside
each other: `crawler.graph.ranking` weighs them.
"""

from collections.abc import Callable

import numpy as np

from crawler.graph.incidence import Floats, Incidence, Ints, sums
from crawler.graph.workgraph import WorkGraph

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
    return sums(graph.target[made], _early(graph.paragraph[made]), graph.size)


def cited_by(graph: WorkGraph, seeds: Ints) -> Floats:
    """It cites the seed; every mention counts, an early one more."""
    received, _ = graph.received_by(seeds)
    return sums(graph.source[received], _early(graph.paragraph[received]), graph.size)


def co_citation(graph: WorkGraph, seeds: Ints) -> Floats:
    """A third work cites both: the nearer to each other in its text and the less else it cites, the more."""
    received, _ = graph.received_by(seeds)
    made, beside = graph.made_by(graph.source[received])
    apart = np.abs(graph.paragraph[made] - graph.paragraph[received][beside])
    return sums(graph.target[made], graph.specificity[graph.source[made]] / (1.0 + apart), graph.size)


def bibliographic_coupling(graph: WorkGraph, seeds: Ints) -> Floats:
    """Both cite the same works: the fewer others cite them, the more."""
    return graph.links.collect(_specific(graph, graph.links, seeds))


def adamic_adar(graph: WorkGraph, seeds: Ints) -> Floats:
    """Both are linked with the same works, in whatever direction: the fewer others are, the more."""
    return graph.neighbours.collect(_specific(graph, graph.neighbours, seeds))


def personalized_pagerank(graph: WorkGraph, seeds: Ints) -> Floats:
    """Where surfers stay who start at the seeds and follow links either way; no way leads through a hub.

    From a seed that is one, a live page, ways lead all the same.
    """
    start = _at(graph, seeds) / max(len(seeds), 1)
    closed = graph.is_hub & (start == 0.0)
    passed_on = np.where(closed, 0.0, (1.0 - RESTART) / np.maximum(graph.degree, 1.0))
    rank = start
    for _ in range(STEPS):
        rank = RESTART * start + graph.neighbours.spread(rank * passed_on)
    return rank


def text_similarity(graph: WorkGraph, seeds: Ints) -> Floats:
    """It says what the seed says: BM25 with the seed's terms as the question."""
    asked = graph.terms.spread(_at(graph, seeds)) > 0
    return graph.terms.collect(asked.astype(float))


def shared_topic(graph: WorkGraph, seeds: Ints) -> Floats:
    """Both stand in the same column or topic: the fewer others do, the more."""
    return _shared(graph.topics, _at(graph, seeds))


def shared_author(graph: WorkGraph, seeds: Ints) -> Floats:
    """Both are by the same author: the fewer others are, the more."""
    return _shared(graph.authors, _at(graph, seeds))


def recommendation(graph: WorkGraph, seeds: Ints) -> Floats:
    """The editors recommend one beside the other."""
    return graph.recommended.collect(_at(graph, seeds))


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


def _specific(graph: WorkGraph, linked: Incidence, seeds: Ints) -> Floats:
    """The works that the seeds are linked with, each with how much it tells."""
    return linked.spread(_at(graph, seeds)) * graph.specificity


def _shared(labels: Incidence, seeds: Floats) -> Floats:
    return labels.collect(labels.spread(seeds) / np.log2(2.0 + labels.frequency))
