"""A real scrapyd: the project is deployed as an egg, scheduled, cancelled, and scheduled again."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pymongo
import pytest
from crawling import FAST, PROJECT, article, citing
from loopback import Reply, Web

pytest.importorskip("scrapyd")

START = "https://cn.nytimes.com/technology/20250205/deepseek-china-reaction/"
PATIENCE = 120
PAGES = [f"https://cn.nytimes.com/world/20260101/p{number}/" for number in range(40)]
BIN = Path(sys.executable).parent


def wait_for(condition):
    """What the condition gives as soon as it is true."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.3)
    raise AssertionError("waited in vain")


class Scrapyd:
    """The daemon on a port of its own, with what its web service answers."""

    def __init__(self, directory, uri, proxy):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.directory = directory
        config = (PROJECT / "deploy" / "scrapyd.conf").read_text().replace("6800", str(self.port))
        (directory / "scrapyd.conf").write_text(config + "poll_interval = 0.5\n")
        proxies = {"https_proxy": proxy, "http_proxy": proxy, "no_proxy": "127.0.0.1"}
        contact = {"MONGO_URI": uri, "CRAWLER_CONTACT": "test@example.org"}
        self.log = (directory / "scrapyd.log").open("wb")
        self.process = subprocess.Popen(
            [BIN / "scrapyd"],
            cwd=directory,
            env={**os.environ, **proxies, **contact},
            stdout=self.log,
            stderr=self.log,
        )

    def ask(self, service, **values):
        url = f"http://127.0.0.1:{self.port}/{service}.json"
        data = urllib.parse.urlencode(values, doseq=True).encode() if service != "listjobs" else None
        with urllib.request.urlopen(f"{url}?project=related" if data is None else url, data) as answer:
            return json.loads(answer.read())

    def is_up(self):
        try:
            return self.ask("listjobs") is not None
        except OSError:
            return False

    def schedule(self, spider, settings, **arguments):
        given = [f"{name}={value}" for name, value in settings.items()]
        answer = self.ask("schedule", project="related", spider=spider, setting=given, **arguments)
        assert answer["status"] == "ok", answer
        return answer["jobid"]

    def jobs(self, state):
        return [job["id"] for job in self.ask("listjobs")[state]]

    def log_of(self, job):
        [path] = self.directory.glob(f"logs/related/*/{job}.log")
        return path.read_text()

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.log.close()


@pytest.fixture
def web(tmp_path):
    slow = {url: Reply(article("文", "无。"), delay=0.4) for url in PAGES}
    start = {START: article("改变国运", *citing(*PAGES)), "https://cn.nytimes.com/robots.txt": Reply("")}
    with Web({**start, **slow}, tmp_path) as web:
        yield web


@pytest.fixture
def daemon(mongo_uri, web, tmp_path):
    scrapyd = Scrapyd(tmp_path, mongo_uri, web.proxy)
    try:
        wait_for(scrapyd.is_up)
        yield scrapyd
    finally:
        scrapyd.stop()


def checkout(target):
    """The tracked files, as a deployer has them."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True).stdout
    for name in names.decode().split("\0"):
        if name and not name.startswith(("tests/", "benchmarks/")) and not name.endswith(".gz"):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((PROJECT / name).read_bytes())
    return target


def test_deployed_scheduled_cancelled(daemon, web, database, mongo_uri, tmp_path):
    """The seed is found inside the egg; a job that was cancelled is taken up by the next one."""
    project = checkout(tmp_path / "checkout")
    (project / "scrapy.cfg").write_text(
        (project / "scrapy.cfg").read_text().replace("6800", str(daemon.port))
    )
    deployed = subprocess.run(
        [BIN / "scrapyd-deploy", "local"], cwd=project, capture_output=True, text=True, check=False
    )
    assert '"status": "ok"' in deployed.stdout, deployed.stdout + deployed.stderr
    settings = {**FAST, "MONGO_DATABASE": database}
    with pymongo.MongoClient(mongo_uri) as client:
        runs, pages = client[database].crawl_runs, client[database].pages
        job = daemon.schedule("articles", settings, seed="deepseek")
        wait_for(lambda: len(web.urls()) > 4)
        assert daemon.ask("cancel", project="related", job=job)["prevstate"] == "running"
        wait_for(lambda: job in daemon.jobs("finished"))
        assert runs.find_one()["finished"] is None, daemon.log_of(job)
        again = daemon.schedule("deepseek", settings)
        wait_for(lambda: again in daemon.jobs("finished"))
        run = runs.find_one()
        assert (run["finish_reason"], run["taken_up"], runs.count_documents({})) == ("finished", 1, 1)
        assert pages.count_documents({"status": "fetched", "_id": {"$in": [START, *PAGES]}}) == 41
    assert len(web.urls()) == len(set(web.urls()))
    assert "Traceback" not in daemon.log_of(again)
