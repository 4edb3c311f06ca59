"""When a page is due again."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.frontier import DAY, INTERVAL, LONGEST, schedule
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


@given(st.sampled_from(Outcome), st.booleans(), st.integers(0, 10_000))
def test_no_page_is_put_off_for_ever(outcome, answered, failures):
    """Every outcome has an interval, and none is longer than the longest of the table."""
    again = schedule(outcome, NOW, answered=answered, failures=failures)
    assert 0 <= again.fetch_interval <= max(*INTERVAL.values(), LONGEST)
