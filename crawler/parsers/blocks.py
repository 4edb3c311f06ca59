"""An article's tree as blocks of text and pictures, in reading order.

A block is the text between two block-level boundaries, whatever the tags are called: `<p>`, a `<div>` of a
site's own, a line after two `<br>`. So no layout lists the ways to write a paragraph.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

from lxml import etree

from crawler.parsers.document import Element
from crawler.parsers.inline import NOTHING, Anchor, Block, Run

_BLOCK_TAGS = frozenset(
    """
    address article aside blockquote body dd details dialog div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section table tbody td tfoot
    th thead tr ul
    """.split()  # noqa: SIM905 - it reads as a text
)
_UNREAD_TAGS = {
    *("audio", "button", "iframe", "input", "noscript", "object", "script", "select", "style", "svg"),
    *("template", "textarea", "title", "video"),
}
_LAZY_ATTRIBUTES = ("data-src", "data-url", "data-original", "src")
# What holds the place of an image that a script loads.
_NO_IMAGE = re.compile(r"^data:|/(?:transparent|blank|spacer)\.(?:png|gif)$")
_CREDIT_LABEL = re.compile(r"^(?:Credit(?:\.\.\.|…)?\s*)+(?:Image by )?")
_HEADINGS = ("h2", "h3", "h4")
_MEDIA_LABELS = {"Image", "Video", ""}


class Place(Enum):
    """Where a block stands in the page."""

    HEADER = auto()
    BYLINE = auto()
    BODY = auto()
    ENGLISH = auto()
    CAPTION = auto()
    RELATED = auto()
    FOOTER = auto()


@dataclass(frozen=True, slots=True)
class Picture:
    """Images that share a caption; the addresses as published."""

    addresses: tuple[str, ...]
    caption: Block = NOTHING
    credit: str | None = None


Piece = tuple[Place, Block | Picture]


class _Reader:
    """Walks a tree once, without recursion, and gives its pieces in document order."""

    def __init__(
        self,
        root: Element,
        dropped: Collection[Element] = (),
        scope: Collection[Element] | None = None,
        pictures: Collection[str] = (),
        cards: bool = False,
    ) -> None:
        self.root = root
        self.dropped = frozenset(dropped)
        self.scope = frozenset(scope or ())
        self.depth = 1 if scope is None else 0
        self.pictures = frozenset(pictures)
        self.cards = cards
        self.run = Run()
        self.after_picture = False
        self.found: list[Piece] = []

    def pieces(self) -> list[Piece]:
        """Paragraphs, pictures, captions and cards."""
        walk = etree.iterwalk(self.root, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                self._leave(element)
            elif self._enter(element):
                walk.skip_subtree()
        self._flush()
        return self.found

    def _enter(self, element: Element) -> bool:
        """Reads what begins here; tells whether that is all there is to read in an element."""
        tag = str(element.tag)
        self.depth += element in self.scope
        atom = self._atom(element, tag) if element is not self.root else None
        if tag in _BLOCK_TAGS:
            self._flush()
        if atom is not None:
            self.found += atom
            return True
        if tag == "br":
            self._break_line()
        elif tag == "a":
            self.run.open_anchor(element.get("href"))
        if self.depth and element.text:
            self.run.write(element.text)
        return False

    def _atom(self, element: Element, tag: str) -> list[Piece] | None:
        """What is read as a whole; an empty list where it is not read at all."""
        if element in self.dropped or tag in _UNREAD_TAGS:
            return []
        if tag in self.pictures:
            self.after_picture = True
            return [(Place.CAPTION, read_picture(element))]
        if tag == "figcaption" or (tag == "small" and self.after_picture and not self.run.length):
            return [(Place.CAPTION, read_block(element))]
        if tag == "a" and not self.depth:
            return [(Place.RELATED, read_card(element))] if self.cards else []
        return None

    def _leave(self, element: Element) -> None:
        if element.tag == "a":
            self.run.close_anchor()
        if element.tag in _BLOCK_TAGS:
            self._flush()
        self.depth -= element in self.scope
        if self.depth and element.tail and element is not self.root:
            self.run.write(element.tail)

    def _break_line(self) -> None:
        """The second break in a row begins a new paragraph."""
        if self.run.after_break:
            self._flush()
        self.run.break_line()

    def _flush(self) -> None:
        if self.run.length:
            self.after_picture = False
            self.found.append((Place.BODY, self.run.take()))


def read_pieces(
    root: Element,
    dropped: Collection[Element] = (),
    scope: Collection[Element] | None = None,
    pictures: Collection[str] = ("figure", "img"),
    cards: bool = False,
) -> list[Piece]:
    """Paragraphs, pictures and stray captions of an article, in document order.

    Text counts inside `scope` only (everywhere, where it is None); a link outside of it may be a card that
    leads to another page.
    """
    return _Reader(root, dropped, scope, pictures, cards).pieces()


def read_block(element: Element, dropped: Collection[Element] = ()) -> Block:
    """All text of an element as one block."""
    text = ""
    anchors: list[Anchor] = []
    for _, piece in _Reader(element, dropped).pieces():
        if isinstance(piece, Block):
            text += " " if text else ""
            anchors += (replace(a, start=a.start + len(text), end=a.end + len(text)) for a in piece.anchors)
            text += piece.text
    return Block(text, tuple(anchors))


def read_card(anchor: Element) -> Block:
    """A link around a headline, and often a picture and a summary: the headline carries the link."""
    # By rank: a kicker of a lower one may stand above the headline, and a date in it.
    heading = next((heading for tag in _HEADINGS for heading in anchor.iter(tag)), anchor)
    pieces = (piece for _, piece in _Reader(heading, set(heading.iter("time"))).pieces())
    texts = (piece.text for piece in pieces if isinstance(piece, Block))
    text = next((text for text in texts if text not in _MEDIA_LABELS), "")
    return Block(text, (Anchor(anchor.get("href", ""), 0, len(text)),) if text else ())


def read_picture(element: Element) -> Picture:
    """Images of a figure with caption and credit; or an image alone."""
    caption = next(element.iter("figcaption", "small"), None)
    if caption is None:
        return Picture(_addresses(element))
    credit = next((part for part in caption.iter() if _is_credit(part)), None)
    if credit is None:
        return Picture(_addresses(element), read_block(caption))
    name = _CREDIT_LABEL.sub("", read_block(credit).text)
    return Picture(_addresses(element), read_block(caption, {credit}), name or None)


def _is_credit(element: Element) -> bool:
    if element.tag == "cite" or "copyrightHolder" in (element.get("itemprop") or ""):
        return True
    label = element[0].text if element.tag == "span" and len(element) else None
    return (label or "").strip().startswith("Credit")


def _addresses(element: Element) -> tuple[str, ...]:
    """Addresses of the images; those in <noscript> where there are no others."""
    twins = [image for noscript in _noscripts(element) for image in noscript.iter("img")]
    images = [image for image in element.iter("img") if image not in twins]
    found = [address for image in images if (address := _address(image))]
    found = found or [address for image in twins if (address := _address(image))]
    return tuple(dict.fromkeys(found)) or tuple(filter(None, [element.get("itemid")]))


def _noscripts(element: Element) -> Iterator[Element]:
    """Those in an element, or right after an image that stands alone."""
    yield from element.iter("noscript")
    following = element.getnext() if element.tag == "img" else None
    if following is not None and following.tag == "noscript":
        yield following


def _address(image: Element) -> str | None:
    values = (image.get(name, "").strip() for name in _LAZY_ATTRIBUTES)
    return next((value for value in values if value and not _NO_IMAGE.search(value)), None)
