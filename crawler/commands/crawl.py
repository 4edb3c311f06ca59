"""`scrapy crawl`: Scrapy's own, with a database, one-line errors, a summary and an exit status."""

import argparse
import asyncio
import datetime as dt
import gc
import io
import logging
import os
import socket
import ssl
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from rich.console import Console
from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.settings import BaseSettings

from crawler.bodies import BodyPolicy
from crawler.called import ProjectCommand
from crawler.closing import let_close, tell_interruptions
from crawler.commands.mongo import without_password
from crawler.complaint import complain
from crawler.embedded import MongodUnavailable, serve
from crawler.fleet import FleetUnavailable, connect
from crawler.monitors import FAILED, SUITES, UnknownSuite, suites_of
from crawler.report import show_end, show_offline, show_proposals, show_summary
from crawler.seeds import Seed, SeedError
from crawler.store import MongoStore, StorageUnavailable
from crawler.warc import ArchiveChain
from crawler.webhook import is_usable

EXIT_STATUS = {
    "finished": 0,
    "page_budget": 0,
    "bad_arguments": 2,
    "monitor_failed": 3,
    "seed_unreachable": 69,
    "no_network": 69,
    "archive_damaged": 65,
    "already_running": 75,
    "host_blocked": 76,
    "storage_unavailable": 74,
    "storage_failed": 74,
    "fleet_unavailable": 74,
    "record_failed": 74,
    "shutdown": 130,
}
"""Exit status by the reason a crawl ended; any other reason gives 1. Documented in docs/running.md."""

DONE = frozenset({"finished", "page_budget", "seed_unreachable"})
NOTHING_TO_SHOW = frozenset({"storage_unavailable", "storage_failed", "fleet_unavailable", "already_running"})

WORDY = (
    "scrapy.addons",
    "scrapy.core.engine",
    "scrapy.crawler",
    "scrapy.middleware",
    "scrapy.statscollectors",
    "scrapy.utils.log",
)
"""Scrapy's loggers that fill the screen before the first page comes."""

REDIRECTS = "scrapy.downloadermiddlewares.redirect"

logger = logging.getLogger(__name__)


class Command(ProjectCommand, CrawlCommand):
    def short_desc(self) -> str:
        return "Crawl related articles from a seed into MongoDB"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. Examples: `scrapy crawl deepseek`; "
            "`scrapy crawl deepseek -s REPLAY=seeds/newsroom.warc.gz` replays an archive; "
            "`scrapy crawl articles -a url=URL -a dry_run=1` lists what would be fetched."
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        assert self.settings is not None
        if self.settings["LOG_LEVEL"] != "DEBUG":
            _quieten()

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if len(args) != 1:
            self.refuse("name one spider: `scrapy crawl deepseek`")
            return
        _load_downloader()
        opts.spargs.pop("_job", None)  # scrapyd's name for this, in its log and nowhere else
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a terminal without Chinese shows the rest
        try:
            spider = self._check(args[0], opts)
            if self.settings["REDIS_URL"]:
                connect(self.settings["REDIS_URL"]).close()
            with _database(self.settings) as uri:
                self.settings.set("MONGO_URI", uri, priority="cmdline")
                reason = self._crawl(args[0], opts, spider)
        except SeedError as error:
            complain(error, self.settings["LOG_LEVEL"])
            reason = "bad_arguments"
        except (MongodUnavailable, StorageUnavailable, FleetUnavailable) as error:
            complain(error, self.settings["LOG_LEVEL"])
            reason = "storage_unavailable"
        self.exitcode = EXIT_STATUS.get(reason, 1)

    def _check(self, name: str, opts: argparse.Namespace) -> Any:
        """The spider as it would run. Raises for bad arguments before anything is started."""
        assert self.crawler_process is not None
        assert self.settings is not None
        loader = self.crawler_process.spider_loader
        if name not in loader.list():
            raise SeedError(f"no spider called {name!r}: known are {', '.join(loader.list())}")
        spider: Any = loader.load(name)(**opts.spargs)
        _check_words(self.settings)
        _check_monitors(self.settings)
        if not self.settings["REPLAY"]:
            _go_live(self.settings, spider)
        return spider

    def _crawl(self, name: str, opts: argparse.Namespace, spider: Any) -> str:
        """Crawls, shows what came of it, and returns the reason it ended."""
        assert self.crawler_process is not None
        crawler = self._create_crawler(name)
        self.crawler_process.crawl(crawler, **opts.spargs)
        tell_interruptions()
        gc.freeze()  # what is loaded is there to stay
        self.crawler_process.start()
        let_close(crawler)
        # none: Ctrl-C before the engine ran, or a second one, has left no time for a reason
        reason = (crawler.stats and crawler.stats.get_value("finish_reason")) or "shutdown"
        if reason not in NOTHING_TO_SHOW and not spider.dry_run:
            _show(crawler.settings, spider.seed, reason)
        if reason in DONE and _is_damaged(crawler.settings):
            return "archive_damaged"
        failed = crawler.stats and crawler.stats.get_value(FAILED)
        return "monitor_failed" if failed and EXIT_STATUS.get(reason) == 0 else str(reason)


def _load_downloader() -> None:
    """Load Scrapy's handler of https before all else that a crawl loads.

    Three of its classes ask who calls, for which Python looks at every call and every module there is: at the
    first request that took as long as to load all of the crawler.
    """
    import scrapy.core.downloader.contextfactory  # noqa: F401


