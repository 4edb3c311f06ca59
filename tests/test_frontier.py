"""When a page is due again."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.frontier import DAY, INTERVAL, LONGEST, RAREST, Before, schedule
from crawler.items import Outcome

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("outcome", "answered", "failures", "seconds", "failures_after"),
    [
        (Outcome.OK, True, 0, DAY, 0),
        (Outcome.OK, True, 7, DAY, 0),
        (Outcome.NOT_MODIFIED, True, 2, DAY, 0),
        (Outcome.REDIRECTED, True, 0, 30 * DAY, 0),
        (Outcome.GONE, True, 0, 90 * DAY, 0),
        (Outcome.ROBOTS_DENIED, False, 0, DAY, 0),
        (Outcome.TRUNCATED, True, 0, 7 * DAY, 0),
        (Outcome.BLOCKED, True, 0, DAY, 1),
        (Outcome.BLOCKED, True, 3, 8 * DAY, 4),
        (Outcome.FAILED, True, 0, 3_600, 1),
        (Outcome.FAILED, True, 2, 4 * 3_600, 3),
        (Outcome.FAILED, False, 0, 0, 1),
        (Outcome.FAILED, False, 4, 0, 5),
        (Outcome.FAILED, False, 5, 32 * 3_600, 6),
        (Outcome.BLOCKED, True, 1_000, LONGEST, 1_001),
    ],
)
def test_schedule(outcome, answered, failures, seconds, failures_after):
    """Outcome, whether anybody answered, and earlier failures give the interval."""
    again = schedule(outcome, NOW, answered=answered, failures=failures)
    assert again == (NOW + dt.timedelta(seconds=seconds), seconds, failures_after)


@pytest.mark.parametrize(
    ("interval", "early", "changed", "days"),
    [
        (DAY, False, False, 7),
        (DAY, False, True, 1),
        (7 * DAY, False, False, 14),
        (7 * DAY, False, True, 3.5),
        (60 * DAY, False, False, 90),
        (90 * DAY, False, False, 90),
        (90 * DAY, False, True, 45),
        (3_600, False, False, 7),  # it failed in between
        (3_600, False, True, 1),
        (DAY, True, False, 1),  # nothing is learnt from a look that came too early
        (14 * DAY, True, False, 14),
        (14 * DAY, True, True, 7),
    ],
)
@pytest.mark.parametrize("outcome", [Outcome.OK, Outcome.NOT_MODIFIED])
def test_pages_that_change_are_visited_more_often(outcome, interval, early, changed, days):
    """After a day, then a week, then the rarer the longer nothing changes; within a day and 90."""
    before = Before(interval, NOW + dt.timedelta(hours=1 if early else -1), changed)
    again = schedule(outcome, NOW, answered=True, failures=0, before=before)
    assert again == (NOW + dt.timedelta(days=days), days * DAY, 0)


def test_the_first_weeks_of_a_page_that_stays_as_it_is():
    """Each look is made when it is due."""
    before, at, days = None, NOW, []
    for _ in range(7):
        again = schedule(Outcome.NOT_MODIFIED, at, answered=True, failures=0, before=before)
        days.append(again.fetch_interval // DAY)
        at, before = again.next_fetch_at, Before(again.fetch_interval, again.next_fetch_at, changed=False)
    assert days == [1, 7, 14, 28, 56, 90, 90]


@given(st.sampled_from(Outcome), st.booleans(), st.integers(0, 10_000))
def test_no_page_is_put_off_for_ever(outcome, answered, failures):
    """Every outcome has an interval, and none is longer than the longest of the table."""
    again = schedule(outcome, NOW, answered=answered, failures=failures)
    assert 0 <= again.fetch_interval <= max(*INTERVAL.values(), LONGEST, RAREST)
