"""Degrees: how many pages link to a page, and to how many it links; counted anew at the end of each run."""

from collections import defaultdict

from crawler.store.bulk import Database, Document

CHUNK = 1000


async def refresh(database: Database) -> None:
    """Count for each page the distinct pages that link to it, and that it links to."""
    await _degree(database, "in_degree", counted="target")
    await _degree(database, "out_degree", counted="source")


async def _degree(database: Database, name: str, *, counted: str) -> None:
    active = {"active": True, "$expr": {"$ne": ["$source", "$target"]}}
    stages: list[Document] = [
        {"$match": active},
        {"$group": {"_id": {"source": "$source", "target": "$target"}}},
        {"$group": {"_id": f"$_id.{counted}", "degree": {"$sum": 1}}},
    ]
    groups = await database.links.aggregate(stages, allowDiskUse=True, batchSize=CHUNK)
    degree = {group["_id"]: group["degree"] async for group in groups}
    changed: defaultdict[int, list[str]] = defaultdict(list)
    async for page in database.pages.find({}, {name: 1}, batch_size=CHUNK):
        count = degree.get(page["_id"], 0)
        if page.get(name) != count:
            changed[count].append(page["_id"])
    for count, ids in changed.items():
        for start in range(0, len(ids), CHUNK):
            some = {"_id": {"$in": ids[start : start + CHUNK]}}
            await database.pages.update_many(some, {"$set": {name: count}})
