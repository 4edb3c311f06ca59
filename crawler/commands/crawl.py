"""`scrapy crawl`: Scrapy's own, with a database, one-line errors, a summary and an exit status."""

import argparse
import asyncio
import gc
import io
import logging
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from rich.console import Console
from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.settings import BaseSettings

from crawler.called import ProjectCommand
from crawler.closing import let_close, tell_interruptions
from crawler.commands.mongo import without_password
from crawler.complaint import complain
from crawler.embedded import MongodUnavailable, serve
from crawler.fleet import FleetUnavailable, connect
from crawler.monitors import FAILED
from crawler.preflight import check_monitors, check_words, go_live
from crawler.report import show_end, show_offline, show_proposals, show_summary
from crawler.seeds import Seed, SeedError
from crawler.store import MongoStore, StorageUnavailable
from crawler.warc import ArchiveChain

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
        check_words(self.settings)
        check_monitors(self.settings)
        if not self.settings["REPLAY"]:
            go_live(self.settings, spider.seed.name, dry_run=spider.dry_run)
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
    # the one logs a traceback for a page that can't be had, the reason of which is kept with the page;
    # the other a warning that no Referer is sent, which is meant
    for name in ("scrapy-playwright", REDIRECTS):
        logging.getLogger(name).addFilter(lambda _: False)


def _is_damaged(settings: BaseSettings) -> bool:
    """Whether the archive that was replayed is cut off: the add-on has said so at the start."""
    return bool(settings["REPLAY"] and ArchiveChain(settings["REPLAY"]).damage)


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
