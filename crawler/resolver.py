"""Names are looked up as ever, and none of them may lead into a private network."""

from collections.abc import Sequence
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.error import DNSLookupError

from crawler.politeness import is_private


class PublicResolver(CachingThreadedResolver):
    """Refuses a private address for a name of the web, but for the sites that the seed itself names.

    What is looked up here is what is connected to: no second look-up can say something else.
    """

    crawler: Crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        resolver = super().from_crawler(crawler, reactor)
        resolver.crawler = crawler
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Any:  # noqa: N802 - Twisted's
        return super().getHostByName(name, timeout).addCallback(self._check, name)

    def _check(self, address: str, name: str) -> str:
        seed: Any = getattr(self.crawler.spider, "seed", None)
        if seed is not None and name not in seed.sites and is_private(address):
            raise DNSLookupError(f"{name} leads to the private address {address}")
        return address
