"""From a URI to a database that can be written: the server is checked, the collections are made."""

import warnings

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from crawler.store.bulk import Database, Document
from crawler.store.errors import NOT_WRITABLE, StorageUnavailable, too_old, unavailable
from crawler.store.schema import COLLECTIONS, INDEXES, frontier_index, validators

NAMESPACE_EXISTS = 48
TOO_MANY_INDEXES = 67
STUCK = 60.0
"""Seconds without any answer after which a connection is given up."""


def connect(uri: str, timeout: float) -> AsyncMongoClient[Document]:
    """A client whose every write is journaled before it is acknowledged, whatever the URI says.

    `timeout` is in seconds: how long to look for a server.
    """
    milliseconds = int(timeout * 1000)
    try:
        with warnings.catch_warnings(category=UserWarning, action="error"):
            return AsyncMongoClient(
                uri,
                appname="related-articles",
                tz_aware=True,
                journal=True,
                serverSelectionTimeoutMS=milliseconds,
                connectTimeoutMS=milliseconds,
                socketTimeoutMS=int(STUCK * 1000),
            )
    except ValueError as error:
        raise StorageUnavailable(f"MONGO_URI can't be read: {error}") from error
    except UserWarning as error:  # an option that is none: the driver would do without it
        raise StorageUnavailable(f"MONGO_URI can't be used: {str(error).partition('. ')[0]}") from error


async def check_version(database: Database) -> None:
    """Raise StorageUnavailable for a server that is too old."""
    build = await database.command("buildInfo")
    if problem := too_old(build["version"]):
        raise StorageUnavailable(problem)


async def prepare(database: Database) -> None:
    """Make what is missing of collections, validators and indexes.

    Raises StorageUnavailable for a server that does not take writes.
    """
    hello = await database.command("hello")
    if not hello["isWritablePrimary"]:
        raise StorageUnavailable(NOT_WRITABLE)
    existing = {c["name"]: c["options"] async for c in await database.list_collections()}
    wanted = validators()
    for name in COLLECTIONS:
        validator = wanted.get(name, {})
        if name not in existing:
            await _create(database, name, validator)
        elif existing[name].get("validator", {}) != validator:
            await database.command("collMod", name, validator=validator)
    for name, indexes in INDEXES.items():
        known = await database[name].index_information() if name in existing else {}
        missing = [index for index in indexes if index.document["name"] not in known]
        if missing:  # asking is allowed to users who may make none
            await database[name].create_indexes(missing)


async def _create(database: Database, name: str, validator: Document) -> None:
    try:
        await database.command("create", name, validator=validator)
    except OperationFailure as error:
        if error.code != NAMESPACE_EXISTS:  # another process was quicker
            raise


async def index_frontier(database: Database, seed: str) -> None:
    """Index what is due for a seed. A collection has 64 indexes at most: seeds after those go without."""
    try:
        await database.pages.create_indexes([frontier_index(seed)])
    except OperationFailure as error:
        if error.code != TOO_MANY_INDEXES:
            raise


async def databases(uri: str, *, timeout: float = 3.0) -> list[str]:
    """Names of the databases that hold pages. Raises StorageUnavailable."""
    with unavailable():
        client = connect(uri, timeout)
        try:
            names = await client.list_database_names()
            return [name for name in names if "pages" in await client[name].list_collection_names()]
        finally:
            await client.close()
