"""What another service was asked: how much of its quota is spent, and which pages not to ask for again."""

import datetime as dt
from collections.abc import Collection

from pymongo.errors import DuplicateKeyError

from crawler.items import PageType, Status
from crawler.store.bulk import Database, Document

STORIES = [
    kind.value
    for kind in (PageType.ARTICLE, PageType.LIVE, PageType.INTERACTIVE, PageType.VIDEO, PageType.SLIDESHOW)
]


async def take(
    database: Database, service: str, limit: int, pause: dt.timedelta, now: dt.datetime
) -> dt.datetime | None:
    """Take one request of the day's quota: None where it is taken, else when to try again.

    Whoever else asks with the same database is counted too, and the pause is kept among all of them.
    """
    day = f"{now:%Y-%m-%d}"
    free: Document = {
        "_id": service,
        "not_before": {"$lte": now},
        "$or": [{"day": {"$ne": day}}, {"count": {"$lt": limit}}],
    }
    count = {"$cond": [{"$eq": ["$day", day]}, {"$add": ["$count", 1]}, 1]}
    taken = {"count": count, "day": day, "not_before": now + pause}
    if await database.quotas.find_one_and_update(free, [{"$set": taken}]):
        return None
    try:
        await database.quotas.insert_one({"_id": service, **taken, "count": 1})
    except DuplicateKeyError:
        held = await database.quotas.find_one({"_id": service}) or {}
        midnight = (now + dt.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        is_spent = held.get("day") == day and held["count"] >= limit
        again: dt.datetime = max(midnight if is_spent else now, held.get("not_before", now))
        return again
    return None


async def hold(database: Database, service: str, until: dt.datetime) -> None:
    """Nobody asks before a time: the service said so."""
    first = {"count": 0, "day": ""}
    later = {"$max": {"not_before": until}, "$setOnInsert": first}
    await database.quotas.update_one({"_id": service}, later, upsert=True)


async def note(database: Database, page: str, service: str, outcome: str, at: dt.datetime) -> None:
    """What came of asking for a page."""
    said = {"page": page, "service": service, "outcome": outcome, "at": at}
    await database.lookups.update_one({"_id": f"{service} {page}"}, {"$set": said}, upsert=True)


async def nameless(
    database: Database, service: str, sites: Collection[str], asked_since: dt.datetime, limit: int
) -> list[str]:
    """Stories that were never read and have no name but their address, the most cited first.

    Those that the service did not know since `asked_since` are left out.
    """
    stubs: Document = {
        "status": Status.DISCOVERED.value,
        "fetched_at": None,
        "display_title_source": "url",
        "site": {"$in": list(sites)},
        "page_type": {"$in": STORIES},
    }
    lately: Document = {"service": service, "at": {"$gte": asked_since}}
    asked = {lookup["page"] async for lookup in database.lookups.find(lately, {"page": 1})}
    cursor = database.pages.find(stubs, {"_id": 1}).sort([("in_degree", -1), ("_id", 1)])
    found: list[str] = []
    async for page in cursor:
        if page["_id"] not in asked:
            found.append(page["_id"])
        if len(found) >= limit:
            break
    return found
