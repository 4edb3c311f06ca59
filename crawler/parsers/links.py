"""Links of a block: which page each leads to, in which words, and what its place makes of it."""

import re
from collections.abc import Iterator

from crawler.items import BrokenLink, Link, Role
from crawler.parsers.blocks import Place
from crawler.parsers.document import Document
from crawler.parsers.inline import Anchor, Block
from crawler.parsers.text import sentence_around
from crawler.urls import WWW, canonicalize, is_page_link, page_type_of, site_of

LINK_LIMIT = 3000
"""Links read of a page. No article comes near it."""

ENGLISH_ORIGINAL = re.compile(r"(?:本文|原文)?英文(?:版|原文)|English version", re.IGNORECASE)

_ROLES = {
    Place.HEADER: Role.TRANSLATION,
    Place.BYLINE: Role.AUTHOR,
    Place.BODY: Role.CITATION,
    Place.ENGLISH: Role.CITATION,
    Place.CAPTION: Role.CAPTION,
    Place.RELATED: Role.RELATED,
}

# Log in, subscribe: what a metered page puts in the place of the text.
_ACCOUNT = re.compile(r"https://(?:myaccount\.nytimes\.com/|www\.nytimes\.com/(?:subscription|auth|gateway))")


def read_links(
    document: Document, block: Block, place: Place, paragraph: int | None = None
) -> Iterator[Link | BrokenLink]:
    """Every link of a block, in order; one that names no page comes as a BrokenLink."""
    for anchor in block.anchors:
        if not is_page_link(anchor.href):
            continue
        text = block.text[anchor.start : anchor.end]
        context = sentence_around(block.text, anchor.start, anchor.end)
        target = canonicalize(document.resolve(anchor.href) or "")
        role = role_of(place, target or "", text)
        if target is None:
            yield BrokenLink(href=anchor.href, role=role, anchor_text=text, context=context)
        elif not _ACCOUNT.match(target):
            yield Link(
                target=target,
                role=role,
                anchor_text=text,
                context=context,
                paragraph=paragraph,
                position=anchor.start,
            )


def role_of(place: Place, target: str, text: str) -> Role:
    """What a link means, by where it stands; in a footer by what it leads to."""
    if place is Place.FOOTER:
        return _role_in_footer(target, text)
    return _ROLES[place]


def _role_in_footer(target: str, text: str) -> Role:
    if ENGLISH_ORIGINAL.search(text) and site_of(target) == WWW:
        return Role.TRANSLATION
    return {"author": Role.AUTHOR, "topic": Role.TOPIC}.get(page_type_of(target), Role.FOOTER)


def whole(href: str) -> Block:
    """A link without words, such as the head of a page has."""
    return Block("", (Anchor(href, 0, 0),))
