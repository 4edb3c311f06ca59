"""How hosts are left in peace: for how long after a refusal, and when for the rest of a run. Pure policy."""

import datetime as dt
import ipaddress
import time
from collections import Counter
from collections.abc import Callable
from email.utils import parsedate_to_datetime

BUSY = frozenset({429, 503})
"""Answers that ask for a pause."""
BUSY_PAUSES = 15
"""How many times the usual pause a host gets that is busy and does not say for how long."""
DAY = 86_400.0
LONGEST_PAUSE = DAY
"""Seconds. Whoever asks for more is asked again after a day."""
LONGEST_WAIT = 300.0
"""Seconds that a run waits for a host; one that wants to be left alone for longer is ended for the run."""
MOST_REFUSALS = 5
"""Refusals in a row after which a host is ended for the run."""


class NotNow(Exception):  # noqa: N818 - a state that passes: the page was not asked for, and stays due
    """A page is not asked for, for want of something that is not its fault."""


class HostPaused(NotNow):
    """The host wants to be left alone for so many seconds."""

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__(f"{host} is left alone for {seconds:.0f} s")
        self.host = host
        self.seconds = seconds


class HostSilent(HostPaused):
    """It did not answer at all."""


class HostClosed(NotNow):
    """The host is ended for this run."""


class NotRecorded(NotNow):
    """What came can't be recorded: it is not used, and the crawl ends."""


class RobotsDenied(Exception):  # noqa: N818 - a verdict
    """The host's robots.txt forbids the page."""


class PrivateAddress(Exception):  # noqa: N818 - a verdict
    """The address leads into a private network, where a page of the web has no business to lead."""


def retry_after(value: str, now: dt.datetime) -> float | None:
    """Seconds that a Retry-After header asks for, at most a day; None where it says nothing readable."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), LONGEST_PAUSE))
    try:
        asked = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    asked = asked.replace(tzinfo=asked.tzinfo or dt.UTC)
    return min(max((asked - now).total_seconds(), 0.0), LONGEST_PAUSE)


def pause_after(busy: int, asked: float | None, delay: float) -> float:
    """Seconds to leave a host alone that said for the `busy`th time in a row that it is.

    `asked` is what it asks for itself, `delay` the usual pause between requests.
    """
    if asked is not None:
        return max(asked, delay)
    return float(min(delay * BUSY_PAUSES * 2 ** min(busy - 1, 10), LONGEST_PAUSE))


def is_private(host: str) -> bool:
    """Whether a host name or address by itself leads into a private network, or to this very machine."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return not ipaddress.ip_address(name).is_global
    except ValueError:
        return name == "localhost" or name.endswith((".localhost", ".local", ".internal")) or "." not in name


class Hosts:
    """What a run knows of its hosts: which are left alone for now, and which to its end."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.closed: dict[str, str] = {}
        """Hosts that are ended for this run, with the reason."""
        self._clock = clock
        self._opens_at: dict[str, float] = {}
        self._refusals: Counter[str] = Counter()

    @property
    def shut(self) -> set[str]:
        """Hosts that are not asked now."""
        now = self._clock()
        return {*self.closed, *(host for host, opens in self._opens_at.items() if opens > now)}

    def opening(self) -> float | None:
        """Seconds until the first of the paused hosts may be asked again; None where none is paused."""
        waits = (self.opening_of(host) for host in self._opens_at if host not in self.closed)
        return min((wait for wait in waits if wait), default=None)

    def opening_of(self, host: str) -> float:
        """Seconds until this host may be asked again."""
        return max(self._opens_at.get(host, 0.0) - self._clock(), 0.0)

    def answered(self, host: str) -> None:
        """It gave a page, or said that there is none."""
        self._refusals.pop(host, None)

    def refused(self, host: str) -> None:
        """It refused a page; too many in a row end it."""
        self._refusals[host] += 1
        if self._refusals[host] >= MOST_REFUSALS:
            self.closed.setdefault(host, f"it refused {MOST_REFUSALS} pages in a row")

    def paused(self, host: str, seconds: float) -> None:
        """It is to be left alone for so long."""
        if seconds > LONGEST_WAIT:
            self.closed.setdefault(host, f"it wants to be left alone for {seconds:.0f} s")
        self._opens_at[host] = self._clock() + seconds
