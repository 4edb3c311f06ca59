"""The saved-article form, the seed's: a feed's rendering of a cn.nytimes.com article in a Markdown file.

<!--feed time in ms-->
[title](url)
------

the article as one line of HTML, with or without the page's class names
"""

import datetime as dt
import html
import re
from collections.abc import Iterator
from typing import ClassVar

from crawler.parsers import dates
from crawler.parsers.blocks import Piece, Place, read_pieces
from crawler.parsers.chinese import ChineseLayout
from crawler.parsers.document import Document, Element, Fact, first, outermost
from crawler.parsers.text import fold

_HEAD = re.compile(
    r"\s*(?:<!--\s*(?P<feed>\d{10,14})\s*-->\s*)?\[(?P<title>[^\n]*)\]\((?P<url>[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)\)"
    r"[^\S\n]*\r?\n\s*-{3,}"
)
# The form of 2020 has neither <address> nor <time>: <i>names<br>2020-01-31 10:47:24</i>.
_BYLINE_WITH_TIME = re.compile(r"^(.*?)\s*(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)$")


def read_head(text: str) -> re.Match[str] | None:
    """The lines above the article: `feed`, `title`, `url`; None for any other form."""
    return _HEAD.match(text.removeprefix("\ufeff"))


class SavedArticle(ChineseLayout):
    """All years of the form."""

    module = "saved_article"
    name = "saved-article"

    BODY: ClassVar[str] = "section.article-body"
    ANY_BODY: ClassVar[str] = "section"

    def __init__(self, document: Document) -> None:
        head = read_head(document.html)
        if head is None:
            raise ValueError("not a saved article: ask matches() first")
        self.head = head
        article = document.html.removeprefix("\ufeff")[head.end() :]
        super().__init__(Document.read(document.url, article))
        # Of all the years' forms only the seed's, without class names, could be read in a real page.
        self.verified = bool(self.document.select("body > address ~ section:not([class])"))

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By its head; the markup below it differs from year to year."""
        return read_head(document.opening) is not None

    def headline(self) -> Fact[str] | None:
        """Line 2."""
        title = fold(html.unescape(self.head["title"]))
        return Fact(title, "[title](url)") if title else None

    def byline(self) -> Fact[str] | None:
        """<address>; in 2020 the text before the time."""
        written = self._byline_with_time()
        return first(self.document.text("address"), Fact(written[1], "div > i") if written else None)

    def published(self) -> Fact[dates.Stamp] | None:
        """The page's clock, read with the feed's time."""
        written = self._byline_with_time()
        found = first(
            self.document.attribute("time[datetime]", "datetime"),
            self.document.attribute("time[pudate]", "pudate"),
            Fact(written[2], "div > i") if written else None,
            self.document.text("time"),
        )
        stamp = dates.beijing_clock(found.value, self._feed_time()) if found else None
        return Fact(stamp, found.rule) if found and stamp else super().published()

    def _feed_time(self) -> dt.datetime | None:
        return dates.from_milliseconds(self.head["feed"]) if self.head["feed"] else None

    def _byline_with_time(self) -> re.Match[str] | None:
        line = next(self.document.root.iter("i"), None)
        return _BYLINE_WITH_TIME.match(fold(" ".join(line.itertext()))) if line is not None else None

    def pieces(self) -> Iterator[Piece]:
        """Lead picture, body, the article's own footers, related coverage."""
        bodies = self.document.select(self.BODY) or self.document.select(self.ANY_BODY)
        footers = list(self._footers())
        dropped = {*footers, *self._around(bodies[-1] if bodies else None)}
        yield from self.sorted_body(read_pieces(self.document.root, dropped, bodies or None))
        for footer in footers:
            yield from ((Place.FOOTER, piece) for _, piece in read_pieces(footer, pictures=()))
        yield from self.related()

    def _footers(self) -> Iterator[Element]:
        """A footer that comes after a menu is the site's, not the article's."""
        for element in outermost(self.document.root.iter("footer", "nav")):
            if element.tag == "nav":
                return
            yield element

    def _around(self, body: Element | None) -> Iterator[Element]:
        """What is not the article: its byline, and all that follows the body."""
        yield from self.document.select("address, time, h1, nav")
        if body is None:
            yield from self.document.select("i")[: 1 if self._byline_with_time() else 0]
            return
        yield from body.itersiblings()
        parent = body.getparent()
        if parent is not None and parent.tag == "article":
            yield from parent.itersiblings()
