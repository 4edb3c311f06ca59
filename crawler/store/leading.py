"""Which link leads to a page: of those between it and its seed's graph the one whose other end is nearest."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from crawler.items import Role
from crawler.store.bulk import Database, Document

CHUNK = 1000
JOINING = [Role.CITATION.value, Role.TRANSLATION.value]
FIELDS = ("source", "target", "role", "paragraph", "context", "anchor_text")
Nearest = dict[str, tuple[int, "End"]]
"""By page: how deep the other end of the best link lies, and that link."""


class End(NamedTuple):
    """One end of a link, a page by any of its names, and what the link is for it."""

    page: str
    other: str
    verb: str
    link: Document


async def reasons(
    database: Database, seed: str, stories: Document, pages: Mapping[str, Document]
) -> dict[str, dict[str, Any]]:
    """Why each of these pages is in the seed's graph, in words; `stories` is the query for that graph."""
    named = {name: url for url, page in pages.items() for name in (url, *page.get("aliases", ()))}
    best: Nearest = {}
    names = list(named)
    query = {"$or": [{"target": {"$in": names}}, {"source": {"$in": names}}]}
    joining = query | {"active": True, "role": {"$in": JOINING}}
    async with database.links.find(joining, FIELDS, batch_size=CHUNK).sort("_id") as cursor:
        while links := await cursor.to_list(CHUNK):
            await _improve(database, seed, stories, best, list(_ends(links, named)))
    found = [end for _, end in best.values()]
    others = {"_id": {"$in": [end.other for end in found]}}
    titles = {
        page["_id"]: page["display_title"] async for page in database.pages.find(others, ["display_title"])
    }
    start = {
        url: {"reason": "the start of the crawl"} for url, page in pages.items() if not page["depths"][seed]
    }
    return {end.page: _reason(end, titles[end.other]) for end in found} | start


def _ends(links: Iterable[Document], named: Mapping[str, str]) -> Iterable[End]:
    for link in links:
        for here, there, verb in (("target", "source", "cited by"), ("source", "target", "cites")):
            page = named.get(link[here])
            if page:
                yield End(page, link[there], verb, link)


async def _improve(database: Database, seed: str, stories: Document, best: Nearest, ends: list[End]) -> None:
    """Take the links into account that lead nearer to the seed than the best so far."""
    others = stories | {"_id": {"$in": list({end.other for end in ends})}}
    found = database.pages.find(others, [f"depths.{seed}"])
    depths = {page["_id"]: int(page["depths"][seed]) async for page in found}
    for end in ends:
        depth = depths.get(end.other)
        if depth is not None and (end.page not in best or depth < best[end.page][0]):
            best[end.page] = depth, end


def _reason(end: End, title: str) -> dict[str, Any]:
    link = end.link
    verb = "another language version of" if link["role"] == Role.TRANSLATION else end.verb
    where = f" in paragraph {link['paragraph']}" if link["paragraph"] and verb == "cited by" else ""
    return {
        "reason": f"{verb} {title}{where}",
        "quote": link["context"] or link["anchor_text"],
        "other_url": end.other,
    }
