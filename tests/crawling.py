"""Runs the real `scrapy` as a user would, against loopback or an archive, and reads what came of it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pymongo

PROJECT = Path(__file__).parent.parent
SEED = "https://cn.nytimes.com/technology/20260101/start/"
ROBOTS = "User-agent: *\nDisallow: /search/\n\nUser-agent: Scrapy\nDisallow: /\n"
FAST = {"DOWNLOAD_DELAY": 0.01, "RETRY_TIMES": 0, "DOWNLOAD_VERIFY_CERTIFICATES": 0, "RECORD": "none"}


def article(headline, *paragraphs, english=None, date="2026-01-01 10:00:00"):
    """A page in today's layout of cn.nytimes.com; paragraphs are HTML."""
    body = "".join(f'<div class="article-paragraph">{text}</div>' for text in paragraphs)
    original = f'<p><a href="{english}">点击查看本文英文版。</a></p>' if english else ""
    return (
        '<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8">'
        f"<title>{headline} - 纽约时报中文网</title></head><body>"
        '<div class="article-area"><article class="article-content"><div class="article-header"><header>'
        f'<h1>{headline}</h1></header><div class="byline-row"><div class="byline"><address>测试</address>'
        f'<time datetime="{date}">2026年1月1日</time></div></div></div>'
        '<section class="article-body"><div class="article-partial"><div class="article-body-item">'
        f"{body}</div></div></section>"
        f'<footer class="author-info">{original}</footer></article></div></body></html>'
    )


def story(headline, *paragraphs):
    """A page in today's layout of www.nytimes.com; paragraphs are HTML."""
    body = "".join(f'<p class="css-x">{text}</p>' for text in paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><title>{headline} - The New York Times</title>'
        '<meta property="article:published_time" content="2026-01-01T10:00:00.000Z"></head><body>'
        f'<article id="story"><h1 data-testid="headline">{headline}</h1>'
        '<section name="articleBody" class="meteredContent"><div class="StoryBodyCompanionColumn"><div>'
        f"{body}</div></div></section></article></body></html>"
    )


def citing(*urls, words="这是虚构的样本文字"):
    """Paragraphs that cite the URLs, one each."""
    return [f'{words}，第{number}段<a href="{url}">引文{number}</a>。' for number, url in enumerate(urls, 1)]


def seed_file(directory, *, url=SEED, name="loop", depth=3, **values):
    """A seed file and the argument that names it."""
    path = directory / f"{name}.toml"
    extra = "".join(f"{key} = {value!r}\n" for key, value in values.items())
    path.write_text(f'name = "{name}"\nurl = "{url}"\ndepth = {depth}\n{extra}')
    return f"seed={path}"


def command(spider, *arguments, settings):
    """The command line of a crawl."""
    line = [sys.executable, "-m", "scrapy", "crawl", spider]
    for argument in arguments:
        line += ["-a", argument]
    for name, value in settings.items():
        line += ["-s", f"{name}={value}"]
    return line


class Crawls:
    """Crawls of one test: one database, one spool, one piece of web."""

    def __init__(self, uri, database, directory, proxy="http://127.0.0.1:1"):
        self.uri = uri
        self.database = database
        self.settings = {
            **FAST,
            "MONGO_DATABASE": database,
            "MONGO_DIR": directory / "mongo",
            "ARCHIVE_DIR": directory,
        }
        proxies = {"https_proxy": proxy, "http_proxy": proxy, "no_proxy": ""}
        self.environment = {**os.environ, **proxies, "MONGO_URI": uri, "CRAWLER_CONTACT": "test@example.org"}

    def run(self, spider, *arguments, timeout=60, **settings):
        """Runs a crawl to its end."""
        return subprocess.run(
            command(spider, *arguments, settings={**self.settings, **settings}),
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def scrapy(self, *arguments, timeout=60, stdout=subprocess.PIPE, **settings):
        """Runs any other command on this test's database."""
        line = [sys.executable, "-m", "scrapy", *map(str, arguments)]
        for name, value in {**self.settings, **settings}.items():
            line += ["-s", f"{name}={value}"]
        return subprocess.run(
            line,
            cwd=PROJECT,
            env=self.environment,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            timeout=timeout,
        )

    def start(self, spider, *arguments, **settings):
        """Starts a crawl and leaves it running."""
        return subprocess.Popen(
            command(spider, *arguments, settings={**self.settings, **settings}),
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def pages(self, **query):
        """Pages of the database by URL."""
        with pymongo.MongoClient(self.uri, tz_aware=True) as client:
            return {page["_id"]: page for page in client[self.database].pages.find(query)}

    def links(self, **query):
        """Active links of the database."""
        with pymongo.MongoClient(self.uri, tz_aware=True) as client:
            return list(client[self.database].links.find({"active": True, **query}))

    def runs(self):
        """The run ledger."""
        with pymongo.MongoClient(self.uri, tz_aware=True) as client:
            return list(client[self.database].crawl_runs.find().sort("started", 1))


def kill(process):
    """kill -9."""
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
