"""What all runs on one database know of a host: who asks it now, when it may be asked again, its robots.txt.

All times are the server's. One that lies too far ahead to have been meant comes of a clock that was set
back, and counts as passed.
"""

from typing import NamedTuple

from crawler.politeness import LONGEST_PAUSE
from crawler.store.bulk import Database, Document

LEASE = 20.0
"""Seconds until the lease of a run that died lapses; one that lives renews it."""
RULES_LAST = 86_400
"""Seconds that a robots.txt is trusted (RFC 9309, 2.4)."""

_NOW = "$$NOW"


class Rules(NamedTuple):
    """A robots.txt as it was read."""

    status: int
    text: str


async def take(database: Database, host: str, holder: str, pause: float) -> float:
    """Take the right to ask a host once; returns 0, or the seconds after which to try again.

    `pause` is the least number of seconds from this request to the next. The holder may take it again.
    """
    taken: Document = {
        "holder": holder,
        "lease_until": _later(LEASE),
        "next_request_at": _later(pause),
    }
    free = {"_id": host, "$expr": {"$and": [_is_free(holder), _is_time()]}}
    if (await database.hosts.update_one(free, [{"$set": taken}])).matched_count:
        return 0.0
    entered = await database.hosts.update_one({"_id": host}, {"$setOnInsert": {"holder": None}}, upsert=True)
    return 0.0001 if entered.upserted_id else await _wait(database, host)


async def _wait(database: Database, host: str) -> float:
    """Seconds until its time has come; a little, where somebody is asking it just now."""
    ahead = {"$divide": [{"$subtract": ["$next_request_at", _NOW]}, 1000]}
    stages: list[Document] = [{"$match": {"_id": host}}, {"$project": {"ahead": ahead}}]
    async for found in await database.hosts.aggregate(stages):
        return max(found.get("ahead") or 0.0, 0.1)
    return 0.0001


async def renew(database: Database, host: str, holder: str) -> None:
    """The request still goes on."""
    await database.hosts.update_one(
        {"_id": host, "holder": holder}, [{"$set": {"lease_until": _later(LEASE)}}]
    )


async def leave(database: Database, host: str, holder: str, pause: float = 0.0) -> None:
    """The request is over; the host is to be left alone for at least `pause` seconds."""
    over: Document = {"holder": None, "lease_until": None}
    if pause:
        over["next_request_at"] = {"$max": ["$next_request_at", _later(pause)]}
    await database.hosts.update_one({"_id": host, "holder": holder}, [{"$set": over}])


async def rules(database: Database, host: str, scheme: str) -> Rules | None:
    """The robots.txt that was read within a day."""
    age = {"$divide": [{"$subtract": [_NOW, f"$robots.{scheme}.read_at"]}, 1000]}
    stages: list[Document] = [
        {"$match": {"_id": host}},
        {"$project": {"read": f"$robots.{scheme}", "age": age}},
    ]
    async for found in await database.hosts.aggregate(stages):
        if found.get("age") is not None and 0 <= found["age"] < RULES_LAST:
            return Rules(found["read"]["status"], found["read"]["text"])
    return None


async def keep_rules(database: Database, host: str, scheme: str, read: Rules) -> None:
    """Keep a robots.txt for all runs of the day."""
    kept = {f"robots.{scheme}.{name}": value for name, value in read._asdict().items()}
    now = {"$currentDate": {f"robots.{scheme}.read_at": True}}
    await database.hosts.update_one({"_id": host}, {"$set": kept} | now, upsert=True)


def _later(seconds: float) -> Document:
    return {"$add": [_NOW, round(seconds * 1000)]}


def _is_free(holder: str) -> Document:
    unheld: Document = {"$eq": [{"$ifNull": ["$holder", None]}, None]}
    lapsed = _has_passed("lease_until", LEASE)
    return {"$or": [unheld, {"$eq": ["$holder", holder]}, lapsed]}


def _is_time() -> Document:
    return _has_passed("next_request_at", LONGEST_PAUSE)


def _has_passed(name: str, most: float) -> Document:
    """A missing time has passed; so has one that lies further ahead than was ever asked for."""
    return {"$or": [{"$lte": [f"${name}", _NOW]}, {"$gt": [f"${name}", _later(most + 1)]}]}
