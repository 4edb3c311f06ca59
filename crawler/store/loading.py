"""Brings the documents of a dump into a database: in batches, as often as one likes, past its validators.

A document that somebody else writes meanwhile is merged anew, with what it has become.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import itemgetter

from pymongo import ReplaceOne, UpdateMany, UpdateOne

from crawler.items import Status
from crawler.parsers import new_page
from crawler.store import forgetting
from crawler.store.bulk import Database, Document, Owned, write_all
from crawler.store.connection import index_frontier
from crawler.store.dump_lines import DumpError
from crawler.store.errors import StorageUnavailable
from crawler.store.merging import MERGES, keep_held
from crawler.store.writes import stub

BATCH = 500
STUBS = "stubs"
"""What pages that were never fetched are counted as."""
CONFLICTS = 5
"""How often a batch is merged anew because somebody else wrote the same documents meanwhile."""
BUSY = "somebody keeps changing the same pages: load again when no crawl is going on"
Change = tuple[Document | None, Document]
"""A document as it is held, None where it is not, and as it is to be."""


@dataclass(slots=True)
class Loaded:
    """What became of the documents of a dump, by collection; stubs are counted apart from the other pages."""

    read: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)
    """Why a document is not in the database, by its `_id`."""
    damage: str | None = None
    """Why the file was not read to its end."""


async def load(database: Database, documents: Iterable[tuple[str, Document]]) -> Loaded:
    """Write the documents, as far as they can be read; what is held is replaced only by what is newer."""
    loaded = Loaded()
    seeds: set[str] = set()
    forgotten = await forgetting.forgotten(database)
    for collection, batch in _batches(documents, loaded):
        wanted = [document for document in batch if not _is_about(collection, document, forgotten)]
        await _write(database, collection, wanted, loaded)
        if collection == "pages":
            seeds.update(seed for page in wanted for seed in page.get("depths", {}))
            forgotten |= {page["_id"] for page in wanted if page["status"] == Status.FORGOTTEN}
    await forgetting.erase(database, sorted(forgotten))
    if loaded.damage:
        await _complete(database)
    for seed in sorted(seeds):
        await index_frontier(database, seed)
    return loaded


def _batches(
    documents: Iterable[tuple[str, Document]], loaded: Loaded
) -> Iterator[tuple[str, list[Document]]]:
    """Up to BATCH documents of one collection at a time; damage ends them, and is noted."""
    for collection, group in groupby(_until_damage(documents, loaded), key=itemgetter(0)):
        while batch := [document for _, document in islice(group, BATCH)]:
            loaded.read.update(_kind(collection, document) for document in batch)
            yield collection, batch


def _until_damage(
    documents: Iterable[tuple[str, Document]], loaded: Loaded
) -> Iterator[tuple[str, Document]]:
    try:
        yield from documents
    except DumpError as error:
        loaded.damage = str(error)


def _is_about(collection: str, document: Document, pages: set[str]) -> bool:
    """Whether it holds words of one of these pages."""
    key = {"links": "source", "revisions": "page"}.get(collection)
    return key is not None and document[key] in pages


async def _complete(database: Database) -> None:
    """Make stubs of what links lead to and the cut-off rest of a dump would have brought."""
    here: Document = {"from": "pages", "localField": "_id", "foreignField": "_id", "as": "page"}
    stages: list[Document] = [
        {"$match": {"active": True}},
        {"$group": {"_id": "$target", "source": {"$min": "$source"}, "seen": {"$min": "$first_seen_at"}}},
        {"$lookup": here | {"pipeline": [{"$project": {"_id": 1}}]}},
        {"$match": {"page": []}},
    ]
    missing = await (await database.links.aggregate(stages, allowDiskUse=True)).to_list()
    stubs = [(link["_id"], stub(link["_id"], new_page(link["source"]), link["seen"])) for link in missing]
    await write_all(database.pages, stubs)


def _kind(collection: str, document: Document) -> str:
    is_stub = collection == "pages" and document.get("status") == Status.DISCOVERED
    return STUBS if is_stub else collection


async def _write(database: Database, collection: str, batch: list[Document], loaded: Loaded) -> None:
    """Insert what is new, replace what is older, and leave the rest untouched."""
    written: dict[str, Document] = {}
    for _ in range(CONFLICTS):
        merged = await _merged(database, collection, batch)
        held = {str(after["_id"]): before for before, after in merged}
        written = {name: after for name, after in written.items() if held[name] == after}
        changes = {str(after["_id"]): (before, after) for before, after in merged if before != after}
        written |= {name: after for name, (_, after) in changes.items()}
        refused, overtaken = await _change(database, collection, changes)
        if not overtaken:
            break
    else:
        raise StorageUnavailable(BUSY)
    loaded.refused |= refused
    kept = (after for name, after in written.items() if name not in refused)
    loaded.written.update(_kind(collection, document) for document in kept)
    if collection == "pages":
        await _settle_links(
            database, [after for before, after in merged if before and after.get("fetched_at")]
        )


async def _merged(database: Database, collection: str, batch: list[Document]) -> list[Change]:
    """Each document beside what is held of it."""
    merge = MERGES.get(collection, keep_held)
    ids = {"_id": {"$in": [document["_id"] for document in batch]}}
    held = {document["_id"]: document async for document in database[collection].find(ids)}
    known = [(held.get(document["_id"]), document) for document in batch]
    return [(before, document if before is None else merge(before, document)) for before, document in known]


async def _change(
    database: Database, collection: str, changes: dict[str, Change]
) -> tuple[dict[str, str], bool]:
    """Write what is not there yet, and what is still as it was merged.

    Returns why documents were refused, and whether anything was neither.
    """
    new: list[Owned] = [
        (name, UpdateOne({"_id": after["_id"]}, {"$setOnInsert": after}, upsert=True))
        for name, (before, after) in changes.items()
        if before is None
    ]
    newer: list[Owned] = [
        (name, ReplaceOne({"_id": after["_id"], **_as_it_is(before)}, after))
        for name, (before, after) in changes.items()
        if before is not None
    ]
    inserted = await write_all(database[collection], new)
    replaced = await write_all(database[collection], newer)
    refused = inserted.refused | replaced.refused
    missed = len(newer) - len(replaced.refused) - replaced.matched
    return refused, bool(inserted.matched or missed)


def _as_it_is(document: Document) -> Document:
    """Matches the document as long as nobody has changed anything in it."""
    return {"$expr": {"$eq": ["$$ROOT", {"$literal": document}]}}


async def _settle_links(database: Database, pages: list[Document]) -> None:
    """Of a page that came twice only the links of the fetch that is held are active."""
    gone = [
        UpdateMany(
            {"source": page["_id"], "active": True, "last_seen_at": {"$lt": page["fetched_at"]}},
            {"$set": {"active": False, "gone_at": page["fetched_at"]}},
        )
        for page in pages
    ]
    await write_all(database.links, [(page["_id"], update) for page, update in zip(pages, gone, strict=True)])
