"""How fast related articles are ranked, beside networkx, and from cold through MongoDB.

    .venv/bin/python benchmarks/graph.py [--works N] [--articles N] [--mongo] [--json FILE]

A generated graph of the real one's shape: six links an article, to what appeared shortly before, to what is
well known, and to hubs (topics); one work in a hundred is a live page with 400 links. 100,000 works have
1,000,000 citations. Both sides have built their graph before the clock runs; how long that took is told, too.
`--mongo` writes the same graph to a mongod of its own, starts it anew, and asks as `scrapy related` does; the
system's file cache stays warm. Text is invented: it costs time, and is in no figure of quality.
"""

import argparse
import asyncio
import datetime as dt
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import networkx
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from crawler.embedded import serve
from crawler.graph import related, signals
from crawler.graph.incidence import Floats, Ints
from crawler.graph.workgraph import WorkGraph, from_arrays
from crawler.store import MongoStore

LINKS, LIVE_LINKS = 6, 400
LIVE_SHARE = 100
HUBS = 500
WORDS = 20_000
BATCH = 5_000
BODY = "虚构的正文。" * 300
LINK_SIGNALS = (
    signals.citation,
    signals.cited_by,
    signals.co_citation,
    signals.bibliographic_coupling,
    signals.adamic_adar,
    signals.personalized_pagerank,
)


def generate(works: int, seed: int = 1) -> tuple[Ints, Floats]:
    """Rows of source, target and paragraph; and which works are hubs: the first HUBS, and the live pages."""
    chance = np.random.default_rng(seed)
    live = np.arange(HUBS, works, LIVE_SHARE)
    count = np.full(works, LINKS)
    count[:HUBS], count[live] = 0, LIVE_LINKS
    source = np.repeat(np.arange(works), count)
    kind = chance.random(len(source))
    near = source - chance.geometric(0.01, len(source))
    known = (works * chance.random(len(source)) ** 4).astype(np.int64)
    hub = chance.integers(0, HUBS, len(source))
    target = np.where(kind < 0.6, near, np.where(kind < 0.9, known, hub)) % works
    is_hub = np.zeros(works, dtype=bool)
    is_hub[:HUBS] = is_hub[live] = True
    return np.column_stack([source, target, chance.integers(1, 30, len(source))]), is_hub


class Networkx:
    """The same signals as one would write them with networkx."""

    def __init__(self, rows: Ints, is_hub: Floats) -> None:
        self.directed = networkx.DiGraph()
        self.directed.add_nodes_from(range(len(is_hub)))
        for source, target, paragraph in rows.tolist():
            if source != target:
                paragraphs = self.directed.get_edge_data(source, target, {}).get("paragraphs", [])
                self.directed.add_edge(source, target, paragraphs=[*paragraphs, paragraph])
        self.both = self.directed.to_undirected()
        self.hubs = set(np.flatnonzero(is_hub).tolist())
        self.without_hubs = self.both.subgraph(set(self.both) - self.hubs).copy()

    def specific(self, node: int) -> float:
        """How much it tells to be linked with this work."""
        return 0.0 if node in self.hubs else 1.0 / np.log2(2.0 + self.both.degree(node))

    def related(self, seed: int) -> list[dict[int, float]]:
        """All link signals of one article."""
        return [
            {t: _early(data) for _, t, data in self.directed.out_edges(seed, data=True)},
            {s: _early(data) for s, _, data in self.directed.in_edges(seed, data=True)},
            self.co_citation(seed),
            self.sharing(self.directed.successors, self.directed.predecessors, seed),
            self.sharing(self.both.neighbors, self.both.neighbors, seed),
            self.pagerank(seed),
        ]

    def co_citation(self, seed: int) -> dict[int, float]:
        """By nearness in the text of the third work."""
        found: dict[int, float] = {}
        for source in self.directed.predecessors(seed):
            own = self.directed.edges[source, seed]["paragraphs"]
            weight = self.specific(source)
            for _, target, data in self.directed.out_edges(source, data=True):
                near = sum(weight / (1 + abs(p - q)) for p in data["paragraphs"] for q in own)
                found[target] = found.get(target, 0.0) + near
        return found

    def sharing(self, out: Callable[..., Any], back: Callable[..., Any], seed: int) -> dict[int, float]:
        """Works with the same neighbours: coupling, or Adamic-Adar."""
        found: dict[int, float] = {}
        for shared in out(seed):
            weight = self.specific(shared)
            for other in back(shared):
                found[other] = found.get(other, 0.0) + weight
        return found

    def pagerank(self, seed: int) -> dict[int, float]:
        """Hubs are taken out: no way leads through them."""
        alpha = 1.0 - signals.RESTART
        return networkx.pagerank(self.without_hubs, alpha, personalization={seed: 1.0}, dangling={seed: 1.0})


