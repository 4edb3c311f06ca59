"""What reads an article: we, and general extractors beside us; each tells the same few things."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from lxml import html as lxml_html

from crawler.items import Page, Role
from crawler.parsers import parse_page

NEW_YORK = ZoneInfo("America/New_York")
NOT_READ = "not read"


class Reading(NamedTuple):
    """What a system read of a page."""

    headline: str | None = None
    day: str | None = None
    byline: str = ""
    links: Iterable[str] = ()
    body: str = ""


def ours(url: str, html: str) -> Reading:
    """Our parsers; what the body cites has the role citation."""
    return reading_of(parse_page(url, html))


def reading_of(page: Page) -> Reading:
    """What counts of an item."""
    cited = [link.target for link in page.links if link.role is Role.CITATION]
    byline = "; ".join(author.name for author in page.authors)
    return Reading(page.headline, page.published_on, byline, cited, page.body or "")


def trafilatura(url: str, html: str) -> Reading:
    """As it comes, with links and metadata and without comments."""
    from trafilatura import bare_extraction

    page = bare_extraction(html, url=url, include_links=True, include_comments=False, with_metadata=True)
    if page is None:
        return Reading()
    links = page.body.xpath(".//ref/@target")
    return Reading(page.title, page.date, page.author or "", links, text_of(page.body))


def newspaper4k(url: str, html: str) -> Reading:
    """As it comes, in the site's language and without fetching images."""
    from newspaper import Article

    page = Article(url, language="zh" if "//cn." in url else "en", fetch_images=False)
    page.download(input_html=html)
    page.parse()
    day = day_in(page.publish_date.isoformat(), NEW_YORK) if page.publish_date else None
    links = [] if page.top_node is None else page.top_node.xpath(".//a/@href")
    return Reading(page.title, day, "; ".join(page.authors), links, page.text)


def readability(url: str, html: str) -> Reading:
    """Its short title, author and summary."""
    from readability import Document

    page = Document(html, url=url)
    title, author = page.short_title(), page.author()
    summary = lxml_html.fromstring(page.summary())
    return Reading(title, NOT_READ, author, summary.xpath("//a/@href"), text_of(summary))


Systems = dict[str, Callable[[str, str], Reading]]
PEERS: Systems = {"trafilatura": trafilatura, "newspaper4k": newspaper4k, "readability-lxml": readability}


def text_of(element: Any) -> str:
    """All that is written in an element."""
    return " ".join(element.itertext())


def day_in(text: str, zone: ZoneInfo) -> str:
    """The day of a date, or of a moment as it is told in a zone."""
    if text[:8].isdigit():
        return f"{text[:4]}-{text[4:6]}-{text[6:8]}"
    moment = dt.datetime.fromisoformat(text)
    return (moment.astimezone(zone) if moment.tzinfo else moment).date().isoformat()
