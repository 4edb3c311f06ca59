"""The run ledger: one entry per crawl run, kept alive by a heartbeat and closed with its own account.

Heartbeats are read and written by the server's clock, so that machines need not agree on the time.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Collection
from typing import Any

from pymongo.errors import DuplicateKeyError

from crawler.items import Outcome
from crawler.store import summary
from crawler.store.bulk import Database, Document

BEAT: Document = {"$currentDate": {"heartbeat": True}}
MOST_REASONS = 50
SILENCE: Document = {"silent_for": {"$divide": [{"$subtract": ["$$NOW", "$heartbeat"]}, 1000]}}
"""Seconds since the last heartbeat."""

READ = [Outcome.OK.value, Outcome.TRUNCATED.value]
_TEXTS: dict[str, Any] = {"body": "", "posts": [], "character_count": 0, "word_count": 0}
"""Any of them tells that there was a text, also where none is kept."""
PRESENT: dict[str, Any] = {
    "headline": {"$gt": ["$headline", ""]},
    "date": {"$gt": ["$published_on", ""]},
    "byline": {"$gt": ["$authors", []]},
    "body": {"$or": [{"$gt": [f"${name}", least]} for name, least in _TEXTS.items()]},
    "links": {"$gt": ["$links", []]},
}
"""When a page counts as having each of the things that a reading is judged by."""


async def open_run(database: Database, run: Document) -> bool:
    """Enter a run as begun. False where its seed has an open one."""
    entry: Document = {"finished": None, "finish_reason": None, "counts": {}, "taken_up": 0} | run
    named = {"_id": entry.pop("_id")}
    try:
        entered = await database.crawl_runs.update_one(named, {"$setOnInsert": entry} | BEAT, upsert=True)
    except DuplicateKeyError:
        return False
    return entered.upserted_id is not None


async def find(database: Database, query: Document, limit: int = 0) -> list[Document]:
    """Runs, the newest first, each with `silent_for`; all of them where the limit is 0."""
    stages: list[Document] = [
        {"$match": query},
        {"$sort": {"started": -1, "_id": -1}},
        *([{"$limit": limit}] if limit else []),
        {"$addFields": SILENCE},
    ]
    return await (await database.crawl_runs.aggregate(stages)).to_list()


async def take_up(database: Database, run: Document, claim: Document) -> bool:
    """Make a run that was cut off one's own; False where another process was quicker."""
    seen = {"_id": run["_id"], "heartbeat": run["heartbeat"], "finished": None}
    change = {"$set": claim, "$inc": {"taken_up": 1}} | BEAT
    return (await database.crawl_runs.update_one(seen, change)).modified_count == 1


async def join(database: Database, run_id: str, worker: Document, archives: Collection[str]) -> None:
    """Work on a run beside others, as this process (`host`, `pid`)."""
    joined = {"$addToSet": {"archives": {"$each": list(archives)}, "workers": worker}} | BEAT
    await database.crawl_runs.update_one({"_id": run_id}, joined)


async def beat(database: Database, run_id: str, traffic: dict[str, int]) -> None:
    """Note that a run is alive, and what it has sent and received since it said so last."""
    counted = {f"traffic.{name}": count for name, count in traffic.items() if count}
    await database.crawl_runs.update_one({"_id": run_id}, BEAT | ({"$inc": counted} if counted else {}))


async def account(database: Database, run: Document) -> Document:
    """What a run did: `counts`, `reasons`, `coverage` and what was `new`.

    Computed from pages that a later run will overwrite, hence kept with the run when it ends.
    """
    tried = {"last_attempt.run_id": run["_id"]}
    found = {f"depths.{run['seed']}": {"$exists": True}, "first_seen_at": {"$gte": run["started"]}}
    return {
        "counts": await summary.count(database.pages, tried, "$last_attempt.status"),
        "reasons": await _reasons(database, tried),
        "coverage": await _coverage(database, tried),
        "new": {
            "pages": await database.pages.count_documents(found),
            "links": await database.links.count_documents({"first_seen_run": run["_id"]}),
        },
    }


async def _reasons(database: Database, tried: Document) -> list[Document]:
    """Why pages were not had as they ought to be: outcome, reason and count, the most frequent first."""
    key = {"outcome": "$last_attempt.status", "reason": "$last_attempt.reason"}
    stages: list[Document] = [
        {"$match": tried | {"last_attempt.reason": {"$ne": None}}},
        {"$group": {"_id": key, "count": {"$sum": 1}}},
    ]
    told: Counter[tuple[str, str]] = Counter()
    async for group in await database.pages.aggregate(stages):
        told[group["_id"]["outcome"], rule_of(group["_id"]["reason"])] += group["count"]
    most = sorted(told.items(), key=lambda item: (-item[1], item[0]))[:MOST_REASONS]
    return [{"outcome": outcome, "reason": reason, "count": count} for (outcome, reason), count in most]


def rule_of(reason: str) -> str:
    """A reason without what differs from page to page: addresses and numbers, but for HTTP's."""
    without_urls = re.sub(r"https?://\S+", "URL", reason)
    return re.sub(r"(?<=[\s(])(?<!HTTP )\d[\d.,]*", "N", without_urls)


async def _coverage(database: Database, tried: Document) -> list[Document]:
    """Of the pages read, by layout and language: how many have a headline, date, byline, body and links."""
    present = {name: {"$sum": {"$cond": [test, 1, 0]}} for name, test in PRESENT.items()}
    stages: list[Document] = [
        {"$match": tried | {"last_attempt.status": {"$in": READ}, "extractor": {"$ne": None}}},
        {
            "$group": {
                "_id": {name: f"$extractor.{name}" for name in ("name", "layout")} | {"in": "$in_language"},
                "pages": {"$sum": 1},
                **present,
            }
        },
        {"$sort": {"pages": -1, "_id": 1}},
    ]
    groups = await database.pages.aggregate(stages)
    return [_of_layout(group.pop("_id"), group) async for group in groups]


def _of_layout(key: Document, counts: Document) -> Document:
    return {"extractor": key["name"], "layout": key["layout"], "in_language": key.get("in"), **counts}


async def close(database: Database, run_id: str, reason: str, closed_hosts: list[Document]) -> None:
    """Note that the run ended, why, and its account."""
    (run,) = await find(database, {"_id": run_id})
    ended = await account(database, run) | {"finish_reason": reason, "finished": dt.datetime.now(dt.UTC)}
    ended["closed_hosts"] = closed_hosts
    await database.crawl_runs.update_one({"_id": run_id}, {"$set": ended})
