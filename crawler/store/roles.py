"""Roles for a database that several people share: who reads, who decides what belongs, what crawls."""

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from crawler.store.bulk import Document
from crawler.store.connection import connect
from crawler.store.errors import unavailable
from crawler.store.migrations import MARKER
from crawler.store.schema import COLLECTIONS

READER, EDITOR, CRAWLER = "relatedReader", "relatedEditor", "relatedCrawler"
LABELS = "labels"
ALREADY_THERE = 51002
WRITE = ["insert", "update", "remove"]
PREPARE = ["createCollection", "createIndex", "collMod"]


async def make_roles(uri: str, database: str, *, timeout: float = 3.0) -> list[str]:
    """Make the roles in this database, or bring them up to date; returns their names.

    Raises StorageUnavailable, as where the user of the URI may make no roles.
    """
    with unavailable():
        client = connect(uri, timeout)
        try:
            wanted = privileges(database)
            for role, allowed in wanted.items():
                await _make(client[database], role, allowed)
            return list(wanted)
        finally:
            await client.close()


def privileges(database: str) -> dict[str, list[Document]]:
    """What each role may do besides reading all.

    The editor adds labels, for which an upsert asks for both actions. The crawler writes all but them.
    """
    written = sorted({*COLLECTIONS, str(MARKER["_id"])} - {LABELS})
    return {
        READER: [],
        EDITOR: [_may(database, LABELS, ["insert", "update"])],
        CRAWLER: [_may(database, "", PREPARE), *(_may(database, name, WRITE) for name in written)],
    }


def _may(database: str, collection: str, actions: list[str]) -> Document:
    """A privilege; the empty name stands for every collection."""
    return {"resource": {"db": database, "collection": collection}, "actions": actions}


async def _make(database: AsyncDatabase[Document], role: str, allowed: list[Document]) -> None:
    definition: Document = {"privileges": allowed, "roles": [{"role": "read", "db": database.name}]}
    try:
        await database.command({"createRole": role} | definition)
    except OperationFailure as error:
        if error.code != ALREADY_THERE:
            raise
        await database.command({"updateRole": role} | definition)
