"""The feeder of one worker of a fleet: what it hands out, any worker may take."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

from crawler.fleet import Fleet, FleetUnavailable
from crawler.store import Due
from spiders.feeder import NEARLY_EMPTY, Feeder

LOOKS = 0.5
"""Seconds between two looks at the shared queue."""
REMEMBERED = 5_000
"""Pages that were handed out and are left out of the next question; of others Redis knows."""


class FleetFeeder(Feeder):
    """Puts what is due into the shared queue. A level is done when nobody holds or waits for a page of it.

    The page budget is kept in Redis, and what pages of other sites may take of it. `in_flight` are the pages
    this worker has taken, whoever put them in.
    """

    def __init__(self, fleet: Fleet, *args: Any) -> None:
        super().__init__(*args)
        self.fleet = fleet
        self._handed_out: set[str] = set()

    def _hand_out(self, due: list[Due]) -> Iterator[Due]:
        for page in due:
            if self.fleet.spent:
                break
            self._handed_out.add(page.url)
            yield page
        if self.fleet.spent:
            self.budget = 0
        if self.fleet.outside_spent:
            self.outside = 0

    def taken(self, url: str) -> None:
        """This worker has a page from the queue."""
        self.in_flight.add(url)
        self.budget -= 1

    @property
    def not_now(self) -> set[str]:
        if len(self._handed_out) > REMEMBERED:
            self._handed_out.clear()
        return super().not_now | self._handed_out

    def _busy(self) -> int:
        return self.fleet.busy()

    async def _until(self, in_flight: int) -> None:  # noqa: ARG002 - others' pages come and go meanwhile
        await asyncio.sleep(LOOKS)
        while self.fleet.waiting() > NEARLY_EMPTY:
            await asyncio.sleep(LOOKS)

    def kept(self, url: str) -> None:
        super().kept(url)
        with contextlib.suppress(FleetUnavailable):  # the scheduler finds out, and ends the crawl
            self.fleet.release(url)

    def returned(self, url: str, host: str) -> None:
        """The page goes back into the queue when its host may be asked; not at all, if not in this run."""
        self.budget += 1
        if host in self.hosts.closed:
            self.lost(url)
            return
        self.in_flight.discard(url)
        with contextlib.suppress(FleetUnavailable):
            self.fleet.postpone(url, self.hosts.opening_of(host) or LOOKS)
