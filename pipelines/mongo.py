"""Keeps pages in MongoDB, through the writer."""

import asyncio
import logging
from pathlib import Path
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider

from crawler.bodies import BodyPolicy, as_kept
from crawler.embedded import uri_of
from crawler.items import Page, Provenance
from crawler.store import MongoStore, StorageUnavailable
from crawler.writer import Writer, server_of

logger = logging.getLogger(__name__)

COUNTERS = ("written", "batches", "retries", "spooled", "rejected", "replayed")


class MongoPipeline:
    """Opens the database, hands it to the spider as `spider.store`, and keeps every page.

    An item that was scraped is durable. The store is closed by the run ledger, which writes last.
    """

    def __init__(self, crawler: Crawler, store: MongoStore, spool: Path, retry_budget: float) -> None:
        self.crawler = crawler
        self.store = store
        self.spool = spool
        self.policy = BodyPolicy(crawler.settings["BODY_POLICY"])
        self.writer = Writer(store, None, spool, retry_budget=retry_budget, on_failure=self._stop)
        self._stopping: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        store = MongoStore(settings["MONGO_URI"], settings["MONGO_DATABASE"])
        spool = spool_of(store, Path(settings["MONGO_DIR"]))
        return cls(crawler, store, spool, settings.getfloat("MONGO_RETRY_BUDGET"))

    async def open_spider(self) -> None:
        """Open the database and bring in what an earlier run had to leave in the spool."""
        sample = self.crawler.settings["PROVENANCE"] == Provenance.SAMPLE
        try:
            await self.store.open()
            await self.store.claim(sample=sample)
            await self.writer.open()
        except StorageUnavailable as error:
            logger.error("%s", error)
            await self.store.close()
            raise CloseSpider("storage_unavailable") from None
        spider: Any = self.crawler.spider
        spider.store = self.store

    async def process_item(self, item: Page) -> Page:
        """Return the page when it is durable."""
        spider: Any = self.crawler.spider
        self.writer.run_id = spider.run_id
        await self.writer.put(as_kept(item, self.policy))
        return item

    def _stop(self, reason: str) -> None:
        """End the crawl. Scheduled, never awaited: closing waits for the items that wait for this."""
        logger.error("The crawl ends: %s; pages in hand go to %s", reason, self.spool)
        spider: Any = self.crawler.spider
        if spider.leases:
            spider.leases.given_up = reason
        if self.crawler.engine is not None:
            self._stopping = asyncio.ensure_future(
                self.crawler.engine.close_spider_async(reason="storage_failed")
            )

    async def close_spider(self) -> None:
        """Write what waits, and count."""
        await self.writer.close()
        for name in COUNTERS:
            if self.crawler.stats is not None:
                self.crawler.stats.set_value(f"mongo/{name}", getattr(self.writer, name))


def spool_of(store: MongoStore, directory: Path) -> Path:
    """Where the pages for a database wait: in its server's folder, but for the one with its data here."""
    spool = directory / "spool"
    return (spool if store.uri == uri_of(directory) else spool / server_of(store.uri)) / store.database
