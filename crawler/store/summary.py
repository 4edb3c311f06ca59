"""What the report at the end of a run tells, as plain dictionaries."""

from typing import Any

from crawler.items import Role
from crawler.store.bulk import Collection, Database, Document

MOST_CITED = 10


async def summary(database: Database, seed: str, run_id: str | None) -> dict[str, Any]:
    """Counts over the pages of one seed, and the links and works of all.

    Keys: `status`, `attempt`, `site`, `depth`, `provenance` (pages of the seed; attempts of the run only,
    where one is given), `links` (active ones of the database, by role), `most_cited` (work, title,
    in_links, quotation) and `totals` (documents by collection).
    """
    members: Document = {f"depths.{seed}": {"$exists": True}}
    attempted = {"last_attempt.run_id": run_id} if run_id else {"last_attempt": {"$ne": None}}
    pages, links = database.pages, database.links
    return {
        "status": await _count(pages, members, "$status"),
        "site": await _count(pages, members, "$site"),
        "depth": await _count(pages, members, f"$depths.{seed}"),
        "provenance": await _count(pages, members, "$provenance"),
        "attempt": await _count(pages, members | attempted, "$last_attempt.status"),
        "links": await _count(links, {"active": True}, "$role"),
        "most_cited": await _most_cited(database),
        "totals": {
            name: await database[name].estimated_document_count() for name in ("pages", "links", "works")
        },
    }


async def _count(collection: Collection, query: Document, key: str) -> dict[Any, int]:
    """How many documents there are of each value, the most frequent first."""
    stages: list[Document] = [
        {"$match": query},
        {"$group": {"_id": key, "count": {"$sum": 1}}},
        {"$sort": {"count": -1, "_id": 1}},
    ]
    return {group["_id"]: group["count"] async for group in await collection.aggregate(stages)}


async def _most_cited(database: Database) -> list[Document]:
    """The works that most other works cite, each with the words of one that does."""
    stages: list[Document] = [
        {"$match": {"role": Role.CITATION.value, "active": True}},
        *_join_work("source"),
        *_join_work("target"),
        {"$match": {"$expr": {"$ne": ["$source_work", "$target_work"]}}},
        {"$sort": {"first_seen_at": 1, "_id": 1}},
        {
            "$group": {
                "_id": "$target_work",
                "citing": {"$addToSet": "$source_work"},
                "link": {"$first": "$$ROOT"},
            }
        },
        {"$project": {"in_links": {"$size": "$citing"}, "link": 1}},
        {"$sort": {"in_links": -1, "_id": 1}},
        {"$limit": MOST_CITED},
    ]
    cursor = await database.links.aggregate(stages, allowDiskUse=True)
    return [await _cited(database, group) async for group in cursor]


def _join_work(end: str) -> list[Document]:
    """Look up the work at one end of a link, and drop the links that have none there."""
    found = {"from": "pages", "localField": end, "foreignField": "_id", "as": "page"}
    return [
        {"$lookup": found | {"pipeline": [{"$project": {"work_id": 1}}]}},
        {"$set": {f"{end}_work": {"$first": "$page.work_id"}}},
        {"$match": {f"{end}_work": {"$ne": None}}},
        {"$unset": "page"},
    ]


async def _cited(database: Database, group: Document) -> Document:
    link = group["link"]
    return {
        "work": group["_id"],
        "title": await _title(database, link["target"]),
        "in_links": group["in_links"],
        "quotation": {
            "context": link["context"],
            "anchor_text": link["anchor_text"],
            "source": link["source"],
            "source_title": await _title(database, link["source"]),
        },
    }


async def _title(database: Database, page: str) -> str:
    found = await database.pages.find_one({"_id": page}, {"display_title": 1})
    return found["display_title"] if found else page
