"""What a person sees while a crawl goes on."""

import logging
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

from crawler.items import Outcome, Page

logger = logging.getLogger(__name__)


class Progress:
    """A line every few seconds, and one for each page that could not be had."""

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self.pages = 0
        self.links = 0
        self.last = ""
        self._task = create_looping_call(self._report)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        interval = crawler.settings.getfloat("PROGRESS_INTERVAL")
        if not interval:
            raise NotConfigured
        progress = cls(interval)
        crawler.signals.connect(progress.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(progress.spider_closed, signal=signals.spider_closed)
        return progress

    def spider_opened(self) -> None:
        self._task.start(self.interval, now=False)

    def spider_closed(self) -> None:
        if self._task.running:
            self._task.stop()

    def item_scraped(self, item: Page) -> None:
        self.pages += 1
        self.links += len(item.links)
        self.last = item.display_title
        attempt = item.last_attempt
        if attempt and attempt.status not in {Outcome.OK, Outcome.NOT_MODIFIED}:
            reason = f": {attempt.reason}" if attempt.reason else ""
            logger.info("%-13s %s%s", attempt.status.value, item.id, reason)

    def _report(self) -> None:
        logger.info("%d pages, %d links; last: %s", self.pages, self.links, self.last)
