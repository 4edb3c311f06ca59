"""Blogs, on some sixty hosts: WordPress pages, in the house's dress of their year."""

import re
from dataclasses import replace
from typing import ClassVar

from crawler.parsers import dates
from crawler.parsers.blocks import Picture, read_picture
from crawler.parsers.document import Document, Element, Fact
from crawler.parsers.www_nytimes.columns import Columns
from crawler.parsers.www_nytimes.story import is_slanted


class Blog(Columns):
    """2008 to 2013."""

    name = "blog-2011"

    STORY: ClassVar[str] = "div#content, div.hentry"
    TITLE: ClassVar[str] = "h1.entry-title, h2.entry-title, h3.entry-title"
    TEXT: ClassVar[str] = "div.entry-content"
    HEADLINE: ClassVar[str] = TITLE
    BYLINE: ClassVar[str] = ".byline.author"
    AUTHOR: ClassVar[str] = ".fn"
    PICTURE: ClassVar[str] = "div.entry-content > div[class^=w]:not(.module)"
    RELATED: ClassVar[str] = "div.entry-related, ul.relatedPosts, div.module h5"
    NOTES: ClassVar[str] = "span.cat-links, div.entry-tags, div.footer-tags"
    RULE: ClassVar[str] = "div.entry-content > hr"
    DROPPED: ClassVar[str] = "div.module, div.inlineModule, div.entry-meta, ul.entry-tools"
    CLOCK: ClassVar[str] = "span.timestamp"

    @classmethod
    def matches(cls, document: Document) -> bool:
        """By the heading of a single post; a front has many, all of them of a lower rank."""
        titles = document.select(cls.TITLE)
        single = len(titles) == 1 or any(title.tag == "h1" for title in titles)
        return single and super().matches(document)

    def publisher(self) -> Fact[str] | None:
        """The newspaper; og:site_name is the blog."""
        return Fact(self.publisher_name, "layout")

    def published(self) -> Fact[dates.Stamp] | None:
        """The clock over the post, which is New York's: 9:43 pm is written 21:43:18+00:00."""
        clock = self.document.attribute(self.CLOCK, "title", self.article)
        digits = re.sub(r"\D", "", clock.value.partition("+")[0]) if clock else ""
        stamp = dates.local_digits(digits, self.zone)
        if clock is None or stamp is None:
            return super().published()
        return Fact(replace(stamp, raw=clock.value), clock.rule)

    def notes(self) -> list[Element]:
        """Also what stands below the last rule, where all of it is in italics: who the author is."""
        rules = self.document.select(self.RULE, self.article)
        below = list(rules[-1].itersiblings()) if rules else []
        return super().notes() + (below if all(map(is_slanted, below)) else [])


class BlogStory(Blog):
    """2014 to 2017, of posts of all years: the paragraphs of an article around the same tags."""

    name = "blog-2014"

    STORY: ClassVar[str] = "article.hentry"
    AUTHOR: ClassVar[str] = "[itemprop=name]"
    PICTURE: ClassVar[str] = "figure"

    def picture(self, box: Element) -> Picture:
        """A figure, with its caption in the usual tags."""
        return read_picture(box)
