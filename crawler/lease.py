"""A host's lease, held over many requests: the pause between two of them is kept in the process."""

import asyncio
import contextlib
import random
import time
from functools import partial

from crawler.store import LEASE, MongoStore, StorageUnavailable

RENEW = LEASE / 10
"""Seconds between two renewals; at one of them a run learns that another waits for the host."""
TRUSTED = LEASE / 2
"""Seconds that a renewal is acted on: what is begun by then lies well before the end of the lease."""
IDLE = 1.0
"""Seconds without a request, beyond the pause, after which a host is left."""
LONGEST_HELD = LEASE / 4
"""Seconds. For a longer pause a host is left: renewing it meanwhile would cost more than taking it again."""

_clock = partial(time.clock_gettime, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
"""Goes on while the machine sleeps, where it can: the lease does."""


class HostLease:
    """The right of a run to ask a host, shared by the requests of the run; they take turns by `turn`.

    With `keep` it is held until another run wants the host, or this one has no more to ask of it.
    """

    def __init__(self, store: MongoStore, host: str, holder: str, *, keep: bool) -> None:
        self.turn = asyncio.Lock()
        self._store = store
        self._name = (host, holder)
        self._keep = keep
        self._is_wanted = False
        self._next_at = 0.0
        self._trusted_until = 0.0
        """0: it is not held."""
        self._talking = asyncio.Lock()
        """One word with the database at a time, or a take might overtake the leave before it."""
        self._staying: asyncio.Task[None] | None = None

    async def wait(self, pause: float) -> float:
        """0 when the host may be asked now, else seconds after which to try again. Raises StorageUnavailable.

        `pause` is kept before the first request, too, where the lease is one that somebody did not leave.
        """
        async with self._talking:
            if _clock() >= self._trusted_until:
                asked_at = _clock()
                turn = await self._store.take_host(*self._name)
                if not turn.is_mine:
                    self._trusted_until = 0.0
                    return turn.wait * random.uniform(1.0, 1.2)
                if turn.is_inherited:
                    self._next_at = max(self._next_at, asked_at + pause)
                self._hold(asked_at)
            wait = max(self._next_at - _clock(), 0.0)
            if wait > LONGEST_HELD:  # as where the host could not be left before
                await self._leave()
            return wait

    async def done(self, pause: float, *, leave: bool = False) -> None:
        """A request is over, and the next one is `pause` seconds away; with `leave`, for all runs at once."""
        self._next_at = _clock() + pause
        if leave or self._is_wanted or not self._keep or pause > LONGEST_HELD:
            await self.leave()

    async def leave(self) -> None:
        """Let others have the host, after what is left of the pause.

        Where that can't be said, the lease lapses, and this run says it when it wants the host again.
        """
        async with self._talking:
            await self._leave()

    async def close(self) -> None:
        """Leave the host, for good."""
        if self._staying:
            self._staying.cancel()
        await self.leave()

    def _hold(self, since: float) -> None:
        self._trusted_until = since + TRUSTED
        if self._staying is None or self._staying.done():
            self._staying = asyncio.ensure_future(self._stay())

    async def _stay(self) -> None:
        """Renew the lease for as long as it is held and used."""
        while self._trusted_until:
            await asyncio.sleep(RENEW)
            async with self._talking:
                if self._trusted_until:
                    await self._renew()
                is_idle = self._is_wanted or _clock() > self._next_at + IDLE
                if is_idle and not self.turn.locked():
                    await self._leave()

    async def _renew(self) -> None:
        """Once that fails, nothing is asked before the host is taken again."""
        since, self._trusted_until = _clock(), 0.0
        with contextlib.suppress(StorageUnavailable):
            renewal = await self._store.renew_host(*self._name)
            self._is_wanted = renewal.is_wanted
            if renewal.is_mine:
                self._trusted_until = since + TRUSTED

    async def _leave(self) -> None:
        is_held, pause = self._trusted_until > 0, max(self._next_at - _clock(), 0.0)
        self._trusted_until, self._is_wanted = 0.0, False
        if is_held or pause:
            with contextlib.suppress(StorageUnavailable):
                await self._store.leave_host(*self._name, pause)
                self._next_at = 0.0


class Leases:
    """The hosts' leases of one run, or of one worker of a fleet, by host."""

    def __init__(self, store: MongoStore, holder: str, *, keep: bool) -> None:
        self.given_up = ""
        """Why the database was given up: then nothing more is asked of anybody."""
        self._new = partial(HostLease, store, holder=holder, keep=keep)
        self._leases: dict[str, HostLease] = {}

    def of(self, host: str) -> HostLease:
        """The lease of a host, held or not."""
        if host not in self._leases:
            self._leases[host] = self._new(host)
        return self._leases[host]

    async def close(self) -> None:
        """Leave all hosts."""
        await asyncio.gather(*(lease.close() for lease in self._leases.values()))
