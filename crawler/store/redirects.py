"""Where redirects led from, over the stored graph: so a crawl that was cut off still knows its chains."""

from typing import NamedTuple

from crawler.outcomes import MOST_REDIRECTS
from crawler.store.bulk import Database, Document


class Trail(NamedTuple):
    """How a page was come to by redirects alone."""

    length: int
    """Redirects of the longest way here, at most `MOST_REDIRECTS`."""
    returns: bool
    """Whether the page that it would lead to now lies on a way here."""


async def trail(database: Database, url: str, target: str) -> Trail:
    """The redirects that led to a page which itself redirects to `target`."""
    back: Document = {
        "from": "pages",
        "startWith": "$_id",
        "connectFromField": "_id",
        "connectToField": "redirects_to",
        "as": "led",
        "depthField": "steps",
        "maxDepth": MOST_REDIRECTS - 1,
    }
    told = {"longest": {"$max": "$led.steps"}, "returns": {"$in": [target, "$led._id"]}}
    stages: list[Document] = [{"$match": {"_id": url}}, {"$graphLookup": back}, {"$project": told}]
    async for found in await database.pages.aggregate(stages):
        longest = found["longest"]
        return Trail(0 if longest is None else longest + 1, found["returns"])
    return Trail(0, returns=False)
