"""Hosts: who asks them now, and what their robots.txt says."""

from crawler.store import (
    hosts,
    redirects,
)
from crawler.store.errors import unavailable
from crawler.store.topics.topic import Topic


class Hosts(Topic):
    """Hosts: who asks them now, and what their robots.txt says."""

    async def trail(self, url: str, target: str) -> redirects.Trail:
        """The redirects that led to a page which itself redirects to `target`."""
        with unavailable():
            return await redirects.trail(self._db, url, target)

    async def take_host(self, host: str, holder: str) -> hosts.Turn:
        """Take the right to ask a host, or stand in line for it."""
        with unavailable():
            return await hosts.take(self._db, host, holder)

    async def renew_host(self, host: str, holder: str) -> hosts.Renewal:
        """Say that the host is still held."""
        with unavailable():
            return await hosts.renew(self._db, host, holder)

    async def leave_host(self, host: str, holder: str, pause: float = 0.0) -> None:
        """Say that it is no longer; all runs leave the host alone for at least `pause` seconds."""
        with unavailable():
            await hosts.leave(self._db, host, holder, pause)

    async def rules(self, host: str, scheme: str) -> hosts.Rules | None:
        """The robots.txt of a host, where it was read within a day."""
        with unavailable():
            return await hosts.rules(self._db, host, scheme)

    async def keep_rules(self, host: str, scheme: str, read: hosts.Rules) -> None:
        """Keep a robots.txt for all runs of the day."""
        with unavailable():
            await hosts.keep_rules(self._db, host, scheme, read)
