"""How well and how fast articles are read: by us, trafilatura, newspaper4k and readability, in one run.

    python benchmarks/extraction.py [FOLDER] [--json FILE] [--no-peers] [--runs N]

FOLDER (default ../shared/corpus beside the repository) holds pages/, facts.jsonl and expected/. Fronts, block
pages and robots.txt are no articles. A page counts for a field where its value is known:

headline  equals the title in facts.jsonl without site suffix and label, og:title, or the longest h1;
          headline*: or meta hdl, which pages had before og:title
day       `published` in the site's zone, else the date in the URL
byline    the set of names, without case and dots
P, R      links in the body to *.nytimes.com against `in_text_link_list`: canonical, a set per page without
          the page itself, summed over pages; P*, R*: less those tests/test_corpus.py shows not to be in-text
body      F1 of 4-word shingles (multisets) with the paragraphs and subheads of expected/*.html that are in no
          figure, header, footer or aside, or with `articleBody` of expected/*truth.json; body*: less the
          paragraphs that tests/test_corpus.py shows to be the frame of the page
ms, cpu   median over pages of the median of N runs, in wall and in process time, from decoded text to these
          fields; pages and systems in turn, after a run that is not timed; /traf: cpu over trafilatura's
max/med   the slowest page over the median of its row, in cpu

Leaving one article out: the pages of layouts with two or more articles, each read again by what the other
articles of its layout teach (benchmarks/left_out.py says how).
"""

import argparse
import gc
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import mean, median
from time import perf_counter, process_time
from typing import Any

from w3lib.encoding import html_to_unicode

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import left_out  # noqa: E402
from extraction_systems import PEERS, Systems, ours, reading_of  # noqa: E402
from extraction_truth import score, seen_in_corpus, truth_of  # noqa: E402

from crawler import urls  # noqa: E402
from crawler.items import Page  # noqa: E402
from crawler.parsers import parse_page  # noqa: E402
from crawler.parsers.document import Document  # noqa: E402

NO_ARTICLE = re.compile(r"home|section|collection|blocked|robots")


def measure(pages: list[dict[str, Any]], systems: Systems, runs: int) -> None:
    """Adds score and times of each system to every page; the pages take turns, as in a crawl."""
    for page in pages:
        for name, system in systems.items():
            page[name] = score(system(page["url"], page["html"]), page["truth"], page["url"])
    gc.collect()
    gc.freeze()
    times = [[_times(page, systems) for page in pages] for _ in range(runs)]
    for page, rounds in zip(pages, zip(*times, strict=True), strict=True):
        for name in systems:
            wall, cpu = zip(*(each[name] for each in rounds), strict=True)
            page[name] |= {"ms": median(wall), "cpu": median(cpu)}


def _times(page: dict[str, Any], systems: Systems) -> dict[str, tuple[float, float]]:
    """Milliseconds of wall and process time that each system takes for a page."""
    times = {}
    for name, system in systems.items():
        _forget()
        gc.collect()  # no system's time for another's garbage
        wall, cpu = perf_counter(), process_time()
        system(page["url"], page["html"])
        times[name] = (1000 * (perf_counter() - wall), 1000 * (process_time() - cpu))
    return times


def _forget() -> None:
    """Empties our caches of addresses: in a crawl a page is met for the first time."""
    for function in vars(urls).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()


def figures(scores: list[dict[str, Any]]) -> dict[str, Any]:
    """One system's row: shares, milliseconds; None where nothing is known."""
    cpu, ms = [each["cpu"] for each in scores], median(each["ms"] for each in scores)
    return {**accuracy(scores), "ms": ms, "cpu": median(cpu), "max/med": max(cpu) / median(cpu)}


