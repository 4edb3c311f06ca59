"""Pages of a video or of a series of pictures: headline, date, byline and captions, but no text.

Written from what is known of the public structure and its JSON-LD, never checked on a real page.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from crawler.items import PageType
from crawler.parsers import dates, evidence
from crawler.parsers.blocks import Picture, Piece, Place, read_pieces
from crawler.parsers.document import Document, Fact, first
from crawler.parsers.fallback import NotFound
from crawler.parsers.inline import Block
from crawler.parsers.text import fold
from crawler.parsers.www_nytimes.react import React
from crawler.urls import page_type_of


class _Media(React):
    """What is told by the address, and described by a JSON-LD object of its own."""

    verified = False

    PAGE_TYPE: ClassVar[PageType]
    TYPES: ClassVar[tuple[str, ...]]
    ARTICLE: ClassVar[tuple[str, ...]] = ("main", "article")
    HEADLINE: ClassVar[str] = "h1"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the address, unless the page says that there is none."""
        return page_type_of(document.url) == cls.PAGE_TYPE and not NotFound.matches(document)

    def headline(self) -> Fact[str] | None:
        """The heading, og:title, the object's name."""
        return first(super().headline(), self._told("name"), self._told("headline"))

    def description(self) -> Fact[str] | None:
        """The head's, else the object's."""
        return first(super().description(), self._told("description"))

    def published(self) -> Fact[dates.Stamp] | None:
        """Meta tags first, then the object's, then what the page shows."""
        facts = (self._told("uploadDate"), self._told("datePublished"))
        stamps = ((fact.rule, dates.exact(fact.value, self.zone)) for fact in facts if fact)
        told = (Fact(stamp, rule) for rule, stamp in stamps if stamp)
        return first(evidence.published(self.document, self.zone), next(told, None), super().published())

    def _told(self, name: str) -> Fact[str] | None:
        value = self.document.thing(*self.TYPES).get(name)
        text = fold(value) if isinstance(value, str) else ""
        return Fact(text, f"json-ld {name}") if text else None


class Video(_Media):
    """A film; the others that the page offers have nothing to do with it."""

    name = "video-2019"

    PAGE_TYPE = PageType.VIDEO
    TYPES = ("VideoObject",)


class Slideshow(_Media):
    """Pictures with their captions."""

    name = "slideshow-2019"

    PAGE_TYPE = PageType.SLIDESHOW
    TYPES = ("ImageGallery", "MediaGallery")

    def pieces(self) -> Iterator[Piece]:
        """The figures of the page, else the images of the JSON-LD object."""
        dropped = self.document.select("aside, nav, footer", self.article)
        shown = list(read_pieces(self.article, dropped, scope=(), pictures=("figure",)))
        yield from shown or ((Place.CAPTION, picture) for picture in self._told_pictures())

    def _told_pictures(self) -> Iterator[Picture]:
        gallery = self.document.thing(*self.TYPES)
        images: Any = gallery.get("associatedMedia") or gallery.get("image")
        for image in images if isinstance(images, list) else ():
            told = image if isinstance(image, dict) else {"url": image}
            texts = (told.get(name) for name in ("url", "caption", "creditText"))
            url, caption, credit = (fold(text) if isinstance(text, str) else "" for text in texts)
            if url:
                yield Picture((url,), Block(caption), credit or None)
