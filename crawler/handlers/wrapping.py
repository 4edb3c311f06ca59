"""What handlers have in common that stand around another one."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.utils.misc import build_from_crawler, load_object


class WrappingHandler(BaseDownloadHandler):
    """Stands around the handlers that the setting `wraps` names, by scheme."""

    lazy = True
    wraps: ClassVar[str]

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._wrapped: dict[str, Any] = {}

    def wrapped(self, request: Request) -> Any:
        """The handler for this request, built at the first."""
        scheme = urlsplit(request.url).scheme
        if scheme not in self._wrapped:
            path = self.crawler.settings.getdict(self.wraps)[scheme]
            self._wrapped[scheme] = build_from_crawler(load_object(path), self.crawler)
        return self._wrapped[scheme]

    async def close(self) -> None:
        """Close the wrapped handlers."""
        for handler in self._wrapped.values():
            await handler.close()


def is_robots(request: Request) -> bool:
    """Whether a request asks for the rules of a host."""
    return urlsplit(request.url).path == "/robots.txt"
