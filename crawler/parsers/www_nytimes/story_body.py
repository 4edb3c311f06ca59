"""The layout of 2014 to 2018, which calls itself nyt-v5."""

from typing import ClassVar

from crawler.parsers.blocks import Picture, read_picture
from crawler.parsers.document import Element
from crawler.parsers.www_nytimes.columns import Columns


class StoryBody(Columns):
    """The text comes in several columns; figures, cards and advertisements stand between its paragraphs."""

    name = "story-body-2014"

    STORY: ClassVar[str] = "article#story, article.theme-main"
    TEXT: ClassVar[str] = "div.story-body .story-content, .story-body-text, div.story-body > p"
    HEADLINE: ClassVar[str] = "h1#headline, h1#story-heading, h1[itemprop=headline], h1.headline"
    # Not its time.dateline: that is the time of the last change, whatever day it shows.
    BYLINE: ClassVar[str] = "header .byline"
    AUTHOR: ClassVar[str] = ".byline-author"
    PICTURE: ClassVar[str] = "figure.media"
    RELATED: ClassVar[str] = "figure.promo.interactive, aside[class*=related-]"
    NOTES: ClassVar[str] = "p.byline-column, div.story-addendum, div.story-notes, div.story-info"
    # All else that is no text has none of the classes of TEXT.
    DROPPED: ClassVar[str] = (
        "aside, figure, footer, div.ad, .feedback-prompt, .newsletter-signup, .story-interrupter, .hidden"
    )

    def picture(self, box: Element) -> Picture:
        """A figure, with its caption in the usual tags."""
        return read_picture(box)
