"""What an answer of a server tells: the page in it, and the facts beside it."""

import datetime as dt
from dataclasses import replace

from scrapy.http import Response, TextResponse

from crawler.directives import forbids_copies
from crawler.frontier import Before
from crawler.items import Page, Via, WarcRecord
from crawler.parsers import decode, is_feed, outline, parse_feed, parse_page
from crawler.store import Due


def read(response: Response, url: str, via: Via, *, in_outline: bool) -> Page | None:
    """The page of this canonical URL, as fetched; None where the answer is neither a web page nor a feed.

    `in_outline`: as much of it as a citation shows.
    """
    if is_feed(response.body):
        page = parse_feed(url, response.body, dt.datetime.now(dt.UTC))
    elif isinstance(response, TextResponse):
        page = parse_page(url, decode(response.body, header(response, "Content-Type")))
    else:
        return None
    tags = [tag.decode("latin-1") for tag in response.headers.getlist("X-Robots-Tag")]
    warc = response.meta.get("warc")
    return replace(
        outline(page) if in_outline else page,
        url=response.url,
        fetched_at=dt.datetime.now(dt.UTC),
        fetched_via=via,
        etag=header(response, "ETag"),
        last_modified=header(response, "Last-Modified"),
        archive_policy="noarchive" if forbids_copies(tags) else page.archive_policy,
        warc=WarcRecord(file=warc[0], record_id=warc[1]) if warc else None,
    )


def header(response: Response, name: str) -> str | None:
    """The value of a header; None where it is empty or missing."""
    value = response.headers.get(name)
    return value.decode("latin-1").strip() or None if value else None


def validators(due: Due) -> dict[str, str]:
    """Headers that ask for the page only if it is another than the one held; as the server sent them."""
    asked = {"If-None-Match": due.etag, "If-Modified-Since": due.last_modified}
    return {name: value for name, value in asked.items() if value} if due.is_held else {}


def before(due: Due, page: Page) -> Before | None:
    """What was known of the page; a text that only our own reading made another has not changed."""
    if not due.is_held or due.fetch_interval is None or due.next_fetch_at is None:
        return None
    same_reading = page.extractor and due.read_by == (page.extractor.name, page.extractor.version)
    changed = bool(same_reading and due.content_hash != page.content_hash)
    return Before(due.fetch_interval, due.next_fetch_at, changed)
