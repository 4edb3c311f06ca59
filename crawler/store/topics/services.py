"""What other services were asked about stubs, and may be asked."""

import datetime as dt
from collections.abc import Collection

from crawler.store import (
    lookups,
)
from crawler.store.errors import unavailable
from crawler.store.topics.topic import Topic


class Services(Topic):
    """What other services were asked about stubs, and may be asked."""

    async def take_quota(
        self, service: str, limit: int, pause: dt.timedelta, now: dt.datetime
    ) -> dt.datetime | None:
        """Take one request of the day's quota: None where it is taken, else when to try again."""
        with unavailable():
            return await lookups.take(self._db, service, limit, pause, now)

    async def hold_quota(self, service: str, until: dt.datetime) -> None:
        """Nobody asks before a time: the service said so."""
        with unavailable():
            await lookups.hold(self._db, service, until)

    async def note_lookup(self, page: str, service: str, outcome: str, at: dt.datetime) -> None:
        """What came of asking for a page."""
        with unavailable():
            await lookups.note(self._db, page, service, outcome, at)

    async def nameless(
        self, service: str, sites: Collection[str], asked_since: dt.datetime, limit: int
    ) -> list[str]:
        """Stories never read that have no name but their address, the most cited first."""
        with unavailable():
            return await lookups.nameless(self._db, service, sites, asked_since, limit)
