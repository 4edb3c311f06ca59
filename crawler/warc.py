"""WARC archives: one as a table of responses, and exchanges appended to one. No Scrapy."""

import base64
import contextlib
import datetime as dt
import fcntl
import hashlib
import io
import os
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException, parse_headers
from pathlib import Path
from typing import Any, NamedTuple

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.urls import canonicalize

SOFTWARE = "related-articles 0.1"
_CONTENT_TYPES = {
    "warcinfo": "application/warc-fields",
    "request": "application/http; msgtype=request",
    "response": "application/http; msgtype=response",
}
_UNREADABLE = (ArchiveLoadFailed, EOFError, zlib.error, ValueError, AttributeError)
"""What warcio raises on bytes that are no record (AttributeError: a record without a WARC-Type)."""


class ArchiveError(Exception):
    """An archive that cannot be read or written; the message is one line and says what to do."""


class ArchivedResponse(NamedTuple):
    """One response as received."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    """In order, latin-1, so that encoding them gives the bytes back; no Transfer-Encoding."""
    body: bytes
    """Content-Encoding intact."""
    record_id: str
    """`<urn:uuid:…>`."""


class Archive:
    """The responses of a .warc or .warc.gz file by URL; of several for one URL the last.

    The file is read once for its index. Where it is cut off or damaged, everything before is served
    and `damage` says so in one line. Raises ArchiveError for a file that holds nothing to serve.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        index = _scan(self.path)
        if not index.offsets:
            raise ArchiveError(_why_empty(self.path, index))
        self.is_sample = index.is_sample
        """Whether the pages are invented (`x-provenance: sample` in the warcinfo record)."""
        self.damage = index.damage
        """One line for a file that could not be read to its end, else None."""
        self._offsets = index.offsets
        self._canonical = {canonicalize(url): offset for url, offset in index.offsets.items()}

    def __len__(self) -> int:
        return len(self._offsets)

    def __iter__(self) -> Iterator[str]:
        """The archived URLs, as archived."""
        return iter(self._offsets)

    def get(self, url: str) -> ArchivedResponse | None:
        """The response archived for `url`, else for a URL with the same canonical form."""
        offset = self._offsets.get(url)
        if offset is None:
            canonical = canonicalize(url)
            offset = self._canonical.get(canonical) if canonical else None
        if offset is None:
            return None
        with self.path.open("rb") as file:
            file.seek(offset)
            record = next(ArchiveIterator(file, no_record_parse=True))
            return _response(record, record.raw_stream.read())


@dataclass(slots=True)
class _Index:
    """What one pass over a file tells."""

    offsets: dict[str, int] = field(default_factory=dict)
    """URL to the offset of its last response record, in bytes."""
    is_sample: bool = False
    damage: str | None = None
    end: int = 0
    """Offset after the last whole record."""

    def add(self, record: ArcWarcRecord, block: bytes, offset: int) -> None:
        if record.rec_type == "warcinfo":
            self.is_sample = self.is_sample or b"x-provenance: sample" in block
        url = record.rec_headers.get_header("WARC-Target-URI") or ""
        if record.format != "warc" or record.rec_type != "response" or not url.startswith("http"):
            return
        with contextlib.suppress(ValueError, HTTPException):  # a response that is no HTTP: as if absent
            _response(record, block)
            self.offsets[url] = offset


def _scan(path: Path) -> _Index:
    """Index every whole record. What warcio prints on damage is dropped: `damage` says it."""
    index = _Index()
    try:
        with path.open("rb") as file, contextlib.redirect_stderr(io.StringIO()):
            _read_records(ArchiveIterator(file, no_record_parse=True), index)
            if index.end != path.stat().st_size:  # a few bytes of a record look like the end to warcio
                raise EOFError
    except _UNREADABLE as error:
        cause = " ".join(str(error).split())[:100] or "a record is cut off"
        served = f"the {len(index.offsets)} pages before it are served; for the rest record again"
        index.damage = f"{path} is damaged after byte {index.end} ({cause}): {served}"
    except OSError as error:
        raise ArchiveError(f"{path} can't be read: {error.strerror}: give the path of a WARC file") from None
    return index


def _read_records(records: Any, index: _Index) -> None:
    for record in records:
        block = record.raw_stream.read()
        records.read_to_end()
        if len(block) != record.length or not _member_ended(records):
            raise EOFError
        index.add(record, block, records.get_record_offset())
        index.end = records.offset


def _why_empty(path: Path, index: _Index) -> str:
    if path.stat().st_size == 0:
        return f"{path} is empty: record it again with -s RECORD=FILE.warc.gz"
    if index.end == 0:
        return f"{path} is not a WARC file, or broken from its start: give one that RECORD wrote"
    return f"{path} holds no HTTP response: record it again with -s RECORD=FILE.warc.gz"


def _member_ended(records: Any) -> bool:
    """Whether the gzip member just read came with its checksum; always, where there is no gzip."""
    decompressor = records.reader.decompressor
    return decompressor is None or decompressor.eof


