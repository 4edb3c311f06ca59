"""Slideshows of cn.nytimes.com: pictures that tell a story by their captions."""

from collections.abc import Iterator
from typing import ClassVar

from crawler.items import PageType
from crawler.parsers.blocks import Picture, Piece, Place, read_block, read_picture, read_pieces
from crawler.parsers.cn_nytimes.article import Modern
from crawler.parsers.document import Document, Element, Fact, first, outermost
from crawler.parsers.inline import Block


class Slideshow(Modern):
    """A page whose address says slideshow, and that has no article's body.

    No public reader of the site reads slideshows: this one holds on to what pictures have anywhere.
    """

    name = "cn-slideshow"

    SHOW: ClassVar[str] = "article, main, #slideshow, [class*=slideshow], [class*=slide-show], body"
    SLIDE: ClassVar[str] = "figure, [class*=slide-item], [class*=slideItem], [class*=photoWrapper], li"
    CAPTION: ClassVar[str] = "figcaption, [class*=aption], [class*=summary]"
    CREDIT: ClassVar[str] = "cite, [class*=redit]"
    CHROME: ClassVar[str] = (
        "header, nav, aside, footer, [class*=hotStory], [class*=related], [class*=popular]"
    )

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the address, and a picture with a caption."""
        layout = cls(document)
        is_slideshow = layout.bare.page_type is PageType.SLIDESHOW
        return is_slideshow and next(layout.slides(), None) is not None

    def section(self) -> Fact[str] | None:
        """The heading of the column; the address has none."""
        return first(self.document.meta("article:section"), self.document.text(self.SECTION))

    def slides(self) -> Iterator[Element]:
        """What holds a picture and words to it."""
        chrome = {part for whole in self.document.select(self.CHROME) for part in whole.iter()}
        for show in self.document.select(self.SHOW)[:1]:
            found = (slide for slide in self.document.select(self.SLIDE, show) if slide not in chrome)
            yield from (
                slide
                for slide in outermost(found)
                if self.document.one("img", slide) is not None
                and self.document.one(self.CAPTION, slide) is not None
            )

    def pieces(self) -> Iterator[Piece]:
        """Pictures with their captions, the footer, related coverage."""
        yield from self.original()
        yield from ((Place.CAPTION, self._picture(slide)) for slide in self.slides())
        for footer in outermost(self.document.select(self.FOOTER)):
            yield from ((Place.FOOTER, piece) for _, piece in read_pieces(footer, pictures=()))
        yield from self.related()

    def _picture(self, slide: Element) -> Picture:
        if slide.tag == "figure" and self.document.one("figcaption", slide) is not None:
            return read_picture(slide)
        lines = self.document.select(self.CREDIT, slide)
        captions = (read_block(part, lines) for part in self.document.select(self.CAPTION, slide))
        caption = next((block for block in captions if block.text), Block(""))
        names = [name for line in lines if (name := read_block(line).text)]
        return Picture(read_picture(slide).addresses, caption, ", ".join(names) or None)
