"""Live blogs: a page of posts, each with its own headline, time, authors and text."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice, pairwise
from typing import Any, ClassVar

from crawler.items import Author, Page, Post
from crawler.parsers import dates
from crawler.parsers.blocks import Piece, Place, read_block, read_card, read_pieces
from crawler.parsers.document import Document, Element, outermost
from crawler.parsers.evidence import split_names
from crawler.parsers.inline import Block
from crawler.parsers.www_nytimes.react import React

POST_LIMIT = 1000
"""Posts read of a page. The longest days had some hundreds."""

CLOCK_LIMIT = 300
"""Posts whose times are looked up. With 30,000 characters of data a post, no page read has as many."""

# What a page keeps for its own scripts: `"key":{"url":…}` for a post, and behind a longer key its time.
_STATE = re.compile(r"\s*window\.__preloadedData\b")
_CLOCK = '.body.content@filterEmpty.0.timestampBlock":'
_DECODER = json.JSONDecoder(strict=False)


class LiveBlog2021(React):
    """The first live blogs in React: signed at the end; when is told by the page's data alone."""

    name = "live-2021"

    ARTICLE: ClassVar[tuple[str, ...]] = (
        "article.live-blog-content",
        "article[data-testid=live-blog-content]",
        "article",
        "main",
    )
    POST: ClassVar[str] = "[data-test-id=live-blog-post]"
    TITLE: ClassVar[str] = "h2[itemprop=headline]"
    ADDRESS: ClassVar[str] = "[id^=share-link-]"
    SIGNED: ClassVar[str] = "[data-testid=live-blog-byline], .byline-prefix, .last-byline, [itemprop=name]"
    POINTERS: ClassVar[str] = "header p a[href]"
    DROPPED: ClassVar[str] = (
        "aside, time, .ad, .live-blog-meta, [id^=story-ad], [id^=NYT_], [role=toolbar], [role=complementary]"
        ", [data-testid=share-tools], [data-testid=inline-message], [data-testid^=newsletter]"
        ", [data-testid^=optimistic-truncator], .interactive-embedded, .interactive-content"
    )

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the posts."""
        return document.one(cls.POST) is not None

    def page(self) -> Page:
        """The page with its posts; their texts together are its body."""
        posts = (self._post(post, pieces) for post, pieces in self.entries)
        return replace(super().page(), posts=tuple(posts))

    def pieces(self) -> Iterator[Piece]:
        """Pointers to other coverage, lead picture, posts; a headline is a paragraph of the text."""
        for anchor in self.document.select(self.POINTERS, self.article):
            yield Place.RELATED, read_card(anchor)
        for header in self.document.select("header", self.article)[:1]:
            yield from read_pieces(header, self.not_text, scope=(), pictures=("figure",))
        for post, pieces in self.entries:
            title = self._title(post)
            if title:
                yield Place.BODY, Block(title)
            yield from pieces
            signed = self._signed(post)
            if signed is not None:
                yield Place.BYLINE, self._names(signed)

    def time_of(self, post: Element) -> str | None:
        """When a post was published, ISO 8601."""
        address = self.document.attribute(self.ADDRESS, "id", post)
        return self.times.get(address.value.removeprefix("share-link-")) if address else None

    @cached_property
    def times(self) -> dict[str, str]:
        """Times of the posts by their addresses, from the data of the page."""
        state = next(filter(_STATE.match, self.document.scripts()), "")
        posts = _posts(state.replace("\0", "").replace(":undefined", ":null"))
        told = ((post.get("url"), clock.get("timestamp")) for post, clock in posts)
        return {url: time for url, time in told if isinstance(url, str) and isinstance(time, str)}

    @cached_property
    def entries(self) -> list[tuple[Element, list[Piece]]]:
        """The posts and what they hold, without headline and byline."""
        posts = outermost(self.document.select(self.POST, self.article))
        return [(post, self._read(post)) for post in islice(posts, POST_LIMIT)]

    def _byline(self) -> Element | None:
        """None: the names over the posts are in the head of the page only."""
        return None

    def _read(self, post: Element) -> list[Piece]:
        signed = self._signed(post)
        dropped = self.not_text if signed is None else self.not_text | {signed}
        return read_pieces(post, dropped, pictures=("figure",))

    @cached_property
    def not_text(self) -> frozenset[Element]:
        """What is left out of the posts: boxes, headlines, clocks."""
        return frozenset(self.document.select(f"{self.DROPPED}, {self.TITLE}", self.article))

    def _post(self, post: Element, pieces: list[Piece]) -> Post:
        texts = (piece.text for place, piece in pieces if place is Place.BODY and isinstance(piece, Block))
        return Post(
            slug=self._slug(post),
            headline=self._title(post),
            authors=self._authors_of(post),
            date_published=dates.utc(self.time_of(post) or ""),
            body="\n\n".join(texts),
        )

    def _title(self, post: Element) -> str | None:
        title = self.document.one(self.TITLE, post)
        return (read_block(title).text or None) if title is not None else None

    def _slug(self, post: Element) -> str:
        """The fragment in the headline's link, else the first id, else the end of its own address."""
        title = self.document.one(self.TITLE, post)
        anchor = self.document.attribute("a", "href", title) if title is not None else None
        ids = (name for element in post.iter() if (name := element.get("id")))
        return re.split("[/#]", anchor.value.rstrip("/") if anchor else next(ids, ""))[-1]

    def _signed(self, post: Element) -> Element | None:
        """The paragraph with the names."""
        name = self.document.one(self.SIGNED, post)
        if name is None or name.get("data-testid") == "live-blog-byline":
            return name
        return next(name.iterancestors("p"), name)

    def _names(self, signed: Element) -> Block:
        """A byline without the clock that stands in it."""
        return read_block(signed, self.document.select("time", signed))

    def _authors_of(self, post: Element) -> tuple[Author, ...]:
        signed = self._signed(post)
        if signed is None:
            return ()
        anchors = self.document.select('a[href*="/by/"]', signed)
        linked = (Author(name=read_block(a).text, url=self._page_of(a)) for a in anchors)
        names = split_names(self._names(signed).text.strip("—– "))
        return self.people(signed) or tuple(linked) or tuple(Author(name=name) for name in names)


