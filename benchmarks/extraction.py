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
import datetime as dt
import gc
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import mean, median
from time import perf_counter, process_time
from typing import Any, NamedTuple
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from lxml import html as lxml_html
from w3lib.encoding import html_to_unicode

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import left_out  # noqa: E402

from crawler import urls  # noqa: E402
from crawler.items import Page, Role  # noqa: E402
from crawler.parsers import parse_page  # noqa: E402
from crawler.parsers.document import Document  # noqa: E402
from crawler.urls import canonicalize  # noqa: E402

NO_ARTICLE = re.compile(r"home|section|collection|blocked|robots")
NYT = re.compile(r"https?://(?:[\w-]+\.)*nytimes\.com/")
SUFFIX = re.compile(r" - (?:The New York Times|NYTimes\.com|(?:纽约时报|紐約時報)中文[网網].*)$")
LABEL = re.compile(r"^.*\S \| ")
BY, NAMES = re.compile(r"^by\b\s*"), re.compile(r"(?:[,;]|\s+and\b)\s*(?:and\b\s*)?")
URL_DAY = re.compile(r"/(\d{4})/?(\d\d)/?(\d\d)/")
WORD = re.compile(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+")
FRAME = "ancestor::figure or ancestor::header or ancestor::footer or ancestor::aside"
PROSE = f"//*[self::p or self::h2 or self::h3][not({FRAME})]"
QUOTES = str.maketrans("‘’“”", "''\"\"")
NEW_YORK, BEIJING = ZoneInfo("America/New_York"), ZoneInfo("Asia/Shanghai")
NOT_READ = "not read"
BODY_GOAL = 0.98


class Reading(NamedTuple):
    """What a system read of a page."""

    headline: str | None = None
    day: str | None = None
    byline: str = ""
    links: Iterable[str] = ()
    body: str = ""


class Truth(NamedTuple):
    """What is known of a page; empty where nothing is."""

    headline: set[str]
    day: str | None
    byline: set[str]
    listed: set[str]
    in_text: set[str]
    body: str | None
    hdl: set[str]
    body_text: str | None


def ours(url: str, html: str) -> Reading:
    """Our parsers; what the body cites has the role citation."""
    return reading_of(parse_page(url, html))


def reading_of(page: Page) -> Reading:
    """What counts of an item."""
    cited = [link.target for link in page.links if link.role is Role.CITATION]
    byline = "; ".join(author.name for author in page.authors)
    return Reading(page.headline, page.published_on, byline, cited, page.body or "")


def trafilatura(url: str, html: str) -> Reading:
    """As it comes, with links and metadata and without comments."""
    from trafilatura import bare_extraction

    page = bare_extraction(html, url=url, include_links=True, include_comments=False, with_metadata=True)
    if page is None:
        return Reading()
    links = page.body.xpath(".//ref/@target")
    return Reading(page.title, page.date, page.author or "", links, _text(page.body))


def newspaper4k(url: str, html: str) -> Reading:
    """As it comes, in the site's language and without fetching images."""
    from newspaper import Article

    page = Article(url, language="zh" if "//cn." in url else "en", fetch_images=False)
    page.download(input_html=html)
    page.parse()
    day = _day(page.publish_date.isoformat(), NEW_YORK) if page.publish_date else None
    links = [] if page.top_node is None else page.top_node.xpath(".//a/@href")
    return Reading(page.title, day, "; ".join(page.authors), links, page.text)


def readability(url: str, html: str) -> Reading:
    """Its short title, author and summary."""
    from readability import Document

    page = Document(html, url=url)
    title, author = page.short_title(), page.author()
    summary = lxml_html.fromstring(page.summary())
    return Reading(title, NOT_READ, author, summary.xpath("//a/@href"), _text(summary))


Systems = dict[str, Callable[[str, str], Reading]]
PEERS: Systems = {"trafilatura": trafilatura, "newspaper4k": newspaper4k, "readability-lxml": readability}


class Seen(NamedTuple):
    """What was looked at in the corpus, and is no text although its records say so."""

    links: frozenset[str] = frozenset()
    frame: re.Pattern[str] = re.compile("(?!)")


def seen_in_corpus() -> Seen:
    """As tests/test_corpus.py has it."""
    try:
        from test_corpus import FRAME, NOT_IN_TEXT
    except ModuleNotFoundError as error:
        print(f"P*, R* and body* are P, R and body: {error.name} is missing", file=sys.stderr)
        return Seen()
    return Seen(frozenset(NOT_IN_TEXT), FRAME)


def _text(element: Any) -> str:
    return " ".join(element.itertext())


def _plain(text: str) -> str:
    return " ".join(text.translate(QUOTES).split())


def _names(byline: str) -> set[str]:
    return {name for name in NAMES.split(BY.sub("", byline.casefold().replace(".", ""))) if name}


def _day(text: str, zone: ZoneInfo) -> str:
    if text[:8].isdigit():
        return f"{text[:4]}-{text[4:6]}-{text[6:8]}"
    moment = dt.datetime.fromisoformat(text)
    return (moment.astimezone(zone) if moment.tzinfo else moment).date().isoformat()


def _targets(hrefs: Iterable[str], url: str) -> set[str]:
    found = {canonicalize(urljoin(url, href)) for href in hrefs} - {canonicalize(url), None}
    return {target for target in found if NYT.match(target)}


def truth_of(fact: dict[str, Any], html: str, folder: Path, seen: Seen) -> Truth:
    """What facts.jsonl and expected/ tell of a page."""
    url, dated = fact["url"], URL_DAY.search(fact["url"])
    day = _day(fact["published"], BEIJING if "//cn." in url else NEW_YORK) if fact["published"] else None
    listed = _targets(fact["in_text_link_list"], url)
    texts = (_expected(folder / name) for name in fact["expected"])
    body = next(filter(None, texts), [])
    return Truth(
        headline={_plain(text) for text in _headlines(fact["title"], html)},
        day=day or ("-".join(dated.groups()) if dated else None),
        byline=_names(fact["byline_meta"] or ""),
        listed=listed,
        in_text={link for link in listed if link.partition("?")[0] not in seen.links},
        body="\n".join(body) or None,
        hdl={_plain(text) for text in _parse(html).xpath("//meta[@name='hdl']/@content")},
        body_text="\n".join(text for text in body if not seen.frame.search(text)) or None,
    )


def _parse(html: str) -> Any:
    return lxml_html.fromstring(html.encode(), parser=lxml_html.HTMLParser(encoding="utf-8"))


def _headlines(title: str, html: str) -> list[str]:
    bare = SUFFIX.sub("", title)
    root = _parse(html)
    og_titles = root.xpath("//meta[@*='og:title']/@*[name()='content' or name()='value']")
    heads = (" ".join(_text(h1).split()) for h1 in root.iter("h1"))
    longest = max((head for head in heads if not title.endswith(head)), key=len, default=bare)
    return [bare, LABEL.sub("", bare), *og_titles, longest]


def _expected(path: Path) -> list[str]:
    """Paragraphs."""
    texts: Iterable[str] = ()
    if path.suffix == ".html":
        texts = map(_text, lxml_html.fromstring(path.read_text(encoding="utf-8")).xpath(PROSE))
    elif path.name.endswith("truth.json"):
        truth = next(iter(json.loads(path.read_text(encoding="utf-8")).values()))
        texts = truth["articleBody"].split("\n")
    return [" ".join(text.split()) for text in texts]


def shingle_f1(text: str, expected: str, size: int = 4) -> float:
    """F1 of two texts as multisets of word shingles; a Chinese character is a word."""
    words = [WORD.findall(_plain(each)) for each in (text, expected)]
    one, other = (Counter(zip(*(each[n:] for n in range(size)), strict=False)) for each in words)
    return 2 * (one & other).total() / max(one.total() + other.total(), 1)


def score(reading: Reading, truth: Truth, url: str) -> dict[str, Any]:
    """Counts, F1 and misses of one reading."""
    links, names, headline = (
        _targets(reading.links, url),
        _names(reading.byline),
        _plain(reading.headline or ""),
    )
    got = {"headline": headline, "day": reading.day, "byline": sorted(names)}
    right = (headline in truth.headline, reading.day == truth.day, names == truth.byline)
    known = [name for name in got if getattr(truth, name) and got[name] != NOT_READ]
    good = {name for name, verdict in zip(got, right, strict=True) if verdict and name in known}
    counts = Counter([*known, *(f"{name} right" for name in good)])
    counts["headline* right"] = headline in truth.headline | truth.hdl
    counts.update({"P": len(links & truth.listed), "found": len(links), "listed": len(truth.listed)})
    counts.update({"P*": len(links & truth.in_text), "in text": len(truth.in_text)})
    expected = {"body": truth.body, "body*": truth.body_text}
    bodies = {name: shingle_f1(reading.body, text) for name, text in expected.items() if text}
    misses: dict[str, Any] = {name: got[name] for name in known if name not in good}
    misses |= {name: f"{f1:.3f}" for name, f1 in bodies.items() if f1 < BODY_GOAL}
    differences = {"links missing": truth.in_text - links, "links too many": links - truth.in_text}
    misses |= {name: sorted(each) for name, each in differences.items() if each}
    return {"counts": counts, "bodies": bodies, "misses": misses}


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


def main() -> None:
    """Read the arguments, measure, print, write."""
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT.parent / "shared" / "corpus")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write figures and every page's scores")
    parser.add_argument("--no-peers", action="store_true", help="measure our parsers only")
    parser.add_argument("--runs", type=int, default=5, help="timed runs a page (5)")
    given = parser.parse_args()
    path = given.folder / "facts.jsonl"
    if not path.is_file():
        parser.error(f"{path} is not there: name a folder with pages/, facts.jsonl and expected/")
    peers = {} if given.no_peers else PEERS
    try:
        versions = {name: version(name) for name in peers}
    except PackageNotFoundError as error:
        parser.error(
            f"{error.name} is missing: pip install --no-deps -r requirements-bench.txt, or --no-peers"
        )
    seen, pages = seen_in_corpus(), []
    for fact in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        if not NO_ARTICLE.search(fact["kind"]):
            fact["url"] = fact["url"] or f"https://{fact['host']}/article/unknown.html"
            html = html_to_unicode(None, (given.folder / "pages" / fact["file"]).read_bytes())[1]
            truth = truth_of(fact, html, given.folder, seen)
            told = {"file": fact["file"], "layout": fact["era_or_layout"], "url": fact["url"]}
            pages.append({**told, "html": html, "truth": truth})
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
