"""Degrees: how many pages link to a page, and to how many it links; counted anew at the end of each run."""

from collections.abc import Sequence

from pymongo import UpdateOne

from crawler.store.bulk import Database, Document

CHUNK = 1000
"""Pages that are held at a time."""


async def refresh(database: Database) -> None:
    """Count for each page the distinct pages that link to it, and that it links to."""
    fields = {"in_degree": 1, "out_degree": 1}
    async with database.pages.find({}, fields, batch_size=CHUNK).sort("_id") as cursor:
        while portion := await cursor.to_list(CHUNK):
            await _count(database, portion)


async def _count(database: Database, pages: Sequence[Document]) -> None:
    """Count for pages that follow each other in the order of their addresses, and tell those that changed."""
    first, last = pages[0]["_id"], pages[-1]["_id"]
    linked = await _degrees(database, "target", first, last)
    linking = await _degrees(database, "source", first, last)
    changed = []
    for page in pages:
        url = page["_id"]
        counted = {"in_degree": linked.get(url, 0), "out_degree": linking.get(url, 0)}
        if page != {"_id": url} | counted:
            changed.append(UpdateOne({"_id": url}, {"$set": counted}))
    if changed:
        await database.pages.bulk_write(changed, ordered=False)


async def _degrees(database: Database, end: str, first: str, last: str) -> dict[str, int]:
    """How many others there are at the other end of each page's links; read in the order of an index."""
    stages: list[Document] = [
        {"$match": {end: {"$gte": first, "$lte": last}, "active": True}},
        {"$group": {"_id": {"source": "$source", "target": "$target"}}},
        {"$match": {"$expr": {"$ne": ["$_id.source", "$_id.target"]}}},
        {"$group": {"_id": f"$_id.{end}", "degree": {"$sum": 1}}},
    ]
    groups = await database.links.aggregate(stages, allowDiskUse=True)
    return {group["_id"]: group["degree"] async for group in groups}
