"""What is recomputed from the links at the end of a run: degrees and works."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from pymongo import UpdateMany, UpdateOne

from crawler.graph.works import Member, Work, find_works
from crawler.items import Role
from crawler.store.bulk import Collection, Database, Document

CHUNK = 1000


async def degrees(database: Database) -> None:
    """Count for each page the distinct pages that link to it, and that it links to."""
    await _degree(database, "in_degree", counted="target")
    await _degree(database, "out_degree", counted="source")


async def _degree(database: Database, name: str, *, counted: str) -> None:
    """The server counts and merges; a page without links any more appears in no group, so it is zeroed."""
    pages, links = database.pages, database.links
    active = {"active": True, "$expr": {"$ne": ["$source", "$target"]}}
    pairs = {"_id": {"source": "$source", "target": "$target"}}
    merge = {
        "into": "pages",
        "whenMatched": [{"$set": {name: "$$new.degree"}}],
        "whenNotMatched": "discard",
    }
    stages: list[Document] = [
        {"$match": active},
        {"$group": pairs},
        {"$group": {"_id": f"$_id.{counted}", "degree": {"$sum": 1}}},
        {"$merge": merge},
    ]
    await (await links.aggregate(stages, allowDiskUse=True)).to_list()
    async for ids in _ids(pages, {name: {"$gt": 0}}):
        linked = await links.distinct(counted, active | {counted: {"$in": ids}})
        lost = sorted(set(ids) - set(linked))
        if lost:
            await pages.update_many({"_id": {"$in": lost}}, {"$set": {name: 0}})


async def _ids(collection: Collection, query: Document) -> AsyncIterator[list[str]]:
    async with collection.find(query, {"_id": 1}) as cursor:
        while found := await cursor.to_list(CHUNK):
            yield [document["_id"] for document in found]


async def works(database: Database) -> None:
    """Find the works anew and tell each page its own."""
    current: dict[str, str | None] = {}
    members: list[Member] = []
    fields = (*(name for name in Member.__slots__ if name != "id"), "work_id")
    async for page in database.pages.find({"story_key": {"$ne": None}}, fields):
        current[page["_id"]] = page.pop("work_id", None)
        members.append(_member(page))
    translation = {"role": Role.TRANSLATION.value, "active": True}
    links = database.links.find(translation, {"_id": 0, "source": 1, "target": 1})
    pairs = [(link["source"], link["target"]) async for link in links]
    known = {work["_id"] async for work in database.works.find({"merged_into": None}, {"_id": 1})}
    found = find_works(members, pairs, known)
    await _store_works(database, found)
    await _tell_pages(database, found, current)


def _member(page: Document) -> Member:
    translations = tuple(page.pop("translations", None) or ())
    return Member(id=page.pop("_id"), translations=translations, **page)


async def _store_works(database: Database, found: list[Work]) -> None:
    operations = [operation for work in found for operation in _operations(work)]
    for start in range(0, len(operations), CHUNK):
        await database.works.bulk_write(operations[start : start + CHUNK], ordered=False)


def _operations(work: Work) -> list[UpdateOne]:
    document: dict[str, Any] = asdict(work) | {"merged_into": None}
    document["evidence"] = [piece._asdict() for piece in work.evidence]
    del document["id"], document["absorbed"]
    merged = {"$set": {"merged_into": work.id}}
    absorbed = [UpdateOne({"_id": former}, merged) for former in work.absorbed]
    return [UpdateOne({"_id": work.id}, {"$set": document}, upsert=True), *absorbed]


async def _tell_pages(database: Database, found: list[Work], current: dict[str, str | None]) -> None:
    changed = [
        UpdateMany({"_id": {"$in": moved}}, {"$set": {"work_id": work.id}})
        for work in found
        if (moved := [page for page in work.members if current[page] != work.id])
    ]
    for start in range(0, len(changed), CHUNK):
        await database.pages.bulk_write(changed[start : start + CHUNK], ordered=False)
