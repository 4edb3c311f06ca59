"""Batching, retry and spool above the store: what `put` returned from survives a kill and a lost server."""

import asyncio
import datetime as dt
import fcntl
import json
import logging
import os
import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from crawler.items import PAGE, Page
from crawler.store import DocumentRejected, MongoStore, StorageUnavailable
from crawler.validation import as_failure

logger = logging.getLogger(__name__)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0

Entry = tuple[str | None, Page]
"""A page, and the run that got it."""


class Writer:
    """Writes pages through one store, many at a time.

    A batch goes out when it has `batch_size` pages or its first has waited `interval` seconds. A server
    that is away is tried again for `retry_budget` seconds; then the pages go to a file below `spool`,
    `on_failure` is called once with the reason, and all later pages go to that file at once. The next
    writer that opens the same directory writes them to the database.
    """

    def __init__(
        self,
        store: MongoStore,
        run_id: str | None,
        spool: Path,
        *,
        batch_size: int = 100,
        interval: float = 0.5,
        retry_budget: float = 60.0,
        on_failure: Callable[[str], None],
    ) -> None:
        self.store = store
        self.run_id = run_id
        self.batch_size = batch_size
        self.interval = interval
        self.retry_budget = retry_budget
        self.on_failure = on_failure
        self.written = self.batches = self.retries = self.spooled = self.rejected = self.replayed = 0
        self._directory = spool
        self._spool = Spool(spool)
        self._refused = Spool(spool / "rejected")
        self._failed = False
        self._waiting: list[tuple[Page, asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._drain: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Write what former runs left in the spool. Raises StorageUnavailable, and leaves it there."""
        for path in sorted(self._directory.glob("*.jsonl")):
            await self._replay(path)

    async def put(self, page: Page) -> None:
        """Keep a page; returns when it is durable, in the database or in the spool.

        Raises StorageUnavailable where neither can be written, DocumentRejected where not even the
        page's failure can be stored.
        """
        durable = asyncio.get_running_loop().create_future()
        self._waiting.append((page, durable))
        if len(self._waiting) >= self.batch_size:
            self._kick()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.interval, self._kick)
        await durable

    async def close(self) -> None:
        """Write all that waits. The store stays open: it belongs to the caller."""
        self._kick()
        if self._drain is not None:
            await self._drain
        self._spool.close()
        self._refused.close()

    def _kick(self) -> None:
        """Have everything that waits written, unless that is going on already."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._drain is None or self._drain.done():
            self._drain = asyncio.create_task(self._write_waiting())

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch = self._waiting[: self.batch_size]
            del self._waiting[: self.batch_size]
            # As a value: whatever went wrong belongs to those who wait, not to this task.
            (outcome,) = await asyncio.gather(
                self._keep([(self.run_id, page) for page, _ in batch]), return_exceptions=True
            )
            for page, durable in batch:
                failure = outcome.get(page.id) if isinstance(outcome, dict) else outcome
                if durable.done():  # whoever waited was cancelled
                    continue
                if failure is None:
                    durable.set_result(None)
                else:
                    durable.set_exception(failure)

    async def _keep(self, entries: list[Entry]) -> dict[str, DocumentRejected]:
        """Make the pages durable somewhere; returns those that are not in the database, and never will be."""
        if not self._failed:
            try:
                return await self._write_patiently(entries)
            except StorageUnavailable as error:
                self._failed = True
                logger.error("%s; pages go to the spool now", error)
                self.on_failure(str(error))
        self._spool.append([_line(run_id, page) for run_id, page in entries])
        self.spooled += len(entries)
        return {}

    async def _write_patiently(self, entries: list[Entry]) -> dict[str, DocumentRejected]:
        pause = FIRST_PAUSE
        deadline: float | None = None
        while True:
            try:
                return await self._write(entries)
            except StorageUnavailable as error:
                deadline = deadline or time.monotonic() + self.retry_budget
                if time.monotonic() + pause > deadline:
                    raise
                logger.warning("%s; trying again", error)
            self.retries += 1
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _write(self, entries: list[Entry]) -> dict[str, DocumentRejected]:
        """One attempt. A page the database refuses is set aside and stored as a failure in its place."""
        rejections: dict[str, DocumentRejected] = {}
        for run_id, group in groupby(entries, key=lambda entry: entry[0]):
            pages = [page for _, page in group]
            rejected = {
                rejection.document_id: rejection for rejection in await self.store.write(pages, run_id)
            }
            refused = [page for page in pages if page.id in rejected]
            rejections |= await self._set_aside(run_id, refused, rejected)
            self.written += len(pages) - len(refused)
            self.batches += 1
        return rejections

    async def _set_aside(
        self, run_id: str | None, pages: list[Page], rejected: dict[str, DocumentRejected]
    ) -> dict[str, DocumentRejected]:
        """Keep the pages in a file of their own, and their failure in the database.

        Without that failure a page would stay due, and be fetched again and again.
        """
        if not pages:
            return {}
        for page in pages:
            logger.error("%s; it is kept in %s", rejected[page.id], self._refused.path)
        self._refused.append([_line(run_id, page, rejected[page.id].reason) for page in pages])
        self.rejected += len(pages)
        failures = [as_failure(page, rejected[page.id].reason) for page in pages if page.last_attempt]
        return {again.document_id: again for again in await self.store.write(failures, run_id)}

    async def _replay(self, path: Path) -> None:
        """Write a former run's spool to the database, and remove it when that is acknowledged."""
        with path.open("rb") as file:
            if not _take(file):
                return
            entries = list(_entries(file, path))
            for start in range(0, len(entries), self.batch_size):
                await self._write(entries[start : start + self.batch_size])
            path.unlink()
        self.replayed += len(entries)
        logger.info("%d pages of an earlier run came from the spool into the database", len(entries))


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


def _take(file: BinaryIO) -> bool:
    """Lock a spool file; False where a living process writes it, or another has just replayed it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(file.fileno()).st_nlink > 0


def _line(run_id: str | None, page: Page, reason: str | None = None) -> bytes:
    """The page in one line of ASCII: lone surrogates, which no database takes, stay readable."""
    entry = {"run_id": run_id, "page": PAGE.dump_python(page, warnings=False)}
    if reason is not None:
        entry["reason"] = reason
    return json.dumps(entry, default=_plain).encode("ascii")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.datetime) else repr(value)


def _entries(file: BinaryIO, path: Path) -> Iterator[Entry]:
    """The pages of a spool file. A last line that was cut off was never acknowledged."""
    for line in file:
        if not line.endswith(b"\n"):
            logger.warning("%s ends in the middle of a page that was never acknowledged: left out", path)
            return
        entry = json.loads(line)
        yield entry["run_id"], PAGE.validate_python(entry["page"])
