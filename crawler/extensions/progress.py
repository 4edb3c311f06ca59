"""What a person sees while a crawl goes on."""

import io
import logging
import sys
import time
from collections import Counter
from typing import Any, Self
from urllib.parse import urlsplit

from rich.console import Console
from rich.live import Live
from rich.text import Text
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

from crawler.items import Outcome, Page
from crawler.progress import Crawl, Host, line, lines

logger = logging.getLogger(__name__)

HOSTS = 5
"""Hosts that are shown."""
RENEWED = 0.5
"""Seconds after which the lines on a terminal are renewed."""


class Progress:
    """Lines on a terminal that renew themselves, a line every few seconds elsewhere.

    Each page that could not be had is told as well. Nothing at all with PROGRESS_INTERVAL=0, or where the log
    tells only warnings.
    """

    def __init__(self, crawler: Crawler, interval: float) -> None:
        self.crawler = crawler
        self.interval = interval
        self.pages = 0
        self.links = 0
        self.last = ""
        self._started = time.monotonic()
        self._screen: Screen | None = None
        self._task = create_looping_call(self._report)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        interval = crawler.settings.getfloat("PROGRESS_INTERVAL")
        if not interval:
            raise NotConfigured
        progress = cls(crawler, interval)
        crawler.signals.connect(progress.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(progress.spider_closed, signal=signals.spider_closed)
        return progress

    def spider_opened(self, spider: Any) -> None:
        self._started = time.monotonic()
        if self._is_for_a_terminal() and not spider.dry_run:
            self._screen = Screen()
        self._task.start(RENEWED if self._screen else self.interval, now=False)

    def _is_for_a_terminal(self) -> bool:
        """-L DEBUG fills the screen, and -L WARNING wants it empty."""
        settings = self.crawler.settings
        return sys.stderr.isatty() and settings.getbool("LOG_ENABLED") and settings["LOG_LEVEL"] == "INFO"

    def spider_closed(self) -> None:
        if self._task.running:
            self._task.stop()
        if self._screen:
            self._screen.close()

    def item_scraped(self, item: Page) -> None:
        self.pages += 1
        self.links += len(item.links)
        self.last = item.display_title
        attempt = item.last_attempt
        if attempt and attempt.status not in {Outcome.OK, Outcome.NOT_MODIFIED}:
            reason = f": {attempt.reason}" if attempt.reason else ""
            logger.info("%-13s %s%s", attempt.status.value, item.id, reason)

    def _report(self) -> None:
        if self._screen:
            self._screen.show(self._now())
        else:
            logger.info("%s", line(self._now()))

    def _now(self) -> Crawl:
        spider: Any = self.crawler.spider
        feeder = spider.feeder if spider else None
        return Crawl(
            seconds=time.monotonic() - self._started,
            pages=self.pages,
            links=self.links,
            depth=feeder.depth if feeder else 0,
            hosts=tuple(self._hosts(feeder.in_flight if feeder else ())),
            last=self.last,
        )

    def _hosts(self, urls: Any) -> list[Host]:
        """The hosts of the pages in flight, the busiest first."""
        waiting = Counter(urlsplit(url).hostname or "" for url in urls)
        return [self._host(name, count) for name, count in waiting.most_common(HOSTS)]

    def _host(self, name: str, waiting: int) -> Host:
        spider: Any = self.crawler.spider
        slot = self.crawler.engine.downloader.slots.get(name) if self.crawler.engine else None
        state = "asking" if slot and slot.transferring else "pausing"
        if name in spider.hosts.shut:
            state = "left alone"
        return Host(name=name, waiting=waiting, delay=slot.delay if slot else 0.0, state=state)


class _Above(io.TextIOBase):
    """Log lines above the lines at the foot, as long as they are: a broken address can't be copied."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def write(self, text: str) -> int:
        self._console.print(Text(text), end="", soft_wrap=True)
        return len(text)


class Screen:
    """Lines at the foot of a terminal; the log goes on above them."""

    def __init__(self) -> None:
        self._handlers = [
            handler
            for handler in logging.getLogger().handlers
            if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stderr
        ]
        self._stream = sys.stderr
        self._live = Live(console=Console(stderr=True), auto_refresh=False, transient=True)
        self._live.start()
        self._log_to(_Above(self._live.console))

    def show(self, crawl: Crawl) -> None:
        """Renew the lines."""
        self._live.update(lines(crawl), refresh=True)

    def close(self) -> None:
        """Take the lines away."""
        self._live.stop()
        self._log_to(self._stream)

    def _log_to(self, stream: Any) -> None:
        for handler in self._handlers:
            handler.setStream(stream)
