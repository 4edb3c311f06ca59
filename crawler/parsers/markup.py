"""From a page's text to its tree: any text makes one, broken markup included."""

import re
from itertools import islice

from lxml import etree

from crawler.parsers.selectors import Element
from crawler.parsers.text import SIGN_OF_MISREADING, reread

READ_LIMIT = 3_000_000
"""Characters that are read. The largest real page known has one million; more is a dump."""

ELEMENT_LIMIT = 50_000
"""Elements of a page whose body is read. The largest real page known has two thousand."""

# What no tree takes as text, though libxml2 lets it in: control characters and U+FFFE, written out or by
# number. All on bytes, and with patterns that begin with plain ones: that is many times as fast.
_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\f\r")
_FORM_FEED_TO_SPACE = bytes.maketrans(b"\f", b" ")
_NONCHARACTERS = re.compile(rb"\xef\xbf[\xbe\xbf]")
_BY_NUMBER = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])(?!\d)"
    rb"|[xX]0*(?:[0-8bBcCeEfF]|1[\da-fA-F]|[fF]{3}[eEfF])(?![\da-fA-F]));?"
)
_MISREADING = re.compile(SIGN_OF_MISREADING.encode())
# Both are optional; libxml2 drops what follows an early one, where a browser goes on.
_END_OF_PAGE = re.compile(rb"</(?:[bB][oO][dD][yY]|[hH][tT][mM][lL])\s*>")


def clean(html: str) -> bytes:
    """At most READ_LIMIT characters in UTF-8, without what no tree takes, in the charset that was meant."""
    markup = html[:READ_LIMIT].encode("utf-8", "replace").translate(_FORM_FEED_TO_SPACE, _CONTROLS)
    markup = _BY_NUMBER.sub(b"", _NONCHARACTERS.sub(b"", markup))
    return reread(markup.decode()).encode() if _MISREADING.search(markup) else markup


def parse(markup: bytes) -> Element:
    """The tree; an empty one where there is no markup at all."""
    # huge_tree lifts the limits on text length; libxml2 still stops at 2,048 levels of nesting.
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(_END_OF_PAGE.sub(b"", markup), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        return etree.Element("html")
    return root if root.xpath("count(//*)") <= ELEMENT_LIMIT else _head_of(root)


def _head_of(root: Element) -> Element:
    """The elements that speak of the page, without the page."""
    head = etree.Element("html")
    head.extend(list(islice(root.iter("title", "meta", "link"), ELEMENT_LIMIT)))
    return head
