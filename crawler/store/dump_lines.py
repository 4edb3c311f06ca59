"""The lines of a dump: a header, a document each in canonical extended JSON, and an end that counts them."""

import datetime as dt
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from bson import json_util
from bson.errors import BSONError

from crawler.store.bulk import Document

KIND = "related-articles dump"
FORMAT = 1

_TYPED = json_util.JSONOptions(json_mode=json_util.JSONMode.CANONICAL, tz_aware=True)
_UNREADABLE = (ValueError, KeyError, TypeError, RecursionError, BSONError)
_NEEDED = {"pages": ("status",), "links": ("source",), "revisions": ("page",)}
_KINDS: dict[str, type] = {
    **dict.fromkeys(("status", "source", "target", "page"), str),
    **dict.fromkeys(("depths", "last_attempt"), dict),
    **dict.fromkeys(("fetched_at", "first_seen_at", "last_seen_at", "heartbeat"), dt.datetime),
}


class DumpError(ValueError):
    """A dump that can't be loaded as it is; the message is one line and says where and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a dump says of itself."""

    schema_version: int
    code_version: str
    database: str
    seed: str | None
    """The one seed whose pages it holds; None for all."""
    sample: bool
    """Whether its pages are invented."""
    bodies: bool
    """Whether texts are in it."""
    made: str
    """When, ISO 8601."""


def header_line(header: Header) -> str:
    """The first line."""
    return json.dumps({"kind": KIND, "format": FORMAT, **asdict(header)}, ensure_ascii=False)


def document_line(collection: str, document: Document) -> str:
    """A document's line; every type survives."""
    entry = {"in": collection, "document": document}
    return json_util.dumps(entry, json_options=_TYPED, ensure_ascii=False)


def end_line(counts: Counter[str]) -> str:
    """The last line, by which a dump that was cut off between two lines is told from a whole one."""
    return json.dumps({"end": dict(counts)})


def read_header(line: bytes) -> Header:
    """What the first line says. Raises DumpError for what is no dump, or one in a later format."""
    try:
        values: dict[str, Any] = json.loads(line)
        if values.pop("kind") != KIND:
            raise ValueError
        if values.pop("format") != FORMAT:
            raise DumpError("written by a newer version of this program: update it")
        return Header(**values)
    except DumpError:
        raise
    except _UNREADABLE:
        raise DumpError("no dump: its first line is not the one that `scrapy dump` writes") from None


def read_documents(lines: Iterable[bytes]) -> Iterator[tuple[str, Document]]:
    """Collection and document of each line after the first.

    Raises DumpError at the first line that can't be read, and where the end is missing or counts otherwise.
    """
    seen: Counter[str] = Counter()
    number = 1
    for number, line in enumerate(_whole(lines), 2):
        try:
            entry = json_util.loads(line.decode(), json_options=_TYPED)
            if "end" in entry:
                if entry["end"] != dict(seen):
                    raise ValueError("lines are missing before the end")
                return
            collection = _named(entry["in"])
            document = _checked(collection, dict(entry["document"]))
        except _UNREADABLE as error:
            raise DumpError(f"damaged at line {number} ({_words(error)})") from None
        seen[collection] += 1
        yield collection, document
    raise DumpError(f"cut off after line {number}")


def _named(collection: str) -> str:
    """A collection's name that may be written to: none of the server's own."""
    if not re.fullmatch("[a-z_]+", collection):
        raise ValueError(f"no collection of ours: {collection[:50]!r}")
    return collection


def _checked(collection: str, document: Document) -> Document:
    """A document of which those who merge it can be sure; all else is for the validators to say."""
    for name in ("_id", *_NEEDED.get(collection, ())):
        if name not in document:
            raise ValueError(f"a document of {collection} without {name}")
    for name, kind in _KINDS.items():
        if document.get(name) is not None and not isinstance(document[name], kind):
            raise ValueError(f"{name} of a document of {collection} is of another kind")
    return document


def _whole(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines; damage to the file's compression ends them, as if it had been cut off there."""
    try:
        yield from lines
    except (EOFError, OSError, zlib.error):
        return


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:100] or type(error).__name__
