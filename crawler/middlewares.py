"""robots.txt as RFC 9309 has it, where Scrapy's own middleware fetches on."""

import asyncio
import datetime as dt
import logging
from collections import Counter
from dataclasses import dataclass
from typing import Any, NoReturn, Self
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, NotConfigured, StopDownload
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.misc import build_from_crawler, load_object

from crawler.politeness import (
    LONGEST_WAIT,
    MOST_REFUSALS,
    HostPaused,
    Hosts,
    HostSilent,
    NotNow,
    RobotsDenied,
    pause_after,
    retry_after,
)
from crawler.store import RULES_LAST, Rules, StorageUnavailable

logger = logging.getLogger(__name__)

MOST_READ = 500 * 1024
"""Bytes of a robots.txt that are read (RFC 9309, 2.5); of a longer one the rest is not even received."""
LONGEST_BODY = 64 * 1024 * 1024
"""Bytes to which a compressed one may grow before it counts as unreachable."""
PRIORITY = 1000
"""Rules are asked for before any page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdicts:
    """What the rules of one host come to."""

    parser: RobotParser | None = None
    unreachable: str | None = None
    """Why they can't be had: then nothing may be fetched (2.3.1.4)."""
    is_silent: bool = False
    """Whether nobody answered at all."""
    until: float = 0.0
    """On the event loop's clock: then they are read anew."""


