"""Gives stubs their names: asks one service, page by page, within its quota, and keeps what it says."""

import asyncio
import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from functools import partial

from crawler.nyt_api import NAME, Client, NoAnswer, QuotaSpent, read_answer
from crawler.store import MongoStore
from crawler.validation import problems
from crawler.writer import patiently

ASK_AGAIN = dt.timedelta(days=30)
"""After so long a page that the API did not know is asked for again."""
MINUTE = 5
"""Pauses after a 429 that says no time: the limit of the minute, most likely."""
LONG = dt.timedelta(hours=1)
"""How long nobody asks when the API still answers 429 after that."""
FAILURES = 3
"""Answers in a row that can't be read, after which the API is taken for out of order."""


class Stopped(Exception):  # noqa: N818 - it ends the work in order
    """No more can be asked now; the message says why, and what to do."""


class OutOfOrder(Stopped):
    """The API does not answer."""


@dataclass(slots=True)
class Enricher:
    """Asks for pages one after the other. `pause` is the time between two requests; `patience` in seconds."""

    store: MongoStore
    client: Client
    per_day: int
    pause: dt.timedelta
    patience: float
    counts: Counter[str] = field(default_factory=Counter)
    """named, unknown, failed, read meanwhile."""
    _failures: int = 0

    async def name(self, page: str) -> None:
        """Ask for one page and keep what is said. Raises KeyRefused, Stopped, StorageUnavailable."""
        try:
            outcome = await self._name(page)
            self._failures = 0
        except NoAnswer as error:
            outcome = "failed"
            self._failures += 1
            if self._failures >= FAILURES:
                raise OutOfOrder(f"{error}, {FAILURES} times in a row: try again later") from None
        self.counts[outcome] += 1
        if outcome != "failed":
            await patiently(partial(self.store.note_lookup, page, NAME, outcome, _now()), self.patience)

    async def _name(self, page: str) -> str:
        told = read_answer(await self._ask(page), page)
        if told is None:
            return "unknown"
        if problems(told):
            raise NoAnswer("the API says what can't be kept")
        foreseen = await patiently(partial(self.store.foresee, [told]), self.patience)
        if foreseen[page][0].reason:
            return "read meanwhile"
        await patiently(partial(self.store.write, [told], None), self.patience)
        return "named"

    async def _ask(self, page: str) -> bytes:
        """The API's answer; after a first 429 it is asked once more."""
        for last in (False, True):
            await self._wait_for_turn()
            try:
                return await asyncio.to_thread(self.client.ask, page)
            except QuotaSpent as error:
                await self._hold(error, last=last)
        raise AssertionError("a second 429 ends the work")

    async def _hold(self, error: QuotaSpent, *, last: bool) -> None:
        """Have nobody ask for a while; the work ends where that is long."""
        wait = dt.timedelta(seconds=error.seconds) if error.seconds else MINUTE * self.pause
        if last:
            wait = max(wait, LONG)
        until = _now() + wait
        await patiently(partial(self.store.hold_quota, NAME, until), self.patience)
        if last or wait > LONG / 10:
            raise Stopped(f"{error}; run it again after {until:%Y-%m-%d %H:%M} UTC")

    async def _wait_for_turn(self) -> None:
        """Take one request of the day's quota, and keep the pause. Raises Stopped where they are spent."""
        while True:
            now = _now()
            take = partial(self.store.take_quota, NAME, self.per_day, self.pause, now)
            again = await patiently(take, self.patience)
            if again is None:
                return
            wait = (again - now).total_seconds()
            if wait > LONG.total_seconds() / 10:
                raise Stopped(
                    f"the {self.per_day} requests of the day are spent, or the API asked to wait;"
                    f" run it again after {again:%Y-%m-%d %H:%M} UTC"
                )
            await asyncio.sleep(wait)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
