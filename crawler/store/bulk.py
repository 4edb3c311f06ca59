"""Bulk writes that tell bad documents from a bad server: the first are named, the second is an exception."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from bson.errors import BSONError
from pymongo import ReplaceOne, UpdateMany, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, DocumentTooLarge, OperationFailure

from crawler.store.errors import REFUSED, SERVER_AT_FAULT, StorageUnavailable

Document = dict[str, Any]
Collection = AsyncCollection[Document]
Database = AsyncDatabase[Document]
Operation = UpdateOne | UpdateMany | ReplaceOne[Document]
Owned = tuple[str, Operation]
"""An operation, and the `_id` that answers for it."""

DUPLICATE_KEY = 11000
DOCUMENT_TOO_LARGE = 10334
UNENCODABLE = (BSONError, DocumentTooLarge, OverflowError, UnicodeError, TypeError)


class Written(NamedTuple):
    """How many documents the operations found, and why some were refused, by owner."""

    matched: int
    refused: dict[str, str]


async def write_all(collection: Collection, operations: Sequence[Owned], *, again: bool = True) -> Written:
    """Carry out idempotent operations in any order; all are acknowledged on return.

    With `again`, upserts that lost a race for a new `_id` are repeated once.
    """
    if not operations:
        return Written(0, {})
    try:
        result = await collection.bulk_write([operation for _, operation in operations], ordered=False)
    except BulkWriteError as error:
        written, lost = _sort_out(operations, error)
        repeated = await write_all(collection, lost, again=False) if again else Written(0, _lost(lost))
        return Written(written.matched + repeated.matched, written.refused | repeated.refused)
    except OperationFailure as error:
        if error.code != DOCUMENT_TOO_LARGE:
            raise
        return await _halve(collection, operations, error)
    except UNENCODABLE as error:
        return await _halve(collection, operations, error)
    return Written(result.matched_count, {})


async def _halve(collection: Collection, operations: Sequence[Owned], error: Exception) -> Written:
    """Nobody says which document could not be encoded: look for it, and write the others."""
    if len(operations) == 1:
        return Written(0, {operations[0][0]: f"can't be encoded: {error}"[:300]})
    middle = len(operations) // 2
    first = await write_all(collection, operations[:middle])
    second = await write_all(collection, operations[middle:])
    return Written(first.matched + second.matched, first.refused | second.refused)


def _sort_out(operations: Sequence[Owned], error: BulkWriteError) -> tuple[Written, list[Owned]]:
    """What was written and refused, and the upserts that collided with another writer's."""
    faults: list[Document] = error.details["writeErrors"]
    ours = [fault for fault in faults if fault["code"] in SERVER_AT_FAULT]
    for fault in error.details["writeConcernErrors"] + ours:
        raise StorageUnavailable(REFUSED.get(fault["code"], f"MongoDB can't write: {fault['errmsg']}"))
    lost = [operations[fault["index"]] for fault in faults if fault["code"] == DUPLICATE_KEY]
    refused = {operations[f["index"]][0]: _reason(f) for f in faults if f["code"] != DUPLICATE_KEY}
    return Written(error.details["nMatched"], refused), lost


def _lost(operations: Sequence[Owned]) -> dict[str, str]:
    return {owner: "another writer holds this _id" for owner, _ in operations}


def _reason(fault: Document) -> str:
    """The server's refusal in one line; a validator's with the fields it names."""
    rules = fault.get("errInfo", {}).get("details", {}).get("schemaRulesNotSatisfied", [])
    names = [name for rule in rules for name in _fields(rule)]
    message = " ".join(str(fault["errmsg"]).split())
    return f"{message}: {', '.join(names)}"[:300] if names else message[:300]


def _fields(rule: Document) -> list[str]:
    wrong = [detail["propertyName"] for detail in rule.get("propertiesNotSatisfied", [])]
    return [*wrong, *rule.get("missingProperties", []), *rule.get("additionalProperties", [])]
