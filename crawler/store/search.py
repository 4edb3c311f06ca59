"""Reads the works that may answer a few words: by their terms, which are indexed, and by all bodies."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from crawler.graph.search import Candidate
from crawler.graph.text import is_half, rarity, terms
from crawler.store import terms as stored
from crawler.store.bulk import Database, Document

CANDIDATES = 300
"""So many works are looked at that say most of the words, and so many whose bodies do."""
HEADINGS = ("headline", "alternative_headline", "description", "authors.name", "keywords")


class Asked(NamedTuple):
    """Works that may answer, and how rare each term of the question is."""

    candidates: list[Candidate]
    rarity: dict[str, float]


async def read(database: Database, words: str) -> Asked:
    """Candidates for these words."""
    said = list(dict.fromkeys(terms(words)))
    asked, halves = [term for term in said if not is_half(term)], list(filter(is_half, said))
    counts, total = await stored.frequencies(database, asked), await stored.count(database)
    works = {*await stored.saying(database, asked, CANDIDATES), *await _by_body(database, words)}
    works |= {*await _by_heading(database, halves)}
    pages: dict[str, list[Document]] = {}
    query = {"$or": [{"work_id": {"$in": list(works)}}, {"_id": {"$in": list(works)}}]}
    async for page in database.pages.find(query, stored.SPOKEN | {"body": 1, "posts.body": 1}).sort("_id"):
        pages.setdefault(page.get("work_id") or page["_id"], []).append(page)
    candidates = [_candidate(work, own) for work, own in pages.items()]
    return Asked(candidates, {term: rarity(count, max(total, count)) for term, count in counts.items()})


async def _by_heading(database: Database, halves: Sequence[str]) -> list[str]:
    """Works whose headings say any of these characters, which are no terms by themselves."""
    if not halves:
        return []
    sought = {"$regex": f"[{''.join(halves)}]"}
    query = {"$or": [{name: sought} for name in HEADINGS]}
    found = database.pages.find(query, {"work_id": 1}).limit(CANDIDATES)
    return [page.get("work_id") or page["_id"] async for page in found]


async def _by_body(database: Database, words: str) -> list[str]:
    """Works whose body says all of the words as they are; MongoDB reads every body for it."""
    sought = [{"$regex": re.escape(word), "$options": "i"} for word in words.split()]
    everywhere = [{"$or": [{"body": one}, {"posts.body": one}]} for one in sought]
    found = database.pages.find({"$and": everywhere}, {"work_id": 1}).limit(CANDIDATES)
    return [page.get("work_id") or page["_id"] async for page in found]


def _candidate(work: str, pages: list[Document]) -> Candidate:
    bodies = [page.get("body") or "" for page in pages]
    bodies += [post["body"] for page in pages for post in page.get("posts") or ()]
    return Candidate(
        work=work,
        headings=tuple(text for page in pages for text in stored.heading(page)),
        bodies=tuple(filter(None, bodies)),
    )
