"""How the signals are weighed: one score for each work, and what each signal has given to it. Pure."""

from collections.abc import Mapping

import numpy as np

from crawler.graph import signals
from crawler.graph.incidence import Flags, Floats, Ints
from crawler.graph.signals import Signal
from crawler.graph.workgraph import WorkGraph

SIGNALS: dict[str, Signal] = {
    "personalized_pagerank": signals.personalized_pagerank,
    "text_similarity": signals.text_similarity,
    "citation": signals.citation,
    "cited_by": signals.cited_by,
    "co_citation": signals.co_citation,
    "bibliographic_coupling": signals.bibliographic_coupling,
    "adamic_adar": signals.adamic_adar,
    "shared_topic": signals.shared_topic,
    "shared_author": signals.shared_author,
    "recommendation": signals.recommendation,
    "nearness_in_time": signals.nearness_in_time,
}
"""Every signal there is; those without a weight were measured and give reasons, no score."""

WEIGHTS: dict[str, float] = {"personalized_pagerank": 1.0, "text_similarity": 0.5, "co_citation": 0.2}
"""From the training part of benchmarks/related.py, which also says what each is worth: docs/related.md."""

SOFT = 0.1
"""A signal of this part of the strongest gives over a quarter of its weight: what is far behind counts."""


def rank(
    graph: WorkGraph, seeds: Ints, weights: Mapping[str, float] = WEIGHTS
) -> tuple[Floats, dict[str, Floats]]:
    """Score of each work, and what each signal gives to it; the seeds and hubs have none."""
    out = graph.is_hub.copy()
    out[seeds] = True
    given = {name: weight * scaled(SIGNALS[name](graph, seeds), out) for name, weight in weights.items()}
    total: Floats = np.sum(list(given.values()), axis=0)
    return total / sum(weights.values()), given


def scaled(values: Floats, out: Flags) -> Floats:
    """From 0 to 1, the strongest 1, by its logarithm; 0 for what is left `out`."""
    strong = np.where(out, 0.0, values)
    best = strong.max(initial=0.0)
    if best <= 0.0:
        return np.zeros(len(values))
    return np.asarray(np.log1p(strong / (SOFT * best)) / np.log1p(1.0 / SOFT))
