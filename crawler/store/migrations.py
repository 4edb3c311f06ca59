"""Which schema a database is of, and how its documents are brought up to today's.

A step takes a document of one version to the next. Steps do no harm twice: a migration that was cut off
is carried on by the next.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pymongo import ReplaceOne

from crawler.items import SCHEMA_VERSION
from crawler.ledger import is_dead
from crawler.store import runs
from crawler.store.bulk import Database, Document, Owned, write_all
from crawler.store.connection import prepare
from crawler.store.dump_lines import Header, document_line, end_line, header_line
from crawler.store.errors import StorageUnavailable

MARKER = {"_id": "schema"}
"""Of the document in the collection `schema` whose `version` says how far this database is."""
BATCH = 500

Step = Callable[[str, Document], Document]
"""Collection and document to the document one version on."""


def _second_day(collection: str, document: Document) -> Document:
    """Version 2: links say when they went away, pages since when they are held as they are."""
    if collection == "links":
        return {"gone_run": None, "gone_at": None} | document
    if collection in {"pages", "revisions"} and document.get("fetched_at"):
        return {"held_since": document["fetched_at"]} | document
    return document


STEPS: Mapping[int, Step] = {1: _second_day}
"""By the version a step starts from."""
VERSIONED = ("pages", "revisions")
"""Collections whose documents say of which version they are."""


def migrated(collection: str, document: Document, version: int) -> Document:
    """A document of the given version, or of a later one that it names, as one of today."""
    for number in range(document.get("schema_version", version), SCHEMA_VERSION):
        document = STEPS[number](collection, document)
    return document | {"schema_version": SCHEMA_VERSION} if collection in VERSIONED else document


async def version_of(database: Database) -> int:
    """The version a database is of: by its marker, else by its oldest page."""
    marker = await database["schema"].find_one(MARKER)
    if marker:
        return int(marker["version"])
    older = await database.pages.find_one({"schema_version": {"$lt": SCHEMA_VERSION}}, {"schema_version": 1})
    return int(older["schema_version"]) if older else SCHEMA_VERSION


async def check_schema(database: Database) -> None:
    """Raise StorageUnavailable for a database of another schema than this program's."""
    version = await version_of(database)
    _refuse_newer(database, version)
    if version < SCHEMA_VERSION:
        raise StorageUnavailable(
            f"the database {database.name} is of schema {version}, this program's is {SCHEMA_VERSION}: "
            "`scrapy migrate` brings it up"
        )


def _refuse_newer(database: Database, version: int) -> None:
    if version > SCHEMA_VERSION:
        raise StorageUnavailable(
            f"the database {database.name} is of schema {version}, this program knows {SCHEMA_VERSION}: "
            "update the program"
        )


async def mark(database: Database) -> None:
    """Note that the database is of today's schema."""
    marker: dict[str, Any] = {"$set": {"version": SCHEMA_VERSION}}
    if await database["schema"].find_one(MARKER | marker["$set"]) is None:
        await database["schema"].update_one(MARKER, marker, upsert=True)


async def migrate(database: Database) -> dict[str, int]:
    """Bring all documents up to today's schema; returns how many were changed, by collection.

    Raises StorageUnavailable for a newer schema, while a crawl goes on, and where a document is refused.
    """
    version = await version_of(database)
    _refuse_newer(database, version)
    for run in await runs.find(database, {"finished": None}):
        if not is_dead(run):
            raise StorageUnavailable(f"{run['_id']} is going on: migrate when it has ended")
    await prepare(database)  # documents of today pass today's validators only
    changed: dict[str, int] = {}
    for collection in ("links", "revisions", "pages"):
        changed[collection] = 0
        async with database[collection].find() as cursor:
            while documents := await cursor.to_list(BATCH):
                replaced = list(_replaced(collection, documents, version))
                refused = (await write_all(database[collection], replaced)).refused
                for name, reason in refused.items():
                    raise StorageUnavailable(f"{collection} {name} can't be migrated: {reason}")
                changed[collection] += len(replaced)
    await mark(database)
    return changed


def _replaced(collection: str, documents: list[Document], version: int) -> Iterator[Owned]:
    for document in documents:
        after = migrated(collection, document, version)
        if after != document:
            yield str(document["_id"]), ReplaceOne({"_id": document["_id"]}, after)


async def migrated_lines(header: Header, documents: Iterable[tuple[str, Document]]) -> AsyncIterator[str]:
    """The lines of a dump, its documents brought up to today's schema. Raises DumpError where they do."""
    counts: Counter[str] = Counter()
    yield header_line(replace(header, schema_version=SCHEMA_VERSION))
    for collection, document in documents:
        counts[collection] += 1
        yield document_line(collection, migrated(collection, document, header.schema_version))
    yield end_line(counts)
