"""Keeps the rankings of a seed's neighbourhood in `related`: those that a run may have changed, anew."""

import datetime as dt
from typing import Any

from crawler.graph import related
from crawler.graph.facts import CITING
from crawler.graph.related import Related, Wanted
from crawler.items import Outcome, PageType, Status
from crawler.store import described, neighbourhood
from crawler.store.bulk import Database, Document

LIMIT = 20
MOST = 100
"""So many works of a seed are ranked, the nearest first."""
CHUNK = 1000
ARTICLES = [PageType.ARTICLE.value, PageType.LIVE.value, PageType.INTERACTIVE.value]


async def refresh(database: Database, seed: str, run_id: str) -> int:
    """Rank what a seed starts from and what lies one hop away, and anew whatever the run has touched of what
    was ranked before; returns how many rankings changed.
    """
    stored = {entry["_id"]: entry async for entry in database.related.find()}
    ranked = await _members(database, list(stored))
    if gone := list(stored.keys() - ranked.keys()):
        await database.related.delete_many({"_id": {"$in": gone}})
    touched = await _touched(database, run_id)
    changed = 0
    counted: dict[str, int] = {}  # works near each other say the same: a term is counted once
    for work, pages in (ranked | await _near(database, seed)).items():
        if work in stored and not await _is_touched(database, pages, touched):
            continue
        document = await _document(database, work, counted)
        if work not in stored or stored[work]["related"] != document["related"]:
            document |= {"run_id": run_id, "ranked_at": dt.datetime.now(dt.UTC)}
            await database.related.replace_one({"_id": work}, document, upsert=True)
            changed += 1
    return changed


async def _near(database: Database, seed: str) -> dict[str, list[str]]:
    """{work: its pages} of the articles that the seed starts from, and those one hop away."""
    depth = f"depths.{seed}"
    query = {depth: {"$lte": 1}, "status": Status.FETCHED.value, "$or": await _articles(database, depth)}
    nearest: dict[str, None] = {}
    found = database.pages.find(query, {"work_id": 1}, batch_size=CHUNK)
    async for page in found.sort({depth: 1, "first_seen_at": 1, "_id": 1}):
        nearest[page.get("work_id") or page["_id"]] = None
        if len(nearest) == MOST:  # a seed's start may cite a hundred thousand
            break
    await found.close()
    return await _members(database, list(nearest), query)


async def _articles(database: Database, depth: str) -> list[Document]:
    """What makes a page an article: its address, or where addresses don't tell, the site of the start."""
    own = await database.pages.distinct("site", {depth: 0})
    return [{"page_type": {"$in": ARTICLES}}, {"page_type": PageType.EXTERNAL.value, "site": {"$in": own}}]


async def _members(
    database: Database, works: list[str], query: Document | None = None
) -> dict[str, list[str]]:
    """{work: its pages} of those that are works still; with `query` only the pages that it finds, too."""
    members: dict[str, list[str]] = {}
    if not works:
        return members
    pages = {"$or": [{"work_id": {"$in": works}}, {"_id": {"$in": works}, "work_id": None}]}
    async for page in database.pages.find({"$and": [pages, query or {}]}, {"work_id": 1}).sort("_id"):
        members.setdefault(page.get("work_id") or page["_id"], []).append(page["_id"])
    return members


async def _touched(database: Database, run_id: str) -> set[str]:
    """Pages that the run has read, and all they link to or are linked from."""
    read = {"last_attempt.run_id": run_id, "last_attempt.status": Outcome.OK.value}
    pages = [page["_id"] async for page in database.pages.find(read, {"_id": 1})]
    touched = set(pages)
    for start in range(0, len(pages), CHUNK):
        touched |= await _neighbours(database, pages[start : start + CHUNK])
    return touched


async def _is_touched(database: Database, pages: list[str], touched: set[str]) -> bool:
    """Whether what lies within two links of these pages may have changed."""
    return bool(touched) and not touched.isdisjoint({*pages, *await _neighbours(database, pages)})


async def _neighbours(database: Database, pages: list[str]) -> set[str]:
    ends = set()
    for end, other in (("source", "target"), ("target", "source")):
        query = {end: {"$in": pages}, "active": True, "role": {"$in": [str(role) for role in CITING]}}
        links = database.links.find(query, {"_id": 0, other: 1}).limit(neighbourhood.FAR)
        ends |= {link[other] async for link in links}
    return ends


async def _document(database: Database, work: str, counted: dict[str, int]) -> Document:
    """The works most related to one; stubs too, for one that is cited much and was never had is a finding."""
    around = await neighbourhood.read(database, [work], counted)
    found = related.find(around, Wanted(limit=LIMIT, stubs=True))
    named = related.named(found, [work])
    pieces = await described.read(database, named)
    language = related.language_for(pieces, [work])
    ranking = related.describe(found, [work], pieces, language)
    return {"related": [_entry(one, language) for one in ranking], "names": named}


def _entry(one: Related, language: str) -> dict[str, Any]:
    return {
        "work": one.piece.work,
        "headline": one.piece.title(language),
        "published_on": one.piece.date(language),
        "status": str(one.piece.status),
        "score": round(one.score, 4),
        "signals": {name: round(value, 4) for name, value in one.signals.items()},
        "group": str(one.group),
        "reasons": list(one.reasons),
    }
