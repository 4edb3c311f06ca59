"""An article of several pages, each with its own part of the text: one document of all of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from crawler.items import Link, Page, Role
from crawler.parsers.base import content_of

PART_LIMIT = 30
"""Parts that are asked for. The longest known article has some ten."""


def missing_part(pages: Sequence[Page]) -> str | None:
    """The part to get next, `pages` being the first ones in their order; None where all are there.

    Only the article's own address begins it: a later part that somebody links to says nothing of its own.
    """
    parts = pages[0].parts[:PART_LIMIT]
    begun = bool(parts) and parts[0] == pages[0].id
    return parts[len(pages)] if begun and len(pages) < len(parts) else None


def join(pages: Sequence[Page]) -> Page:
    """The article: the first part's facts, the text, pictures and links of all."""
    head = pages[0]
    bodies = [page.body for page in pages if page.body]
    if len(pages) == 1:
        return head
    return replace(
        head,
        **content_of(head.headline, "\n\n".join(bodies) or None),
        is_truncated=any(page.is_truncated for page in pages),
        images=tuple(dict.fromkeys(image for page in pages for image in page.images)),
        links=tuple(_once(_moved(pages))),
        broken_links=tuple(dict.fromkeys(link for page in pages for link in page.broken_links)),
    )


def _moved(pages: Iterable[Page]) -> Iterator[Link]:
    """All links, each with the number that its paragraph has in the whole."""
    before = 0
    for page in pages:
        for link in page.links:
            yield replace(link, paragraph=link.paragraph + before) if link.paragraph else link
        before += len(page.body.split("\n\n")) if page.body else 0


def _once(links: Iterable[Link]) -> Iterator[Link]:
    """Every citation; of all else, which each part may repeat, the first."""
    seen: set[tuple[Role, str]] = set()
    for link in links:
        key = (link.role, link.target)
        if link.role is Role.CITATION or key not in seen:
            seen.add(key)
            yield link
