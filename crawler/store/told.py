"""What was told of a seed's graph.

The collection `told`: `_id` is the seed and the thing's key, `at` is when.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from pymongo.errors import BulkWriteError

from crawler.graph.news import News
from crawler.store.bulk import DUPLICATE_KEY, Database, Document

CHUNK = 1000


async def tell(database: Database, seed: str, things: Iterable[News]) -> list[News]:
    """Note the things as told; returns those that nobody else told meanwhile."""
    now = dt.datetime.now(dt.UTC)
    by_id = {f"{seed} {thing.key}": thing for thing in things}
    entries = [{"_id": name, "seed": seed, "key": thing.key, "at": now} for name, thing in by_id.items()]
    taken: set[str] = set()
    for start in range(0, len(entries), CHUNK):
        try:
            await database.told.insert_many(entries[start : start + CHUNK], ordered=False)
        except BulkWriteError as error:
            faults: list[Document] = error.details["writeErrors"]
            if any(fault["code"] != DUPLICATE_KEY for fault in faults):
                raise
            taken |= {fault["op"]["_id"] for fault in faults}
    return [thing for name, thing in by_id.items() if name not in taken]


async def take_back(database: Database, seed: str, things: Iterable[News]) -> None:
    """Forget that the things were told, when they could not be handed over."""
    names = [f"{seed} {thing.key}" for thing in things]
    for start in range(0, len(names), CHUNK):
        await database.told.delete_many({"_id": {"$in": names[start : start + CHUNK]}})


async def untold(database: Database, seed: str, things: Sequence[News]) -> list[News]:
    """Those of the things that were not told yet."""
    told = await times(database, seed, [thing.key for thing in things])
    return [thing for thing in things if thing.key not in told]


async def times(database: Database, seed: str, keys: Iterable[str]) -> dict[str, dt.datetime]:
    """When each of these keys was told, by key; those that were not are left out."""
    query = {"_id": {"$in": [f"{seed} {key}" for key in keys]}}
    return {entry["key"]: entry["at"] async for entry in database.told.find(query, {"key": 1, "at": 1})}


async def first(database: Database, seed: str) -> dt.datetime | None:
    """When anything of a seed was told first."""
    of_seed = {"_id": {"$gte": f"{seed} ", "$lt": f"{seed}!"}}
    earliest = await database.told.find_one(of_seed, {"at": 1}, sort=[("at", 1)])
    at: dt.datetime | None = earliest["at"] if earliest else None
    return at
