"""What is recomputed from the links at the end of a run: degrees and works."""

from collections import defaultdict

from pymongo import ReplaceOne, UpdateMany, UpdateOne

from crawler.graph.works import Member, Work, find_works
from crawler.items import Role
from crawler.store.bulk import Database, Document
from crawler.urls import story_key

CHUNK = 1000


async def degrees(database: Database) -> None:
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
    groups = await database.links.aggregate(stages, allowDiskUse=True)
    degree = {group["_id"]: group["degree"] async for group in groups}
    changed: defaultdict[int, list[str]] = defaultdict(list)
    async for page in database.pages.find({}, {name: 1}):
        count = degree.get(page["_id"], 0)
        if page.get(name) != count:
            changed[count].append(page["_id"])
    for count, ids in changed.items():
        for start in range(0, len(ids), CHUNK):
            some = {"_id": {"$in": ids[start : start + CHUNK]}}
            await database.pages.update_many(some, {"$set": {name: count}})


async def works(database: Database) -> None:
    """Find the works anew and tell each page its own."""
    current: dict[str, str | None] = {}
    members: list[Member] = []
    fields = (*(name for name in Member.__slots__ if name != "id"), "work_id")
    pairs = await _translations(database)
    # Elsewhere an address does not tell a story: there a page has a work if it has, or had, a translation.
    elsewhere = sorted({url for pair in pairs for url in pair if story_key(url) is None})
    has_work = ({"story_key": {"$ne": None}}, {"work_id": {"$ne": None}}, {"_id": {"$in": elsewhere}})
    async for page in database.pages.find({"$or": has_work}, fields):
        current[page["_id"]] = page.pop("work_id", None)
        members.append(_member(page))
    known = {work["_id"] async for work in database.works.find({"merged_into": None}, {"_id": 1})}
    found = find_works(members, pairs, known)
    members.clear()  # they weigh most, and are not needed any more
    await _store_works(database, found)
    await _mark_merged(database, found)
    await _tell_pages(database, found, current)


async def _translations(database: Database) -> list[tuple[str, str]]:
    translation = {"role": Role.TRANSLATION.value, "active": True}
    links = database.links.find(translation, {"_id": 0, "source": 1, "target": 1})
    return [(link["source"], link["target"]) async for link in links]


def _member(page: Document) -> Member:
    translations = tuple(page.pop("translations", None) or ())
    return Member(id=page.pop("_id"), translations=translations, **page)


async def _store_works(database: Database, found: list[Work]) -> None:
    for start in range(0, len(found), CHUNK):
        chunk = {work.id: _document(work) for work in found[start : start + CHUNK]}
        stored = {work.pop("_id"): work async for work in database.works.find({"_id": {"$in": list(chunk)}})}
        changed = [
            ReplaceOne({"_id": work_id}, document, upsert=True)
            for work_id, document in chunk.items()
            if stored.get(work_id) != document
        ]
        if changed:
            await database.works.bulk_write(changed, ordered=False)


async def _mark_merged(database: Database, found: list[Work]) -> None:
    """Works that are none any more say which one took them in."""
    home = {page: work.id for work in found for page in work.members}
    standing = {work.id for work in found}
    changed = [
        UpdateOne({"_id": work["_id"]}, {"$set": {"merged_into": home.get(work["_id"])}})
        async for work in database.works.find({}, {"merged_into": 1})
        if work["_id"] not in standing and work["merged_into"] != home.get(work["_id"])
    ]
    for start in range(0, len(changed), CHUNK):
        await database.works.bulk_write(changed[start : start + CHUNK], ordered=False)


def _document(work: Work) -> Document:
    """As MongoDB gives it back, so that it can be compared."""
    return {
        "members": list(work.members),
        "evidence": [piece._asdict() for piece in work.evidence],
        "rejected": [claim._asdict() for claim in work.rejected],
        "first_published_on": work.first_published_on,
        "headlines": work.headlines,
        "published_on": work.published_on,
        "merged_into": None,
    }


async def _tell_pages(database: Database, found: list[Work], current: dict[str, str | None]) -> None:
    for start in range(0, len(found), CHUNK):
        changed = [
            UpdateMany({"_id": {"$in": moved}}, {"$set": {"work_id": work.id}})
            for work in found[start : start + CHUNK]
            if (moved := [page for page in work.members if current[page] != work.id])
        ]
        if changed:
            await database.pages.bulk_write(changed, ordered=False)
