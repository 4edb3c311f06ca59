"""A download handler that keeps in a WARC archive what another one sends and receives."""

import asyncio
import contextlib
import http.client
import logging
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers, Response

from crawler.directives import forbids_copies, page_forbids_copies
from crawler.handlers.wrapping import WrappingHandler
from crawler.intake.encoding import PackedBody, unpack
from crawler.politeness import NotRecorded
from crawler.warc import ArchiveError, ArchiveWriter, http_message

logger = logging.getLogger(__name__)


class Unrecorded(NotRecorded, IgnoreRequest):
    """In Scrapy's terms: it logs a robots.txt that fails with anything else as a traceback."""


class RecordingHandler(WrappingHandler):
    """Keeps in the archive named by RECORD what the handler it wraps sends and receives.

    RECORD_WRAPS names the wrapped handler of each scheme. Sets `request.meta["warc"]` to
    (file name, record id). A page that asks for `noarchive` is not kept. Where the archive can't be
    written the crawl ends: `record_failed`; what came fails with NotRecorded, and nothing more is asked.
    """

    wraps = "RECORD_WRAPS"

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._writer: ArchiveWriter | None = None
        self._ending: asyncio.Future[None] | None = None

    async def download_request(self, request: Request) -> Response:
        """The wrapped handler's response, once it is kept."""
        if self._ending is not None:
            raise Unrecorded("nothing more can be recorded")
        response: Response = await self.wrapped(request).download_request(request)
        if _forbids_copies(response):
            return response
        try:
            writer = self._open()
            record_id = writer.write(request.url, _sent(request), _received(response))
        except ArchiveError as error:
            self._end_crawl(error)
            raise Unrecorded(str(error)) from None
        request.meta["warc"] = (writer.path.name, record_id)
        return response

    async def close(self) -> None:
        """Close the wrapped handlers and the archive."""
        await super().close()
        if self._writer is not None:
            self._writer.close()

    def _open(self) -> ArchiveWriter:
        """The archive, opened at the first response, so that a crawl that gets none leaves no file."""
        if self._writer is None:
            settings = self.crawler.settings
            self._writer = ArchiveWriter(settings["RECORD"], user_agent=settings["USER_AGENT"])
        return self._writer

    def _end_crawl(self, error: ArchiveError) -> None:
        """End the crawl, once; not awaited, as its end waits for this very request."""
        engine = self.crawler.engine
        if engine is None or self._ending is not None:
            return
        logger.error("Recording failed, the crawl ends: %s", error)
        self._ending = asyncio.ensure_future(engine.close_spider_async(reason="record_failed"))


def _forbids_copies(response: Response) -> bool:
    """Whether the page, or its header, asks that no copy be kept."""
    headers = response.headers
    if forbids_copies(tag.decode("latin-1") for tag in headers.getlist("X-Robots-Tag")):
        return True
    encoding = b", ".join(headers.getlist("Content-Encoding")).decode("latin-1")
    with contextlib.suppress(PackedBody):  # nothing can be read in it
        return page_forbids_copies(unpack(response.body, encoding or None))
    return False


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
