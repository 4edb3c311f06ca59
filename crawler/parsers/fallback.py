"""Pages that are no article in a known layout: block pages, pages not found, layouts not written yet."""

import re
from dataclasses import replace

from crawler.items import Extractor, Page
from crawler.parsers import evidence
from crawler.parsers.base import Layout
from crawler.parsers.document import Document, Fact, first

# Each begins plainly and is looked for by itself, in small letters: many times as fast as all at once.
_BLOCKED = (
    re.compile(rb"captcha-delivery\.com"),
    re.compile(rb"you have been blocked"),
    re.compile(rb"suspect that you.{1,3}re a robot"),  # up to three bytes make the apostrophe
    re.compile(rb"id=[\"']?cmsg\b"),
    re.compile(rb"_cf_chl_opt"),
    re.compile(rb"id=[\"']?px-captcha\b"),
    re.compile(rb"incapsula incident id"),
)
# Whole titles: what guards and servers put over a refusal and an error. An article says more.
_REFUSAL = re.compile(
    r"Access (?:to this page (?:has been|is) )?(?:Denied|Forbidden)\.?|Just a moment\W*|Are you a robot\?"
    r"|Attention Required! \| Cloudflare|Pardon Our Interruption\W*|ERROR: The request could not be satisfied"
    r"|Log in(?: or create an account)? - The New York Times"
    r"|(?:401|403|429|451) (?:Unauthorized|Authorization Required|Forbidden|Too Many Requests|Unavailable.*)",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"50\d (?:Internal Server Error|Bad Gateway|Service .*Unavailable|Backend .*|Gateway Time-?out)"
    r"|Fastly error: .*",
    re.IGNORECASE,
)
_OWN = {"pt", "cg", "hdl", "articleid"}  # meta tags of the newspaper's pages, from 2001 on
_BARE_HOST = re.compile(r"(?:[a-z0-9-]+\.)*nytimes\.com", re.IGNORECASE)
_NOT_FOUND = re.compile(
    r"(?:您|你)?(?:访问|訪問|要查找|查找|請求|请求)的(?:页面|頁面)(?:未找到|不存在)"
    r"|Page Not Found|page you requested|\A404 Not Found\Z|\AError 404\b",
    re.IGNORECASE,
)


class _NoContent(Layout):
    """A page that says nothing of an article."""

    def page(self) -> Page:
        """Its address, and what it was taken for."""
        return replace(self.bare, extractor=Extractor(name=self.module, layout=self.name))


class Blocked(_NoContent):
    """The answer to a client that is taken for a robot."""

    name = "blocked"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """A head that tells nothing of a page, and a vendor's marker, or a refusal or a host for a title."""
        if _tells(document):
            return False
        title = document.text("title")
        if title and (_BARE_HOST.fullmatch(title.value) or _REFUSAL.fullmatch(title.value)):
            return True
        markup = document.markup.lower()
        return any(marker.search(markup) for marker in _BLOCKED)


class Broken(_NoContent):
    """What a server or a cache says when it has no answer; saved pages and proxies give it as a page."""

    name = "error"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """A head that tells nothing of a page, and the error for a title."""
        title = document.text("title")
        return title is not None and bool(_ERROR.fullmatch(title.value)) and not _tells(document)


class NotFound(_NoContent):
    """A 404 page; the articles it recommends have nothing to do with the one that is missing."""

    name = "not_found"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """Its title or first heading says so."""
        said = map(document.text, ("title", "h1", "h2", "h3"))
        return any(fact and _NOT_FOUND.search(fact.value) for fact in said)


class Unknown(Layout):
    """Any other page: what meta tags, JSON-LD and headings tell, no body, no links."""

    @classmethod
    def matches(cls, document: Document) -> bool:  # noqa: ARG003  # the last in line takes all
        """Always."""
        return True

    def headline(self) -> Fact[str] | None:
        """og:title first: the headings of an unknown page may be a menu's."""
        return first(
            evidence.og_title(self.document),
            self.document.data("headline"),
            self.document.text("h1"),
            evidence.page_title(self.document),
        )


def _tells(document: Document) -> bool:
    """Whether the head of a page describes it: no refusal and no error does."""
    return any(name.startswith("og:") or name in _OWN for name in document.metas)
