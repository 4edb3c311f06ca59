"""What the run ledger tells a person: a line per run, or one run in full. Plain data in, tables out."""

import datetime as dt
import json
import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from crawler.plain import plain

Run = Mapping[str, Any]
"""A document of `crawl_runs`, with `silent_for` (seconds since its last heartbeat)."""

LAPSED = 60.0
"""Seconds. A run without a heartbeat for so long is dead, wherever it ran."""

WIDEST = 1000
"""Columns of a table that nobody has seen the end of."""

HAD = ("headline", "date", "byline", "body", "links")
"""What a reading is judged by; the names of counts in `coverage`."""


def is_silent(run: Run) -> bool:
    """Whether its heartbeat has stopped.

    One that lies in the future is as old as one that far back: the server's clock was set back since.
    """
    return bool(abs(run["silent_for"]) > LAPSED)


def is_dead(run: Run) -> bool:
    """Whether nobody works on an open run any more: no heartbeat, or all its processes ran here and are gone.

    A fleet of an earlier version has told of its first process only.
    """
    workers = run.get("workers") or ([] if run.get("fleet") else [run])
    return is_silent(run) or bool(workers and all(map(_is_gone, workers)))


def _is_gone(worker: Mapping[str, Any]) -> bool:
    return worker.get("host") == socket.gethostname() and not _process_exists(worker["pid"])


def _process_exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return not _has_ended(pid)


def _has_ended(pid: int) -> bool:
    """Whether it was killed, and only waits for the one that started it to ask how it ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2]
    except OSError:  # gone meanwhile, or no Linux
        return False
    return state.startswith("Z")


def state_of(run: Run) -> str:
    """Why it ended; or `running`, or `cut off` where nobody has taken it up yet."""
    if run["finished"] is not None:
        return str(run["finish_reason"])
    return "cut off" if is_dead(run) else "running"


def duration_of(run: Run) -> dt.timedelta:
    """From its start to its end, or to its last heartbeat; pauses of a cut-off run included."""
    lasted: dt.timedelta = (run["finished"] or run["heartbeat"]) - run["started"]
    return dt.timedelta(seconds=max(0, round(lasted.total_seconds())))


def nearest(run_id: str, known: Iterable[str]) -> str | None:
    """The known id that is most like this one; None where none is known."""
    return next(iter(get_close_matches(run_id, list(known), n=1, cutoff=0.0)), None)


def as_json(runs: Run | Sequence[Run]) -> str:
    """The documents as they are, times in ISO 8601."""
    return json.dumps(runs, ensure_ascii=False, indent=1, default=lambda value: value.isoformat())


def show_runs(console: Console, runs: Sequence[Run]) -> None:
    """A row for each run; its id, to be copied, says when it started."""
    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("run")
    for title in ("took", "pages", "new"):
        table.add_column(title, justify="right")
    for title in ("ended", "operator"):
        table.add_column(title)
    for run in runs:
        new = run.get("new", {}).get("pages", "")
        tried = sum(run["counts"].values()) if run["counts"] else ""
        cells = (run["_id"], duration_of(run), tried, new, state_of(run), run["operator"])
        table.add_row(*(Text(str(cell)) for cell in cells))
    _print_whole(console, table)


def show_run(console: Console, run: Run) -> None:
    """All that is known of one run."""
    console.print(Text(f"\n{run['_id']}: {state_of(run)}", style="bold"))
    facts = Table(box=None, show_header=False, pad_edge=False)
    for name, value in _facts(run):
        facts.add_row(Text(name, style="dim"), Text(value))
    console.print(facts)
    for finding in run.get("monitors", []):
        if not finding["passed"]:
            console.print(Text(plain(f"monitor {finding['monitor']}: {finding['reason']}"), style="bold"))
    if reasons := run.get("reasons"):
        console.print(_reasons(reasons))
    if coverage := run.get("coverage"):
        _print_whole(console, _coverage(coverage))


def _print_whole(console: Console, table: Table) -> None:
    """Rows that are too long for a narrow terminal are broken by it: in columns they would be cut."""
    table.width = Measurement.get(console, console.options.update(max_width=WIDEST), table).maximum
    console.print(table, crop=False, no_wrap=True)


def _facts(run: Run) -> Iterable[tuple[str, str]]:
    ended = f"to {_minute(run['finished'])} UTC" if run["finished"] else "not ended"
    yield "when", f"{_minute(run['started'])} {ended}, {duration_of(run)}{_taken_up(run)}"
    yield "who", f"{run['operator']} on {run['host']}, process {run['pid']}"
    given = [f"{name}={value}" for name, value in run["arguments"].items() if value]
    yield "what", f"seed {run['seed']} {' '.join(given)}".strip()
    yield "code", f"{run['code_version']}, settings {run['settings_digest']}, pages are {run['provenance']}"
    counts = ", ".join(f"{name} {count}" for name, count in run["counts"].items())
    yield "pages", f"{counts or 'none tried'}; budget {run['page_budget']}"
    if new := run.get("new"):
        yield "new", f"{new['pages']} pages of the seed, {new['links']} links"
    if traffic := run.get("traffic"):
        size = traffic.get("bytes", 0) / 1e6
        yield "traffic", f"{traffic.get('requests', 0)} requests, {size:.1f} MB received"


def _taken_up(run: Run) -> str:
    times = run.get("taken_up", 0)
    return f", taken up {times} time{'s' if times > 1 else ''}" if times else ""


def _reasons(reasons: Iterable[Mapping[str, Any]]) -> Table:
    """What pages were lost to, or what is said of them."""
    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("pages", justify="right")
    table.add_column("outcome")
    table.add_column("reason", overflow="fold")
    for row in reasons:
        table.add_row(str(row["count"]), row["outcome"], Text(plain(row["reason"])))
    return table


def _coverage(coverage: Iterable[Mapping[str, Any]]) -> Table:
    """The share of the pages read that have a headline, a date and so on."""
    table = Table(box=SIMPLE, pad_edge=False)
    for title in ("layout", "language"):
        table.add_column(title)
    for title in ("pages", *HAD):
        table.add_column(title, justify="right")
    for row in coverage:
        shares = [f"{row[name] / row['pages']:.0%}" for name in HAD]
        named = (f"{row['extractor']} {row['layout']}", row["in_language"] or "")
        table.add_row(*(Text(plain(name)) for name in named), str(row["pages"]), *shares)
    return table


def _minute(time: dt.datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"
