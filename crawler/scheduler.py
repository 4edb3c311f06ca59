"""scrapy-redis for a fleet: the queue of due pages is shared, and a page that is taken is held under a lease.

scrapy-redis drops what a killed worker had taken, flushes what others still need, and pickles requests. So
its scheduler, queue and duplicate filter keep their places here, with the steps of crawler/fleet.py in them.
"""

import asyncio
import contextlib
import logging
from collections import deque
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy_redis.dupefilter import RFPDupeFilter
from scrapy_redis.queue import FifoQueue
from scrapy_redis.scheduler import Scheduler

from crawler.fleet import Fleet, FleetUnavailable, connect
from crawler.urls import in_scope

logger = logging.getLogger(__name__)

TICK = 0.5
"""Seconds between two looks at the queue, which others may have filled."""


class LeasedQueue(FifoQueue):  # type: ignore[misc]  # ships no types
    """Due pages, first in, first out; a line of JSON each, where scrapy-redis has a pickled request."""

    def __init__(self, fleet: Fleet, spider: Spider) -> None:
        super().__init__(fleet.server, spider, key="")
        self.fleet = fleet
        self._filter = RFPDupeFilter(fleet.server, key="")  # for its fingerprints: the set is the run's

    def __len__(self) -> int:
        return self.fleet.waiting() if self.fleet.is_joined else 0

    def push(self, request: Request) -> bool:
        """Put the page of a request in; whether nobody has done so before."""
        due, fingerprint = request.cb_kwargs["due"], self._filter.request_fingerprint(request)
        return self.fleet.offer(due, fingerprint, outside=not in_scope(due.url, self.spider.seed.sites))

    def pop(self, timeout: int = 0) -> Request | None:  # noqa: ARG002 - scrapy-redis's interface
        """A request for the next page, which is held from now on."""
        due = self.fleet.take() if self.fleet.is_joined else None
        return self.spider.request_for(due) if due else None

    def clear(self) -> None:
        """Not a worker's to do: the run ends when the ledger closes it."""


class FleetScheduler(Scheduler):  # type: ignore[misc]  # ships no types
    """Requests with `meta["shared"]` go by Redis; what follows from one stays with its worker.

    Hands the spider its part in the fleet, as `spider.fleet`. Where Redis can't be used any more the crawl
    ends: `fleet_unavailable`.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(server=connect(crawler.settings["REDIS_URL"]), persist=True)
        self.crawler = crawler
        self.fleet = Fleet(self.server)
        self._own: deque[Request] = deque()
        self._ticking: asyncio.Task[None] | None = None
        self._ending: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        scheduler = cls(crawler)
        crawler.signals.connect(scheduler.response_received, signal=signals.response_received)
        return scheduler

    def response_received(self, request: Request) -> None:
        if "due" in request.cb_kwargs:
            self.fleet.answered(request.cb_kwargs["due"].url)

    def open(self, spider: Any) -> None:
        self.spider = spider
        self.queue = LeasedQueue(self.fleet, spider)
        spider.fleet = self.fleet
        self._ticking = asyncio.ensure_future(self._tick())

    def close(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's interface
        """Others get what this worker holds; without Redis they get it when the leases lapse."""
        if self._ticking:
            self._ticking.cancel()
        with contextlib.suppress(FleetUnavailable):
            self.fleet.leave()
        self.server.close()

    def enqueue_request(self, request: Request) -> bool:
        if not request.meta.get("shared"):
            self._own.append(request)
            return True
        try:
            return self.queue.push(request)
        except FleetUnavailable as error:
            self._end(error)
            return False

    def next_request(self) -> Request | None:
        if self._own:
            return self._own.popleft()
        try:
            return None if self._ending else self.queue.pop()
        except FleetUnavailable as error:
            self._end(error)
            return None

    def has_pending_requests(self) -> bool:
        try:
            return bool(self._own or (not self._ending and len(self.queue)))
        except FleetUnavailable as error:
            self._end(error)
            return False

    async def _tick(self) -> None:
        """Says what this worker still holds, and has the engine look into the queue."""
        while True:
            await asyncio.sleep(TICK)
            try:
                lapsed = self.fleet.tick() if self.fleet.is_joined else 0
            except FleetUnavailable as error:
                self._end(error)
                return
            if lapsed:
                logger.info("%d pages are offered again: their worker is gone", lapsed)
            engine: Any = self.crawler.engine
            if engine._slot is not None:  # Scrapy looks every five seconds, or when something is done
                engine._slot.nextcall.schedule()

    def _end(self, error: FleetUnavailable) -> None:
        """End the crawl, once; not awaited, as its end waits for the requests that wait for this."""
        if self.crawler.engine is None or self._ending is not None:
            return
        logger.error("The crawl ends: %s", error)
        self._ending = asyncio.ensure_future(
            self.crawler.engine.close_spider_async(reason="fleet_unavailable")
        )
