"""Crawl-delay: the pause that a host asks for in its robots.txt."""

import logging
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.robotstxt import RobotParser

logger = logging.getLogger(__name__)


class CrawlDelay:
    """Applies the Crawl-delay of a host's robots.txt, which Scrapy reads and ignores."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if crawler.settings["PROVENANCE"] != "live":
            raise NotConfigured  # nobody waits behind an archive
        extension = cls(crawler)
        crawler.signals.connect(extension.robots_parsed, signal=signals.robots_parsed)
        return extension

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        delay = robotparser.crawl_delay(self.agent)
        if not delay or self.crawler.engine is None:
            return
        downloader = self.crawler.engine.downloader
        key, slot = downloader._get_slot(request)
        slot.delay = max(slot.delay, delay)
        downloader.per_slot_settings.setdefault(key, {})["delay"] = slot.delay
        logger.info("%s asks for %g s between requests", key, delay)
