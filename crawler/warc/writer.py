"""Exchanges appended to an archive."""

import base64
import contextlib
import datetime as dt
import fcntl
import hashlib
import io
import os
import uuid
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.warc.archive import scan
from crawler.warc.records import ArchiveError

SOFTWARE = "related-articles 0.1"
_CONTENT_TYPES = {
    "warcinfo": "application/warc-fields",
    "request": "application/http; msgtype=request",
    "response": "application/http; msgtype=response",
}


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
        index = scan(self.path)
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
