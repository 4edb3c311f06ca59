"""When a page is due again, judged by what came of the last attempt. Pure policy: no clock, no database."""

import datetime as dt
from typing import NamedTuple

from crawler.items import Outcome

DAY = 86_400

INTERVAL = {
    Outcome.OK: DAY,
    Outcome.NOT_MODIFIED: DAY,
    Outcome.REDIRECTED: 30 * DAY,
    Outcome.GONE: 90 * DAY,
    Outcome.ROBOTS_DENIED: DAY,  # RFC 9309, 2.4: a robots.txt may be trusted for a day
    Outcome.TRUNCATED: 7 * DAY,
    Outcome.BLOCKED: DAY,
    Outcome.FAILED: 3_600,
}
"""Seconds until the next fetch, by outcome."""

BACKS_OFF = frozenset({Outcome.BLOCKED, Outcome.FAILED})
"""Outcomes whose interval doubles with each repetition."""

LONGEST = 30 * DAY
NO_ANSWER_TRIES = 5
"""Runs that try again at once where no server answered: the network, not the page, may have been down."""


class Schedule(NamedTuple):
    """The attempt fields of a page that say when it is due again."""

    next_fetch_at: dt.datetime
    fetch_interval: int
    failures: int


def schedule(outcome: Outcome, at: dt.datetime, *, answered: bool, failures: int) -> Schedule:
    """When to fetch again.

    `answered` tells whether any response came, `failures` counts the failed attempts in a row before
    this one. A page that no server answered for is due in the very next run, five times over.
    """
    if outcome not in BACKS_OFF:
        return _after(INTERVAL[outcome], at, 0)
    if not answered and failures < NO_ANSWER_TRIES:
        return _after(0, at, failures + 1)
    return _after(min(INTERVAL[outcome] * 2 ** min(failures, 16), LONGEST), at, failures + 1)


def _after(seconds: int, at: dt.datetime, failures: int) -> Schedule:
    return Schedule(at + dt.timedelta(seconds=seconds), seconds, failures)