def _show(settings: BaseSettings, seed: Seed, reason: str) -> None:
    """A crawl that went well did so, whether or not anybody can read its report."""
    try:
        asyncio.run(_summarize(settings, seed, reason))
        sys.stdout.flush()
    except OSError as error:
        logger.warning("The report can't be shown: %s", error.strerror)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or its rest fails again at the exit


def _quieten() -> None:
    """Filters, not levels: Scrapy sets the levels of its loggers anew when it starts."""
    for name in WORDY:
        logging.getLogger(name).addFilter(lambda record: record.levelno >= logging.WARNING)
    # they log a traceback for a robots.txt or a page that can't be had, the reason of which is kept with each
    # page; and a warning that no Referer is sent, which is meant
    for name in ("scrapy.downloadermiddlewares.robotstxt", "scrapy-playwright", REDIRECTS):
        logging.getLogger(name).addFilter(lambda _: False)


def _check_words(settings: BaseSettings) -> None:
    if settings["BODY_POLICY"] not in set(BodyPolicy):
        raise SeedError(f"BODY_POLICY has to be one of {', '.join(BodyPolicy)}")
    if settings["WEBHOOK_URL"] and not is_usable(settings["WEBHOOK_URL"]):
        raise SeedError("WEBHOOK_URL is no web address: give one like https://example.org/hook")


def _check_monitors(settings: BaseSettings) -> None:
    """Not when the run is over and they are to judge it."""
    try:
        suites_of(settings.getlist(SUITES))
    except UnknownSuite as error:
        raise SeedError(
            f"{SUITES}: {error}: name classes like crawler.monitors.RunSuite, with commas between"
        ) from None


def _is_damaged(settings: BaseSettings) -> bool:
    """Whether the archive that was replayed is cut off: the add-on has said so at the start."""
    return bool(settings["REPLAY"] and ArchiveChain(settings["REPLAY"]).damage)


def _go_live(settings: BaseSettings, spider: Any) -> None:
    """A live crawl makes a pause between requests, keeps what it receives, and ought to say who asks."""
    if settings.getfloat("DOWNLOAD_DELAY") <= 0:
        raise SeedError("a live crawl needs a DOWNLOAD_DELAY above 0: without one, requests come in bursts")
    if spider.dry_run:
        return
    _check_trust(settings)
    if settings["RECORD"] == "none":
        settings.set("RECORD", "", priority="cmdline")
    elif not settings["RECORD"]:
        name = f"{spider.seed.name}-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}{_worker(settings)}.warc.gz"
        settings.set("RECORD", str(Path(settings["ARCHIVE_DIR"]) / name), priority="cmdline")
    if settings["RECORD"]:
        _check_recording(Path(settings["RECORD"]).absolute())
    if not settings["CRAWLER_CONTACT"]:
        logger.warning(
            "CRAWLER_CONTACT is not set: give the sites an address to write to, such as you@example.org"
        )


def _check_trust(settings: BaseSettings) -> None:
    """A small system may have no list of authorities; then no site at all can prove who it is."""
    paths = ssl.get_default_verify_paths()
    known = paths.cafile or (paths.capath and any(Path(paths.capath).iterdir()))
    if not known and settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES"):
        raise SeedError("no certificates to know the sites by: apt-get install ca-certificates")


def _worker(settings: BaseSettings) -> str:
    """Workers that start in the same second keep what they receive in files of their own."""
    return f"-{socket.gethostname()}-{os.getpid()}" if settings["REDIS_URL"] else ""


def _check_recording(path: Path) -> None:
    """Before anything is asked for: a recording that fails later ends the crawl."""
    if path.exists() and not (path.is_file() or path.is_char_device()):
        raise SeedError(f"RECORD={path} is a directory, or no file to add to: name another, or RECORD=none")
    directory = path.parent
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SeedError(f"{directory} can't be made for the recording: {error.strerror}") from None
    if not os.access(path if path.exists() else directory, os.W_OK):
        raise SeedError(f"{directory} can't be written: set ARCHIVE_DIR or RECORD, or RECORD=none")


def _database(settings: BaseSettings) -> AbstractContextManager[str]:
    """The URI to write to, served by the embedded mongod where none is given."""
    uri: str = settings["MONGO_URI"]
    return nullcontext(uri) if uri else serve(Path(settings["MONGO_DIR"]))


async def _summarize(settings: BaseSettings, seed: Seed, reason: str) -> None:
    """Prints what the database holds, or how to go on without a network."""
    uri, database = settings["MONGO_URI"], settings["MONGO_DATABASE"]
    store = MongoStore(uri, database)
    await store.open_to_read()
    try:
        summary = await store.summary(seed.name)
        proposed = [] if seed.lists else await store.proposed_lists(seed.urls)
        due = await store.count_due(seed) if reason == "page_budget" else 0
    finally:
        await store.close()
    console = Console(highlight=False)
    if reason == "no_network":
        show_offline(console, seed.sites, len(seed.links))
    else:
        where = f"the database {database} of {without_password(uri)}"
        start = seed.urls[0]
        show_summary(console, summary, seed=seed.name, start=start, depth=seed.depth, where=where)
        show_proposals(console, proposed)
        show_end(console, reason, max_pages=seed.max_pages, due=due)
