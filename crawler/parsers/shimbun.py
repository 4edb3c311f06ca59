"""www.shimbun.example: an invented newspaper, Japanese with an English edition; shows what a site takes."""

from collections.abc import Iterator
from typing import ClassVar

from crawler.items import Author
from crawler.parsers import dates
from crawler.parsers.base import Layout
from crawler.parsers.blocks import Piece, Place, read_block, read_card, read_pieces
from crawler.parsers.document import Document, Fact, first
from crawler.parsers.evidence import split_names
from crawler.parsers.links import whole
from crawler.urls import canonicalize

SITE = "www.shimbun.example"


class Kiji(Layout):
    """An article of either edition."""

    module = "shimbun"
    name = "shimbun-2026"
    zone: ClassVar[str] = "Asia/Tokyo"
    publisher_name: ClassVar[str | None] = "見本新聞"

    BODY: ClassVar[str] = "div.honbun"
    HEADLINE: ClassVar[str] = "h1.midashi"
    BYLINE: ClassVar[str] = "p.kisha"
    TIME: ClassVar[str] = "time[datetime]"
    TWINS: ClassVar[str] = "link[rel=alternate][hreflang][href]"
    RELATED: ClassVar[str] = "ul.kanren a[href]"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the text's class."""
        return document.one(cls.BODY) is not None

    def headline(self) -> Fact[str] | None:
        """The one over the article."""
        return self.document.text(self.HEADLINE)

    def authors(self) -> Fact[tuple[Author, ...]] | None:
        """Names with 、 or commas between them."""
        byline = self.document.text(self.BYLINE)
        names = split_names(byline.value) if byline else ()
        return Fact(tuple(Author(name=name) for name in names), self.BYLINE) if names else None

    def published(self) -> Fact[dates.Stamp] | None:
        """Time in Tokyo."""
        time = self.document.attribute(self.TIME, "datetime")
        stamp = dates.exact(time.value, self.zone) if time else None
        return first(Fact(stamp, time.rule) if time and stamp else None, super().published())

    def translations(self) -> tuple[str, ...]:
        """The article in the other edition."""
        targets = (canonicalize(self.document.resolve(href) or "") for href in self._twins())
        return tuple(target for target in targets if target and target != self.bare.id)

    def _twins(self) -> list[str]:
        return [link.get("href", "") for link in self.document.select(self.TWINS)]

    def pieces(self) -> Iterator[Piece]:
        """Twin, byline, text, related coverage."""
        yield from ((Place.HEADER, whole(href)) for href in self._twins())
        yield from ((Place.BYLINE, read_block(byline)) for byline in self.document.select(self.BYLINE))
        for body in self.document.select(self.BODY):
            yield from read_pieces(body)
        yield from ((Place.RELATED, read_card(anchor)) for anchor in self.document.select(self.RELATED))


LAYOUTS = (Kiji,)
