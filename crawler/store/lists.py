"""Pages that list whatever is new, or of one kind: that one names an article tells nothing of it."""

from collections.abc import Collection

from crawler.graph.facts import HUB_TYPES
from crawler.store.bulk import Database, Document

FEED = "feed"
"""`extractor.name` of feeds and sitemaps, which no address tells."""
LISTS: Document = {
    "$or": [{"extractor.name": FEED}, {"page_type": {"$in": sorted(kind.value for kind in HUB_TYPES)}}]
}


async def among(database: Database, pages: Collection[str]) -> set[str]:
    """Those of the pages that are lists."""
    found = database.pages.find({"_id": {"$in": list(pages)}} | LISTS, {"_id": 1}) if pages else None
    return {page["_id"] async for page in found} if found else set()
