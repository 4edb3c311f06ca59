"""Download handlers that answer from a WARC archive, and that keep what another handler receives."""

import asyncio
import http.client
import logging
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, DownloadFailedError, IgnoreRequest
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.utils.misc import build_from_crawler, load_object

from crawler.warc import ArchiveChain, ArchivedResponse, ArchiveError, ArchiveWriter, http_message

logger = logging.getLogger(__name__)


class ReplayHandler(BaseDownloadHandler):
    """Answers from the archives named by REPLAY; all the rest of Scrapy stays in play.

    A request for a page only if it changed gets a 304 where it has not, as from the server.
    Sets `request.meta["warc"]` to (file name, record id).
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._archive = ArchiveChain(crawler.settings["REPLAY"])

    async def download_request(self, request: Request) -> Response:
        """The archived response. An absent page fails; an absent robots.txt is a 404, which allows all."""
        found = self._archive.get(request.url)
        if found is None and _is_robots(request):
            return Response(request.url, status=404)
        if found is None:
            raise DownloadFailedError(f"not in the archive {self._archive.name}")
        request.meta["warc"] = (found.file, found.response.record_id)
        response = _as_response(request.url, found.response)
        return response.replace(status=304, body=b"") if _is_unchanged(request, response) else response


class RecordingHandler(BaseDownloadHandler):
    """Keeps in the archive named by RECORD what the handler it wraps sends and receives.

    RECORD_WRAPS names the wrapped handler of each scheme. Sets `request.meta["warc"]` to
    (file name, record id). Where the archive can't be written the crawl ends: `record_failed`.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._wrapped: dict[str, Any] = {}
        self._writer: ArchiveWriter | None = None
        self._ending: asyncio.Future[None] | None = None

    async def download_request(self, request: Request) -> Response:
        """The wrapped handler's response, once it is kept."""
        response: Response = await self._wraps(urlsplit(request.url).scheme).download_request(request)
        try:
            writer = self._open()
            record_id = writer.write(request.url, _sent(request), _received(response))
        except ArchiveError as error:
            self._end_crawl(error)
            # Scrapy logs a robots.txt that fails with anything but IgnoreRequest as a traceback
            kind = IgnoreRequest if _is_robots(request) else DownloadCancelledError
            raise kind(str(error)) from None
        request.meta["warc"] = (writer.path.name, record_id)
        return response

    async def close(self) -> None:
        """Close the wrapped handlers and the archive."""
        for handler in self._wrapped.values():
            await handler.close()
        if self._writer is not None:
            self._writer.close()

    def _open(self) -> ArchiveWriter:
        """The archive, opened at the first response, so that a crawl that gets none leaves no file."""
        if self._writer is None:
            settings = self.crawler.settings
            self._writer = ArchiveWriter(settings["RECORD"], user_agent=settings["USER_AGENT"])
        return self._writer

    def _wraps(self, scheme: str) -> Any:
        if scheme not in self._wrapped:
            path = self.crawler.settings.getdict("RECORD_WRAPS")[scheme]
            self._wrapped[scheme] = build_from_crawler(load_object(path), self.crawler)
        return self._wrapped[scheme]

    def _end_crawl(self, error: ArchiveError) -> None:
        """End the crawl, once; not awaited, as its end waits for this very request."""
        engine = self.crawler.engine
        if engine is None or self._ending is not None:
            return
        logger.error("Recording failed, the crawl ends: %s", error)
        self._ending = asyncio.ensure_future(engine.close_spider_async(reason="record_failed"))


def _is_unchanged(request: Request, response: Response) -> bool:
    """Whether the requester holds this very response (RFC 9110, 13.2.2: ETag before date)."""
    if response.status != 200:
        return False
    if held := request.headers.get("If-None-Match"):
        return _weakly(held) == _weakly(response.headers.get("ETag") or b"")
    held = request.headers.get("If-Modified-Since")
    return held is not None and held == response.headers.get("Last-Modified")


def _weakly(etag: bytes) -> bytes:
    return etag.removeprefix(b"W/")


def _is_robots(request: Request) -> bool:
    return urlsplit(request.url).path == "/robots.txt"


def _as_response(url: str, archived: ArchivedResponse) -> Response:
    """The Scrapy response that the default handler would have given."""
    headers = Headers()
    for name, value in archived.headers:
        headers.appendlist(name, value.encode("latin-1"))
    kind = responsetypes.from_args(headers=headers, url=url, body=archived.body)
    return kind(url, status=archived.status, headers=headers, body=archived.body)


def _sent(request: Request) -> bytes:
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = [("Host", parts.netloc), *_pairs(request.headers)]
    return http_message(f"{request.method} {target} HTTP/1.1", headers, request.body)


def _received(response: Response) -> bytes:
    """The response as received: Scrapy undoes a chunked transfer, and nothing else, before this point."""
    reason = http.client.responses.get(response.status, "")
    return http_message(f"HTTP/1.1 {response.status} {reason}", _pairs(response.headers), response.body)


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in headers.items()
        for value in values
    ]
