"""Works: found anew at the end of a run, a portion of the pages at a time."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from typing import Any, NamedTuple

from pymongo import ReplaceOne, UpdateMany, UpdateOne

from crawler.graph.works import Member, Work, components, find_works
from crawler.items import Role
from crawler.store.bulk import Database, Document
from crawler.store.lists import FEED
from crawler.urls import story_key

CHUNK = 1000
"""Pages that are held at a time; left to itself the server sends 16 MB at once, 100 MB of objects."""

Pair = tuple[str, str]
Change = ReplaceOne[Any] | UpdateOne

_FIELDS = (*(name for name in Member.__slots__ if name != "id"), "work_id")
_HAS_WORK: list[Document] = [{"story_key": {"$ne": None}}, {"work_id": {"$ne": None}}]
"""An address of ours tells a story; elsewhere a page has a work if it has, or had, a translation."""
ALONE: Document = {"work_id": None, "headline": {"$ne": None}, "extractor.name": {"$ne": FEED}}
"""Elsewhere an address does not tell a story: a page that was read is its own work there. A feed is none."""


class Kin(NamedTuple):
    """Pages that may form a work together."""

    families: list[list[str]]
    """No page of one can belong with a page of another, or with one that is in none."""
    elsewhere: set[str]
    """Those with a translation whose address does not tell a story."""
    translations: dict[str, list[Pair]]
    """By source: its translation links."""


async def refresh(database: Database) -> None:
    """Find the works anew and tell each page its own."""
    kin = await _kin(database)
    async for pages in _portions(database, kin):
        await _keep(
            database, pages, [pair for page in pages for pair in kin.translations.get(page["_id"], ())]
        )


async def _kin(database: Database) -> Kin:
    translations: defaultdict[str, list[Pair]] = defaultdict(list)
    query: Document = {"role": Role.TRANSLATION.value, "active": True}
    async for link in database.links.find(query, {"_id": 0, "source": 1, "target": 1}, batch_size=CHUNK):
        translations[link["source"]].append((link["source"], link["target"]))
    linked = [pair for pairs in translations.values() for pair in pairs]
    pairs = [
        *linked,
        *[pair async for pair in _stated(database)],
        *[pair async for pair in _variants(database)],
    ]
    families: defaultdict[str, list[str]] = defaultdict(list)
    for page, root in components({page for pair in pairs for page in pair}, pairs).items():
        families[root].append(page)
    elsewhere = {page for pair in linked for page in pair if story_key(page) is None}
    return Kin(list(families.values()), elsewhere, translations)


async def _stated(database: Database) -> AsyncIterator[Pair]:
    """What pages say themselves of their original, their translations and where they have gone."""
    names = ("translation_of", "translations", "redirects_to")
    query: Document = {"$or": [{name: {"$nin": [None, []]}} for name in names]}
    async for page in database.pages.find(query, names, batch_size=CHUNK):
        others = [page.get("translation_of"), page.get("redirects_to"), *(page.get("translations") or ())]
        for other in others:
            if other is not None:
                yield page["_id"], other


async def _variants(database: Database) -> AsyncIterator[Pair]:
    """Pages that share an address but for its language version."""
    stages: list[Document] = [
        {"$match": {"story_key": {"$ne": None}}},
        {"$group": {"_id": "$story_key", "pages": {"$push": "$_id"}}},
        {"$match": {"pages.1": {"$exists": True}}},
    ]
    async for group in await database.pages.aggregate(stages, allowDiskUse=True):
        for page in group["pages"][1:]:
            yield group["pages"][0], page


async def _portions(database: Database, kin: Kin) -> AsyncIterator[list[Document]]:
    """All pages that have a work, whole families at a time."""
    for ids in _packed(kin.families):
        qualified = [*_HAS_WORK, {"_id": {"$in": [page for page in ids if page in kin.elsewhere]}}]
        yield [page async for page in database.pages.find({"_id": {"$in": ids}, "$or": qualified}, _FIELDS)]
    related = {page for family in kin.families for page in family}
    async with database.pages.find({"$or": _HAS_WORK}, _FIELDS, batch_size=CHUNK) as cursor:
        while portion := await cursor.to_list(CHUNK):
            yield [page for page in portion if page["_id"] not in related]


def _packed(families: Iterable[list[str]]) -> Iterable[list[str]]:
    """The families in lists of about CHUNK pages."""
    packed: list[str] = []
    for family in families:
        packed += family
        if len(packed) >= CHUNK:
            yield packed
            packed = []
    if packed:
        yield packed


async def _keep(database: Database, pages: list[Document], translations: list[Pair]) -> None:
    """Find the works of these pages, store them, and tell the pages."""
    ids = [page["_id"] for page in pages]
    current = {page["_id"]: page.pop("work_id", None) for page in pages}
    stored = {work["_id"]: work async for work in database.works.find({"_id": {"$in": ids}})}
    known = {work_id for work_id, work in stored.items() if work["merged_into"] is None}
    found = find_works([_member(page) for page in pages], translations, known)
    changes: list[Change] = [*_changed(found, stored), *_merged(found, stored)]
    if changes:
        await database.works.bulk_write(changes, ordered=False)
    moves = [
        UpdateMany({"_id": {"$in": moved}}, {"$set": {"work_id": work.id}})
        for work in found
        if (moved := [page for page in work.members if current[page] != work.id])
    ]
    if moves:
        await database.pages.bulk_write(moves, ordered=False)


def _member(page: Document) -> Member:
    translations = tuple(page.pop("translations", None) or ())
    return Member(id=page.pop("_id"), translations=translations, **page)


def _changed(found: list[Work], stored: dict[str, Document]) -> Iterable[ReplaceOne[Any]]:
    for work in found:
        document = _document(work)
        if {**document, "_id": work.id} != stored.get(work.id):
            yield ReplaceOne({"_id": work.id}, document, upsert=True)


def _merged(found: list[Work], stored: dict[str, Document]) -> Iterable[UpdateOne]:
    """Works that are none any more say which one took them in."""
    home = {page: work.id for work in found for page in work.members}
    for work_id, document in stored.items():
        if home[work_id] != work_id and document["merged_into"] != home[work_id]:
            yield UpdateOne({"_id": work_id}, {"$set": {"merged_into": home[work_id]}})


def _document(work: Work) -> Document:
    """As MongoDB gives it back, so that it can be compared."""
    return {
        "members": list(work.members),
        "evidence": [piece._asdict() for piece in work.evidence],
        "rejected": [claim._asdict() for claim in work.rejected],
        "first_published_on": work.first_published_on,
        "headlines": work.headlines,
        "published_on": work.published_on,
        "merged_into": None,
    }
