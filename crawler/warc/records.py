"""One record of a WARC file: the HTTP response in it, and how it says that it ends."""

import io
import zlib
from collections.abc import Iterable
from http.client import HTTPException, parse_headers
from typing import Any, NamedTuple

from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

NO_HTTP = (ValueError, HTTPException)
"""What `response_of` raises on a response record that holds no HTTP."""
UNREADABLE = (ArchiveLoadFailed, EOFError, zlib.error, ValueError, AttributeError)
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


def member_ended(records: Any) -> bool:
    """Whether the gzip member just read came with its checksum; always, where there is no gzip."""
    decompressor = records.reader.decompressor
    return decompressor is None or decompressor.eof


def response_of(record: ArcWarcRecord, block: bytes) -> ArchivedResponse:
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
