"""What all runs on one database know of a host: who asks it now, when it may be asked again, its robots.txt.

All times are the server's. One that lies too far ahead to have been meant comes of a clock that was set
back, and counts as passed.
"""

from typing import NamedTuple

from pymongo import ReturnDocument

from crawler.politeness import LONGEST_PAUSE
from crawler.store.bulk import Database, Document

LEASE = 20.0
"""Seconds until the lease of a run that died lapses; one that lives renews it."""
CLAIM = 3.0
"""Seconds for which a run that waits for a host comes before all others, from when it asked for it last."""
RULES_LAST = 86_400
"""Seconds that a robots.txt is trusted (RFC 9309, 2.4)."""

_NOW = "$$NOW"


class Rules(NamedTuple):
    """A robots.txt as it was read."""

    status: int
    text: str


class Turn(NamedTuple):
    """What came of wanting a host."""

    is_mine: bool
    is_inherited: bool = False
    """Whether a run that did not leave held it before: nobody knows when that has asked last."""
    wait: float = 0.0
    """Seconds after which to try again."""


class Renewal(NamedTuple):
    """What becomes of a lease."""

    is_mine: bool
    is_wanted: bool = False
    """Whether another run waits for the host."""


async def take(database: Database, host: str, holder: str) -> Turn:
    """Take the right to ask a host, once its time has come and no other run has waited for it.

    The holder may take it again. One that can't have it puts its name down for the next turn.
    """
    mine = {"$eq": ["$wanted.by", holder]}
    taken: Document = {
        "holder": holder,
        "lease_until": _later(LEASE),
        "wanted": {"$cond": [mine, "$$REMOVE", "$wanted"]},
    }
    conditions = [_is_free(holder), _is_time(), {"$not": _is_claimed(holder)}]
    free = {"_id": host, "$expr": {"$and": conditions}}
    before = await database.hosts.find_one_and_update(free, [{"$set": taken}], {"holder": 1})
    if before is not None:
        return Turn(is_mine=True, is_inherited=before.get("holder") is not None)
    return Turn(is_mine=False, wait=await _claim(database, host, holder))


async def _claim(database: Database, host: str, holder: str) -> float:
    """Want the host next. Seconds until its time has come; a little, where somebody holds it just now."""
    claim: Document = {"by": {"$literal": holder}, "at": _NOW}
    ahead = {"$divide": [{"$subtract": ["$next_request_at", _NOW]}, 1000]}
    entered = await database.hosts.find_one_and_update(
        {"_id": host},
        [{"$set": {"wanted": {"$cond": [_is_claimed(holder), "$wanted", claim]}}}],
        {"ahead": ahead, "holder": 1},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    found = entered or {}
    return max(found.get("ahead") or 0.0, 0.25 if found.get("holder") else 0.0001)


async def renew(database: Database, host: str, holder: str) -> Renewal:
    """The host is still held."""
    held = await database.hosts.find_one_and_update(
        {"_id": host, "holder": holder},
        [{"$set": {"lease_until": _later(LEASE)}}],
        {"is_wanted": _is_claimed(holder)},
    )
    return Renewal(is_mine=held is not None, is_wanted=bool(held and held["is_wanted"]))


async def leave(database: Database, host: str, holder: str, pause: float = 0.0) -> None:
    """The host is held no longer; it is to be left alone for at least `pause` seconds."""
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


def _is_claimed(holder: str) -> Document:
    """Whether another run waits for the host, and did so not long ago."""
    another = {"$ne": [{"$ifNull": ["$wanted.by", holder]}, holder]}
    lately = {"$gt": ["$wanted.at", _later(-CLAIM)]}
    return {"$and": [another, lately, {"$lte": ["$wanted.at", _later(1)]}]}


def _is_time() -> Document:
    return _has_passed("next_request_at", LONGEST_PAUSE)


def _has_passed(name: str, most: float) -> Document:
    """A missing time has passed; so has one that lies further ahead than was ever asked for."""
    return {"$or": [{"$lte": [f"${name}", _NOW]}, {"$gt": [f"${name}", _later(most + 1)]}]}
