"""The terms by which works are found: one document per work, kept up at the end of each run."""

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Mapping
from itertools import islice
from operator import itemgetter

from pymongo import ReplaceOne

from crawler.graph.text import distinctive, title_words
from crawler.items import PageType, Provenance
from crawler.store.bulk import Database, Document
from crawler.store.works import ALONE
from crawler.urls import page_type_of, readable_title

_BRACKETED = re.compile(r"^\[[^\]]*\]\s*")
CHUNK = 500
AT_ONCE = 8
"""So many counts are asked for together: each takes a connection."""
READING = 2
"""Raised when terms are taken from a page in another way."""
COUNTED = 20_000
"""A term that stands in so many works or more tells nothing, however many they are."""

SPOKEN: Document = {
    "work_id": 1,
    "headline": 1,
    "alternative_headline": 1,
    "description": 1,
    "authors.name": 1,
    "keywords": 1,
    "content_hash": 1,
    "provenance": 1,
}
"""What a page says about itself in few words."""


async def refresh(database: Database) -> None:
    """Tell for each work by which terms it is found; bodies are read only of works that changed."""
    seen: set[str] = set()
    chunk: dict[str, list[Document]] = {}
    async for work, pages in _works(database):
        seen.add(work)
        chunk[work] = pages
        if len(chunk) == CHUNK:
            await _keep(database, chunk)
            chunk = {}
    await _keep(database, chunk)
    known = database.terms.find({}, {"_id": 1}, batch_size=CHUNK)
    gone = [entry["_id"] async for entry in known if entry["_id"] not in seen]
    for start in range(0, len(gone), CHUNK):
        await database.terms.delete_many({"_id": {"$in": gone[start : start + CHUNK]}})


async def _works(database: Database) -> AsyncIterator[tuple[str, list[Document]]]:
    """Each work with its pages."""
    pages: list[Document] = []
    async for page in database.pages.find({"work_id": {"$ne": None}}, SPOKEN, batch_size=CHUNK).sort(
        "work_id"
    ):
        if pages and pages[0]["work_id"] != page["work_id"]:
            yield pages[0]["work_id"], sorted(pages, key=itemgetter("_id"))
            pages = []
        pages.append(page)
    if pages:
        yield pages[0]["work_id"], sorted(pages, key=itemgetter("_id"))
    async for page in database.pages.find(ALONE, SPOKEN, batch_size=CHUNK):
        yield page["_id"], [page]


async def _keep(database: Database, works: Mapping[str, list[Document]]) -> None:
    """Store the terms of those works of which something else is said than before."""
    stored = database.terms.find({"_id": {"$in": list(works)}}, {"version": 1})
    known = {entry["_id"]: entry["version"] async for entry in stored}
    changed = {work: pages for work, pages in works.items() if known.get(work) != _version(pages)}
    bodies = await _bodies(database, [page["_id"] for pages in changed.values() for page in pages])
    documents = [_document(work, pages, bodies) for work, pages in changed.items()]
    if documents:
        replaced = [ReplaceOne({"_id": entry["_id"]}, entry, upsert=True) for entry in documents]
        await database.terms.bulk_write(replaced, ordered=False)


def _version(pages: list[Document]) -> list[str]:
    """Changes whenever what is said of the work does, or the way in which it is read here."""
    return [str(READING), *(f"{page['_id']} {page.get('content_hash') or ''}" for page in pages)]


async def _bodies(database: Database, pages: list[str]) -> dict[str, str]:
    """Bodies of the pages; not of invented ones, whose prose is the same everywhere and tells nothing."""
    real = {"_id": {"$in": pages}, "body": {"$ne": None}, "provenance": {"$ne": Provenance.SAMPLE.value}}
    return {page["_id"]: page["body"] async for page in database.pages.find(real, {"body": 1})}


def _document(work: str, pages: list[Document], bodies: Mapping[str, str]) -> Document:
    headings = "\n".join(text for page in pages for text in heading(page))
    body = "\n".join(bodies.get(page["_id"], "") for page in pages)
    return {"_id": work, "terms": list(distinctive(headings, body)), "version": _version(pages)}


def heading(page: Document) -> list[str]:
    """What a page says in few words: headlines, summary, names, and its address in words."""
    names = [author["name"] for author in page.get("authors") or ()]
    said = [page.get(name) or "" for name in ("headline", "alternative_headline", "description")]
    if page.get("provenance") == Provenance.SAMPLE:
        # the summary is invented; a headline that is, says so in brackets
        said = [_BRACKETED.sub("", headline) for headline in said[:2]]
    return [
        *said,
        *_slug(page["_id"], page.get("headline")),
        *names,
        *(page.get("keywords") or ()),
    ]


def _slug(url: str, headline: str | None) -> list[str]:
    """The address in words: English, whatever the page's language; on other sites little but the host."""
    if headline and page_type_of(url) == PageType.EXTERNAL:
        return []
    return [title_words(readable_title(url))]


async def of(database: Database, works: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The terms of each of these works."""
    found = database.terms.find({"_id": {"$in": list(works)}}, {"terms": 1})
    return {entry["_id"]: tuple(entry["terms"]) async for entry in found}


async def frequencies(
    database: Database, asked: Collection[str], counted: dict[str, int] | None = None
) -> dict[str, int]:
    """In how many works each term stands, counted up to COUNTED.

    `counted` holds what was asked before, and takes in the answers: for questions one after the other
    between which nobody writes terms.
    """
    counted = {} if counted is None else counted
    rest = iter([term for term in asked if term not in counted])
    while some := list(islice(rest, AT_ONCE)):
        counts = await asyncio.gather(*(_count(database, term) for term in some))
        counted |= zip(some, counts, strict=True)
    return {term: counted[term] for term in asked}


async def _count(database: Database, term: str) -> int:
    # the command counts in the index; count_documents reads every document
    answer = await database.command("count", "terms", query={"terms": term}, limit=COUNTED)
    return int(answer["n"])


async def saying(database: Database, asked: Collection[str], limit: int) -> dict[str, tuple[str, ...]]:
    """Works that say any of these terms, those that say most of them first, with all their terms."""
    stages: list[Document] = [
        {"$match": {"terms": {"$in": list(asked)}}},
        {"$project": {"terms": 1, "common": {"$size": {"$setIntersection": ["$terms", list(asked)]}}}},
        {"$sort": {"common": -1, "_id": 1}},
        {"$limit": limit},
    ]
    found = await database.terms.aggregate(stages)
    return {entry["_id"]: tuple(entry["terms"]) async for entry in found}


async def count(database: Database) -> int:
    """How many works have terms, about."""
    return await database.terms.estimated_document_count()