class LiveBlog(LiveBlog2021):
    """Live blogs since 2022: every post begins with who and when; short updates have no headline.

    Written from what public readers of the site select, never checked on a real page.
    """

    name = "live-2022"
    verified = False

    POST: ClassVar[str] = (
        "[data-testid=live-blog-post], [data-testid=reporter-update], .live-blog-post"
        ", .live-blog-reporter-update"
    )
    TITLE: ClassVar[str] = ".live-blog-post-headline, [itemprop=headline]"
    TIME_OF_POST: ClassVar[str] = "time[datetime]"

    def time_of(self, post: Element) -> str | None:
        """In the post, else in the JSON-LD of the page."""
        time = self.document.attribute(self.TIME_OF_POST, "datetime", post)
        return time.value if time else self.times.get(self._title(post) or "")

    @cached_property
    def times(self) -> dict[str, str]:
        """Times of the posts by their headlines."""
        updates = self.document.data_list("liveBlogUpdate")
        told = ((u.get("headline"), u.get("datePublished")) for u in updates if isinstance(u, dict))
        return {name: time for name, time in told if isinstance(name, str) and isinstance(time, str)}


def _posts(state: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each post and its clock. All else, most of a megabyte, is left undecoded."""
    for before, after in pairwise(state.split(_CLOCK, CLOCK_LIMIT)):
        key = '"' + before[before.rfind('"$') + 2 :] + '":'
        start = state.find(key)
        yield _object(state, start + len(key)) if start >= 0 else {}, _object(after)


def _object(text: str, start: int = 0) -> dict[str, Any]:
    """The JSON object that begins there; empty where none does."""
    try:
        value, _ = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
