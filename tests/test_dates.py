"""Dates in every form the two sites use: midnights, the change to summer time, days that no zone may move."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import DatePrecision
from crawler.parsers import dates
from crawler.parsers.dates import BEIJING, NEW_YORK


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("raw", "zone", "moment", "day"),
    [
        ("2025-01-28T10:02:11.000Z", NEW_YORK, "2025-01-28 10:02:11", "2025-01-28"),
        ("2016-07-29T16:42:34-04:00", NEW_YORK, "2016-07-29 20:42:34", "2016-07-29"),
        ("2025-01-29T04:59:59Z", NEW_YORK, "2025-01-29 04:59:59", "2025-01-28"),
        ("2025-01-29T05:00:00Z", NEW_YORK, "2025-01-29 05:00:00", "2025-01-29"),
        ("2025-07-29T03:59:59Z", NEW_YORK, "2025-07-29 03:59:59", "2025-07-28"),
        ("2025-07-29T04:00:00Z", NEW_YORK, "2025-07-29 04:00:00", "2025-07-29"),
        ("2025-03-09T06:59:59Z", NEW_YORK, "2025-03-09 06:59:59", "2025-03-09"),
        ("2025-03-09T01:59:59-05:00", NEW_YORK, "2025-03-09 06:59:59", "2025-03-09"),
        ("2025-03-09T03:00:00-04:00", NEW_YORK, "2025-03-09 07:00:00", "2025-03-09"),
        ("2025-11-02T01:30:00-04:00", NEW_YORK, "2025-11-02 05:30:00", "2025-11-02"),
        ("2025-11-02T01:30:00-05:00", NEW_YORK, "2025-11-02 06:30:00", "2025-11-02"),
        ("2025-02-05T00:00:00+08:00", BEIJING, "2025-02-04 16:00:00", "2025-02-05"),
        ("2025-02-04T23:59:59+08:00", BEIJING, "2025-02-04 15:59:59", "2025-02-04"),
        ("2025-02-04T15:59:59Z", BEIJING, "2025-02-04 15:59:59", "2025-02-04"),
        ("2025-02-04T16:00:00Z", BEIJING, "2025-02-04 16:00:00", "2025-02-05"),
    ],
)
def test_a_moment_falls_on_the_publisher_s_day(raw, zone, moment, day):
    """UTC for the machine, the publisher's day for the reader, at both midnights and clock changes."""
    stamp = dates.exact(raw, zone)
    assert (stamp.moment, stamp.day, stamp.raw) == (utc(moment), day, raw)
    assert stamp.precision is DatePrecision.MINUTE


@pytest.mark.parametrize(
    ("raw", "moment", "day"),
    [
        ("20181009101340", "2018-10-09 14:13:40", "2018-10-09"),
        ("20181231235959", "2019-01-01 04:59:59", "2018-12-31"),
        ("20180310235959", "2018-03-11 04:59:59", "2018-03-10"),
        ("20180311030000", "2018-03-11 07:00:00", "2018-03-11"),
        ("20181104003000", "2018-11-04 04:30:00", "2018-11-04"),
        ("20181104023000", "2018-11-04 07:30:00", "2018-11-04"),
    ],
)
def test_digits_are_new_york_s(raw, moment, day):
    """The clock on the wall of the publisher, winter and summer."""
    stamp = dates.local_digits(raw, NEW_YORK)
    assert (stamp.moment, stamp.day) == (utc(moment), day)