class RobotsMiddleware:
    """Asks for a page only where the host's rules allow it, and no faster than they say.

    Rules that are unreachable, or answer 429 or 5xx, forbid everything for a while: the page they were asked
    for fails with DownloadCancelledError, which is not retried, and all others of the host with HostPaused.
    One that they forbid fails with RobotsDenied. Rules that were read are kept in the database for a day, for
    all runs; all requests of a host wait for one reading.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self.crawler = crawler
        self.agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self.is_live = crawler.settings["PROVENANCE"] == "live"
        self._parser: type[RobotParser] = load_object(crawler.settings["ROBOTSTXT_PARSER"])
        self._reading: dict[str, asyncio.Task[_Verdicts]] = {}
        self._failures: Counter[str] = Counter()
        """Readings in a row that failed, by origin."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler)
        crawler.signals.connect(middleware.bytes_received, signal=signals.bytes_received)
        return middleware

    async def process_request(self, request: Request) -> None:
        if request.meta.get("dont_obey_robotstxt") or not request.url.startswith("http"):
            return
        verdicts = await self._verdicts(request)
        if verdicts.parser is None:
            return
        if not verdicts.parser.allowed(request.url, self.agent):
            self._count("robotstxt/forbidden")
            raise RobotsDenied("robots.txt forbids it")
        if self.is_live:
            self._slow_down(request, verdicts.parser.crawl_delay(self.agent) or 0.0)

    def bytes_received(self, data: bytes, request: Request) -> None:
        """Let no robots.txt go on for ever."""
        if "robots_bytes" in request.meta:
            request.meta["robots_bytes"] += len(data)
            if request.meta["robots_bytes"] > MOST_READ:
                raise StopDownload(fail=False)

    async def _verdicts(self, request: Request) -> _Verdicts:
        """As read once; anew after a day, or where they could not be had, after a pause."""
        origin = "/".join(request.url.split("/", 3)[:3])
        task = self._reading.get(origin)
        is_read_anew = task is None or (task.done() and not self._holds(task))
        if task is None or is_read_anew:
            task = self._reading[origin] = asyncio.ensure_future(self._read(origin))
        verdicts = await asyncio.shield(task)
        if verdicts.unreachable is not None:
            self._hold_back(request, verdicts, verdicts.unreachable, is_first=is_read_anew)
        return verdicts

    def _hold_back(self, request: Request, verdicts: _Verdicts, why: str, *, is_first: bool) -> NoReturn:
        """Fail the page that the rules were asked for; send the others back, unless from an archive."""
        if is_first or not self.is_live:
            raise DownloadCancelledError(why)
        left = verdicts.until - asyncio.get_running_loop().time()
        paused = HostSilent if verdicts.is_silent else HostPaused
        raise paused(urlsplit(request.url).hostname or "", max(left, 1.0))

    @staticmethod
    def _holds(task: asyncio.Task[_Verdicts]) -> bool:
        if task.cancelled() or task.exception() is not None:
            return False
        return task.result().until > asyncio.get_running_loop().time()

    async def _read(self, origin: str) -> _Verdicts:
        """Raises NotNow where the host can't be asked just now."""
        rules = await self._kept(origin)
        if rules is None:
            try:
                response = await self._fetch(origin)
            except NotNow:
                raise
            except Exception as error:  # noqa: BLE001  # whatever it is, the rules can't be had
                return self._unreachable(origin, f"robots.txt can't be had: {error}", is_silent=True)
            if response.status == 429 or response.status >= 500:
                return self._unreachable(origin, f"robots.txt answers {response.status}", _asked(response))
            rules = _rules(response)
            await self._keep(origin, rules)
        self._failures.pop(origin, None)
        return _Verdicts(parser=self._parse(rules), until=asyncio.get_running_loop().time() + RULES_LAST)

    def _unreachable(
        self, origin: str, why: str, asked: float | None = None, *, is_silent: bool = False
    ) -> _Verdicts:
        """For as long as the host asks, else for ever longer; too many in a row end it for the run."""
        assert self.crawler.engine is not None
        self._failures[origin] += 1
        host, slot = self.crawler.engine.downloader._get_slot(Request(origin))
        hosts: Hosts | None = getattr(self.crawler.spider, "hosts", None)
        if hosts and self.is_live and self._failures[origin] >= MOST_REFUSALS:
            hosts.closed.setdefault(host, why)
        pause = pause_after(self._failures[origin], asked, slot.delay) if self.is_live else RULES_LAST
        until = asyncio.get_running_loop().time() + pause
        return _Verdicts(unreachable=why, is_silent=is_silent, until=until)

    async def _fetch(self, origin: str) -> Response:
        """What the host answers now."""
        assert self.crawler.engine is not None
        request = Request(
            f"{origin}/robots.txt",
            priority=PRIORITY,
            callback=NO_CALLBACK,
            headers={"Accept-Encoding": "identity"},
            meta={"dont_obey_robotstxt": True, "robots_bytes": 0, "download_maxsize": LONGEST_BODY},
        )
        self._count("robotstxt/request_count")
        response = await self.crawler.engine.download_async(request)
        self._count(f"robotstxt/response_status_count/{response.status}")
        return response

    def _parse(self, rules: Rules) -> RobotParser:
        return build_from_crawler(self._parser, self.crawler, rules.text.encode())

    async def _kept(self, origin: str) -> Rules | None:
        store, (scheme, host) = self._store(), urlsplit(origin)[:2]
        if store is None:
            return None
        try:
            kept: Rules | None = await store.rules(host, scheme)
        except StorageUnavailable:  # then they are asked for
            return None
        return kept

    async def _keep(self, origin: str, rules: Rules) -> None:
        store, (scheme, host) = self._store(), urlsplit(origin)[:2]
        if store is not None:
            try:
                await store.keep_rules(host, scheme, rules)
            except StorageUnavailable as error:
                logger.debug("robots.txt of %s is not kept: %s", host, error)

    def _store(self) -> Any:
        """The database of a live run: an archive brings its own rules."""
        return getattr(self.crawler.spider, "store", None) if self.is_live else None

    def _slow_down(self, request: Request, delay: float) -> None:
        """Let no pause between two requests to the host be shorter than its Crawl-delay."""
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        host, slot = downloader._get_slot(request)
        if delay > LONGEST_WAIT:
            raise HostPaused(host, delay)
        if delay:
            request.meta["autothrottle_dont_adjust_delay"] = (
                True  # for who has AutoThrottle: it would undercut
            )
        if delay > slot.delay * max(1 - slot.jitter, 0.0):
            slot.delay, slot.jitter = max(slot.delay, delay), 0.0
            kept = downloader.per_slot_settings.setdefault(host, {})  # a slot goes after a minute without use
            kept.update(delay=slot.delay, jitter=slot.jitter)
            logger.info("%s asks for %g s between requests", host, delay)

    def _count(self, name: str) -> None:
        if self.crawler.stats is not None:
            self.crawler.stats.inc_value(name)


def _asked(response: Response) -> float | None:
    """Seconds for which the host asks to be left alone."""
    header = (response.headers.get("Retry-After") or b"").decode("latin-1")
    return retry_after(header, dt.datetime.now(dt.UTC))


def _rules(response: Response) -> Rules:
    """None are in an answer of 3xx or 4xx, or in an HTML page."""
    return Rules(response.status, _text(response) if 200 <= response.status < 300 else "")


def _text(response: Response) -> str:
    """As much of the rules as is read, up to a whole line."""
    body = response.body[:MOST_READ]
    if len(response.body) > MOST_READ:
        body = body[: body.rfind(b"\n") + 1]
    text = body.decode("utf-8-sig", "replace")
    return "" if text.lstrip().startswith("<") else text
