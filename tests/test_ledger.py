"""The run ledger as a person sees it."""

import datetime as dt
import io
import json
import os
import socket
import subprocess
import sys

import pytest
from rich.console import Console

from crawler.ledger import as_json, duration_of, nearest, show_run, show_runs, state_of

START = dt.datetime(2026, 11, 25, 3, 15, tzinfo=dt.UTC)
LATER = START + dt.timedelta(minutes=90, seconds=3)
RUN = {
    "_id": "deepseek-20261125T031500123",
    "seed": "deepseek",
    "arguments": {"url": None, "seed": None, "dry_run": ""},
    "settings_digest": "0123456789abcdef",
    "code_version": "0.1.0+8cc0fa6b844e",
    "operator": "[red]ann",
    "host": "h",
    "pid": 7,
    "provenance": "live",
    "page_budget": 300,
    "started": START,
    "heartbeat": LATER,
    "finished": LATER,
    "finish_reason": "finished",
    "silent_for": 5.0,
    "taken_up": 1,
    "traffic": {"requests": 44, "bytes": 3_200_000},
    "counts": {"ok": 40, "blocked": 2},
    "reasons": [{"outcome": "blocked", "reason": "HTTP 403 \x1b[31m[bold]x", "count": 2}],
    "coverage": [
        {
            "extractor": "cn_nytimes",
            "layout": "today",
            "in_language": "zh-Hans",
            "pages": 40,
            "headline": 40,
            "date": 39,
            "byline": 20,
            "body": 40,
            "links": 0,
        }
    ],
    "new": {"pages": 90, "links": 400},
}
NO_PROCESS = 2**22 + 1
"""Above the highest id that Linux gives."""
GONE = {"host": socket.gethostname(), "pid": NO_PROCESS}
OPEN = {**RUN, "finished": None, "finish_reason": None}


def printed(show, *arguments, width=160):
    out = io.StringIO()
    show(Console(file=out, width=width, force_terminal=False), *arguments)
    return out.getvalue()


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (RUN, "finished"),
        (OPEN, "running"),
        ({**OPEN, "silent_for": 61.0}, "cut off"),
        ({**OPEN, "silent_for": -61.0}, "cut off"),
        ({**OPEN, "silent_for": -3.0}, "running"),
        ({**RUN, "silent_for": 1e9}, "finished"),
        ({**OPEN, "host": socket.gethostname(), "pid": os.getpid()}, "running"),
        ({**OPEN, "host": socket.gethostname(), "pid": NO_PROCESS}, "cut off"),
        ({**OPEN, "host": socket.gethostname(), "pid": NO_PROCESS, "fleet": "f"}, "running"),
        ({**OPEN, "fleet": "f", "workers": [GONE]}, "cut off"),
        ({**OPEN, "fleet": "f", "workers": [GONE, {**GONE, "pid": os.getpid()}]}, "running"),
        ({**OPEN, "fleet": "f", "workers": [GONE, {**GONE, "host": "elsewhere"}]}, "running"),
    ],
)
def test_state(run, expected):
    """A run without an end is running as long as its heart beats, by a clock that was set back, too.

    Where all its processes were on this machine, it takes one of them as well.
    """
    assert state_of(run) == expected


def test_a_process_that_was_killed_and_not_asked_for_is_gone():
    """A supervisor may never ask."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    run = {**OPEN, "host": socket.gethostname(), "pid": process.pid}
    assert state_of(run) == "running"
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert state_of(run) == "cut off"
    process.communicate()


def test_duration():
    """To the end, else to the last heartbeat; never negative."""
    assert str(duration_of(RUN)) == "1:30:03"
    assert str(duration_of({**OPEN, "heartbeat": START + dt.timedelta(seconds=4)})) == "0:00:04"
    assert str(duration_of({**OPEN, "heartbeat": START - dt.timedelta(hours=1)})) == "0:00:00"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("deepseek-20261125T0315", "deepseek-20261125T031500123"),
        ("zzz", "newsroom-1"),
        ("newsroom", "newsroom-1"),
    ],
)
def test_nearest(asked, expected):
    """Something is named for every misspelling, as long as there is anything."""
    assert nearest(asked, [RUN["_id"], "newsroom-1"]) == expected
    assert nearest(asked, []) is None


def test_one_run_in_full():
    """Every fact, shares in percent; what came from outside is no markup."""
    text = " ".join(printed(show_run, RUN).split())
    for words in (
        "deepseek-20261125T031500123: finished",
        "2026-11-25 03:15 to 2026-11-25 04:45 UTC, 1:30:03, taken up 1 time",
        "[red]ann on h, process 7",
        "ok 40, blocked 2; budget 300",
        "90 pages of the seed, 400 links",
        "44 requests, 3.2 MB received",
        "2 blocked HTTP 403 [31m[bold]x",
        "cn_nytimes today zh-Hans 40 100% 98% 50% 100% 0%",
    ):
        assert words in text
    assert "not ended" in printed(show_run, OPEN)


def test_monitors_that_did_not_pass_are_told():
    """With their reason; those that passed say nothing."""
    findings = [
        {"monitor": "Errors", "passed": False, "reason": "9 of 30 [pages] failed"},
        {"monitor": "Hosts", "passed": True, "reason": ""},
    ]
    text = printed(show_run, {**RUN, "monitors": findings})
    assert "monitor Errors: 9 of 30 [pages] failed" in text
    assert "Hosts" not in text


def test_runs_of_an_older_version_are_listed():
    """They lack what is counted since."""
    older = {name: value for name, value in RUN.items() if name not in {"new", "taken_up", "traffic"}}
    assert "[red]ann" in printed(show_runs, [older, OPEN])
    assert "[red]ann" in printed(show_run, older)


@pytest.mark.parametrize("width", [20, 60])
def test_a_narrow_terminal_cuts_nothing(width):
    """A row stays one line, which the terminal breaks."""
    row = next(line for line in printed(show_runs, [RUN], width=width).splitlines() if RUN["_id"] in line)
    assert row.split() == [RUN["_id"], "1:30:03", "42", "90", "finished", "[red]ann"]
    assert "cn_nytimes today   zh-Hans" in printed(show_run, RUN, width=width)


def test_json():
    """Times in ISO 8601, Chinese as it is."""
    told = json.loads(as_json([{**RUN, "operator": "安"}]))
    assert told[0]["started"] == "2026-11-25T03:15:00+00:00"
    assert "安" in as_json({**RUN, "operator": "安"})
