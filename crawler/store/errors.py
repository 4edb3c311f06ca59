"""The two ways in which storing fails, and pymongo's errors in words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
)

OLDEST_SERVER = (6, 0)

NOT_WRITABLE = "MongoDB does not accept writes: MONGO_URI must lead to the primary of the replica set"
NOT_ALLOWED = 13
NOBODY = "MongoDB wants to know who asks: give a user and a password in MONGO_URI"
REFUSED = {
    NOT_ALLOWED: "MongoDB does not let this user do that: writing takes the role readWrite on it",
    18: "MongoDB refuses the user name or the password: check them in MONGO_URI",
    8000: "MongoDB refuses the user name or the password: check them in MONGO_URI",
    10107: NOT_WRITABLE,
    13435: NOT_WRITABLE,
    14031: "MongoDB's disk is full: free some space; what was acknowledged is safe",
}
"""What to do, by the server's error code."""

SERVER_AT_FAULT = frozenset({*REFUSED, 24, 50, 89, 91, 189, 202, 262, 11600, 11602, 13436})
"""Codes of a write that failed for want of a working server: another try may succeed."""


class StorageUnavailable(Exception):  # noqa: N818 - it names a state, and callers wait for it to pass
    """The database can't be used now; the message is one line and says what to do."""


class DocumentRejected(Exception):  # noqa: N818 - returned as a fact more often than raised
    """One document will never be stored as it is; the others of its batch were."""

    def __init__(self, document_id: str, reason: str) -> None:
        super().__init__(f"{document_id}: {reason}")
        self.document_id = document_id
        self.reason = reason


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn whatever pymongo raises inside into StorageUnavailable."""
    try:
        yield
    except PyMongoError as error:
        raise StorageUnavailable(advice(error)) from error


def advice(error: PyMongoError) -> str:
    """What happened and what to do, on one line and without the password."""
    if isinstance(error, NotPrimaryError):
        return NOT_WRITABLE
    if isinstance(error, OperationFailure) and error.code in REFUSED:
        return NOBODY if "requires authentication" in str(error) else REFUSED[error.code]
    if isinstance(error, ConfigurationError) and "wire version" in str(error):
        return too_old("?") or ""
    if isinstance(error, ConfigurationError):
        return f"MONGO_URI can't be used: {_first_line(error)}"
    if isinstance(error, ConnectionFailure):
        return f"MongoDB does not answer ({_first_line(error)}): start it, or check MONGO_URI"
    return f"MongoDB refuses: {_first_line(error)}"


def too_old(version: str) -> str | None:
    """Why a server of this version can't be used; None where it can."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if numbers >= OLDEST_SERVER:
        return None
    return f"MongoDB {version} is too old: 6.0 or newer is needed, or none for the embedded one"


def _first_line(error: PyMongoError) -> str:
    """The message without the driver's settings and the topology, which pymongo appends."""
    message = re.split(r" \(configured timeouts|, Timeout: |, full error: ", str(error), maxsplit=1)[0]
    return " ".join(message.split())[:300]
