"""Pages as items: text in, Page out. Pure: no Scrapy, no network, no database."""

from importlib import import_module
from pkgutil import iter_modules

from crawler.items import Page
from crawler.parsers.base import OUTLINE, Layout, new_page, outline
from crawler.parsers.decoding import decode
from crawler.parsers.document import Document
from crawler.parsers.fallback import Blocked, Broken, NotFound, Unknown
from crawler.parsers.feed import is_feed, parse_feed
from crawler.parsers.generic import Generic
from crawler.parsers.saved_article import SavedArticle, read_head
from crawler.parsers.shell import is_shell
from crawler.urls import canonicalize, site_of

__all__ = [
    "OUTLINE",
    "SITES",
    "address_of",
    "decode",
    "is_feed",
    "is_shell",
    "new_page",
    "outline",
    "parse_feed",
    "parse_page",
]


def _declared() -> dict[str, tuple[type[Layout], ...]]:
    """Layouts by site: every module beside this one that declares SITE and LAYOUTS."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    return {module.SITE: module.LAYOUTS for module in modules if hasattr(module, "SITE")}


# Asked in this order; a form of its own comes before any site's.
FORMS: tuple[type[Layout], ...] = (SavedArticle, Blocked, Broken)
SITES = _declared()
"""Sites with a parser of their own."""
OTHERWISE: tuple[type[Layout], ...] = (NotFound, Generic, Unknown)


def parse_page(url: str, html: str) -> Page:
    """Reads a page. `url` is its canonical or final address; any text gives a Page, and nothing raises.

    The layout is told in `extractor.layout`: `blocked` for a block page, `error` for a server's or a cache's,
    `not_found` for a 404, `trafilatura` where no parser knows the page, `unknown` where not even a main text
    was found in it. A page over READ_LIMIT characters is read up to there.
    """
    document = Document.read(url, html)
    layouts = (*FORMS, *SITES.get(site_of(url), ()), *OTHERWISE)
    return next(layout for layout in layouts if layout.matches(document))(document).page()


def address_of(html: str) -> str | None:
    """The canonical address a document gives for itself; None where it tells none."""
    head = read_head(html)
    if head:
        return canonicalize(head["url"])
    document = Document.read("", html)
    link = document.attribute("link[rel=canonical]", "href")
    # Not og:url: on section fronts it is the home page's.
    return canonicalize(document.resolve(link.value) or "") if link else None
