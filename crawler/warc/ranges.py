"""An archive in parts that can be read side by side, each from its first record to its last."""

import datetime as dt
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from crawler.warc.records import (
    NO_HTTP,
    UNREADABLE,
    ArchivedResponse,
    ArchiveError,
    response_of,
)
from crawler.warc.whole import GZIP, Break, holds_record, next_record, record_end, told, whole_records

RANGE = 4_000_000
"""Bytes of an archive that are read in one go: a hundred pages or so."""


class Range(NamedTuple):
    """Bytes of an archive; `start` is a record's first."""

    path: Path
    start: int
    end: int


class Received(NamedTuple):
    """A response, where it came from and when."""

    url: str
    at: dt.datetime | None
    """UTC, as the record says; None where it says nothing that can be read."""
    response: ArchivedResponse


class Damage(Exception):  # noqa: N818 - told when all that is good was read
    """A range could not be read whole; the message is one line, with the byte where it breaks off."""


def is_sample(path: Path) -> bool:
    """Whether its first record calls the pages invented. Raises ArchiveError for what is no archive."""
    try:
        with path.open("rb") as file:
            record = next(iter(ArchiveIterator(file, no_record_parse=True)), None)
            if record is None:
                raise ArchiveError(f"{path} is empty: give the path of a WARC file")
            return record.rec_type == "warcinfo" and b"x-provenance: sample" in record.raw_stream.read()
    except OSError as error:
        raise ArchiveError(f"{path} can't be read: {error.strerror}: give the path of a WARC file") from None
    except UNREADABLE:
        raise ArchiveError(f"{path} is not a WARC file, or broken from its start") from None


def cut(path: Path, size: int = RANGE) -> list[Range]:
    """The archive in ranges of about `size` bytes, in order. Raises ArchiveError where it can't be read."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            starts = list(_starts(data, size))
            return [Range(path, *pair) for pair in zip(starts, [*starts[1:], len(data)], strict=True)]
    except OSError as error:
        raise ArchiveError(f"{path} can't be read: {error.strerror}") from None


def _starts(data: mmap.mmap, size: int) -> Iterator[int]:
    records = _members(data, size) if data[:3] == GZIP else _plain_records(data)
    least = 0
    for start in records:
        if start >= least:
            yield start
            least = start + size


def _members(data: mmap.mmap, size: int) -> Iterator[int]:
    """Offsets of gzipped records, `size` or more apart."""
    yield 0
    found = data.find(GZIP, size)
    while found >= 0:
        is_record = holds_record(data, found)
        if is_record:
            yield found
        found = data.find(GZIP, found + (size if is_record else 1))


def _plain_records(data: mmap.mmap) -> Iterator[int]:
    """Offsets of the records of an archive that is not gzipped, by their lengths where those are true."""
    yield 0
    start: int | None = 0
    while start is not None and start < len(data):
        end = record_end(data, start)
        if end is not None:
            yield start
        start = next_record(data, start + 1, len(data)) if end is None else end


def read(part: Range) -> Iterator[Received]:
    """The HTTP responses of a range, in order. Raises Damage after the last that can be read."""
    breaks = []
    try:
        for found in whole_records(part.path, part.start, part.end):
            if isinstance(found, Break):
                breaks.append(found)
            else:
                yield from _received(found.record, found.block)
    except OSError as error:
        raise Damage(f"{part.path} can't be read: {error.strerror}") from None
    if breaks:
        raise Damage(told(part.path, breaks))


def _received(record: ArcWarcRecord, block: bytes) -> Iterator[Received]:
    """The response in a record, where it holds one."""
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")  # some write <URL>
    if record.format != "warc" or record.rec_type != "response" or not url.startswith("http"):
        return
    try:
        response = response_of(record, block)
    except NO_HTTP:
        return
    yield Received(url, _moment(record.rec_headers.get_header("WARC-Date")), response)


def _moment(text: str | None) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text or "")
    except ValueError:
        return None
    moment = moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)  # as MongoDB keeps it