def accuracy(scores: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares; None where nothing is known."""
    counts = sum((each["counts"] for each in scores), Counter())
    parts = {"headline": ("headline right", "headline"), "headline*": ("headline* right", "headline")}
    parts |= {name: (f"{name} right", name) for name in ("day", "byline")}
    parts |= {"P": ("P", "found"), "R": ("P", "listed"), "P*": ("P*", "found"), "R*": ("P*", "in text")}
    row = {name: counts[part] / counts[of] if counts[of] else None for name, (part, of) in parts.items()}
    for name in ("body", "body*"):
        found = [each["bodies"][name] for each in scores if name in each["bodies"]]
        row[name] = mean(found) if found else None
    return {"n": len(scores), **row}


def leave_out(pages: list[dict[str, Any]]) -> dict[str, dict[str, dict[str, Any]]]:
    """Accuracy of the pages of layouts with two or more articles: as they are read, and left out."""
    read = {page["file"]: _read(page) for page in pages}
    articles = left_out.articles_of(page for page, _ in read.values())
    groups: dict[str, list[dict[str, Any]]] = {"all": []}
    for page in pages:
        item, document = read[page["file"]]
        if len(articles[item.extractor.layout]) > 1:
            left = reading_of(left_out.read_without(item, document, read))
            page["left out"] = score(left, page["truth"], page["url"])
            groups["all"].append(page)
            groups.setdefault(item.extractor.layout, []).append(page)
    systems = {"as read": "ours", "left out": "left out"}
    return {
        label: {name: accuracy([page[key] for page in group]) for name, key in systems.items()}
        for label, group in groups.items()
    }


def _read(page: dict[str, Any]) -> tuple[Page, Document]:
    return parse_page(page["url"], page["html"]), Document.read(page["url"], page["html"])


def summarize(pages: list[dict[str, Any]], names: Iterable[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """Rows of all pages, then of each layout."""
    groups = {"all": pages}
    for page in pages:
        groups.setdefault(page["layout"], []).append(page)
    rows = {}
    for label, group in groups.items():
        rows[label] = {name: figures([page[name] for page in group]) for name in names}
        base = rows[label].get("trafilatura", {}).get("cpu")
        rows[label] = {
            n: row | {"/traf": row["cpu"] / base if base else None} for n, row in rows[label].items()
        }
    return rows


def show(rows: dict[str, dict[str, Any]]) -> None:
    """Print a table for all pages and each layout."""
    for label, group in rows.items():
        print(f"{label}\n{'':16}" + "".join(f"{name:>10}" for name in next(iter(group.values()))))
        for name, row in group.items():
            print(f"{name:16}" + "".join(f"{_cell(value):>10}" for value in row.values()))
        print()


def show_misses(pages: list[dict[str, Any]]) -> None:
    """Print what we miss on each page."""
    print("What we miss: field or number of links, by page (addresses are in the JSON file)")
    for page in sorted(pages, key=lambda page: page["layout"]):
        misses = page["ours"]["misses"]
        told = (f"{name}: {len(each) if 'links' in name else each}" for name, each in misses.items())
        if misses:
            print(f"  {page['layout'][:32]:32}  {page['file'][4:34]:30}  {', '.join(told)}")


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def articles_of(folder: Path) -> list[dict[str, Any]]:
    """The articles of a corpus: file, layout, url, html and truth of each."""
    seen, pages = seen_in_corpus(), []
    for fact in map(json.loads, (folder / "facts.jsonl").read_text(encoding="utf-8").splitlines()):
        if not NO_ARTICLE.search(fact["kind"]):
            fact["url"] = fact["url"] or f"https://{fact['host']}/article/unknown.html"
            html = html_to_unicode(None, (folder / "pages" / fact["file"]).read_bytes())[1]
            truth = truth_of(fact, html, folder, seen)
            told = {"file": fact["file"], "layout": fact["era_or_layout"], "url": fact["url"]}
            pages.append({**told, "html": html, "truth": truth})
    return pages


def main() -> None:
    """Read the arguments, measure, print, write."""
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT.parent / "shared" / "corpus")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write figures and every page's scores")
    parser.add_argument("--no-peers", action="store_true", help="measure our parsers only")
    parser.add_argument("--runs", type=int, default=5, help="timed runs a page (5)")
    given = parser.parse_args()
    facts = given.folder / "facts.jsonl"
    if not facts.is_file():
        parser.error(f"{facts} is not there: name a folder with pages/, facts.jsonl and expected/")
    peers = {} if given.no_peers else PEERS
    try:
        versions = {name: version(name) for name in peers}
    except PackageNotFoundError as error:
        parser.error(
            f"{error.name} is missing: pip install --no-deps -r requirements-bench.txt, or --no-peers"
        )
    pages = articles_of(given.folder)
    measure(pages, {"ours": ours, **peers}, given.runs)
    rows = summarize(pages, ("ours", *peers))
    show(rows)
    show_misses(pages)
    print("\nLeaving one article out\n")
    left = leave_out(pages)
    show(left)
    if given.json:
        systems = ("file", "layout", "ours", "left out", *peers)
        told = [{name: page[name] for name in systems if name in page} for page in pages]
        content = {"versions": versions, "figures": rows, "left out": left, "pages": told}
        given.json.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