def _early(data: dict[str, list[int]]) -> float:
    return sum(1.0 / np.log2(1.0 + paragraph) for paragraph in data["paragraphs"])


def ours(graph: WorkGraph, seed: int) -> list[Floats]:
    """All link signals of one article."""
    return [signal(graph, np.array([seed])) for signal in LINK_SIGNALS]


def timed(do: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    start = time.perf_counter()
    made = do()
    return time.perf_counter() - start, made


def in_memory(rows: Ints, is_hub: Floats, articles: int) -> dict[str, float]:
    """Both sides in turns, article by article, so that other load on the machine strikes both."""
    built, graph = timed(lambda: from_arrays(rows, len(is_hub), is_hub))
    first, _ = timed(lambda: ours(graph, len(is_hub) - 1))  # builds the matrices
    theirs_built, theirs = timed(lambda: Networkx(rows, is_hub))
    chance = np.random.default_rng(2)
    seeds = [int(n) for n in chance.integers(HUBS, len(is_hub), 4 * articles) if not is_hub[n]][:articles]
    times: dict[str, list[float]] = {"ours": [], "networkx": [], "ours PageRank": [], "networkx PageRank": []}
    for seed in seeds:
        times["ours"].append(timed(lambda seed=seed: ours(graph, seed))[0])
        times["networkx"].append(timed(lambda seed=seed: theirs.related(seed))[0])
        pagerank, own = timed(lambda seed=seed: signals.personalized_pagerank(graph, np.array([seed])))
        their_time, other = timed(lambda seed=seed: theirs.pagerank(seed))
        times["ours PageRank"].append(pagerank)
        times["networkx PageRank"].append(their_time)
        assert _agree(own, other, seed), "the two sides rank differently"
    figures = {name: median(values) for name, values in times.items()}
    return figures | {"build": built + first, "networkx build": theirs_built}


def _agree(own: Floats, other: dict[int, float], seed: int) -> bool:
    """Whether both name the same ten works first; degrees differ where hubs are taken out."""
    best = [int(node) for node in np.argsort(-own)[:11] if node != seed][:10]
    theirs = sorted(other, key=lambda node: -other[node])[:40]
    return len(set(best) & set(theirs)) >= 5


def documents(rows: Ints, is_hub: Floats) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The graph as MongoDB holds it, in batches: (collection, documents)."""
    degree_in = np.bincount(rows[:, 1], minlength=len(is_hub))
    degree_out = np.bincount(rows[:, 0], minlength=len(is_hub))
    chance = np.random.default_rng(3)
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for start in range(0, len(is_hub), BATCH):
        numbers = range(start, min(start + BATCH, len(is_hub)))
        yield "pages", [_page(n, int(degree_in[n]), int(degree_out[n]), now) for n in numbers]
        said = (WORDS * chance.random((len(numbers), 30)) ** 3).astype(int)
        yield (
            "terms",
            [
                {"_id": address(n), "terms": [f"w{word}" for word in set(own)], "version": []}
                for n, own in zip(numbers, said.tolist(), strict=True)
            ],
        )
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH].tolist()
        yield "links", [_link(start + place, *row, now) for place, row in enumerate(some)]


def address(number: int) -> str:
    """A URL of the kind that the number has."""
    if number < HUBS:
        return f"https://cn.nytimes.com/topic/20250101/t{number}/"
    kind = "live/" if (number - HUBS) % LIVE_SHARE == 0 else ""
    return f"https://www.nytimes.com/{kind}2025/01/01/world/work-{number}.html"


def _page(number: int, received: int, made: int, now: dt.datetime) -> dict[str, Any]:
    url = address(number)
    kind = "topic" if number < HUBS else "live" if "/live/" in url else "article"
    return {
        "_id": url,
        "url": url,
        "work_id": url,
        "site": "www.nytimes.com",
        "page_type": kind,
        "status": "fetched",
        "display_title": f"Work {number}",
        "display_title_source": "headline",
        "published_on": "2025-01-01",
        "provenance": "sample",
        "in_language": "en",
        "in_degree": received,
        "out_degree": made,
        "first_seen_at": now,
        "body": BODY,
    }


def _link(number: int, source: int, target: int, paragraph: int, now: dt.datetime) -> dict[str, Any]:
    return {
        "_id": f"{number:032x}",
        "source": address(source),
        "target": address(target),
        "role": "citation",
        "anchor_text": "words",
        "context": "A sentence of about the usual length, in which the link stands somewhere.",
        "paragraph": paragraph,
        "position": 0,
        "active": True,
        "first_seen_at": now,
        "last_seen_at": now,
    }


async def through_mongodb(rows: Ints, is_hub: Floats, articles: int) -> dict[str, float]:
    """Seconds from a question to the described list, of a server that was just started."""
    with tempfile.TemporaryDirectory() as folder:
        with serve(Path(folder)) as uri:
            start = time.perf_counter()
            store = MongoStore(uri, "benchmark")
            await store.open()
            for collection, batch in documents(rows, is_hub):
                await store._db[collection].insert_many(batch, bypass_document_validation=True)
            await store.close()
            seconds = time.perf_counter() - start
        time.sleep(5.0)  # the server ends when nobody uses it
        with serve(Path(folder)) as uri:
            store = MongoStore(uri, "benchmark")
            await store.open_to_read()
            times, read = await _ask(store, is_hub, articles)
            await store.close()
    return {
        "written": seconds,
        "first": times[0],
        "median": median(times),
        "slowest": max(times),
        "links read": median(read),
    }


async def _ask(store: MongoStore, is_hub: Floats, articles: int) -> tuple[list[float], list[int]]:
    """The first question is for an article; the last one for the work that most others cite."""
    chance = np.random.default_rng(4)
    numbers = [int(n) for n in chance.integers(HUBS, len(is_hub), 4 * articles) if not is_hub[n]][:articles]
    times, read = [], []
    for number in [*numbers, HUBS + 1]:
        start = time.perf_counter()
        around = await store.neighbourhood([address(number)])
        found = related.find(around, related.Wanted())
        pieces = await store.pieces(related.named(found, around.seeds))
        related.describe(found, around.seeds, pieces, "en")
        times.append(time.perf_counter() - start)
        read.append(len(around.ties))
    return times, read


def main() -> None:
    """Prints what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--works", type=int, default=100_000)
    parser.add_argument("--articles", type=int, default=15, help="articles asked for (15)")
    parser.add_argument("--mongo", action="store_true", help="through MongoDB, too: writing takes minutes")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    rows, is_hub = generate(options.works)
    print(f"{len(is_hub)} works, {len(rows)} citations, {int(is_hub.sum())} hubs and live pages")
    figures: dict[str, Any] = {"in memory": in_memory(rows, is_hub, options.articles)}
    own = figures["in memory"]
    for name in ("", " PageRank"):
        ratio = own[f"networkx{name}"] / own[f"ours{name}"]
        print(
            f"{name.strip() or 'related, six link signals':26} ours {1000 * own[f'ours{name}']:8.1f} ms   "
            f"networkx {1000 * own[f'networkx{name}']:9.1f} ms   {ratio:6.1f} times as fast"
        )
    print(f"{'building the graph':26} ours {own['build']:8.1f} s    networkx {own['networkx build']:9.1f} s")
    if options.mongo:
        figures["through MongoDB"] = asyncio.run(through_mongodb(rows, is_hub, options.articles))
        print("through MongoDB, a server just started, question to described list:")
        for name, value in figures["through MongoDB"].items():
            print(f"  {name:20} {value:10.3f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
