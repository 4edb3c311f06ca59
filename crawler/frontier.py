"""When a page is due again, judged by what came of the last attempt. Pure policy: no clock, no database."""

import datetime as dt
from typing import NamedTuple

from crawler.items import Outcome

DAY = 86_400

FIRST = DAY
SECOND = 7 * DAY
SHORTEST, RAREST = DAY, 90 * DAY
"""A page that was read is looked at again after a day, then after a week, then the rarer the longer it stays
as it is; whenever it changed, twice as often. Always within these two."""

INTERVAL = {
    Outcome.REDIRECTED: 30 * DAY,
    Outcome.GONE: 90 * DAY,
    Outcome.ROBOTS_DENIED: DAY,  # RFC 9309, 2.4: a robots.txt may be trusted for a day
    Outcome.TRUNCATED: 7 * DAY,
    Outcome.BLOCKED: DAY,
    Outcome.FAILED: 3_600,
}
"""Seconds until the next fetch, by outcome; for pages that were read see `_revisit`."""

READ = frozenset({Outcome.OK, Outcome.NOT_MODIFIED})

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


class Before(NamedTuple):
    """What is known of a page that was read before."""

    interval: int
    """Seconds, as they were between the last two looks."""
    due_at: dt.datetime
    changed: bool
    """Whether its text is another now."""


def schedule(
    outcome: Outcome, at: dt.datetime, *, answered: bool, failures: int, before: Before | None = None
) -> Schedule:
    """When to fetch again.

    `answered` tells whether any response came, `failures` counts the failed attempts in a row before
    this one; `before` is None for a page read for the first time. A page that no server answered for is
    due in the very next run, five times over.
    """
    if outcome in READ:
        return _after(_revisit(at, before), at, 0)
    if outcome not in BACKS_OFF:
        return _after(INTERVAL[outcome], at, 0)
    if not answered and failures < NO_ANSWER_TRIES:
        return _after(0, at, failures + 1)
    return _after(min(INTERVAL[outcome] * 2 ** min(failures, 16), LONGEST), at, failures + 1)


def _revisit(at: dt.datetime, before: Before | None) -> int:
    """Seconds to the next look at a page that was read. One look too early proves nothing."""
    if before is None:
        return FIRST
    if before.changed:
        return max(before.interval // 2, SHORTEST)
    if at < before.due_at:
        return min(max(before.interval, FIRST), RAREST)
    return min(max(2 * before.interval, SECOND), RAREST)


def _after(seconds: int, at: dt.datetime, failures: int) -> Schedule:
    return Schedule(at + dt.timedelta(seconds=seconds), seconds, failures)
