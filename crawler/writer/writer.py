"""Batching, retry and spool above the store: what `put` returned from survives a kill and a lost server."""

import asyncio
import logging
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

from crawler.items import Page
from crawler.store import DocumentRejected, MongoStore, StorageUnavailable
from crawler.validation import as_failure
from crawler.writer.patience import patiently
from crawler.writer.spool import Entry, Spool, damaged_line, line_of, read, take

logger = logging.getLogger(__name__)


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
        """All that was due when it began, or became so meanwhile; what came later waits for more to come."""
        while self._waiting and (self._timer is None or len(self._waiting) >= self.batch_size):
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
                self.on_failure(str(error))
        self._spool.append([line_of(run_id, page) for run_id, page in entries])
        self.spooled += len(entries)
        return {}

    async def _write_patiently(self, entries: list[Entry]) -> dict[str, DocumentRejected]:
        return await patiently(lambda: self._write(entries), self.retry_budget, self._count_retry)

    def _count_retry(self) -> None:
        self.retries += 1

    async def _write(self, entries: list[Entry]) -> dict[str, DocumentRejected]:
        """One attempt. A page the database refuses is set aside and stored as a failure in its place."""
        rejections: dict[str, DocumentRejected] = {}
        for run_id, group in groupby(entries, key=lambda entry: entry[0]):
            pages = [page for _, page in group]
            rejected = {
                rejection.document_id: rejection for rejection in await self.store.write(pages, run_id)
            }
            for rejection in rejected.values():
                logger.error("can't be stored: %s", rejection)
            refused = [page for page in pages if page.id in rejected]
            self._set_aside([line_of(run_id, page, rejected[page.id].reason) for page in refused])
            rejections |= await self._store_failures(run_id, refused, rejected)
            self.written += len(pages) - len(refused)
            self.batches += 1
        return rejections

    async def _store_failures(
        self, run_id: str | None, pages: list[Page], rejected: dict[str, DocumentRejected]
    ) -> dict[str, DocumentRejected]:
        """Store that these pages failed: without that they would stay due, and be fetched again and again."""
        failures = [as_failure(page, rejected[page.id].reason) for page in pages if page.last_attempt]
        return {again.document_id: again for again in await self.store.write(failures, run_id)}

    def _set_aside(self, lines: list[bytes]) -> None:
        """Keep in a file of their own the pages that no database will ever take."""
        if lines:
            self._refused.append(lines)
            self.rejected += len(lines)
            logger.error("%d pages that can't be stored are kept in %s", len(lines), self._refused.path)

    async def _replay(self, path: Path) -> None:
        """Write a former run's spool to the database, and remove it when that is acknowledged."""
        with path.open("rb") as file:
            if not take(file):
                return
            lines = list(read(file, path))
            entries = [entry for _, entry in lines if not isinstance(entry, str)]
            for start in range(0, len(entries), self.batch_size):
                await self._write(entries[start : start + self.batch_size])
            self._set_aside([damaged_line(line, why) for line, why in lines if isinstance(why, str)])
            path.unlink()
        self.replayed += len(entries)
        logger.info("%d pages of an earlier run came from the spool into the database", len(entries))
