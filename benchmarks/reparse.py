"""What reading an archive again costs: CPU per page of `scrapy reparse`, beside bare lxml and parser.

Pages are generated in the rebuilt structure of today's www.nytimes.com and cn.nytimes.com, with six in-text
links each, around invented words; the larger ones carry scripts as real pages do. All figures come from one
run and are CPU time (user and system, of all processes but mongod): a busy machine changes little.

    python benchmarks/reparse.py [--pages N] [--json FILE]
"""

import argparse
import asyncio
import datetime as dt
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from lxml import html as lxml_html

PROJECT = Path(__file__).parent.parent
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from crawling import article, story  # noqa: E402 - found beside this folder

from crawler.embedded import serve  # noqa: E402
from crawler.intake.archived import read_range  # noqa: E402
from crawler.items import Attempt, Outcome, Page, Provenance, Status, Via, from_document  # noqa: E402
from crawler.parsers import decode, parse_page  # noqa: E402
from crawler.store import MongoStore  # noqa: E402
from crawler.warc import ArchiveWriter, http_message  # noqa: E402
from crawler.warc.ranges import cut, read  # noqa: E402

SIZES = {"21 KB": (21_000, 4), "300 KB": (300_000, 1)}
"""Bytes, and how many times as many pages: to start the command costs as much as some hundred small ones."""
LINKS = 6
DATABASE = "bench_reparse"
WORDS = ("the", "report", "says", "that", "a", "factory", "near", "rivers", "opens", "again", "in", "spring")
HAN = "工厂春天重新开放报告说没有人问过这件事河边记者看到灯光写下名字城市安静"


