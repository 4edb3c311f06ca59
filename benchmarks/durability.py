"""Is anything lost when crawler and database are killed, again and again, at random moments?

A site of invented pages stands on loopback. It is crawled once in peace; then `--crawls` times by a crawl
that suffers `--kills` in all: kill -9 of the crawler, of mongod, or of both, each as the site is being
crawled, and some while a process starts. What is killed is started again. At the end each database must
equal the undisturbed one but for times, run ids and retry counts. Then the site is crawled again,
unchanged, and 100,000 pages are made due at once.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from crawling import Crawls, article  # noqa: E402 - found in tests
from loopback import Reply, Web  # noqa: E402
from servers import Mongod  # noqa: E402

from crawler.urls import canonicalize  # noqa: E402

HOST = "https://cn.nytimes.com"
FANOUT = 13
VOLATILE = {
    *("fetched_at", "held_since", "first_seen_at", "last_seen_at", "next_fetch_at", "gone_at"),
    *("first_seen_run", "last_seen_run", "gone_run", "failures", "fetch_interval", "warc"),
}
"""Times, run ids and retry counts: all that may differ from an undisturbed crawl."""
TARGETS = ("crawler", "mongod", "both")
SETTLED = 2.0
"""Seconds after which a page that was seen as fetched must be on disk: whatever was acknowledged is."""


def site(pages):
    """A tree of articles with links back up: each is first met by the one page above it."""
    urls = [f"{HOST}/world/20260101/page-{number}/" for number in range(pages)]
    replies = {f"{HOST}/robots.txt": Reply("User-agent: *\nDisallow: /search/\n")}
    for number, url in enumerate(urls):
        below = urls[number * FANOUT + 1 : (number + 1) * FANOUT + 1]
        above = urls[number // 3 : number // 3 + 2]
        cited = [link for link in [*below, *above] if link != url]
        text = [f'这是虚构的样本，第{n}句引用<a href="{link}">第{n}篇</a>。' for n, link in enumerate(cited)]
        html = article(f"样本{number}", *text, "没有别的内容。" * 20)
        replies[url] = Reply(html, headers={"ETag": f'"{number}"'})
    assert all(canonicalize(url) == url for url in urls)
    return urls, replies


class Trial:
    """One crawl of the site into a database of its own."""

    def __init__(self, web, mongod, directory, name, start, pages):
        self.web, self.mongod, self.name = web, mongod, name
        self.crawls = Crawls(mongod.uri, name, directory, web.proxy)
        self.crawls.settings |= {"DOWNLOAD_DELAY": 0.001, "PROGRESS_INTERVAL": 0, "MONGO_RETRY_BUDGET": 60}
        seed = directory / "durable.toml"
        seed.write_text(f'name = "durable"\nurl = "{start}"\ndepth = 5\nmax_pages = {pages * 2}\n')
        self.seed = f"seed={seed}"
        self.process = None
        self.seen = []
        """What was held of pages and runs, and when that was looked up."""
        self.durable = []
        """After each kill: how many requests there had been, and what was fetched by then."""

    def start(self, *arguments, **settings):
        """Start a crawl; what it says is read, so that it never waits for a reader."""
        self.process = self.crawls.start("articles", self.seed, *arguments, **settings)
        self.log = []
        threading.Thread(
            target=lambda out: self.log.extend(out), args=(self.process.stdout,), daemon=True
        ).start()

    def is_over(self):
        """Whether the crawl has ended, of itself or not."""
        return self.process.poll() is not None

    def look(self):
        """Note what is fetched now."""
        database = self.mongod.client()[self.name]
        fetched = {page["_id"] for page in database.pages.find({"status": "fetched"}, {"_id": 1})}
        runs = {run["_id"] for run in database.crawl_runs.find({}, {"_id": 1})}
        self.seen.append((time.monotonic(), fetched, runs))

    def settled(self):
        """The last look that lies so far back that all of it must be on disk."""
        old = [look for look in self.seen if time.monotonic() - look[0] > SETTLED]
        return old[-1][1:] if old else (set(), set())

    def kill(self, what, rng):
        """kill -9; what died is started again, mongod after a while."""
        pages, runs = self.settled()
        if what in {"crawler", "both"} and not self.is_over():
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        if what in {"mongod", "both"}:
            self.mongod.kill()
            time.sleep(rng.uniform(0, 1.5))
            self.mongod.start()
        self.look()
        _, held, ran = self.seen[-1]
        self.durable.append((len(self.web.asked), held))
        if what in {"crawler", "both"}:
            self.start()
        return Counter(pages=len(pages - held), runs=len(runs - ran))

    def asked_again(self):
        """How many requests were made for pages that a kill had left fetched."""
        asked = [request.url for request in self.web.asked]
        return sum(url in held for mark, held in self.durable[-1:] for url in asked[mark:]) + sum(
            url in held
            for (mark, held), (until, _) in zip(self.durable, self.durable[1:], strict=False)
            for url in asked[mark:until]
        )


def disturbed(trial, kills, pages, rng):
    """Crawls to the end through that many kills; returns what was lost, and what was killed how often."""
    lost, killed = Counter(pages=0, runs=0), Counter()
    marks = sorted(rng.sample(range(pages), kills))
    first = len(trial.web.asked)
    trial.start()
    while not trial.is_over() or marks:
        asked = len(trial.web.asked) - first
        if marks and (asked >= marks[0] or trial.is_over()):
            marks.pop(0)
            time.sleep(rng.uniform(0, 0.5))
            what = rng.choice(TARGETS)
            lost.update(trial.kill(what, rng))
            killed[what] += 1
            if what != "mongod" and rng.random() < 0.2 and marks:  # once more, as it starts
                marks.pop(0)
                time.sleep(rng.uniform(0, 2.5))
                lost.update(trial.kill("crawler", rng))
                killed["crawler"] += 1
        elif trial.is_over() and trial.process.returncode not in (0, None):
            trial.start()
        else:
            time.sleep(0.05)
            if not trial.seen or time.monotonic() - trial.seen[-1][0] > 0.5:
                trial.look()
    while trial.process.returncode != 0:
        trial.start()
        trial.process.wait()
    lost["fetched_pages_asked_again"] = trial.asked_again()
    return lost, dict(killed) | {"requests": len(trial.web.asked) - first}


def contents(mongod, name):
    """The database without what may differ, and how many runs are open or closed in it."""
    database = mongod.client()[name]
    pages = {page["_id"]: _stable(page) for page in database.pages.find()}
    links = {link["_id"]: _stable(link) for link in database.links.find()}
    works = {work["_id"]: work for work in database.works.find()}
    return {"pages": pages, "links": links, "works": works}


def _stable(document):
    kept = {name: value for name, value in document.items() if name not in VOLATILE}
    attempt = kept.pop("last_attempt", None) or {}
    return kept | {"attempt": (attempt.get("status"), attempt.get("http_status"))}


def differences(one, other):
    """How many documents of each collection are missing, too many or others."""
    found = Counter()
    for kind in one:
        found["lost"] += len(one[kind].keys() - other[kind].keys())
        found["added"] += len(other[kind].keys() - one[kind].keys())
        found["other"] += sum(
            one[kind][key] != other[kind][key] for key in one[kind].keys() & other[kind].keys()
        )
    return found


def second_crawl(trial, pages):
    """Requests and bodies of a crawl of the same site, with every page due."""
    before = len(trial.web.asked)
    trial.start("revisit=all")
    trial.process.wait()
    asked = trial.web.asked[before:]
    bodies = sum("if-none-match" not in request.headers for request in asked)
    return {"exit": trial.process.returncode, "pages": pages, "requests": len(asked), "bodies": bodies}


def many_due(trial, count, fetched):
    """Makes `count` pages due, and watches a crawl of some of them start and go on."""
    database = trial.mongod.client()[trial.name]
    pattern = database.pages.find_one({"status": "fetched", "revision": 0})
    ago = pattern["first_seen_at"]
    numbers = iter(range(count))
    while chunk := [number for _, number in zip(range(5_000), numbers, strict=False)]:
        database.pages.insert_many(
            pattern
            | {
                "_id": (url := f"{HOST}/world/20260102/due-{number}/"),
                "url": url,
                "links": [],
                "etag": '"same"',
            }
            | {
                "story_key": url,
                "work_id": url,
                "depths": {"durable": 1},
                "next_fetch_at": ago,
                "last_attempt": None,
            }
            for number in chunk
        )
        for number in chunk:
            trial.web.pages[f"{HOST}/world/20260102/due-{number}/"] = Reply("", 304)
    seed = Path(trial.seed.removeprefix("seed="))
    seed.write_text(seed.read_text().split("max_pages")[0] + f"max_pages = {fetched}\n")
    before, began, rss = len(trial.web.asked), time.monotonic(), []
    trial.start()
    first = None
    while not trial.is_over():
        if first is None and len(trial.web.urls()) and any("due-" in r.url for r in trial.web.asked[before:]):
            first = time.monotonic() - began
        rss.append((len(trial.web.asked), _rss(trial.process.pid)))
        time.sleep(0.1)
    return {
        "due": count,
        "seconds_to_first_request": round(first or 0, 1),
        "fetched": len(trial.web.asked) - before,
        "mb_while_fetching": round(max(size for asked, size in rss if asked < len(trial.web.asked))),
        "mb_at_the_end": round(max(size for _, size in rss)),
        "exit": trial.process.returncode,
    }


def _rss(pid):
    """Resident memory of a process in MB; 0 where it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0)


