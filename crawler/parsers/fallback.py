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
)
_OWN = {"pt", "cg", "hdl", "articleid"}  # meta tags of the newspaper's pages, from 2001 on
_BARE_HOST = re.compile(r"(?:[a-z0-9-]+\.)*nytimes\.com", re.IGNORECASE)
_NOT_FOUND = re.compile(
    r"(?:您|你)?(?:访问|訪問)的(?:页面|頁面)(?:未找到|不存在)|Page Not Found|page you requested",
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
        """A head that tells nothing of a page, and a vendor's marker or a host for a title."""
        if any(name.startswith("og:") or name in _OWN for name in document.metas):
            return False
        title = document.text("title")
        if title and _BARE_HOST.fullmatch(title.value):
            return True
        markup = document.markup.lower()
        return any(marker.search(markup) for marker in _BLOCKED)


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