@pytest.mark.parametrize(
    "raw", ["2024-12", "2025年11月", "202411", "2024-123", "2024", "2024-13-01", "123456789"]
)
def test_what_names_no_day_is_none(raw):
    """A month is no day; more digits than a date has are none either."""
    assert dates.day(raw, NEW_YORK) is None
    assert dates.exact(raw, NEW_YORK) is None


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2025-02-05", "2025-02-05"),
        ("20250205", "2025-02-05"),
        ("2025/2/5", "2025-02-05"),
        ("2012年08月02日", "2012-08-02"),
        ("2025年2月5日", "2025-02-05"),
        ("更新于 2025 年 2 月 5 日", "2025-02-05"),
    ],
)
@pytest.mark.parametrize("zone", [BEIJING, NEW_YORK])
def test_a_day_is_moved_by_no_zone(raw, day, zone):
    """Where only the day is known it stays that day, and has midnight UTC for want of a time."""
    stamp = dates.day(raw, zone)
    assert (stamp.day, stamp.precision) == (day, DatePrecision.DAY)
    assert stamp.moment == utc(f"{day} 00:00:00")


@pytest.mark.parametrize("raw", ["2016-07-29T16:42:34", "2016-07-29 16:42:34", "2016-07-29"])
def test_a_time_without_an_offset_gives_the_day(raw):
    """Nobody says whose clock it is."""
    stamp = dates.exact(raw, NEW_YORK)
    assert (stamp.day, stamp.precision) == ("2016-07-29", DatePrecision.DAY)


@pytest.mark.parametrize(
    ("raw", "feed", "moment"),
    [
        ("2025-02-05 03:56:31", "2025-02-05 08:07:01", "2025-02-05 07:56:31"),
        ("2025-02-14 08:56:15", "2025-02-14 01:07:01", "2025-02-14 00:56:15"),
        ("2025-01-27 12:40:50", "2025-01-27 05:07:02", "2025-01-27 04:40:50"),
        ("2025-02-05 12:10:00", "2025-02-04 16:30:00", "2025-02-04 16:10:00"),
        ("2025-02-05 11:59:00", "2025-02-05 16:10:00", "2025-02-05 15:59:00"),
        ("2025-02-05 15:56:31", "2025-02-05 08:07:01", "2025-02-05 07:56:31"),
    ],
)
def test_the_clock_without_am_and_pm(raw, feed, moment):
    """The latest reading that is not after the feed's time; Beijing's midnight and noon included."""
    stamp = dates.beijing_clock(raw, utc(feed))
    assert (stamp.moment, stamp.precision) == (utc(moment), DatePrecision.MINUTE)
    assert stamp.day == raw[:10]


@pytest.mark.parametrize("feed", [None, "2025-02-04 00:00:00", "2025-02-06 12:00:00"])
def test_the_clock_without_a_feed_that_tells_gives_the_day(feed):
    """No feed, one before, one too long after: either half of the day would do."""
    stamp = dates.beijing_clock("2025-02-05 03:56:31", utc(feed) if feed else None)
    assert (stamp.day, stamp.precision) == ("2025-02-05", DatePrecision.DAY)


@pytest.mark.parametrize(
    "raw", ["", "yesterday", "2025-13-45", "99999999", "0000-00-00", "20181332000000", "9" * 40]
)
def test_what_is_no_date_is_none(raw):
    """Never an exception."""
    assert dates.exact(raw, NEW_YORK) is None
    assert dates.local_digits(raw, NEW_YORK) is None
    assert dates.day(raw, NEW_YORK) is None
    assert dates.beijing_clock(raw, None) is None


@given(st.text(max_size=40))
def test_no_text_is_too_odd(raw):
    """Any text gives a stamp or None."""
    for read in (dates.exact, dates.local_digits, dates.day, dates.english_day):
        stamp = read(raw, NEW_YORK)
        assert stamp is None or stamp.moment.tzinfo is dt.UTC


@given(st.integers(631_152_000, 1_893_456_000), st.sampled_from([BEIJING, NEW_YORK]))
def test_the_same_moment_however_it_is_written(second, zone):
    """With Z, with the zone's own offset: one moment, one day."""
    moment = dt.datetime.fromtimestamp(second, dt.UTC)
    local = moment.astimezone(dates.ZoneInfo(zone))
    one, other = dates.exact(moment.isoformat(), zone), dates.exact(local.isoformat(), zone)
    assert (one.moment, one.day) == (other.moment, other.day) == (moment, local.date().isoformat())
