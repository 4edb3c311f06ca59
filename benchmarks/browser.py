"""What a page costs in a real browser, and what 200 of them leave behind.

    python benchmarks/browser.py [--pages 200] [--json FILE]

A crawl of empty shells over loopback, each filled by a script that fetches its text, with the browser that
BROWSER_ENABLED=1 finds; then the same pages, plain. For each:

pages/s   by the clock, start-up included; the pause between requests is 10 ms
start     megabytes of all processes of the crawl, what they share counted once, with a tenth of the work done
end       the same when nine tenths are done: a leak would show here
left      processes of the crawl that are still there a few seconds after its end
rendered  pages that came by way of the browser, with their whole text
"""

import argparse
import json
import sys
import tempfile
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from crawling import SEED, Crawls, article, citing, seed_file  # noqa: E402 - in the tests' folder
from loopback import Web  # noqa: E402

from crawler.embedded import serve  # noqa: E402

HOST = "https://cn.nytimes.com"
TEXT = article("长文", *["这是脚本写出来的虚构文字。" * 20] * 20)
SHELL = """<html lang="zh-Hans"><head><meta charset="utf-8"><title>壳</title>
<meta property="og:title" content="壳"></head><body><div id="app"></div><script>
fetch('/data').then(answer => answer.text()).then(text => {
    document.body.innerHTML = new DOMParser().parseFromString(text, 'text/html').body.innerHTML })
</script>"""


def main():
    """Measures and prints a row each."""
    options = read_options()
    rows = []
    print("          pages  pages/s  start    end  left  rendered")
    for name, body in (("browser", SHELL), ("plain", TEXT)):
        row = {"road": name, **measure(options.pages, body)}
        rows.append(row)
        print(
            f"{name:8} {row['pages']:>6} {row['rate']:>8.1f} {row['start']:>6.0f} {row['end']:>6.0f}"
            f" {row['left']:>5} {row['rendered']:>9}"
        )
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")


def read_options():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


def measure(pages, body):
    """One crawl; returns the row."""
    mark = uuid.uuid4().hex
    urls = [f"{HOST}/world/20260101/p{number}/" for number in range(pages)]
    site = {SEED: article("开始", *citing(*urls)), f"{HOST}/data": TEXT} | dict.fromkeys(urls, body)
    with tempfile.TemporaryDirectory() as name, serve(Path(name) / "mongo") as uri:
        directory = Path(name)
        with Web(site, directory) as web:
            crawls = Crawls(uri, "bench", directory, web.proxy)
            crawls.environment["MARK"] = mark
            settings = {"BROWSER_ENABLED": 1, "BROWSER_PAGES": pages}
            seed = seed_file(directory, max_pages=pages + 1)
            started = time.monotonic()
            process = crawls.start("articles", seed, **settings)
            start = memory_when(crawls, pages // 10, process, mark)
            end = memory_when(crawls, pages * 9 // 10, process, mark)
            output = process.communicate(timeout=3600)[0]
            took = time.monotonic() - started
            if process.returncode:
                raise SystemExit(output)
        held = crawls.pages(fetched_via="browser")
        rendered = sum(len(page["body"] or "") > 4000 for page in held.values())
    time.sleep(5)
    left = len(processes(mark))
    row = {"pages": pages, "rate": pages / took, "start": start, "end": end}
    return row | {"left": left, "rendered": rendered}


def memory_when(crawls, done, process, mark):
    """Megabytes of all processes of the crawl when it has kept so many pages."""
    while len(crawls.pages(status="fetched")) < done and process.poll() is None:
        time.sleep(0.3)
    return sum(map(resident, processes(mark)))


def processes(mark):
    """Ids of the processes that inherited the mark."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            if f"MARK={mark}".encode() in (directory / "environ").read_bytes():
                found.append(int(directory.name))
        except OSError:  # it has ended meanwhile
            continue
    return found


def resident(pid):
    """Megabytes, what it shares with others divided by how many they are (PSS)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


if __name__ == "__main__":
    main()
