"""What was read of a page, in reading order: paragraphs, images, and every block with its place."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from crawler.items import BrokenLink, Image, Link, Role
from crawler.parsers.blocks import Picture, Place
from crawler.parsers.document import Document
from crawler.parsers.inline import Block
from crawler.parsers.links import LINK_LIMIT, read_links
from crawler.urls import story_key


@dataclass(slots=True)
class Reading:
    """Pieces, sorted by what they are as they come."""

    document: Document
    paragraphs: list[Block] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    placed: list[tuple[Place, int | None, Block]] = field(default_factory=list)

    def add(self, place: Place, piece: Block | Picture) -> None:
        """Takes the next piece in; a caption that stands alone belongs to the picture before it."""
        if isinstance(piece, Picture):
            self._add_picture(piece)
        elif place is Place.BODY:
            self.paragraphs.append(piece)
            self.placed.append((place, len(self.paragraphs), piece))
        else:
            self.placed.append((place, None, piece))
            if place is Place.CAPTION and self.images and not self.images[-1].caption:
                self.images[-1] = replace(self.images[-1], caption=piece.text or None)

    def _add_picture(self, picture: Picture) -> None:
        caption = picture.caption.text or None
        for address in picture.addresses:
            url = self.document.resolve(address)
            if url:
                self.images.append(Image(url=url, caption=caption, credit=picture.credit))
                caption = None
        self.placed.append((Place.CAPTION, None, picture.caption))

    def of(self, place: Place) -> Iterator[Block]:
        """Blocks of one place."""
        return (block for stands, _, block in self.placed if stands is place)

    def links(self, own: str) -> Iterator[Link | BrokenLink]:
        """Links in reading order.

        The page itself and its variants are none; nor is a translation named twice, or a link in the English
        column of a bilingual page that the Chinese one has.
        """
        own_story = story_key(own)
        seen: set[tuple[Role, str]] = set()
        for place, link in islice(self._all_links(), LINK_LIMIT):
            if isinstance(link, Link):
                story = story_key(link.target)
                key = (link.role, story or link.target)
                is_own = link.target == own or (story is not None and story == own_story)
                once = link.role is Role.TRANSLATION or place is Place.ENGLISH
                if is_own or (once and key in seen):
                    continue
                seen.add(key)
            yield link

    def _all_links(self) -> Iterator[tuple[Place, Link | BrokenLink]]:
        for place, number, block in self.placed:
            for link in read_links(self.document, block, place, number):
                yield place, link
