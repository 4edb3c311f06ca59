"""When a run has something to say, by its account and those of the runs before it."""

import pytest
from spidermon import Monitor, MonitorSuite

from crawler.monitors import Limits, RunSuite, UnknownSuite, judge, shares, suites_of

LIMITS = Limits(error_rate=0.25, coverage_drop=0.2)
FIELDS = ("headline", "date", "byline", "body", "links")


def read(pages, layout="cn-2018", language="zh-Hans", **had):
    """A row of coverage: every field of every page, but for those given."""
    counts = dict.fromkeys(FIELDS, pages) | had
    return {"extractor": "cn_nytimes", "layout": layout, "in_language": language, "pages": pages, **counts}


def failed(run, former=()):
    """The monitors that did not pass, with their reasons."""
    data = {"run": {"counts": {}, **run}, "former": list(former), "limits": LIMITS}
    return {finding.monitor: finding.reason for finding in judge([RunSuite], data) if not finding.passed}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, {}),  # nothing was due
        ({"not_modified": 9}, {}),
        ({"truncated": 1, "gone": 3}, {}),
        ({"failed": 3, "robots_denied": 1}, {"Items": "none of 4 pages was had"}),
        ({"ok": 20, "failed": 9}, {}),  # too few for a rate
        ({"ok": 30, "failed": 10}, {}),
        ({"ok": 30, "failed": 10, "robots_denied": 100}, {}),
        (
            {"ok": 28, "failed": 10, "blocked": 2},
            {"Errors": "12 of 40 pages failed or were refused: more than 25%"},
        ),
    ],
)
def test_items_and_errors(counts, expected):
    """What robots.txt forbids was not asked for."""
    assert failed({"counts": counts}) == expected


@pytest.mark.parametrize(("pages", "passes"), [(1, True), (4, True), (5, False)])
def test_a_later_run_may_ask_for_dead_links_only(pages, passes):
    """They are tried again from time to time, and that is no news."""
    assert (failed({"counts": {"failed": pages}}, [GOOD]) == {}) is passes


def test_a_closed_host():
    """By name and reason."""
    closed = [{"host": "a.org", "reason": "5 refusals"}, {"host": "b.org", "reason": "asks for a day"}]
    assert failed({"closed_hosts": closed}) == {"Hosts": "a.org: 5 refusals; b.org: asks for a day"}


GOOD = {"coverage": [read(40, byline=20)]}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([read(20, byline=8)], None),
        ([read(20, date=15, byline=5)], "date 100% -> 75%; cn_nytimes cn-2018 zh-Hans: byline 50% -> 25%"),
        ([read(9, date=0)], None),  # too few
        ([read(20, layout="new", date=0)], None),  # nothing to compare with
        ([read(20, language="en", date=0)], None),
        ([read(5, date=0), read(5, date=0)], "date 100% -> 0%"),
    ],
)
def test_coverage_against_the_runs_before(rows, reason):
    """Each field of each layout and language by itself."""
    said = failed({"coverage": rows}, [GOOD, {}])
    assert ("Coverage" in said) == (reason is not None)
    for part in (reason or "").split("; "):
        assert part in said.get("Coverage", "")


def test_the_first_run_has_nothing_to_fall_below():
    """Nor has one whose predecessors kept no account."""
    assert failed({"coverage": [read(50, date=0)]}, [{}]) == {}


def test_shares_are_pooled():
    """Several runs count together, by their pages."""
    pooled = shares([{"coverage": [read(10, date=0)]}, {"coverage": [read(30)]}])
    assert pooled["cn_nytimes", "cn-2018", "zh-Hans"]["date"] == 0.75


def test_a_monitor_of_ones_own_and_one_that_breaks():
    """The suite of a user runs like ours; what breaks has not passed, and says why."""

    class Mine(Monitor):
        def test_stats(self):
            self.assertEqual(self.data.stats.pages, 1)

        def test_broken(self):
            raise KeyError("colour")

    class Suite(MonitorSuite):
        monitors = (Mine,)

    findings = judge([Suite], {"stats": {"pages": 1}})
    assert sorted((finding.passed, finding.reason) for finding in findings) == [
        (False, "KeyError: 'colour'"),
        (True, None),
    ]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nope.X", "can't be imported (No module named 'nope')"),
        ("crawler.monitors.X", "has no attribute 'X'"),
        ("X", "can't be imported"),
        ("", "can't be imported"),
        ("crawler.monitors.Items", "is no suite of monitors"),
        ("crawler.monitors.LOOKED_BACK", "is no suite of monitors"),
    ],
)
def test_suites_by_name(name, reason):
    """One that can't be had is named, in one line."""
    assert suites_of(["crawler.monitors.RunSuite"]) == [RunSuite]
    with pytest.raises(UnknownSuite) as told:
        suites_of(["crawler.monitors.RunSuite", name])
    assert reason in str(told.value)
    assert "\n" not in str(told.value)
