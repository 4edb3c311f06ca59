"""What working in a fleet costs, and what a second worker brings: a crawl of many hosts, in three ways.

    python benchmarks/fleet.py [--pages 2000] [--hosts 60] [--delay 0.1] [--json FILE]

The same site (benchmarks/crawl_site.py, 21 KB a page, dealt out to the hosts) is crawled by one crawler as it
is, by a fleet of one worker, and by a fleet of two that share a redis-server. The pages are of sites without
a parser of their own, as those of many hosts are. Each host is asked every `delay` seconds.

cpu       milliseconds of processor time a page, of all workers together, start-up included
/alone    that over the crawler's that works alone
pages/s   by the clock; the site, mongod and redis-server run on the same machine

Needs redis-server: apt-get install redis-server
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from crawl import crawling, serving  # noqa: E402 - beside this file
from pymongo import MongoClient  # noqa: E402
from redising import RedisServer  # noqa: E402

from crawler.embedded import serve  # noqa: E402

WAYS = {"alone": 1, "one worker": 1, "two workers": 2}
KILOBYTES = 21


def main():
    """Measures and prints a row each."""
    options = read_options()
    rows = []
    print("way            pages     cpu  /alone  pages/s")
    with (
        tempfile.TemporaryDirectory(prefix="fleet-") as directory,
        serve(Path(directory) / "mongo") as uri,
        serving(options.pages, KILOBYTES, options.hosts) as proxy,
    ):
        redis = RedisServer(Path(directory))
        redis.start()
        for way, workers in WAYS.items():
            settings = {"DOWNLOAD_DELAY": options.delay, "LOG_LEVEL": "ERROR"}
            if way != "alone":
                settings["REDIS_URL"] = redis.url
            program = ["-m", "scrapy"]
            command = crawling(program, Path(directory), options.pages, options.hosts, **settings)
            rows.append({"way": way, **measure(command, workers, proxy, uri, options.pages)})
            rows[-1]["to_alone"] = rows[-1]["cpu_ms"] / rows[0]["cpu_ms"]
            show(rows[-1])
        redis.kill()
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")


def read_options():
    """What to measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--hosts", type=int, default=60)
    parser.add_argument("--delay", type=float, default=0.1)
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


def measure(command, workers, proxy, uri, pages):
    """One crawl into a database of its own, by so many workers at once."""
    database = f"fleet_{uuid.uuid4().hex[:8]}"
    environment = {
        **os.environ,
        "https_proxy": proxy,
        "no_proxy": "",
        "MONGO_URI": uri,
        "MONGO_DATABASE": database,
        "CRAWLER_CONTACT": "benchmark@example.org",
    }
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as log:
        told = {"stdout": log, "stderr": log}
        running = [subprocess.Popen(command, cwd=ROOT, env=environment, **told) for _ in range(workers)]
        ended = [os.wait4(process.pid, 0) for process in running]
        seconds = time.perf_counter() - started
        log.seek(0)
        output = log.read()
    with MongoClient(uri) as client:
        crawled = client[database].pages.count_documents({"status": "fetched"})
    statuses = [status for _, status, _ in ended]
    if any(statuses) or crawled != pages:
        raise SystemExit(f"{crawled} of {pages} pages, statuses {statuses}: no figure\n{output[-2000:]}")
    used = sum(usage.ru_utime + usage.ru_stime for _, _, usage in ended)
    return {"pages": pages, "cpu_ms": used * 1000 / pages, "pages_per_second": pages / seconds}


def show(row):
    """One line of the table."""
    print(
        f"{row['way']:12} {row['pages']:7} {row['cpu_ms']:7.2f} {row['to_alone']:7.2f}"
        f" {row['pages_per_second']:8.1f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
