"""A fleet of real crawls over loopback: several hosts, one run, and workers that die."""

import random
import re
import signal
import threading
import time
from itertools import pairwise

import pytest
import redis
from crawling import ROBOTS, Crawls, article, citing, kill, seed_file
from loopback import Reply, Web

from crawler.fleet import AT_ONCE

HOSTS = [f"h{number}.example" for number in range(6)]
START = f"https://{HOSTS[0]}/start/"
EACH = 12
DELAY = 0.25
WORDS = "这是虚构的样本文字，长到足以成为一段正文。" * 8


def pages():
    """Twelve articles on each of six hosts: the first one cites the others, the start all first ones."""
    web = {f"https://{host}/robots.txt": Reply(ROBOTS) for host in HOSTS}
    firsts = [f"https://{host}/a0/" for host in HOSTS]
    web[START] = article("开始", *citing(*firsts, words=WORDS))
    for host in HOSTS:
        rest = [f"https://{host}/a{number}/" for number in range(1, EACH)]
        web[f"https://{host}/a0/"] = article(host, *citing(*rest, words=WORDS))
        web |= {url: article(url, WORDS) for url in rest}
    return web


ALL = {url for url in pages() if not url.endswith("robots.txt")}


@pytest.fixture
def web(tmp_path):
    with Web(pages(), tmp_path) as web:
        yield web


class Workers:
    """Crawls of one seed that share a Redis; what each wrote is read as it comes."""

    def __init__(self, crawls, seed):
        self.crawls, self.seed = crawls, seed
        self.running, self.outputs = [], []

    def start(self, redis_url, **settings):
        options = {"DOWNLOAD_DELAY": DELAY, "DOWNLOAD_DELAY_JITTER": 0, **settings}
        process = self.crawls.start("articles", self.seed, REDIS_URL=redis_url, **options)
        output = []
        reader = threading.Thread(target=lambda: output.extend(process.stdout), daemon=True)
        reader.start()
        self.running.append((process, reader))
        self.outputs.append(output)
        return process

    def wait(self, timeout=180):
        """Their exit statuses, in order of their start; None for one that was killed."""
        for process, reader in self.running:
            process.wait(timeout)
            reader.join(10)
        return [process.returncode for process, _ in self.running]

    @property
    def output(self):
        return "".join(line for output in self.outputs for line in output)


@pytest.fixture
def workers(mongo_uri, database, tmp_path, web):
    """Gives workers of a seed; none of them outlives the test."""
    made = []

    def make(name="fleet", **values):
        crawls = Crawls(mongo_uri, database, tmp_path, web.proxy)
        seed = seed_file(tmp_path, url=START, name=name, sites=HOSTS, depth=2, **values)
        made.append(Workers(crawls, seed))
        return made[-1]

    yield make
    for process, _ in (one for fleet in made for one in fleet.running):
        process.kill()
        process.wait()
        process.stdout.close()


def wait_until(condition, patience=90):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def by_host(web):
    """Times at which each host was asked, in order."""
    asked = sorted((asked.at, asked.url) for asked in web.asked)
    return {host: [at for at, url in asked if f"//{host}/" in url] for host in HOSTS}


def keys(server):
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        return [key for key in client.scan_iter() if not key.startswith("related-articles:")]


def test_a_worker_is_killed(web, workers, redis_server):
    """Three workers, one run, one killed at random: nothing is lost, little repeated, nobody hurried."""
    fleet = workers()
    for _ in range(3):
        fleet.start(redis_server.url)
    wait_until(lambda: len(fleet.crawls.pages(status="fetched")) >= 15)
    pids = {process.pid for process, *_ in fleet.running}
    dead = random.randrange(3)
    kill(fleet.running[dead][0])
    codes = fleet.wait()
    del codes[dead]
    assert codes == [0, 0], fleet.output
    assert "Traceback" not in fleet.output
    assert set(fleet.crawls.pages(status="fetched")) == ALL
    repeated = len(web.urls()) - len(ALL)
    assert repeated <= AT_ONCE * len(HOSTS)  # as many as the dead worker can have held
    for host, times in by_host(web).items():
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert min(gaps) >= DELAY * 0.9, host
    runs = fleet.crawls.runs()
    assert [run["finish_reason"] for run in runs] == ["finished"]
    assert sum(runs[0]["counts"].values()) == len(ALL)
    assert fleet.output.count("Joining run") == 2
    assert {worker["pid"] for worker in runs[0]["workers"]} == pids
    assert keys(redis_server) == []


def test_two_fleets_on_one_database(workers, redis_server):
    """Each has its run, its queue and its pages; a budget is spent by all of a fleet together."""
    large, small = workers("large"), workers("small", max_pages=10)
    for fleet in (large, small, large, small):
        fleet.start(redis_server.url)
    assert large.wait() + small.wait() == [0, 0, 0, 0], large.output + small.output
    ended = {run["seed"]: run["finish_reason"] for run in large.crawls.runs()}
    assert ended == {"large": "finished", "small": "page_budget"}
    counts = {run["seed"]: sum(run["counts"].values()) for run in large.crawls.runs()}
    assert counts["small"] <= 10
    assert set(large.crawls.pages(status="fetched")) == ALL
    assert keys(redis_server) == []


def test_redis_goes_away_and_comes_back(web, workers, redis_server):
    """The workers end in order, with a line; the next one goes on with the run, and asks for little twice."""
    fleet = workers()
    for _ in range(2):
        fleet.start(redis_server.url)
    wait_until(lambda: len(fleet.crawls.pages(status="fetched")) >= 15)
    redis_server.kill()
    assert fleet.wait() == [74, 74], fleet.output
    assert len(re.findall(r"The crawl ends: Redis does not answer", fleet.output)) >= 2
    assert "Traceback" not in fleet.output
    before = workers()
    before.start(redis_server.url)
    assert before.wait() == [74]
    assert before.output.count("\n") == 1
    redis_server.start()
    after = workers()
    after.start(redis_server.url)
    assert after.wait() == [0], after.output
    assert set(fleet.crawls.pages(status="fetched")) == ALL
    assert len(web.urls()) - len(ALL) <= 2 * AT_ONCE * len(HOSTS)
    assert [run["finish_reason"] for run in fleet.crawls.runs()] == ["finished"]


def test_a_run_is_joined_by_its_own_fleet_only(workers, redis_server):
    """Neither a crawl without Redis nor one with another Redis may work on it meanwhile."""
    fleet = workers()
    fleet.start(redis_server.url)
    wait_until(lambda: fleet.crawls.pages(status="fetched"))
    lone = fleet.crawls.run("articles", fleet.seed)
    assert lone.returncode == 75
    fleet.running[0][0].send_signal(signal.SIGSTOP)  # or it ends before the other is there
    with redis.Redis.from_url(redis_server.url) as client:
        client.set("related-articles:identity", "another")
    other = workers()
    other.start(redis_server.url)
    assert other.wait() == [75]
    fleet.running[0][0].send_signal(signal.SIGCONT)
    assert fleet.wait() == [74]
    assert "Redis has lost its data" in fleet.output