def _response(record: ArcWarcRecord, block: bytes) -> ArchivedResponse:
    """The HTTP response in a record's block. Raises ValueError or HTTPException where there is none."""
    stream = io.BytesIO(block)
    version, status, *reason = stream.readline().decode("latin-1").rstrip("\r\n").split(" ", 2)
    if not version.startswith("HTTP/"):
        raise ValueError(version)
    headers = parse_headers(stream).items()
    body = stream.read()
    if any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in headers):
        body = ChunkedDataReader(io.BytesIO(body)).read()
    kept = [(name, value) for name, value in headers if name.lower() != "transfer-encoding"]
    record_id = record.rec_headers.get_header("WARC-Record-ID") or ""
    return ArchivedResponse(int(status), "".join(reason), kept, body, record_id)


def http_message(start_line: str, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    """An HTTP/1.1 request or response as bytes; text in latin-1."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"{start_line}\r\n{head}\r\n".encode("latin-1") + body


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _random_id(_name: str) -> uuid.UUID:
    return uuid.uuid4()


class ArchiveWriter:
    """Appends exchanges to a WARC file, one gzip member per record where it is called .gz.

    Never overwrites: an existing file is continued. Each exchange is one write under a lock, so that
    kill -9 leaves a readable file, and several handlers or crawls may share it.
    Raises ArchiveError where the file can't be written or continued.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        user_agent: str = "",
        provenance: str = "live",
        now: Callable[[], dt.datetime] = _now,
        new_id: Callable[[str], uuid.UUID] = _random_id,
    ) -> None:
        """`now` and `new_id` (of a record's name) are given where a file must come out the same each time."""
        self.path = Path(path)
        self._now, self._new_id = now, new_id
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab", buffering=0)
        except OSError as error:
            raise self._unwritable(error) from None
        info = {
            "software": SOFTWARE,
            "format": "WARC File Format 1.1",
            "http-header-user-agent": user_agent,
            "x-provenance": provenance,
        }
        fields = "".join(f"{name}: {value}\r\n" for name, value in info.items() if value)
        try:
            with self._locked():
                self._drop_cut_record()
                self._append(self._record("warcinfo", fields.encode()))
        except ArchiveError:
            self.close()
            raise

    def write(self, url: str, request: bytes | None, response: bytes) -> str:
        """Keep one exchange, messages as bytes (see http_message); returns the response's record id.

        `request` is None where none was made: a page that was invented or imported.
        """
        record_id = self._id(url)
        records = self._record("response", response, url, record_id)
        if request is not None:
            records += self._record("request", request, url, concurrent_to=record_id)
        with self._locked():
            self._append(records)
        return record_id

    def close(self) -> None:
        """Close the file; more than once does no harm."""
        self._file.close()

    def _id(self, name: str) -> str:
        return f"<{self._new_id(name).urn}>"

    def _record(
        self, kind: str, block: bytes, url: str = "", record_id: str = "", concurrent_to: str = ""
    ) -> bytes:
        """One record as it stands in the file.

        Its HTTP headers stay bytes: parsed, warcio would percent-encode what is not ASCII in them.
        """
        head = {
            "WARC-Type": kind,
            "WARC-Record-ID": record_id or self._id(f"{kind} {url}"),
            "WARC-Date": self._now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "WARC-Target-URI": url,
            "WARC-Concurrent-To": concurrent_to,
            "WARC-Payload-Digest": _digest(block.partition(b"\r\n\r\n")[2]) if url else "",
        }
        given = StatusAndHeaders("", [item for item in head.items() if item[1]], protocol="WARC/1.1")
        out = io.BytesIO()
        WARCWriter(out, gzip=self.path.suffix == ".gz").write_record(
            ArcWarcRecord("warc", kind, given, io.BytesIO(block), None, _CONTENT_TYPES[kind], len(block))
        )
        return out.getvalue()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the file against other writers; a failing disk becomes an ArchiveError."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            yield
        except OSError as error:
            raise self._unwritable(error) from None
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _append(self, data: bytes) -> None:
        """All of `data` or nothing: half a record would hide every later one."""
        size = os.fstat(self._file.fileno()).st_size
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            with contextlib.suppress(OSError):
                self._file.truncate(size)
            raise

    def _drop_cut_record(self) -> None:
        """Cut off what a killed writer left of a record: its id was never given out, so no page names it."""
        if not os.fstat(self._file.fileno()).st_size:
            return
        index = _scan(self.path)
        if index.damage is None:
            return
        with self.path.open("rb") as file:
            file.seek(index.end)
            if not _is_cut_member(file.read()):
                raise ArchiveError(
                    f"{self.path} can't be continued ({index.damage}): record into another file"
                )
        self._file.truncate(index.end)

    def _unwritable(self, error: OSError) -> ArchiveError:
        return ArchiveError(f"{self.path} can't be written: {error.strerror}: make room or name another file")


def _is_cut_member(tail: bytes) -> bool:
    """Whether these bytes are the beginning of a gzipped record, and nothing else."""
    member = zlib.decompressobj(zlib.MAX_WBITS + 16)
    try:
        start = member.decompress(tail)
    except zlib.error:
        return False
    return not member.eof and b"WARC/1.1".startswith(start[:8])


def _digest(payload: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()
