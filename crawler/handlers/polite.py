"""A download handler with manners: one request per host at a time, whoever asks, and never too early."""

import asyncio
import datetime as dt
from collections import Counter
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response

from crawler.handlers.wrapping import WrappingHandler
from crawler.lease import HostLease, Leases
from crawler.politeness import (
    BUSY,
    HostClosed,
    HostPaused,
    NotNow,
    PrivateAddress,
    is_private,
    pause_after,
    retry_after,
)
from crawler.resolver import refused_address
from crawler.store import StorageUnavailable
from crawler.writer import patiently

PATIENCE = 30.0
"""Seconds a request waits for its turn; one that would wait for longer goes back to the feeder."""


class PoliteHandler(WrappingHandler):
    """Asks a host only while the run holds its lease, which all runs on one database share.

    The pause to the next request is counted from the end of the one before, whoever makes it.
    A host that is busy (429, 503) is left alone, by all of them, for as long as it asks. A request fails with
    NotNow where it can't be made now, with PrivateAddress where it must not be made.
    """

    wraps = "POLITE_WRAPS"

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._busy: Counter[str] = Counter()
        self._budget = crawler.settings.getfloat("MONGO_RETRY_BUDGET")

    async def download_request(self, request: Request) -> Response:
        """The wrapped handler's response, when the host's turn has come."""
        spider: Any = self.crawler.spider
        leases: Leases | None = getattr(spider, "leases", None)
        host = urlsplit(request.url).hostname or ""
        if leases is None:  # a single request, as of `scrapy savepage`
            return await self._download(request)
        if is_private(host) and host not in spider.seed.sites:
            raise PrivateAddress(
                f"{host} is a private address: pages of the web lead there by mistake or malice"
            )
        lease = leases.of(host)
        async with lease.turn:
            await self._take(spider, lease, host, request)
            return await self._ask(leases, lease, host, request)

    async def _download(self, request: Request) -> Response:
        try:
            response: Response = await self.wrapped(request).download_request(request)
        except CannotResolveHostError:
            host = urlsplit(request.url).hostname or ""
            if address := refused_address(host):
                raise PrivateAddress(f"{host} leads to the private address {address}") from None
            raise
        return response

    async def _ask(self, leases: Leases, lease: HostLease, host: str, request: Request) -> Response:
        """The response, while the lease is held."""
        pause, busy = self._delay(request), 0.0
        try:
            response = await self._download(request)
            busy = self._pause(host, response, request)
            return response
        finally:
            if not leases.given_up:
                await lease.done(max(pause, busy), leave=busy > 0)

    async def _take(self, spider: Any, lease: HostLease, host: str, request: Request) -> None:
        """Wait for the host's lease. Raises NotNow where that would take too long."""
        while True:
            self._send_back(spider, host)
            try:
                wait = await patiently(partial(lease.wait, self._delay(request)), self._budget)
            except StorageUnavailable as error:
                spider.leases.given_up = str(error)
                continue
            if not wait:
                return
            if wait > PATIENCE:
                raise HostPaused(host, wait)
            await asyncio.sleep(min(wait, 1.0))

    def _send_back(self, spider: Any, host: str) -> None:
        """Send back, without a pause, whatever was queued for a host or a run that is at its end."""
        given_up = spider.leases.given_up
        if given_up or host in spider.hosts.closed:
            self._slot(host).delay = 0.0
        if given_up:
            raise NotNow(given_up)
        if host in spider.hosts.closed:
            raise HostClosed(f"{host} is ended for this run")

    def _delay(self, request: Request) -> float:
        """Seconds between two requests to this host, with the jitter that Scrapy gives it."""
        return float(self._slot(request.meta["download_slot"]).download_delay())

    def _slot(self, key: str) -> Any:
        assert self.crawler.engine is not None
        return self.crawler.engine.downloader.slots[key]

    def _pause(self, host: str, response: Response, request: Request) -> float:
        """Seconds to leave the host alone: longer each time it is busy, unless it says itself how long."""
        if response.status not in BUSY:
            self._busy.pop(host, None)
            return 0.0
        self._busy[host] += 1
        header = (response.headers.get("Retry-After") or b"").decode("latin-1")
        asked = retry_after(header, dt.datetime.now(dt.UTC))
        return pause_after(self._busy[host], asked, self._slot(request.meta["download_slot"]).delay)