def main():
    """Measure as the arguments say, and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--crawls", type=int, default=20, help="that suffer; 0: none, only what follows")
    parser.add_argument("--kills", type=int, default=200, help="in all")
    parser.add_argument("--pages", type=int, default=2_000, help="of the site")
    parser.add_argument("--due", type=int, default=100_000, help="pages made due at once at the end; 0: none")
    parser.add_argument("--fetch", type=int, default=2_000, help="how many of these are fetched")
    parser.add_argument("--random", type=int, default=1, help="seed of the random moments")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="durability-") as name:
        figures = measure(options, Path(name))
    text = json.dumps(figures, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")
    return 0 if figures["equal"] else 1


def measure(options, directory):
    """All figures, as a dictionary."""
    rng = random.Random(options.random)
    urls, replies = site(options.pages)
    mongod = Mongod(directory)
    mongod.start()
    totals, differing, killed, repeated = Counter(), Counter(), Counter(), 0
    try:
        with Web(replies, directory) as web:
            calm = Trial(web, mongod, directory, "calm", urls[0], options.pages)
            calm.start()
            calm.process.wait()
            assert calm.process.returncode == 0, "".join(calm.log)
            expected = contents(mongod, "calm")
            assert len([page for page in expected["pages"].values() if page["status"] == "fetched"]) == len(
                urls
            )
            share = [len(range(n, options.kills, options.crawls)) for n in range(options.crawls)]
            for number, kills in enumerate(share):
                trial = Trial(web, mongod, directory, f"disturbed_{number}", urls[0], options.pages)
                began = time.monotonic()
                lost, died = disturbed(trial, kills, options.pages, rng)
                found = differences(expected, contents(mongod, trial.name))
                open_runs = mongod.client()[trial.name].crawl_runs.count_documents({"finished": None})
                totals.update(lost)
                totals["runs_left_open"] += open_runs
                repeated += died.pop("requests") - options.pages - 1
                killed.update(died)
                differing.update(found)
                print(
                    f"crawl {number + 1}: {sum(died.values())} kills, {time.monotonic() - began:.0f} s,"
                    f" lost {dict(lost)}, differences {dict(+found)}, {repeated} requests repeated so far",
                    file=sys.stderr,
                    flush=True,
                )
                mongod.client().drop_database(trial.name)
            figures = {
                "crawls": options.crawls,
                "pages_each": options.pages,
                "kills": dict(killed) | {"all": sum(killed.values())},
                "lost": dict(totals),
                "requests_repeated": repeated,
                "differences": dict(differing),
                "equal": not +differing and not +totals,
                "second_crawl": second_crawl(calm, options.pages),
            }
            if options.due:
                figures["many_due"] = many_due(calm, options.due, options.fetch)
            return figures
    finally:
        mongod.stop()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
