"""robots.txt as RFC 9309 has it, where Scrapy's own middleware fetches on."""

import asyncio
from typing import Any

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import DownloadCancelledError
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser


class RobotsMiddleware(RobotsTxtMiddleware):
    """Refuses a host whose robots.txt is unreachable or answers 429 or 5xx (RFC 9309, 2.3.1.4).

    Scrapy would allow everything. Such a request fails with DownloadCancelledError, which is not retried;
    one that the rules forbid fails with IgnoreRequest, as in Scrapy.

    Requests of one host that wait for the same robots.txt wait on one task: in Scrapy 2.19 they wait on one
    Deferred, and from the third on they get None from it, which allows everything.
    """

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._unreachable: dict[str, str] = {}
        self._reading: dict[str, asyncio.Task[RobotParser | None]] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        netloc = _netloc(request)
        if netloc not in self._reading:
            self._reading[netloc] = asyncio.ensure_future(super().robot_parser(request))
        return await asyncio.shield(self._reading[netloc])

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        reason = self._unreachable.get(_netloc(request))
        if reason is not None:
            raise DownloadCancelledError(reason)
        super().process_request_2(rp, request)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status == 429 or response.status >= 500:
            self._unreachable[netloc] = f"robots.txt answers {response.status}"
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._unreachable[netloc] = f"robots.txt can't be had: {exc}"
        super()._robots_error(exc, netloc)


def _netloc(request: Request) -> str:
    return request.url.split("/", 3)[2]
