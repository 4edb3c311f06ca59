"""The versions of pages: the one held, and those it replaced."""

from crawler.store.bulk import Database, Document

VERSION_FIELDS = (
    "revision",
    "held_since",
    "fetched_at",
    "display_title",
    "headline",
    "body",
    "posts",
    "text_length",
    "links",
    "last_attempt",
)


async def versions(database: Database, url: str) -> list[Document]:
    """All versions of a page, the oldest first; none of a page that was never read."""
    former = database.revisions.find({"page": url}, VERSION_FIELDS).sort("revision", 1)
    documents = await former.to_list()
    held = await database.pages.find_one({"_id": url, "fetched_at": {"$ne": None}}, VERSION_FIELDS)
    return [*documents, held] if held else documents


async def revised(database: Database, limit: int) -> list[str]:
    """Pages that changed since they were first held, the latest change first."""
    cursor = database.pages.find({"revision": {"$gt": 0}}, {"_id": 1})
    return [page["_id"] async for page in cursor.sort({"held_since": -1, "_id": 1}).limit(limit)]


async def link_history(database: Database, url: str) -> list[Document]:
    """All links a page ever had, in the order in which they were first seen."""
    fields = ("role", "target", "anchor_text", "active", "first_seen_at", "gone_at")
    return await database.links.find({"source": url}, fields).sort({"first_seen_at": 1, "_id": 1}).to_list()
