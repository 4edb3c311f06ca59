"""What a run is judged by when it has ended: Spidermon's monitors over its account and earlier ones. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pkgutil import resolve_name
from typing import Any, NamedTuple

from spidermon import Monitor, MonitorRunner, MonitorSuite, settings

from crawler.items import Outcome
from crawler.ledger import HAD

Run = Mapping[str, Any]
Layout = tuple[str, str, str | None]
"""Extractor, layout and language."""

FAILED = "monitors/failed"
"""Scrapy's statistic that holds the monitors which did not pass, with their reasons."""
SUITES = "SPIDERMON_SPIDER_CLOSE_MONITORS"
"""The setting that names the suites which judge a run."""
LOOKED_BACK = 5
"""Earlier runs of the seed that a run is compared with."""
LEAST_ASKED = 5
"""Pages of a run that is not the first; of fewer none need be had."""
LEAST_TRIED = 30
"""Pages; of fewer no rate is told."""
LEAST_READ = 10
"""Pages of one layout and language; of fewer no share is told."""
HAD_OUTCOMES = (Outcome.OK, Outcome.NOT_MODIFIED, Outcome.TRUNCATED)
ERRORS = (Outcome.FAILED, Outcome.BLOCKED)


class UnknownSuite(Exception):  # noqa: N818 - what it is, not how it is told
    """A name that leads to no suite; the message is one line."""


class Finding(NamedTuple):
    """What one monitor says."""

    monitor: str
    passed: bool
    reason: str | None
    """In words, where it did not pass."""


class Limits(NamedTuple):
    """From where on a monitor speaks up."""

    error_rate: float
    """Share of the pages asked for that failed or were refused."""
    coverage_drop: float
    """By how much a field's share may be lower than in the runs before."""


class RunMonitor(Monitor):  # type: ignore[misc]  # Spidermon ships no types
    """A monitor of ours: `data.run`, `data.former` and `data.limits` are what it judges by."""

    @property
    def counts(self) -> Counter[str]:
        """Pages of the run by outcome."""
        return Counter(self.data.run["counts"])


class Items(RunMonitor):
    """A run that asked for pages and had none."""

    def test_some_page_was_had(self) -> None:
        """Nothing due is fine, nothing had is not."""
        asked, had = self.counts.total(), sum(self.counts[outcome] for outcome in HAD_OUTCOMES)
        # A later run may ask for nothing but a dead link or two, which are tried again from time to time.
        least = LEAST_ASKED if self.data.former else 1
        if asked >= least and not had:
            self.fail(f"none of {asked} pages was had")


class Errors(RunMonitor):
    """Too many pages that failed or were refused."""

    def test_error_rate(self) -> None:
        """What robots.txt forbids was not asked for."""
        asked = self.counts.total() - self.counts[Outcome.ROBOTS_DENIED]
        errors = sum(self.counts[outcome] for outcome in ERRORS)
        limit = self.data.limits.error_rate
        if asked >= LEAST_TRIED and errors > limit * asked:
            self.fail(f"{errors} of {asked} pages failed or were refused: more than {limit:.0%}")


class Hosts(RunMonitor):
    """A host that wanted to be left alone."""

    def test_no_host_was_closed(self) -> None:
        """Each with its reason."""
        closed = self.data.run.get("closed_hosts", [])
        if closed:
            self.fail("; ".join(f"{entry['host']}: {entry['reason']}" for entry in closed))


class Coverage(RunMonitor):
    """A layout that is read less well than before: the site may have changed."""

    def test_every_layout_is_read_as_before(self) -> None:
        """By layout and language, against the earlier runs together."""
        now, before = shares([self.data.run]), shares(self.data.former)
        drop = self.data.limits.coverage_drop
        fallen = [
            f"{' '.join(filter(None, layout))}: {field} {before[layout][field]:.0%} -> {share:.0%}"
            for layout in now.keys() & before.keys()
            for field, share in now[layout].items()
            if share < before[layout][field] - drop
        ]
        if fallen:
            self.fail("; ".join(sorted(fallen)))


class RunSuite(MonitorSuite):  # type: ignore[misc]
    """What every run is judged by."""

    monitors = (Items, Errors, Hosts, Coverage)


def shares(runs: Iterable[Run]) -> dict[Layout, dict[str, float]]:
    """Of the pages read in some runs together, the share that has each field; by layout and language."""
    pages: Counter[Layout] = Counter()
    had: dict[Layout, Counter[str]] = {}
    for row in (row for run in runs for row in run.get("coverage", [])):
        layout = (row["extractor"], row["layout"], row["in_language"])
        pages[layout] += row["pages"]
        had.setdefault(layout, Counter()).update({field: row[field] for field in HAD})
    enough = [layout for layout, count in pages.items() if count >= LEAST_READ]
    return {layout: {field: had[layout][field] / pages[layout] for field in HAD} for layout in enough}


def suites_of(names: Iterable[str]) -> list[type[MonitorSuite]]:
    """The suites of these dotted names. Raises UnknownSuite."""
    return [_suite(name) for name in names]


def _suite(name: str) -> type[MonitorSuite]:
    try:
        suite = resolve_name(name)
    except (ImportError, AttributeError, ValueError, SyntaxError) as error:
        raise UnknownSuite(f"{name!r} can't be imported ({error})") from None
    if not (isinstance(suite, type) and issubclass(suite, MonitorSuite)):
        raise UnknownSuite(f"{name!r} is no suite of monitors")
    return suite


def judge(suites: Sequence[type[MonitorSuite]], data: Mapping[str, Any]) -> list[Finding]:
    """What the monitors of these suites say. One that breaks has not passed, and breaks nothing else."""
    findings = []
    for suite in suites:
        result = MonitorRunner().run(suite(), **data)
        for entry in result.monitor_results:
            passed = entry.status in settings.MONITOR.STATUSES.SUCCESSFUL
            why = entry.reason or str(entry.error).strip().rpartition("\n")[2]
            findings.append(Finding(entry.item.monitor_name, passed, None if passed else why))
    return findings
