"""A download handler that answers from WARC archives."""

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from crawler.handlers.wrapping import is_robots
from crawler.warc import ArchiveChain, ArchivedResponse


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
        if found is None and is_robots(request):
            return Response(request.url, status=404)
        if found is None:
            raise DownloadFailedError(f"not in the archive {self._archive.name}")
        request.meta["warc"] = (found.file, found.response.record_id)
        response = _as_response(request.url, found.response)
        return response.replace(status=304, body=b"") if _is_unchanged(request, response) else response


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


def _as_response(url: str, archived: ArchivedResponse) -> Response:
    """The Scrapy response that the default handler would have given."""
    headers = Headers()
    for name, value in archived.headers:
        headers.appendlist(name, value.encode("latin-1"))
    kind = responsetypes.from_args(headers=headers, url=url, body=archived.body)
    return kind(url, status=archived.status, headers=headers, body=archived.body)
