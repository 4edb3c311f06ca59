"""Reads the links that may lie on a path of three between two works: those of each, and between these."""

from collections.abc import Collection

from crawler.graph.facts import Tie
from crawler.graph.paths import VERBS
from crawler.items import Role
from crawler.store import lists
from crawler.store.bulk import Database, Document
from crawler.store.neighbourhood import LINK_FIELDS, NEAR

BETWEEN = 5_000
"""So many links in the middle are read."""
ROLES = [str(role) for role in VERBS]


async def ties(database: Database, start: str, end: str) -> list[Tie]:
    """The links between works that a path from one to the other may take; bounded."""
    at_start = await _around(database, await _pages(database, [start]))
    at_end = await _around(database, await _pages(database, [end]))
    near_start, near_end = _ends(at_start), _ends(at_end)
    middle = await _between(database, near_start, near_end) + await _between(database, near_end, near_start)
    links = [*at_start, *at_end, *middle]
    works = await _works(database, _ends(links))
    found = {
        Tie(**{**link, "source": works[link["source"]], "target": works[link["target"]]}) for link in links
    }
    return sorted(found, key=lambda tie: (tie.source, tie.target, tie.paragraph or 0, tie.context))


async def _pages(database: Database, works: Collection[str]) -> list[str]:
    found = database.pages.find({"work_id": {"$in": list(works)}}, {"_id": 1})
    return list({*works, *[page["_id"] async for page in found]})


async def _around(database: Database, pages: list[str]) -> list[Document]:
    """What these pages say by links, and others say of them."""
    links: list[Document] = []
    for end in ("source", "target"):
        query = {end: {"$in": pages}, "active": True, "role": {"$in": ROLES}}
        links += await database.links.find(query, LINK_FIELDS).limit(NEAR).to_list()
    return await _telling(database, links)


async def _between(database: Database, sources: Collection[str], targets: Collection[str]) -> list[Document]:
    query = {
        "source": {"$in": await _siblings(database, sources)},
        "target": {"$in": await _siblings(database, targets)},
        "active": True,
        "role": {"$in": ROLES},
    }
    return await _telling(database, await database.links.find(query, LINK_FIELDS).limit(BETWEEN).to_list())


async def _telling(database: Database, links: list[Document]) -> list[Document]:
    """All but those by which a list names its entries, which an editor's recommendations look like."""
    named_by = {link["source"] for link in links if link["role"] == Role.RELATED}
    listing = await lists.among(database, named_by)
    return [link for link in links if link["role"] != Role.RELATED or link["source"] not in listing]


async def _siblings(database: Database, pages: Collection[str]) -> list[str]:
    """These pages and the other versions of their works."""
    works = set((await _works(database, pages)).values())
    return list({*pages, *await _pages(database, works)})


async def _works(database: Database, pages: Collection[str]) -> dict[str, str]:
    """{page: work}."""
    found = database.pages.find({"_id": {"$in": list(pages)}}, {"work_id": 1})
    known = {page["_id"]: page.get("work_id") async for page in found}
    return {page: known.get(page) or page for page in pages}


def _ends(links: Collection[Document]) -> set[str]:
    return {end for link in links for end in (link["source"], link["target"])}
