"""Selectors give what lxml's own give, on every golden and every real page, whole and in part."""

import random
from functools import cache, partial
from pathlib import Path

import pytest
from crawling import PROJECT
from lxml import etree
from lxml.cssselect import CSSSelector

from crawler.parsers import FORMS, OTHERWISE, SITES
from crawler.parsers.document import Document
from crawler.parsers.selectors import Index

PAGES = [
    *sorted((Path(__file__).parent / "pages").glob("*/*/page.html")),
    *sorted((PROJECT.parent / "shared" / "corpus" / "pages").glob("*.html")),
]
LAYOUTS = {layout for group in (FORMS, *SITES.values(), OTHERWISE) for layout in group}
DECLARED = {
    value
    for layout in LAYOUTS
    for parent in layout.__mro__
    for name, value in vars(parent).items()
    if name.isupper() and isinstance(value, str) and not value.startswith("/")
}
# One of each kind that is understood.
KINDS = [
    *("p", "*", ".a", "#b", "[c]", "[c=d]", "[c~=d]", "[c^=d]", "[c$=d]", "[c*=d]", "p.a.e[c]", "p:not(.a)"),
    *(".a p", ".a > p", ".a + p", ".a ~ p", "div p, p b", "div .a > p ~ b", "b + b b", "[c*=d] [c]"),
]


compiled = cache(partial(CSSSelector, translator="html"))


def by_lxml(selector, scope):
    """In the scope; lxml looks for siblings outside of it, too."""
    inside = set(scope.iter())
    return [element for element in compiled(selector)(scope) if element in inside]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: "/".join(path.parts[-2:])[:50])
def test_what_layouts_declare_is_found_as_lxml_finds_it(path):
    """In the whole page, in its articles, and in some elements."""
    root = Document.read("", path.read_text(encoding="utf-8", errors="replace")).root
    index, chance = Index(root), random.Random(path.name)
    elements = list(root.iter())
    scopes = [root, *root.iter("article"), *chance.sample(elements, min(len(elements), 3))]
    for selector in DECLARED:
        for scope in scopes:
            assert index.select(selector, scope) == by_lxml(selector, scope), selector


@pytest.mark.parametrize("selector", KINDS)
def test_every_kind_of_selector(selector):
    """On trees made by chance, with every element as a scope."""
    for seed in range(30):
        root = tree_by_chance(random.Random(seed))
        index = Index(root)
        for scope in root.iter():
            assert index.select(selector, scope) == by_lxml(selector, scope)


def tree_by_chance(chance):
    elements = [etree.Element("html")]
    for _ in range(40):
        child = etree.SubElement(chance.choice(elements), chance.choice(["p", "b", "div"]))
        for name, value in (
            ("class", "a"),
            ("class", "e a"),
            ("id", "b"),
            ("c", "d"),
            ("c", "de f"),
            ("c", ""),
        ):
            if chance.random() < 0.2:
                child.set(name, value)
        elements.append(child)
    return elements[0]


@pytest.mark.parametrize("selector", ["a:hover", "p:nth-child(2)", "a || b"])
def test_what_is_not_understood_is_an_error_of_the_layout(selector):
    """A layout's mistake is found by its first test, not passed over."""
    root = etree.Element("p")
    with pytest.raises((ValueError, SyntaxError)):
        Index(root).select(selector, root)
