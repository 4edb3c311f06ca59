"""Time and memory of exporting 1,000,000 edges from MongoDB, beside networkx writing a tenth of them.

Generates a graph shaped like the real one (six links an article, one page in a hundred a live blog with
hundreds, a few targets cited by very many) in a private mongod, then runs `scrapy graph` as a user would.

    python benchmarks/export.py [--works 100000] [--edges 1000000] [--json FILE]
"""

import argparse
import datetime as dt
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pymongo

from crawler.embedded import serve
from crawler.graph.exports import WRITERS

ROOT = Path(__file__).parent.parent
DATABASE = "export_benchmark"
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
BATCH = 20_000


def address(number: int) -> str:
    """The canonical URL of a generated article."""
    return f"https://cn.nytimes.com/china/{20150101 + number % 28}/article-{number}/"


def pages(works: int) -> Iterator[dict[str, Any]]:
    """Documents of `pages`, each a work of its own."""
    for number in range(works):
        yield {
            "_id": address(number),
            "work_id": address(number),
            "display_title": f"虚构的标题，第{number}篇：" + "字" * (number % 20),
            "headline": f"虚构的标题，第{number}篇：" + "字" * (number % 20),
            "site": "cn.nytimes.com",
            "page_type": "live" if number % 100 == 0 else "article",
            "status": "fetched",
            "in_language": "zh-Hans",
            "published_on": f"{2015 + number % 10}-0{1 + number % 9}-{10 + number % 18}",
            "provenance": "sample",
            "in_degree": 6,
            "out_degree": 6,
            "depths": {"bench": min(number, 3)},
        }


def links(works: int, edges: int) -> Iterator[dict[str, Any]]:
    """Documents of `links`: six for an article, the rest spread over the live blogs; early pages are hubs."""
    chance = random.Random(1)
    live = (edges - 6 * (works - works // 100)) // max(works // 100, 1)
    for number in range(works):
        for position in range(live if number % 100 == 0 else 6):
            target = int(works * chance.random() ** 3)
            yield {
                "_id": f"{number}-{position}",
                "source": address(number),
                "target": address(target),
                "role": "citation",
                "anchor_text": "锚文本",
                "context": f"这是虚构的样本句子，引用第{target}篇文章，前后的文字都是编造的，没有任何意义。",
                "paragraph": position + 1,
                "position": 0,
                "active": True,
            }


def fill(uri: str, works: int, edges: int) -> None:
    """Put the generated graph into the database."""
    with pymongo.MongoClient(uri) as client:
        client.drop_database(DATABASE)
        database = client[DATABASE]
        database.pages.create_index("work_id")
        database.links.create_index([("source", 1), ("active", 1), ("role", 1), ("target", 1)])
        database.crawl_runs.insert_one({"_id": "run", "seed": "bench"})
        for collection, documents in ((database.pages, pages(works)), (database.links, links(works, edges))):
            batch: list[dict[str, Any]] = []
            for document in documents:
                batch.append(document)
                if len(batch) == BATCH:
                    collection.insert_many(batch, ordered=False)
                    batch = []
            if batch:
                collection.insert_many(batch, ordered=False)


def measure(command: list[str]) -> dict[str, float]:
    """Seconds and peak resident memory in MB of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, command
    return {"seconds": round(time.perf_counter() - start, 1), "megabytes": round(usage.ru_maxrss / 1024)}


def of_ours(uri: str, directory: Path, suffix: str) -> dict[str, float]:
    """`scrapy graph` on the whole database."""
    path = directory / f"graph{suffix}"
    where = ["-s", f"MONGO_URI={uri}", "-s", f"MONGO_DATABASE={DATABASE}"]
    figures = measure([sys.executable, "-m", "scrapy", "graph", "--all", "-o", str(path), *where])
    return figures | {"file_megabytes": round(path.stat().st_size / 2**20)}


def of_networkx(works: int, edges: int, directory: Path) -> None:
    """A graph of the same shape built and written by networkx; run in a process of its own."""
    graph = nx.MultiDiGraph()
    columns = ("headline", "site", "page_type", "status", "in_language", "published_on", "in_degree")
    for page in pages(works):
        graph.add_node(page["_id"], **{name: page[name] for name in columns})
    for link in links(works, edges):
        names = ("role", "context", "paragraph")
        graph.add_edge(link["source"], link["target"], **{name: link[name] for name in names})
    nx.write_gexf(graph, directory / "networkx.gexf")


def main() -> None:
    """Measure, print a table, and keep the figures where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--works", type=int, default=100_000)
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--networkx", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.networkx:
        works, edges, directory = options.networkx
        of_networkx(int(works), int(edges), Path(directory))
        return
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="export-") as name, serve(Path(name) / "mongo") as uri:
        directory = Path(name)
        fill(uri, options.works, options.edges)
        for suffix in WRITERS:
            figures[f"scrapy graph {suffix}"] = of_ours(uri, directory, suffix)
        tenth = [str(options.works // 10), str(options.edges // 10)]
        itself = [sys.executable, __file__, "--networkx", *tenth, name]
        figures["networkx .gexf, a tenth"] = measure(itself)
    for label, row in figures.items():
        print(f"{label:26} {row['seconds']:8.1f} s {row['megabytes']:8.0f} MB")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
