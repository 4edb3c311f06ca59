"""Names are looked up as ever, and none of them may lead into a private network."""

from collections.abc import Sequence
from typing import Any, Self

from scrapy.crawler import CrawlerRunnerBase
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.error import DNSLookupError

from crawler.politeness import is_private


class PublicResolver(CachingThreadedResolver):
    """Refuses a private address for a name of the web, but for the sites that the seed itself names.

    What is looked up here is what is connected to: no second look-up can say something else.
    """

    process: CrawlerRunnerBase
    refused: dict[str, str]
    """Names that were refused, with the address: Twisted tells whoever asked no more than "no results"."""

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: ReactorBase) -> Self:
        """Of a process: that, not a crawler, is what Scrapy hands to a resolver."""
        resolver = super().from_crawler(crawler, reactor)
        resolver.process, resolver.refused = crawler, {}
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Any:  # noqa: N802 - Twisted's
        return super().getHostByName(name, timeout).addCallback(self._check, name)

    def _check(self, address: str, name: str) -> str:
        seeds = [getattr(crawler.spider, "seed", None) for crawler in self.process.crawlers]
        if is_private(address) and not any(seed and name in seed.sites for seed in seeds):
            self.refused[name] = address
            raise DNSLookupError(f"{name} leads to the private address {address}")
        return address


def refused_address(name: str) -> str | None:
    """The private address for the sake of which a name was refused in this process."""
    from twisted.internet import reactor  # not above: its import installs one

    resolver = getattr(reactor, "resolver", None)
    return resolver.refused.get(name) if isinstance(resolver, PublicResolver) else None
