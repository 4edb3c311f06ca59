"""Two checks of a rebuilt page: it is read like the original, and nothing of the original's prose is left."""

from collections.abc import Iterator
from typing import Any

from crawler.golden.words import Prose, is_fact
from crawler.items import Page
from crawler.parsers.document import Document
from crawler.parsers.text import fold

SHINGLE = 12
"""Characters in a row that a golden page may share with the prose it was made from: fewer than that."""


def differences(original: Page, rebuilt: Page) -> list[str]:
    """In what a rebuilt page is read otherwise than the original."""
    before, after = _shape(original), _shape(rebuilt)
    return [f"{name} {before[name]} -> {after[name]}" for name in before if before[name] != after[name]]


def prose_left(original: Page, html: str) -> str | None:
    """The first SHINGLE characters of the original's prose in a rebuilt page; None where there are none."""
    held = Prose(original).held
    text = held.sub("\n", fold(" ".join(_words(Document.read("", html)))))
    there = set(_shingles(text))
    passages = (part for prose in _passages(original) for part in held.split(prose))
    shingles = (shingle for passage in passages for shingle in _shingles(passage))
    return next((s for s in shingles if s in there and sum(map(str.isalpha, s)) > SHINGLE / 2), None)


def _shingles(text: str) -> Iterator[str]:
    return (text[i : i + SHINGLE] for i in range(len(text) - SHINGLE + 1))


def _words(document: Document) -> Iterator[str]:
    """All text of a page that is prose, or might be."""
    yield from (text for element in document.root.iter() for text in (element.text, element.tail) if text)
    for meta in document.root.iter("meta"):
        yield from (
            text for name, text in meta.attrib.items() if name in {"content", "value"} and not is_fact(text)
        )


def _passages(page: Page) -> Iterator[str]:
    texts = (page.headline, page.alternative_headline, page.description, page.body)
    captions = (image.caption for image in page.images)
    posts = (text for post in page.posts for text in (post.headline, post.body))
    links = (link.anchor_text for link in page.links if not is_fact(link.anchor_text))
    yield from filter(None, (*texts, *captions, *posts, *links))
    yield from (row.text_en for row in page.paragraphs if row.text_en)


def _shape(page: Page) -> dict[str, Any]:
    return {
        "layout": page.extractor and page.extractor.layout,
        "paragraphs": page.body.count("\n\n") + 1 if page.body else 0,
        "aligned paragraphs": [row.text_en is not None for row in page.paragraphs],
        "links": [(link.target, link.role, link.paragraph) for link in page.links],
        "broken links": [link.href for link in page.broken_links],
        "authors": page.authors,
        "translators": page.translators,
        "date": (page.date_published, page.date_precision, page.date_published_raw, page.date_modified),
        "images": [(image.url, bool(image.caption), bool(image.credit)) for image in page.images],
        "headlines": (bool(page.headline), bool(page.alternative_headline), bool(page.description)),
        "posts": [(post.slug, len(post.authors), post.body.count("\n\n")) for post in page.posts],
        "times of posts": [post.date_published for post in page.posts],
        "language": page.in_language,
        "length": (page.word_count, page.character_count),
        "translations": (page.translation_of, page.translations),
        "truncated": page.is_truncated,
    }
