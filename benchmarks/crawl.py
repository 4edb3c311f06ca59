"""What a page costs: this crawler in full, beside a bare Scrapy spider, one with trafilatura, and Crawlee.

    python benchmarks/crawl.py [--pages 1000 …] [--kilobytes 21 300] [--systems ours bare …] [--json FILE]

Each crawls the same site (benchmarks/crawl_site.py) in turn, in a process of its own, from article 0 to the
last; the site and mongod run beside it and do not count. Ours reads, normalizes, validates and stores every
page with its links, obeys robots.txt, asks one at a time and waits a millisecond in between, so that its
pages/s say little; the others are in benchmarks/crawl_peers.py. `unread` and `parsed` are ours with ready
pages in place of reading (benchmarks/crawl_unread.py): how near to the bare spider it could come. For each
size and number of pages:

cpu       milliseconds of processor time a page, user and system, start-up included
/bare     that over the bare spider's
pages/s   by the clock
memory    megabytes, the process's largest resident set
written   kilobytes a page that the files of mongod grew by, or Crawlee's own

All run from bytecode that is there already, as a second crawl does. Needs crawlee[parsel] for `crawlee`: it
is left out where it is not installed.
"""

import argparse
import compileall
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from importlib.util import find_spec
from pathlib import Path

from pymongo import MongoClient

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

import crawl_site  # noqa: E402 - beside this file

from crawler.embedded import serve  # noqa: E402

SYSTEMS = ("bare", "ours", "trafilatura", "crawlee")
LIMITS = ("unread", "parsed")
HEAD = "system         KB   pages     cpu  /bare  pages/s  memory  written"


def main():
    """Measures and prints a row each."""
    options = read_options()
    rows = []
    for package in ("crawler", "spiders", "pipelines", "benchmarks"):
        compileall.compile_dir(ROOT / package, quiet=1)
    print(HEAD)
    with tempfile.TemporaryDirectory() as directory, serve(Path(directory) / "mongo") as uri:
        os.environ["CRAWLEE_STORAGE_DIR"] = str(Path(directory) / "crawlee")
        for kilobytes in options.kilobytes:
            for pages in options.pages:
                for system in options.systems:
                    row = measure(system, pages, kilobytes, uri, Path(directory))
                    rows.append(row)
                    row["to_bare"] = ratio(row, rows)
                    show(row)
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")


def read_options():
    """What to measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, nargs="+", default=[1000])
    parser.add_argument("--kilobytes", type=int, nargs="+", default=[21, 300])
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS + LIMITS, default=SYSTEMS)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    if "crawlee" in options.systems and not find_spec("crawlee"):
        options.systems = [system for system in options.systems if system != "crawlee"]
        print("crawlee is not installed: left out", file=sys.stderr)
    return options


def measure(system, pages, kilobytes, uri, directory):
    """One crawl of a fresh site by one system."""
    database = f"crawl_{uuid.uuid4().hex[:8]}"
    before = size_of(directory)
    with serving(pages, kilobytes) as proxy:
        started = time.perf_counter()
        output, usage = run(command(system, pages, proxy, directory), proxy, uri, database)
        seconds = time.perf_counter() - started
    crawled = count(system, output, uri, database)
    if crawled not in {pages, pages + 1}:  # the peers ask for the start twice
        raise SystemExit(f"{system} crawled {crawled} of {pages} pages: no figure\n{output}")
    return {
        "system": system,
        "kilobytes": kilobytes,
        "pages": pages,
        "cpu_ms": (usage.ru_utime + usage.ru_stime) * 1000 / pages,
        "pages_per_second": pages / seconds,
        "memory_mb": usage.ru_maxrss / 1024,
        "written_kb": (size_of(directory) - before) / 1024 / pages,
    }


@contextlib.contextmanager
def serving(pages, kilobytes, hosts=1):
    """The site in a process of its own; gives the address of its proxy."""
    command = [sys.executable, ROOT / "benchmarks" / "crawl_site.py", *map(str, (pages, kilobytes, hosts))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as site:
        yield site.stdout.readline().strip()
        site.stdin.close()


def run(command, proxy, uri, database):
    """Runs a crawl to its end; returns what it printed, and the resources it used."""
    environment = {
        **os.environ,
        **dict.fromkeys(("https_proxy", "http_proxy"), proxy),
        "no_proxy": "",
        "BENCHMARK_MONGO_URI": uri,
        "BENCHMARK_DATABASE": database,
        "MONGO_URI": uri,
        "MONGO_DATABASE": database,
        "CRAWLER_CONTACT": "benchmark@example.org",
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            log.seek(0)
            raise SystemExit(f"no figure, it ended with status {status}:\n{log.read()[-2000:]}")
    with MongoClient(uri) as client:
        client.admin.command("fsync")  # what waits for a checkpoint counts as written
    return output, usage


def command(system, pages, proxy, directory):
    """The command line of a crawl."""
    start = crawl_site.url(0)
    if is_peer(system):
        return [sys.executable, ROOT / "benchmarks" / "crawl_peers.py", system, start, proxy]
    unread = [ROOT / "benchmarks" / "crawl_unread.py", system, str(pages)]
    return crawling(unread if system in LIMITS else ["-m", "scrapy"], directory, pages)


def crawling(program, directory, pages, hosts=1, **settings):
    """The command line of our own crawl of a site."""
    seed = directory / "seed.toml"
    sites = [crawl_site.host(number, hosts) for number in range(hosts)]
    bounds = f"depth = 10\nmax_pages = {pages + 1}\nsites = {json.dumps(sites)}\n"
    seed.write_text(f'name = "benchmark"\nurl = "{crawl_site.url(0, hosts)}"\n{bounds}')
    settings = {
        "DOWNLOAD_DELAY": 0.001,
        "DOWNLOAD_VERIFY_CERTIFICATES": 0,
        "RECORD": "none",
        "PROGRESS_INTERVAL": 0,
        "MONGO_DIR": directory,
        "LOG_LEVEL": "WARNING",
        **settings,
    }
    crawl = [sys.executable, *program, "crawl", "articles", "-a", f"seed={seed}"]
    return crawl + [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]


def is_peer(system):
    """Whether it is not this crawler."""
    return system != "ours" and system not in LIMITS


def count(system, output, uri, database):
    """How many pages a system says, or in our case holds."""
    if is_peer(system):
        return int(output.split()[-1]) if output.split() else 0
    with MongoClient(uri) as client:
        return client[database].pages.count_documents({"status": "fetched"})


def size_of(directory):
    """Bytes of all its files."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def ratio(row, rows):
    """CPU over the bare spider's in the same run, where that was measured."""
    same = (row["kilobytes"], row["pages"])
    bare = [r["cpu_ms"] for r in rows if r["system"] == "bare" and (r["kilobytes"], r["pages"]) == same]
    return row["cpu_ms"] / bare[0] if bare else None


def show(row):
    """One line of the table."""
    to_bare = f"{row['to_bare']:6.2f}" if row["to_bare"] else f"{'–':>6}"
    print(
        f"{row['system']:12} {row['kilobytes']:4} {row['pages']:7} {row['cpu_ms']:7.2f} {to_bare}"
        f" {row['pages_per_second']:8.1f} {row['memory_mb']:7.0f} {row['written_kb']:8.1f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
