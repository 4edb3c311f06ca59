"""Pages on disk, for as long as the database can't take them: files of JSON lines, synced and locked."""

import datetime as dt
import fcntl
import hashlib
import json
import logging
import os
import re
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from crawler.items import PAGE, Page
from crawler.store import StorageUnavailable

logger = logging.getLogger(__name__)

Entry = tuple[str | None, Page]
"""A page, and the run that got it."""


def server_of(uri: str) -> str:
    """Name the server of a MongoDB URI, for a path: by its hosts, whatever the user and the options."""
    scheme, _, rest = uri.partition("://")
    hosts = re.split("[/?]", rest)[0].rpartition("@")[2].split(",")
    named = ",".join(sorted(host.removesuffix(":27017") for host in hosts))
    digest = hashlib.sha256(f"{scheme}://{named}".encode()).hexdigest()[:8]
    return f"{re.sub(r'[^a-zA-Z0-9.]+', '-', named)[:50].strip('-')}-{digest}"


class Spool:
    """A file of JSON lines, one kept page each, locked for as long as the process that writes it lives.

    It is made with its first line.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}.jsonl"
        self._file: BinaryIO | None = None

    def append(self, lines: Sequence[bytes]) -> None:
        """Write the lines and wait for the disk. Raises StorageUnavailable, and then holds none of them."""
        try:
            if self._file is None:
                self._file = self._create()
            _append_all(self._file, b"".join(line + b"\n" for line in lines))
        except OSError as error:
            raise StorageUnavailable(
                f"{len(lines)} pages are not kept: {self.path} can't be written ({error.strerror});"
                " free some space there, then crawl again"
            ) from error

    def _create(self) -> BinaryIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Locked before it gets the name under which others look for it.
        unnamed = self.path.with_suffix(".new")
        file = unnamed.open("xb", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX)
        unnamed.rename(self.path)
        directory = os.open(self.path.parent, os.O_RDONLY)
        os.fsync(directory)  # or a power cut may take the name
        os.close(directory)
        return file

    def close(self) -> None:
        """Let go of the file; another process may replay it now."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _append_all(file: BinaryIO, data: bytes) -> None:
    """All of the data, on disk, or none of it."""
    end = file.seek(0, os.SEEK_END)
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())
    except OSError:
        file.truncate(end)
        raise


def take(file: BinaryIO) -> bool:
    """Lock a spool file; False where a living process writes it, or another has just replayed it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(file.fileno()).st_nlink > 0


def line_of(run_id: str | None, page: Page, reason: str | None = None) -> bytes:
    """The page in one line of ASCII: lone surrogates, which no database takes, stay readable."""
    entry = {"run_id": run_id, "page": PAGE.dump_python(page, warnings=False)}
    if reason is not None:
        entry["reason"] = reason
    return json.dumps(entry, default=_plain).encode("ascii")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.datetime) else repr(value)


def damaged_line(line: bytes, reason: str) -> bytes:
    """What could not be read, in one line that can."""
    return json.dumps({"line": line.decode("utf-8", "replace"), "reason": reason}).encode("ascii")


def read(file: BinaryIO, path: Path) -> Iterator[tuple[bytes, Entry | str]]:
    """Each line of a spool file with its page, or with why that can't be read.

    A last line that was cut off was never acknowledged, and is left out.
    """
    for line in file:
        if not line.endswith(b"\n"):
            logger.warning("%s ends in the middle of a page that was never acknowledged: left out", path)
            return
        try:
            entry = json.loads(line)
            yield line, (entry["run_id"], PAGE.validate_python(entry["page"]))
        except (ValueError, KeyError, TypeError) as error:
            yield line, " ".join(str(error).split())
