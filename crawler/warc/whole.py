"""The whole records of an archive, in order, and where it breaks off between them."""

import mmap
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from crawler.plain import plain, shortened
from crawler.warc.records import UNREADABLE, member_ended

GZIP = b"\x1f\x8b\x08"
RECORD = b"WARC/"
ALL_IN_ONE = "all records are packed as one: unpack it, with gunzip"
"""Nobody can begin to read in the midst of such a file."""
BLANK = b"\r\n\r\n"
"""What ends the head of a record, and the record itself."""
_HEAD_FIELDS = {b"warc-type", b"warc-record-id", b"content-length"}
"""Without these it is no record, but a text that begins like one."""
_HEAD_LIMIT = 65_536
_LOOKED_AT = 512
"""Bytes of what may be a gzip member that are unpacked to see whether a record is in it."""
_CAUSE = 100
"""Characters of what warcio says."""


class Whole(NamedTuple):
    """A record that can be read to its end."""

    record: ArcWarcRecord
    block: bytes
    start: int
    end: int
    """Offsets in the file: of its first byte, and after its last."""


class Break(NamedTuple):
    """Something that is no whole record."""

    at: int
    """Where it begins: after the last whole record before it."""
    cause: str
    """In words, on one line; they may quote the archive."""


def whole_records(path: Path, start: int, end: int) -> Iterator[Whole | Break]:
    """The records from one offset to another, both of them between records. Raises OSError.

    After a break it goes on with the next gzip member that holds a record; where nothing is gzipped, with the
    next head of a record that ends where it says.
    """
    with path.open("rb") as file:
        at: int | None = start
        while at is not None:
            try:
                for whole in _until_break(file, at, end):
                    yield whole
                    at = whole.end
                return
            except UNREADABLE as error:
                yield Break(at, _in_words(error))
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                    at = next_record(data, at + 1, end)


def told(path: Path, breaks: Sequence[Break]) -> str:
    """One line on an archive that breaks off, once or more often."""
    first, *others = breaks
    more = f" and in {len(others)} more places" if others else ""
    return f"{path} is damaged after byte {first.at}{more} ({first.cause})"


def next_record(data: mmap.mmap, start: int, end: int) -> int | None:
    """Where the next record begins between two offsets, whatever else is there."""
    mark, is_record = (GZIP, holds_record) if data[: len(GZIP)] == GZIP else (RECORD, _ends_as_it_says)
    found = data.find(mark, start, end)
    while found >= 0 and not is_record(data, found):
        found = data.find(mark, found + 1, end)
    return found if found >= 0 else None


def holds_record(data: mmap.mmap, offset: int) -> bool:
    """Whether a gzip member that begins there is a record: what looks like one is unpacked to see."""
    try:
        start = zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(
            data[offset : offset + _LOOKED_AT], len(RECORD)
        )
    except zlib.error:
        return False
    return start == RECORD


def record_end(data: mmap.mmap, start: int) -> int | None:
    """Where a record that is not gzipped ends, as its head says; None where there is no such head."""
    if data[start : start + len(RECORD)] != RECORD:
        return None
    head_end = data.find(BLANK, start, start + _HEAD_LIMIT)
    lines = (line.partition(b":") for line in data[start : max(head_end, start)].split(b"\r\n"))
    fields = {name.strip().lower(): value.strip() for name, _, value in lines}
    if not fields.keys() >= _HEAD_FIELDS or not fields[b"content-length"].isdigit():
        return None
    return head_end + len(BLANK) + int(fields[b"content-length"]) + len(BLANK)


def _ends_as_it_says(data: mmap.mmap, start: int) -> bool:
    end = record_end(data, start)
    return end is not None and data[end - len(BLANK) : end] == BLANK


def _until_break(file: BinaryIO, start: int, end: int) -> Iterator[Whole]:
    """Raises one of UNREADABLE where a record is not whole."""
    file.seek(start)
    records = ArchiveIterator(file, no_record_parse=True)
    last = start
    for record in records:
        block = record.raw_stream.read()
        records.read_to_end()
        if len(block) == record.length and (records.next_line or b"").startswith(RECORD) and _packed(records):
            raise EOFError(ALL_IN_ONE)
        if len(block) != record.length or not member_ended(records) or _runs_on(records, record):
            raise EOFError
        last = records.offset
        yield Whole(record, block, records.get_record_offset(), last)
        if last >= end:
            return
    if last != end:  # a few bytes of a record look like the end to warcio
        raise EOFError


def _in_words(error: Exception) -> str:
    """Without the first line of what should be a record: bytes, mostly."""
    words = str(error).partition(", first line")[0]
    return shortened(plain(words), _CAUSE) or "a record is cut off"


def _packed(records: ArchiveIterator) -> bool:
    return records.reader.decompressor is not None


def _runs_on(records: ArchiveIterator, record: ArcWarcRecord) -> bool:
    """Whether no blank line follows a record that is not gzipped: its length is not true."""
    return record.format == "warc" and not _packed(records) and records.err_count > 0
