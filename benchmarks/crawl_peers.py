"""The crawlers that benchmarks/crawl.py measures beside ours: each follows the same links of the same site.

    python benchmarks/crawl_peers.py bare|trafilatura|crawlee START_URL PROXY MONGO_URI

`bare`: a Scrapy spider that follows in-text links with `response.follow`, and keeps nothing but a headline.
`trafilatura`: the same, each page read by trafilatura and written to MongoDB, one write a page.
`crawlee`: the bare spider's work by Crawlee's ParselCrawler.
"""

import asyncio
import os
import sys
from datetime import timedelta

import scrapy
from scrapy.crawler import CrawlerProcess

IN_TEXT = 'section[name="articleBody"] a::attr(href)'
HEADLINE = 'h1[data-testid="headline"]::text'
SETTINGS = {
    "LOG_LEVEL": "WARNING",
    "TELNETCONSOLE_ENABLED": False,
    "COOKIES_ENABLED": False,  # tldextract would ask the network for the list of public suffixes
    "DOWNLOAD_VERIFY_CERTIFICATES": False,
    "ROBOTSTXT_OBEY": False,
}


class Bare(scrapy.Spider):
    """Follows the in-text links."""

    name = "bare"

    def __init__(self, start):
        super().__init__()
        self.start_urls = [start]

    def parse(self, response):
        """A headline, and the links."""
        yield {"url": response.url, "headline": response.css(HEADLINE).get()}
        for href in response.css(IN_TEXT).getall():
            yield response.follow(href)


class WithTrafilatura(Bare):
    """Reads each page with trafilatura, too."""

    name = "trafilatura"

    def parse(self, response):
        """The article, and the links."""
        from trafilatura import bare_extraction

        document = bare_extraction(response.text, url=response.url, with_metadata=True, include_links=True)
        yield {"_id": response.url, "headline": document.title, "date": document.date, "body": document.text}
        for href in response.css(IN_TEXT).getall():
            yield response.follow(href)


class OneWriteAPage:
    """The pipeline that most write: one acknowledged write a page."""

    def __init__(self):
        from pymongo import MongoClient

        self.client = MongoClient(os.environ["BENCHMARK_MONGO_URI"], journal=True)
        self.pages = self.client[os.environ["BENCHMARK_DATABASE"]].pages

    def process_item(self, item):
        """Write it."""
        self.pages.replace_one({"_id": item["_id"]}, item, upsert=True)
        return item


def crawl(spider, start, **settings):
    """Run a Scrapy spider, and say how many pages it had."""
    process = CrawlerProcess(SETTINGS | settings)
    crawler = process.create_crawler(spider)
    process.crawl(crawler, start=start)
    process.start()
    print(crawler.stats.get_value("item_scraped_count"))


async def crawl_with_crawlee(start, proxy):
    """The same by Crawlee."""
    from crawlee import ConcurrencySettings
    from crawlee.crawlers import ParselCrawler
    from crawlee.http_clients import ImpitHttpClient
    from crawlee.proxy_configuration import ProxyConfiguration

    crawler = ParselCrawler(
        http_client=ImpitHttpClient(verify=False),
        proxy_configuration=ProxyConfiguration(proxy_urls=[proxy]),
        concurrency_settings=ConcurrencySettings(desired_concurrency=8, max_concurrency=8),
        request_handler_timeout=timedelta(minutes=1),
        configure_logging=False,
    )
    pages = 0

    @crawler.router.default_handler
    async def handle(context):
        nonlocal pages
        pages += 1
        await context.push_data(
            {"url": context.request.url, "headline": context.selector.css(HEADLINE).get()}
        )
        await context.add_requests(context.selector.css(IN_TEXT).getall())

    await crawler.run([start])
    print(pages)


if __name__ == "__main__":
    system, start, proxy = sys.argv[1:4]
    if system == "bare":
        crawl(Bare, start)
    elif system == "trafilatura":
        crawl(WithTrafilatura, start, ITEM_PIPELINES={OneWriteAPage: 1})
    else:
        asyncio.run(crawl_with_crawlee(start, proxy))
