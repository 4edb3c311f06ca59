"""Brings the documents of a dump into a database: in batches, as often as one likes, past its validators."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import itemgetter

from pymongo import ReplaceOne, UpdateMany

from crawler.items import Status
from crawler.parsers import new_page
from crawler.store import forgetting
from crawler.store.bulk import Database, Document, write_all
from crawler.store.connection import index_frontier
from crawler.store.dump_lines import DumpError
from crawler.store.merging import MERGES, keep_held
from crawler.store.writes import stub

BATCH = 500


@dataclass(slots=True)
class Loaded:
    """What became of the documents of a dump, by collection."""

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
            loaded.read[collection] += len(batch)
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


async def _write(database: Database, collection: str, batch: list[Document], loaded: Loaded) -> None:
    """Insert what is new, replace what is older, and leave the rest untouched."""
    merge = MERGES.get(collection, keep_held)
    ids = {"_id": {"$in": [document["_id"] for document in batch]}}
    held = {document["_id"]: document async for document in database[collection].find(ids)}
    known = [(held.get(document["_id"]), document) for document in batch]
    merged = [(before, document if before is None else merge(before, document)) for before, document in known]
    changed = [
        (str(after["_id"]), ReplaceOne({"_id": after["_id"]}, after, upsert=True))
        for before, after in merged
        if before != after
    ]
    refused = (await write_all(database[collection], changed)).refused
    loaded.refused |= refused
    loaded.written[collection] += len(changed) - len(refused)
    if collection == "pages":
        await _settle_links(
            database, [after for before, after in merged if before and after.get("fetched_at")]
        )


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
