"""Pages that come back as an empty shell: a frame that a script fills with text, in a browser only."""

from crawler.items import Page, PageType
from crawler.parsers.decoding import decode
from crawler.parsers.document import Document

_WITH_TEXT = {PageType.ARTICLE, PageType.LIVE, PageType.INTERACTIVE, PageType.EXTERNAL, PageType.OTHER}
_NO_SHELL = {"blocked", "error", "not_found"}
_LITTLE = 200
"""Characters, spaces left out, of a body that is none. The shortest real article known has 2,000."""
_FRAME = 1000
"""Characters of all text on a shell: a title, a notice, a byline. What has more is a layout never seen."""
_NOT_TEXT = ("script", "style", "noscript", "template", "svg", "nav", "header", "footer", "aside")


def is_shell(page: Page, body: bytes, content_type: str | None = None) -> bool:
    """Whether a browser would show a text where `body` has none. `page` is what was read from it.

    A block page, one that a meter cuts off, a list and a video are none: no browser gives them a text.
    """
    if page.extractor is None or page.extractor.layout in _NO_SHELL or page.is_truncated:
        return False
    # Of a long body no more than the beginning need be counted: at least a third of a text is no space.
    if page.page_type not in _WITH_TEXT or _count((page.body or "")[: 3 * _LITTLE]) >= _LITTLE:
        return False
    document = Document.read(page.url, decode(body, content_type))
    return _has_script(document) and _count(_visible(document)) < _FRAME


def _has_script(document: Document) -> bool:
    return any("json" not in (script.get("type") or "") for script in document.root.iter("script"))


def _visible(document: Document) -> str:
    """The text outside of menus and scripts. The document is this module's own, and is not used again."""
    for element in document.root.iter(*_NOT_TEXT):
        tail = element.tail
        element.clear()
        element.tail = tail
    return "".join("".join(body.itertext()) for body in document.root.iter("body"))


def _count(text: str) -> int:
    return len("".join(text.split()))
