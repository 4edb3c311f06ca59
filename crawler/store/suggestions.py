"""Near matches by text among what a seed's lists brought and no link led into its graph: kept apart."""

import datetime as dt
from collections.abc import Mapping
from typing import TypeVar

from pymongo import ReplaceOne

from crawler.graph.text import likeness, rarity, unsigned
from crawler.store import terms
from crawler.store.bulk import Database, Document

T = TypeVar("T")

NEAR_MATCH = 0.0175
"""Likeness from which on an article is suggested; how it was chosen: docs/watching.md."""
NAMED = 8
CHUNK = 500


async def refresh(database: Database, seed: str, run_id: str | None) -> None:
    """Compare what waits outside a seed's graph with the seed's start, and keep what comes near it."""
    start = await _works(database, {f"depths.{seed}": 0})
    waiting = await _works(
        database,
        {
            f"discovered_by.{seed}": {"$exists": True},
            f"depths.{seed}": {"$exists": False},
            "status": "fetched",
        },
    )
    own = await _subjects(database, start)
    asked = list(dict.fromkeys(term for said in own.values() for term in said))
    counts, total = await terms.frequencies(database, asked), await terms.count(database)
    rarities = {term: rarity(count, max(total, count)) for term, count in counts.items()}
    kept = []
    for chunk in _chunks(list(waiting)):
        for work, said in (await terms.of(database, chunk)).items():
            match = _best(own, said, rarities)
            if match["score"] >= NEAR_MATCH:
                about = {"seed": seed, "page": waiting[work], "run": run_id, "at": dt.datetime.now(dt.UTC)}
                kept.append({"_id": f"{seed} {waiting[work]}"} | about | match)
    await _replace(database, seed, kept)


async def _subjects(database: Database, works: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """What these works say, without the names of who wrote them."""
    members: Document = {"$or": [{"work_id": {"$in": list(works)}}, {"_id": {"$in": list(works.values())}}]}
    pages = await database.pages.find(members, {"authors.name": 1}).to_list()
    authors = [author["name"] for page in pages for author in page.get("authors") or ()]
    own = await terms.of(database, list(works))
    return {work: unsigned(said, authors) for work, said in own.items()}


async def _works(database: Database, query: Document) -> dict[str, str]:
    """Works of these pages, each with the first of its pages."""
    works: dict[str, str] = {}
    async for page in database.pages.find(query, {"work_id": 1}).sort("_id"):
        works.setdefault(page.get("work_id") or page["_id"], page["_id"])
    return works


def _best(
    own: Mapping[str, tuple[str, ...]], said: tuple[str, ...], rarities: Mapping[str, float]
) -> Document:
    """The work of the start that these terms are most like, how much, and by which words."""
    scored = {work: likeness(theirs, said, rarities) for work, theirs in own.items()}
    work = max(scored, key=lambda name: scored[name], default=None)
    shared = set(own[work] if work else ()) & set(said)
    words = sorted(shared, key=lambda term: (-rarities.get(term, 0), term))
    return {"like": work, "score": scored[work] if work else 0.0, "words": words[:NAMED]}


async def _replace(database: Database, seed: str, kept: list[Document]) -> None:
    for chunk in _chunks(kept):
        operations = [ReplaceOne({"_id": entry["_id"]}, entry, upsert=True) for entry in chunk]
        await database.suggestions.bulk_write(operations, ordered=False)
    gone = {"seed": seed, "_id": {"$nin": [entry["_id"] for entry in kept]}}
    await database.suggestions.delete_many(gone)


def _chunks(values: list[T]) -> list[list[T]]:
    return [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
