"""This crawler with a ready page in place of each that it would read: what a crawl costs besides reading.

    python benchmarks/crawl_unread.py parsed|unread PAGES crawl articles -a seed=SEED …

Article 0 is read. Every other one is that page again, under its own address and with the links that
benchmarks/crawl_site.py gives it; `parsed`: after libxml2 has parsed its HTML, as for any reading. All that
comes after a reading is done in full.
"""

import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import crawl_site
import lxml.html
from scrapy import cmdline

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from crawler import parsers  # noqa: E402

PARSED, UNREAD = "parsed", "unread"


class Ready:
    """Stands where `parse_page` does, for so many pages."""

    def __init__(self, pages, kind):
        self.numbers = {crawl_site.url(number): number for number in range(pages)}
        self.kind = kind
        self.read = parsers.parse_page
        self.first = None

    def __call__(self, url, html):
        """The page of that address."""
        if self.kind == PARSED:
            lxml.html.document_fromstring(html)
        self.first = self.first or self.read(url, html)  # a crawl begins with article 0
        title = f"Story {self.numbers[url]}"
        names = {"id": url, "url": url, "story_key": url, "headline": title, "display_title": title}
        digest = sha256(url.encode()).hexdigest()
        return replace(self.first, **names, links=self.links(url), content_hash=digest)

    def links(self, url):
        """Those of that page, each where the first page has one."""
        numbers = crawl_site.links(self.numbers[url], len(self.numbers))
        places = self.first.links * 2  # the first alone cites no parent
        return tuple(
            replace(link, target=crawl_site.url(n)) for link, n in zip(places, numbers, strict=False)
        )


if __name__ == "__main__":
    kind, pages, *arguments = sys.argv[1:]
    parsers.parse_page = Ready(int(pages), kind)
    cmdline.execute(["scrapy", *arguments])
