"""How well related articles are found: a link of each is hidden, and its target looked for.

    .venv/bin/python benchmarks/related.py [--foldoc FOLDER] [--queries N] [--fit] [--json FILE]
                                           [--labels FILE.csv]

FOLDOC (12,000 entries) is in Debian's package dict-foldoc: `apt-get download dict-foldoc`, `dpkg -x` it, and
name its folder usr/share/dictd. The real graph is ../shared/graph. Each article gives one question at most.
Half of the questions of either graph are its training part; no figure comes from them.

What a ranking finds of what the article links to anyway is left out of account, and hubs are. The anchor's
words are taken out of the article's text, for they name the target. MRR is the mean of 1/rank; nDCG@5 has one
relevant work, so it is 1/log2(1 + rank) within the first five. Equal scores share their mean rank. Intervals
are 95 % of 2,000 bootstrap samples of the questions; differences are paired.

With labels that `scrapy label --write` wrote, the seed's list is compared with what readers put in and out.
"""

import argparse
import datetime as dt
import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from link_graphs import FOLDOC, REAL, LinkGraph, foldoc, real  # noqa: E402 - found beside this file

from crawler.graph.incidence import Flags, Floats  # noqa: E402
from crawler.graph.ranking import SIGNALS, WEIGHTS, rank, scaled  # noqa: E402
from crawler.graph.text import rarity, terms  # noqa: E402
from crawler.graph.workgraph import WorkGraph, build  # noqa: E402
from crawler.labels import Decision, Label, LabelError, read_csv  # noqa: E402

SAMPLES = 2000
GRID = {
    "personalized_pagerank": (1.0,),
    "text_similarity": (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0),
    "co_citation": (0.0, 0.1, 0.2, 0.4),
}
"""What `--fit` tries: the signals without which the held-out figure falls; no other raises it."""
WITHIN = 0.001
"""Two MRR of the training part that are so near to each other count as equal."""
FITTED = 1500
"""Questions of the training part that weights are fitted on."""
SEED = "https://cn.nytimes.com/technology/20250205/deepseek-china-reaction/"


@dataclass(frozen=True)
class Question:
    """An article one of whose links is hidden, and that link's target."""

    source: int
    hidden: int


class Bm25:
    """The baseline: whole texts, every term counted as often as it stands."""

    def __init__(self, texts: list[str]) -> None:
        self.number: dict[str, int] = {}
        said = [list(terms(text)) for text in texts]
        columns = [self.number.setdefault(term, len(self.number)) for own in said for term in own]
        rows = np.repeat(np.arange(len(texts)), [len(own) for own in said])
        matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(texts), len(self.number)))
        length = np.asarray(matrix.sum(axis=1)).ravel()
        own = np.repeat(np.arange(len(texts)), np.diff(matrix.indptr))
        slope = 1.2 * (0.25 + 0.75 * length[own] / length.mean())
        matrix.data = 2.2 * matrix.data / (matrix.data + slope)
        frequency = np.bincount(matrix.indices, minlength=len(self.number)).tolist()
        matrix.data *= np.array([rarity(count, len(texts)) for count in frequency])[matrix.indices]
        self.matrix = matrix

    def scores(self, text: str, but: set[str]) -> Floats:
        """How well each text answers the question that another one is."""
        asked = np.zeros(len(self.number))
        asked[[self.number[term] for term in set(terms(text)) - but if term in self.number]] = 1.0
        return np.asarray(self.matrix @ asked)


class Trial:
    """One graph with its questions."""

    def __init__(self, graph: LinkGraph, limit: int) -> None:
        self.public = graph
        self.graph = build(graph.nodes, graph.citations, graph.recommended)
        self.baseline = Bm25([graph.texts[work] for work in self.graph.works])
        self.terms = [set(node.terms) for node in graph.nodes]
        self.questions = list(_questions(self.graph))[:limit]

    def halves(self) -> tuple[list[Question], list[Question]]:
        """The training part, and what the figures come from."""
        half = len(self.questions) // 2
        return self.questions[:half], self.questions[half:]

    def known(self, graph: WorkGraph, question: Question) -> Flags:
        """What is no answer: the article, what it still links to, hubs."""
        out = graph.is_hub.copy()
        out[graph.target[graph.source == question.source]] = True
        out[question.source] = True
        return out

    def answers(self, question: Question) -> tuple[Floats, Flags]:
        """The scaled signals, the baseline last, and what is out of account."""
        graph, anchor = self.hide(question)
        seeds = np.array([question.source])
        out = self.known(graph, question)
        rows = [signal(graph, seeds) for signal in SIGNALS.values()]
        rows.append(self.baseline.scores(self.public.texts[graph.works[question.source]], anchor))
        return np.array([scaled(row, out) for row in rows], dtype=np.float32), out

    def hide(self, question: Question) -> tuple[WorkGraph, set[str]]:
        """The graph without the link, the article's terms without those of its anchor; and these."""
        graph = self.graph
        kept = ~((graph.source == question.source) & (graph.target == question.hidden))
        pair = graph.works[question.source], graph.works[question.hidden]
        anchor = set(terms(self.public.anchors[pair]))
        values = graph.terms.values.copy()
        own = slice(*graph.terms.first[question.source : question.source + 2])
        hidden = [self.columns[term] for term in anchor if term in self.columns]
        values[own][np.isin(graph.terms.columns[own], hidden)] = 0.0
        without = replace(
            graph,
            source=graph.source[kept],
            target=graph.target[kept],
            paragraph=graph.paragraph[kept],
            terms=replace(graph.terms, values=values),
        )
        return without, anchor

    @property
    def columns(self) -> dict[str, int]:
        """The number of each term in the graph, in the order in which `build` meets them."""
        if not hasattr(self, "_columns"):
            self._columns: dict[str, int] = {}
            for node in self.public.nodes:
                for term in set(node.terms):
                    self._columns.setdefault(term, len(self._columns))
        return self._columns


