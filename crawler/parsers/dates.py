"""Dates as the two sites write them: the moment, how far it can be trusted, and the words it came from."""

import datetime as dt
import re
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from crawler.items import DatePrecision

BEIJING = "Asia/Shanghai"
NEW_YORK = "America/New_York"

# Eight digits, or fourteen with the time; else with what parts them: 2024-12 and 2025年11月 name no day.
_DAY = re.compile(
    r"(?<!\d)(?:(\d{4})(\d\d)(\d\d)(?:\d{6})?"
    r"|(\d{4})(?:\s?[-/.年]\s?|\s)(\d{1,2})(?:\s?[-/.月]\s?|\s)(\d{1,2}))(?!\d)"
)
_ENGLISH_DAY = re.compile(r"\b([A-Z][a-z]{2})[a-z]*\.? (\d{1,2}), (\d{4})\b", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d):(\d\d):(\d\d)")
_HALF_DAY = dt.timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a page was published, in the publisher's zone."""

    moment: dt.datetime
    """UTC; midnight UTC of the day where only the day is known."""
    day: str
    """YYYY-MM-DD in the zone."""
    zone: str
    """IANA name."""
    raw: str
    """As it stands in the page."""
    precision: DatePrecision

    def days_after(self, other: "Stamp") -> int:
        """Days from the other's day to this one's; negative where this is earlier."""
        return (dt.date.fromisoformat(self.day) - dt.date.fromisoformat(other.day)).days


def exact(raw: str, zone: str) -> Stamp | None:
    """ISO 8601: a moment where it has an offset, a day where it has none or no time; None for all else."""
    if len(raw) <= len("2025-01-31"):
        return day(raw, zone)
    try:
        moment = dt.datetime.fromisoformat(raw)
        return _minute(moment, zone, raw) if moment.tzinfo else day(raw, zone)
    except (ValueError, OverflowError):
        return None


def local_digits(raw: str, zone: str) -> Stamp | None:
    """`20181009101340`, a local time of the publisher."""
    try:
        moment = dt.datetime.strptime(raw, "%Y%m%d%H%M%S").replace(tzinfo=ZoneInfo(zone))
        return _minute(moment, zone, raw)
    except (ValueError, OverflowError):
        return None


def day(raw: str, zone: str) -> Stamp | None:
    """The first date in a text: 2025-02-05, 20250205, 2012年08月02日."""
    found = _DAY.search(raw)
    try:
        date = dt.date(*map(int, filter(None, found.groups()))) if found else None
    except ValueError:
        date = None
    if date is None:
        return None
    midnight = dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC)
    return Stamp(midnight, date.isoformat(), zone, raw, DatePrecision.DAY)


def english_day(raw: str, zone: str) -> Stamp | None:
    """The first date in a text: May 26, 1977; SEPT. 19, 2016."""
    found = _ENGLISH_DAY.search(raw)
    if found is None or found[1].lower() not in _MONTHS:
        return None
    stamp = day(f"{found[3]}-{_MONTHS.index(found[1].lower()) + 1}-{found[2]}", zone)
    return replace(stamp, raw=raw) if stamp else None


def beijing_clock(raw: str, not_after: dt.datetime | None) -> Stamp | None:
    """`<time datetime>` of cn.nytimes.com: Beijing time on a 12-hour clock without AM or PM.

    A time known to be later, such as the feed's, tells the half of the day: the latest reading that is not
    after it. Without one, or when it is so much later that either half would do, the day is all there is.
    """
    found = _CLOCK.search(raw)
    if found is None or not_after is None:
        return day(raw, BEIJING)
    try:
        written = dt.datetime.fromisoformat(found[0]).replace(tzinfo=ZoneInfo(BEIJING))
        morning = written - _HALF_DAY if written.hour == 12 else written
        readings = [morning, morning + _HALF_DAY] if written.hour <= 12 else [written]
        latest = max((reading for reading in readings if reading <= not_after), default=None)
        if latest is None or not_after - latest >= _HALF_DAY:
            return day(raw, BEIJING)
        return _minute(latest, BEIJING, raw)
    except (ValueError, OverflowError):
        return day(raw, BEIJING)


def utc(raw: str) -> dt.datetime | None:
    """A moment with an offset, in UTC."""
    stamp = exact(raw, NEW_YORK)
    return stamp.moment if stamp and stamp.precision is DatePrecision.MINUTE else None


def from_milliseconds(text: str) -> dt.datetime | None:
    """A Unix time in milliseconds."""
    try:
        return dt.datetime.fromtimestamp(int(text) / 1000, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _minute(moment: dt.datetime, zone: str, raw: str) -> Stamp:
    local = moment.astimezone(ZoneInfo(zone))
    return Stamp(moment.astimezone(dt.UTC), local.date().isoformat(), zone, raw, DatePrecision.MINUTE)