def address(number: int) -> str:
    """Every other page is Chinese."""
    day = dt.date(2020, 1, 1) + dt.timedelta(days=number // 50)
    if number % 2:
        return f"https://cn.nytimes.com/business/{day:%Y%m%d}/invented-{number}/"
    return f"https://www.nytimes.com/{day:%Y/%m/%d}/business/invented-{number}.html"


def page(number: int, size: int, count: int) -> bytes:
    """One page of about `size` bytes."""
    chance = random.Random(number)
    make = article if number % 2 else story
    paragraphs = []
    for link in range(LINKS * 3):
        words = _prose(chance, chinese=bool(number % 2))
        cited = address(chance.randrange(count))
        paragraphs.append(f'{words} <a href="{cited}">{words[:12]}</a> {words}' if link % 3 == 0 else words)
    markup = make(f"Invented {number}", *paragraphs)
    scripts = max(size - len(markup.encode()), 0) // 4
    data = json.dumps(
        {"id": number, "blocks": [_prose(chance, chinese=False) for _ in range(scripts // 150)]}
    )
    styles = f"<style>{'.css-x{margin:0 auto;color:#333}' * (scripts // 60)}</style>"
    chrome = "".join(f'<li class="css-m"><a href="/section/{n}">{n}</a></li>' for n in range(scripts // 55))
    icons = "".join('<svg viewBox="0 0 9 9"><path d="M0 0L9 9Z"></path></svg>' for _ in range(scripts // 115))
    head = f"{styles}<script>window.__preloadedData={data};</script></head>"
    foot = f"<footer><nav><ul>{chrome}</ul></nav>{icons}</footer></body>"
    return markup.replace("</head>", head, 1).replace("</body>", foot, 1).encode()


def _prose(chance: random.Random, *, chinese: bool) -> str:
    if chinese:
        return "".join(chance.choices(HAN, k=70)) + "。"
    return " ".join(chance.choices(WORDS, k=30)).capitalize() + "."


def record(path: Path, size: int, count: int) -> None:
    """An archive of generated pages."""
    writer = ArchiveWriter(path)
    for number in range(count):
        headers = [("Content-Type", "text/html; charset=utf-8"), ("ETag", f'"{number}"')]
        writer.write(
            address(number), None, http_message("HTTP/1.1 200 OK", headers, page(number, size, count))
        )
    writer.close()


async def hold(uri: str, archive: Path) -> None:
    """A database that holds the pages of the archive, as a crawl would have left it."""
    store = MongoStore(uri, DATABASE)
    await store.open()
    for part in cut(archive):
        pages = [_fetched(from_document(reading.document)) for reading in read_range(part).readings]
        for start in range(0, len(pages), 200):
            rejected = await store.write(pages[start : start + 200], "bench")
            assert not rejected, rejected[0]
    await store.refresh()
    await store.close()


def _fetched(page: Page) -> Page:
    assert page.fetched_at
    attempt = Attempt(at=page.fetched_at, status=Outcome.OK, http_status=200, run_id="bench")
    kept = {"status": Status.FETCHED, "provenance": Provenance.LIVE, "fetched_via": Via.HTTP}
    return replace(page, last_attempt=attempt, next_fetch_at=page.fetched_at, **kept)


async def spoil(uri: str) -> None:
    """Every page as an older parser might have read it: each is to be written again, with its links."""
    store = MongoStore(uri, DATABASE)
    await store.open()
    await store._db.pages.update_many(
        {"fetched_at": {"$ne": None}},
        {"$set": {"headline": "old", "content_hash": "0", "extractor.version": 0, "links": []}},
    )
    await store.close()


def cpu(who: int = resource.RUSAGE_SELF) -> float:
    """User and system time in seconds."""
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def timed(work: Callable[[], Any], who: int = resource.RUSAGE_SELF) -> tuple[float, float]:
    """CPU seconds and seconds on the clock."""
    started, used = time.monotonic(), cpu(who)
    work()
    return cpu(who) - used, time.monotonic() - started


def bodies(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Address and body of each response."""
    for part in cut(archive):
        for received in read(part):
            yield received.url, received.response.body


def reparse(uri: str, archive: Path) -> None:
    """The command, as anybody runs it."""
    line = [sys.executable, "-m", "scrapy", "reparse", str(archive)]
    options = ["-s", f"MONGO_URI={uri}", "-s", f"MONGO_DATABASE={DATABASE}", "-s", "PROGRESS_INTERVAL=0"]
    subprocess.run([*line, *options], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)


def measure(uri: str, archive: Path, size: int, count: int) -> dict[str, dict[str, float]]:
    """CPU milliseconds and milliseconds on the clock per page, by what was done."""
    record(archive, size, count)
    pages = list(bodies(archive))
    asyncio.run(hold(uri, archive))
    children = resource.RUSAGE_CHILDREN
    one = archive.with_name("one.warc.gz")
    record(one, size, 1)
    starting = median(timed(lambda: reparse(uri, one), children)[0] for _ in range(3))
    rows = {
        "bare lxml": timed(lambda: [lxml_html.document_fromstring(body) for _, body in pages]),
        "bare parser": timed(lambda: [parse_page(url, decode(body)) for url, body in pages]),
        "reparse, nothing changes": timed(lambda: reparse(uri, archive), children),
    }
    asyncio.run(spoil(uri))
    rows["reparse, every page changes"] = timed(lambda: reparse(uri, archive), children)
    for name in rows:
        used, clock = rows[name]
        rows[name] = (used - starting * name.startswith("reparse"), clock)
    return {
        name: {"cpu_ms": used / count * 1000, "clock_ms": clock / count * 1000}
        for name, (used, clock) in rows.items()
    }


def show(size: str, rows: dict[str, dict[str, float]]) -> None:
    """One table; the ratios are how much of the bare rate is left."""
    print(f"\n{size:28} {'CPU ms':>8} {'clock ms':>9} {'of lxml':>8} {'of parser':>10}")
    lxml, parser = rows["bare lxml"]["cpu_ms"], rows["bare parser"]["cpu_ms"]
    for name, row in rows.items():
        used = row["cpu_ms"]
        print(f"{name:28} {used:8.2f} {row['clock_ms']:9.2f} {lxml / used:8.2f} {parser / used:10.2f}")


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--pages", type=int, default=500, help="large pages (500), four times as many small ones"
    )
    parser.add_argument("--json", type=Path, help="keep the figures in this file")
    options = parser.parse_args()
    figures = {}
    for name, (size, times) in SIZES.items():
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, serve(Path(folder) / "mongo") as uri:
            figures[name] = measure(uri, Path(folder) / "pages.warc.gz", size, options.pages * times)
        show(name, figures[name])
    print(
        f"\n{options.pages} large and {4 * options.pages} small pages on {len(os.sched_getaffinity(0))} cores"
    )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