def _questions(graph: WorkGraph) -> Iterator[Question]:
    """One hidden link per article that has two or more, to no hub, in an order that chance gave once."""
    chance = random.Random(20250205)
    sources = list(range(graph.size))
    chance.shuffle(sources)
    for source in sources:
        targets = graph.links.columns[slice(*graph.links.first[source : source + 2])]
        open_targets = sorted(int(target) for target in targets if not graph.is_hub[target])
        if len(targets) >= 2 and open_targets and not graph.is_hub[source]:
            yield Question(source, chance.choice(open_targets))


def rank_of(scores: Floats, out: Flags, hidden: int) -> float:
    """Where the hidden work comes; equal scores share their mean rank."""
    standing = scores[~out]
    own = scores[hidden]
    return float(1 + (standing > own).sum() + ((standing == own).sum() - 1) / 2)


MEASURES: dict[str, Callable[[Floats], Floats]] = {
    "MRR": lambda ranks: 1.0 / ranks,
    "Recall@10": lambda ranks: (ranks <= 10.0).astype(float),
    "nDCG@5": lambda ranks: np.where(ranks <= 5.0, 1.0 / np.log2(1.0 + ranks), 0.0),
}


def interval(values: Floats) -> tuple[float, float, float]:
    """Mean, and the bounds of 95 % of the bootstrap means."""
    chance = np.random.default_rng(1)
    means = values[chance.integers(0, len(values), (SAMPLES, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(values.mean()), float(low), float(high)


def combined(rows: Floats, weights: dict[str, float]) -> Floats:
    """The score that these weights give; rows as `Trial.answers` has them."""
    names = list(SIGNALS)
    return np.sum([weight * rows[names.index(name)] for name, weight in weights.items()], axis=0)


def fit(parts: list[tuple[Trial, list[Question]]]) -> None:
    """Prints the MRR of the training parts for each set of weights, and the set that is taken.

    That is, of those that are within WITHIN of the best on the first graph, the best on the second, which has
    too few questions to be asked alone.
    """
    asked = [[(*trial.answers(question), question.hidden) for question in part] for trial, part in parts]
    reached = []
    for values in product(*GRID.values()):
        tried = {name: value for name, value in zip(GRID, values, strict=True) if value}
        means = [float(np.mean([_reciprocal(tried, *answer) for answer in part])) for part in asked]
        print(" ".join(f"{mean:.4f}" for mean in means), tried, flush=True)
        reached.append((means, tried))
    enough = max(means[0] for means, _ in reached) - WITHIN
    best = max((own for own in reached if own[0][0] >= enough), key=lambda own: own[0][-1])
    print(f"training parts, n = {[len(part) for part in asked]}: {best[1]}")


def _reciprocal(weights: dict[str, float], rows: Floats, out: Flags, hidden: int) -> float:
    return 1.0 / rank_of(combined(rows, weights), out, hidden)


def measure(trial: Trial, questions: list[Question], tried: dict[str, dict[str, float]]) -> dict[str, Floats]:
    """The rank of each hidden work by each signal alone, by the baseline and by each set of weights."""
    found: dict[str, list[float]] = {}
    for question in questions:
        rows, out = trial.answers(question)
        scores = dict(zip([*SIGNALS, "BM25 of the whole text"], rows, strict=True))
        scores |= {name: combined(rows, weights) for name, weights in tried.items()}
        for name, score in scores.items():
            found.setdefault(name, []).append(rank_of(score, out, question.hidden))
    return {name: np.array(ranks) for name, ranks in found.items()}


def variations() -> dict[str, dict[str, float]]:
    """The combination; without each of its signals; with each of the others."""
    weights = {"combination": dict(WEIGHTS)}
    for name in SIGNALS:
        if name in WEIGHTS:
            weights[f"without {name}"] = {key: w for key, w in WEIGHTS.items() if key != name}
        else:
            for value in (0.05, 0.2):
                weights[f"with {name} at {value}"] = WEIGHTS | {name: value}
    return {name: own for name, own in weights.items() if own}


def report(name: str, ranks: dict[str, Floats]) -> dict[str, dict[str, list[float]]]:
    """Prints a table and gives its figures."""
    print(f"\n{name}: n = {len(ranks['combination'])} hidden links")
    print(f"{'':42}" + "".join(f"{measure:>24}" for measure in MEASURES) + f"{'MRR less combination':>30}")
    figures = {}
    for row, own in ranks.items():
        told = {measure: interval(of(own)) for measure, of in MEASURES.items()}
        difference = interval(1.0 / own - 1.0 / ranks["combination"])
        cells = "".join(f"{mean:>10.3f} {low:.3f}-{high:.3f}" for mean, low, high in told.values())
        print(f"{row:42}{cells}   {difference[0]:+.4f} {difference[1]:+.4f}..{difference[2]:+.4f}")
        figures[row] = {key: list(value) for key, value in told.items()} | {"difference": list(difference)}
    return figures


def deepseek(trial: Trial) -> list[tuple[int, str]]:
    """At which rank the other DeepSeek articles of the file come, for the seed."""
    seed = trial.graph.number[SEED]
    score, _ = rank(trial.graph, np.array([seed]))
    order = np.argsort(-score, kind="stable")
    place = {int(number): rank_ for rank_, number in enumerate(order, 1)}
    named = [
        work
        for work in trial.graph.works
        if work.startswith("https://cn.") and "deepseek" in trial.public.texts[work].lower() and work != SEED
    ]
    return sorted((place[trial.graph.number[work]], work) for work in named)


def labelled(trial: Trial, labels: list[Label]) -> dict[str, float]:
    """How well the seed's list agrees with its readers: over the works that they put in or out, no others.

    Average precision, nDCG@10, and what either would be on average if the list were shuffled.
    """
    current = {label.page: label for label in sorted(labels, key=lambda label: (label.when, label.id))}
    judged = {
        trial.graph.number[page]: float(label.decision is Decision.IN)
        for page, label in current.items()
        if label.decision is not Decision.UNDECIDED and page in trial.graph.number and page != SEED
    }
    if not 0 < sum(judged.values()) < len(judged):
        raise SystemExit("labels tell something where some works of the graph are in and some are out")
    score, _ = rank(trial.graph, np.array([trial.graph.number[SEED]]))
    gains = np.array([judged[work] for work in sorted(judged, key=lambda work: (-score[work], work))])
    chance = np.random.default_rng(0)
    shuffled = [_agreement(chance.permutation(gains)) for _ in range(SAMPLES)]
    precision, ndcg = _agreement(gains)
    return {
        "n": len(gains),
        "in": float(gains.sum()),
        "average_precision": precision,
        "ndcg_10": ndcg,
        "shuffled_average_precision": float(np.mean([one for one, _ in shuffled])),
        "shuffled_ndcg_10": float(np.mean([two for _, two in shuffled])),
    }


def _agreement(gains: Floats) -> tuple[float, float]:
    """Average precision and nDCG@10 of relevant works, in the order of a list."""
    places = np.arange(1, len(gains) + 1)
    precision = float((np.cumsum(gains) / places)[gains > 0].mean())
    discount = 1 / np.log2(places[:10] + 1)
    best = np.sort(gains)[::-1]
    return precision, float((gains[:10] * discount).sum() / (best[:10] * discount).sum())


def _read_labels(file: Path) -> list[Label]:
    """Those of the seed, from a file that `scrapy label --write` wrote."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        now = dt.datetime.now(dt.UTC)
        labels = read_csv(text, seed="deepseek", who="benchmark", when=now)
    except (OSError, UnicodeDecodeError, LabelError) as error:
        raise SystemExit(f"{file}: {error}") from None
    return [label for label in labels if label.seed == "deepseek"]


def _graphs(folder: Path) -> Iterator[LinkGraph]:
    """The graphs that are here."""
    if (folder / "foldoc.index").exists():
        yield foldoc(folder)
    else:
        print(f"no FOLDOC in {folder}: see --help")
    if REAL.exists():
        yield real()
    else:
        print(f"no real graph in {REAL}")


def main() -> None:
    """Measures both graphs and prints what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--foldoc", type=Path, default=FOLDOC, help="folder of foldoc.dict.dz and foldoc.index"
    )
    parser.add_argument("--queries", type=int, default=4000, help="questions at most (4000)")
    parser.add_argument("--fit", action="store_true", help="fit the weights on the training part first")
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--labels", type=Path, metavar="FILE.csv", help="readers' labels, as a further truth")
    options = parser.parse_args()
    labels = _read_labels(options.labels) if options.labels else []
    trials = [Trial(graph, options.queries) for graph in _graphs(options.foldoc)]
    parts = [(trial, *trial.halves()) for trial in trials]
    if options.fit:
        fit([(trial, training[:FITTED]) for trial, training, _ in parts])
    figures = {}
    for trial, _, held_out in parts:
        figures[trial.public.name] = report(trial.public.name, measure(trial, held_out, variations()))
    for trial in trials:
        if SEED in trial.graph.number:
            print("\nFrom the DeepSeek seed, rank of the other DeepSeek articles of the file:")
            print("\n".join(f"{place:4} {work}" for place, work in deepseek(trial)))
        if SEED in trial.graph.number and labels:
            figures["labels"] = labelled(trial, labels)
            print("\nAgreement with readers' labels:", json.dumps(figures["labels"]))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
