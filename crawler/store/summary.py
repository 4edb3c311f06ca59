"""What the report at the end of a run tells, as plain dictionaries."""

import sys
from collections import defaultdict
from typing import Any

from crawler.items import Role
from crawler.store.bulk import Collection, Database, Document

MOST_CITED = 10
PORTION = 1000
"""Documents fetched at once: left to itself the server sends 16 MB, which are many more as objects."""
CITATION: Document = {"role": Role.CITATION.value, "active": True}
STANDING: dict[str, Document] = {"pages": {}, "links": {"active": True}, "works": {"merged_into": None}}
"""What counts in each collection: no link that went away, no work that another took in."""
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
        "totals": {name: await database[name].count_documents(query) for name, query in STANDING.items()},
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
    works = await _works(database)
    citing: defaultdict[str, set[str]] = defaultdict(set)
    quoted: dict[str, str] = {}
    citations = database.links.find(CITATION, {"source": 1, "target": 1}, batch_size=PORTION)
    async for link in citations.sort({"first_seen_at": 1, "_id": 1}):
        source, target = works.get(link["source"]), works.get(link["target"])
        if source and target and source != target:
            citing[target].add(source)
            quoted.setdefault(target, link["_id"])
    most = sorted(citing, key=lambda work: (-len(citing[work]), work))[:MOST_CITED]
    return [await _cited(database, work, len(citing[work]), quoted[work]) for work in most]


async def _works(database: Database) -> dict[str, str]:
    """The work of each page that has one; one string for all mentions of a work, as they are many."""
    pages = database.pages.find({"work_id": {"$ne": None}}, {"work_id": 1}, batch_size=PORTION)
    return {sys.intern(page["_id"]): sys.intern(page["work_id"]) async for page in pages}


async def _cited(database: Database, work: str, in_links: int, quoted: str) -> Document:
    (link,) = await database.links.find({"_id": quoted}, QUOTATION).to_list()
    return {
        "work": work,
        "title": await _title(database, {"work_id": work}, link["target"]),
        "in_links": in_links,
        "quotation": {
            "context": link["context"],
            "anchor_text": link["anchor_text"],
            "source": link["source"],
            "source_title": await _title(database, {"_id": link["source"]}, link["source"]),
        },
    }


async def _title(database: Database, query: Document, wanted: str) -> str:
    """The title of the page `wanted`, or of another that matches where only that has a headline."""
    fields = ("display_title", "display_title_source")
    titles = {page["_id"]: page async for page in database.pages.find(query, fields).sort("first_seen_at")}
    told = [page for page in titles.values() if page["display_title_source"] != "url"]
    best = [page for page in told if page["_id"] == wanted] + told + [titles[wanted]]
    return str(best[0]["display_title"])
