"""A page's structure: what layouts hold on to stays, its words are exchanged, all else goes."""

import json
import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from lxml import etree

from crawler.golden.words import Prose, is_fact
from crawler.parsers import FORMS, OTHERWISE, SITES
from crawler.parsers.document import Element

# What no layout reads, and what is not structure but content.
_DROPPED_TAGS = (
    *("audio", "base", "button", "canvas", "embed", "iframe", "input", "link", "map", "object"),
    *("script", "select", "style", "svg", "template", "textarea", "video"),
)
_INLINE_TAGS = {"a", "abbr", "b", "em", "font", "i", "mark", "q", "s", "strong", "sub", "sup", "u"}
_KEPT_LINKS = {"alternate", "canonical", "amphtml"}
_ATTRIBUTES = {
    *("charset", "class", "content", "data-original", "data-src", "data-url", "datetime", "href", "hreflang"),
    *("itemid", "itemprop", "itemtype", "lang", "name", "property", "pudate", "rel", "role", "src", "type"),
    "value",
}
# An initial letter that is a picture, a time that is not shown.
_SMALL = {"alt": re.compile(r"\w"), "title": re.compile(r"[\dTZ:.+-]+")}
_USELESS_METAS = re.compile(
    r"(?i)viewport|apple-|msapplication|al:|fb:|google|csrf|p:domain|bt:|slack|theme-color|twitter:(?!title|desc)"
    r"|.*verif"
)
# Facts, not prose, however many words they have.
_FACT_METAS = re.compile(
    r"(?i)robots|(?:.*:)?section|byl|author|.*:author|P?ST|S?CG|PT|WT\..*|(?:.*:)?content_tier"
)

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")


@cache
def _selectors() -> str:
    """All that any layout selects by."""
    layouts = (*FORMS, *OTHERWISE, *(layout for layouts in SITES.values() for layout in layouts))
    values = (value for layout in layouts for base in layout.__mro__ for value in vars(base).values())
    return " ".join(value for value in values if isinstance(value, str))


@cache
def _attributes() -> set[str]:
    return (_ATTRIBUTES | set(re.findall(r"\[([\w-]+)", _selectors()))) - {"id", "style"}


@cache
def _ids() -> re.Pattern[str]:
    """Matches what a selector names: `#story`, `[id^=story-ad]`."""
    named = [("", name) for name in re.findall(r"#([\w-]+)", _selectors())]
    named += re.findall(r"\[id([\^$*]?)=[\"']?([\w-]+)", _selectors())
    forms = {"^": "{}.*", "$": ".*{}", "*": ".*{}.*", "": "{}"}
    return re.compile("|".join(forms[operator].format(re.escape(name)) for operator, name in named))


def strip(root: Element, names: Collection[str]) -> None:
    """Takes out what is neither structure nor a fact; `names` are ids that say something."""
    for element in list(root.iter(*_DROPPED_TAGS, "meta", "noscript")):
        if not _is_kept(element):
            _remove(element)
    for element in root.iter():
        held = {
            name: value
            for name, value in element.attrib.items()
            if _is_held(name, value) or (name == "id" and value in names)
        }
        if len(held) < len(element.attrib):  # one by one, lxml would not delete `@click`
            element.attrib.clear()
            element.attrib.update(held)


def _is_held(name: str, value: str) -> bool:
    """Whether a layout may hold on to an attribute; the picture itself in place of its address is none."""
    if name in _SMALL:
        return bool(_SMALL[name].fullmatch(value))
    held = name in _attributes() or (name == "id" and _ids().fullmatch(value))
    return bool(held) and not value.startswith("data:")


def _is_kept(element: Element) -> bool:
    if element.tag == "link":
        return element.get("rel") in _KEPT_LINKS and element.get("type") is None
    if element.tag == "meta":
        name = element.get("property") or element.get("name") or element.get("itemprop")
        return bool(name) and not _USELESS_METAS.match(name or "")
    return element.tag == "noscript" and next(element.iter("img"), None) is not None


def _remove(element: Element) -> None:
    """Takes an element out, and leaves the text behind it."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if before is not None:
        before.tail = (before.tail or "") + (element.tail or "") or None
    else:
        parent.text = (parent.text or "") + (element.tail or "") or None
    parent.remove(element)


def replace_prose(root: Element, prose: Prose) -> None:
    """Invents the text of all elements and meta tags."""
    for passage in list(_text_nodes(root)):
        invented, end = prose.invent("".join(text for _, _, text in passage)), 0
        for element, place, text in passage:  # as long as before, all in all and piece by piece
            setattr(element, place, _plain(invented[end : end + len(text)]))
            end += len(text)
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or ""
        for attribute in ("content", "value"):
            text = element.get(attribute, "")
            if not (is_fact(text) or _FACT_METAS.fullmatch(name)):
                element.set(attribute, _plain(prose.invent(text)))


def _text_nodes(root: Element) -> Iterator[list[tuple[Element, str, str]]]:
    """Text nodes that only inline tags part: a word may go on in the next."""
    passage: list[tuple[Element, str, str]] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element.tag not in _INLINE_TAGS:
            yield passage
            passage = []
        place = "text" if event == "start" else "tail"
        text = getattr(element, place)
        if text:
            passage.append((element, place, text))
    yield passage


def _plain(text: str) -> str:
    """Of white space only whether there is any, and whether a line breaks in it; no control characters."""
    text = re.sub(r"\s+", lambda run: "\n" if "\n" in run[0] else " ", text)
    return _CONTROLS.sub("", text)


def add_data(root: Element, objects: list[Any]) -> None:
    """Puts JSON-LD into the head, each object in a script of its own."""
    head = root.find("head")
    for thing in objects:
        script = etree.SubElement(root if head is None else head, "script", type="application/ld+json")
        script.text = json.dumps(thing, ensure_ascii=False).replace("</", "<\\/")


def inner(element: Element) -> str:
    """What stands in an element."""
    return (element.text or "") + "".join(markup(child) for child in element)


def markup(element: Element) -> str:
    """An element as HTML."""
    text: str = etree.tostring(element, encoding="unicode", method="html")
    return text
