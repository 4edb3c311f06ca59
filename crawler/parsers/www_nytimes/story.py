"""What the stories of www.nytimes.com share, whatever their layout: the house, and its other languages."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import ClassVar

from lxml import etree

from crawler.parsers.base import Layout
from crawler.parsers.blocks import Piece, Place, read_card
from crawler.parsers.document import Element, Fact, outermost
from crawler.parsers.links import whole
from crawler.urls import canonicalize, story_key

_UNSHOWN = ("noscript", "script", "style")
_SHOWN_TEXT = etree.XPath(".//text()[not(ancestor::noscript or ancestor::script or ancestor::style)]")


class Story(Layout):
    """A story, which may link to itself in other languages: over its text, or in the head of the page."""

    module = "www_nytimes"
    publisher_name = "The New York Times"
    verified = True

    VERSIONS: ClassVar[str] = "a[data-version][href], a[hreflang][href]"
    TWINS: ClassVar[str] = "link[hreflang]"

    @cached_property
    def article(self) -> Element:
        """The node that all of it stands in."""
        raise NotImplementedError

    def translation_of(self) -> Fact[str] | None:
        """The English page, on one in another language."""
        rules = {"a": self.VERSIONS, "link": "link @hreflang"}
        versions = self._versions
        originals = (Fact(url, rules[str(link.tag)]) for language, url, link in versions if language == "en")
        return next(originals, None)

    def translations(self) -> tuple[str, ...]:
        """This story in other languages; Chinese in both scripts."""
        targets = (target for language, target, _ in self._versions if language != "en")
        return tuple(dict.fromkeys(targets))

    def versions(self) -> Iterator[Piece]:
        """Links to this story in other languages."""
        for _, _, element in self._versions:
            yield Place.HEADER, read_card(element) if element.tag == "a" else whole(element.get("href", ""))

    @cached_property
    def _versions(self) -> list[tuple[str, str, Element]]:
        """Language, address and link of each."""
        found: list[tuple[str, str, Element]] = []
        twins = self.document.select(self.TWINS)
        for element in (*self.document.select(self.VERSIONS, self.article), *twins):
            language = _language(element)
            target = canonicalize(self.document.resolve(element.get("href", "")) or "")
            other = target != self.bare.id and language not in {"x", self.bare.variant}
            if target and other and story_key(target):
                found.append((language, target, element))
        return found


def _language(element: Element) -> str:
    """`zh-Hans` as zh-hans, `en-US` as en, `x-default` as x."""
    tag = (element.get("hreflang") or element.get("data-version") or "").lower()
    return tag if tag.startswith("zh") else tag.partition("-")[0]


def is_shown(element: Element) -> bool:
    """Whether an element stands in none that is shown in the place of a script."""
    return next(element.iterancestors(*_UNSHOWN), None) is None


def is_slanted(element: Element) -> bool:
    """Whether all words of an element are in italics."""
    return _letters([element]) == _letters(outermost(element.iter("em", "i")))


def _letters(elements: Iterable[Element]) -> str:
    return "".join(word for element in elements for text in _SHOWN_TEXT(element) for word in text.split())
