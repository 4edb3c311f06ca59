"""From a page's text to its tree: any text makes one, broken markup included."""

import re
from itertools import islice

from lxml import etree

from crawler.parsers.selectors import Element
from crawler.parsers.text import reread

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
SCRIPT_LIMIT = 10_000
"""Characters of a script that stay in its place. More is data that a page keeps for itself."""

_SCRIPT = re.compile(r"""<script(?:\s+[^\s"'<>=]+(?:=(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+))?)*\s*>""")
# Both are optional; libxml2 drops what follows an early one, where a browser goes on.
_END_OF_PAGE = re.compile(rb"</(?:[bB][oO][dD][yY]|[hH][tT][mM][lL])\s*>")

# huge_tree lifts the limits on text length; libxml2 still stops at 2,048 levels of nesting.
# One for all pages: to set one up takes as long as a third of a small page. Threads wait for each other.
_PARSER = etree.HTMLParser(
    encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False
)
_COUNT = etree.XPath("count(//*)")


def clean(html: str) -> bytes:
    """A text in UTF-8 without what no tree takes, in the charset that was meant."""
    markup = html.encode("utf-8", "replace").translate(_FORM_FEED_TO_SPACE, _CONTROLS)
    # Few pages have one of these characters; whether one has takes no time to tell.
    if "\ufffe" in html or "\uffff" in html:
        markup = _NONCHARACTERS.sub(b"", markup)
    if "€" in html:  # which is in every sign of a misreading
        markup = reread(markup.decode()).encode()
    return _BY_NUMBER.sub(b"", markup)


def cut_scripts(html: str) -> tuple[str, list[str]]:
    """A page without the text of its long scripts, and these texts: no tree need take them in."""
    kept, cut, done, at, end = [], [], 0, 0, 0
    while end >= 0 and (at := html.find("<script", at)) >= 0:
        tag = _SCRIPT.match(html, at)
        at = start = tag.end() if tag else at + 1
        end = end if end >= start else html.find("</script", start)
        # JSON-LD is read in its place.
        if tag and end - start > SCRIPT_LIMIT and "ld+json" not in tag[0]:
            at = html.find("-->", start, end)
            if at < 0:  # else the script is commented out, and the page goes on
                kept.append(html[done:start])
                cut.append(html[start:end])
                at = done = end
    return "".join([*kept, html[done:]]), cut


def parse(markup: bytes) -> Element:
    """The tree; an empty one where there is no markup at all."""
    try:
        root = etree.fromstring(_END_OF_PAGE.sub(b"", markup), _PARSER)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        return etree.Element("html")
    return root if _COUNT(root) <= ELEMENT_LIMIT else _head_of(root)


def _head_of(root: Element) -> Element:
    """The elements that speak of the page, without the page."""
    head = etree.Element("html")
    head.extend(list(islice(root.iter("title", "meta", "link"), ELEMENT_LIMIT)))
    return head
