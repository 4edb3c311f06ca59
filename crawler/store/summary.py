"""What the report at the end of a run tells, as plain dictionaries."""

import sys
from array import array
from collections.abc import Mapping
from typing import Any

from crawler.items import Role
from crawler.store.bulk import Collection, Database, Document
from crawler.store.works import ALONE

MOST_CITED = 10
PORTION = 1000
"""Documents fetched at once: left to itself the server sends 16 MB, which are many more as objects."""
CITATION: Document = {"role": Role.CITATION.value, "active": True}
QUOTATION = ("source", "target", "context", "anchor_text")


async def summary(database: Database, seed: str, run_id: str | None) -> dict[str, Any]:
    """Counts over the pages of one seed, and the works of all.

    Keys: `status`, `attempt`, `site`, `depth`, `provenance` (pages of the seed; attempts of the run only,
    where one is given), `links` (theirs, by role), `most_cited` (work, title, in_links, quotation) and
    `totals` (what stands in the whole database, by collection).
    """
    members: Document = {f"depths.{seed}": {"$exists": True}}
    attempted = {"last_attempt.run_id": run_id} if run_id else {"last_attempt": {"$ne": None}}
    pages = database.pages
    return {
        "status": await count(pages, members, "$status"),
        "site": await count(pages, members, "$site"),
        "depth": await count(pages, members, f"$depths.{seed}"),
        "provenance": await count(pages, members, "$provenance"),
        "attempt": await count(pages, members | attempted, "$last_attempt.status"),
        "links": await count(pages, members | {"links": {"$ne": []}}, "$links.role", unwind="$links"),
        "most_cited": await _most_cited(database),
        "totals": await _totals(database),
    }


async def _totals(database: Database) -> dict[str, int]:
    """What stands in each collection: no link that went away, no work that another took in."""
    works = await database.works.count_documents({"merged_into": None})
    return {
        "pages": await database.pages.count_documents({}),
        "links": await database.links.count_documents({"active": True}),
        "works": works + await database.pages.count_documents(ALONE),
    }


async def count(
    collection: Collection, query: Document, key: str, *, unwind: str | None = None
) -> dict[Any, int]:
    """How many documents there are of each value, the most frequent first; or elements of a list in them."""
    stages: list[Document] = [
        {"$match": query},
        *([{"$unwind": unwind}] if unwind else []),
        {"$group": {"_id": key, "count": {"$sum": 1}}},
        {"$sort": {"count": -1, "_id": 1}},
    ]
    return {group["_id"]: group["count"] async for group in await collection.aggregate(stages)}


async def _most_cited(database: Database) -> list[Document]:
    """The works that most other works cite, each with the words of the first that does."""
    # not above: numpy takes a while to load, and every command loads the store
    import numpy as np

    from crawler.arrays import each_once

    works, names = await _works(database)
    # a number for each pair of works, target and source: sets of names weigh ten times as much
    pairs = array("q")
    async for link in database.links.find(CITATION, {"source": 1, "target": 1}, batch_size=PORTION):
        source, target = works.get(link["source"]), works.get(link["target"])
        if source is not None and target is not None and source != target:
            pairs.append(target * len(names) + source)
    citing = np.bincount(each_once(np.array(pairs, dtype=np.int64)) // max(len(names), 1))
    most = sorted(np.flatnonzero(citing), key=lambda work: (-citing[work], names[work]))[:MOST_CITED]
    return [await _cited(database, names[work], int(citing[work]), works) for work in most]


async def _works(database: Database) -> tuple[dict[str, int], list[str]]:
    """The number of each page's work, and the names of the works by number."""
    numbers: dict[str, int] = {}
    works: dict[str, int] = {}
    for query in ({"work_id": {"$ne": None}}, ALONE):
        async for page in database.pages.find(query, {"work_id": 1}, batch_size=PORTION):
            work = sys.intern(page.get("work_id") or page["_id"])
            works[sys.intern(page["_id"])] = numbers.setdefault(work, len(numbers))
    return works, list(numbers)


async def _cited(database: Database, work: str, in_links: int, works: Mapping[str, int]) -> Document:
    link = await _first_citation(database, work, works)
    return {
        "work": work,
        "title": await _title(database, _members(work), link["target"]),
        "in_links": in_links,
        "quotation": {
            "context": link["context"],
            "anchor_text": link["anchor_text"],
            "source": link["source"],
            "source_title": await _title(database, {"_id": link["source"]}, link["source"]),
        },
    }


def _members(work: str) -> Document:
    """The pages of a work; one that is its own is named by no page."""
    return {"$or": [{"work_id": work}, {"_id": work, "work_id": None}]}


async def _first_citation(database: Database, work: str, works: Mapping[str, int]) -> Document:
    """The first link from another work to a page of this one."""
    members = [page["_id"] async for page in database.pages.find(_members(work), {"_id": 1})]
    itself = works[members[0]]
    links = database.links.find(CITATION | {"target": {"$in": members}}, QUOTATION)
    return await anext(
        link
        async for link in links.sort({"first_seen_at": 1, "_id": 1})
        if works.get(link["source"], itself) != itself
    )


async def _title(database: Database, query: Document, wanted: str) -> str:
    """The title of the page `wanted`, or of another that matches where only that has a headline."""
    fields = ("display_title", "display_title_source")
    titles = {page["_id"]: page async for page in database.pages.find(query, fields).sort("first_seen_at")}
    told = [page for page in titles.values() if page["display_title_source"] != "url"]
    best = [page for page in told if page["_id"] == wanted] + told + [titles[wanted]]
    return str(best[0]["display_title"])
