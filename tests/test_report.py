"""What a person sees: every count, bounded lines, and no word from the web taken for markup."""

import io

import pytest
from rich.console import Console

from crawler.report import show_offline, show_summary

SUMMARY = {
    "status": {"fetched": 2, "discovered": 1},
    "attempt": {"ok": 2},
    "site": {f"site{number}.org": 20 - number for number in range(12)},
    "depth": {1: 2, 0: 1, 4: 3, 5: 4},
    "provenance": {"live": 3},
    "links": {"citation": 3},
    "most_cited": [
        {
            "work": "https://cn.nytimes.com/a/",
            "title": "[bold]red[/bold] \x1b[31m标题\u202e",
            "in_links": 7,
            "quotation": {"context": "", "anchor_text": "字" * 500, "source": "x", "source_title": "[/]"},
        }
    ],
    "totals": {"pages": 5, "links": 3, "works": 2},
}


def printed(summary, width=80):
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=False)
    show_summary(
        console, summary, seed="x", start='https://x.org/"', depth=3, where="the database d of mongodb://h"
    )
    return out.getvalue()


@pytest.mark.parametrize("width", [20, 80, 200])
def test_counts(width):
    """Each kind with its sum; levels in order, what is beyond the limit apart; a long list summed up."""
    text = " ".join(printed(SUMMARY, width).split())
    for words in ("fetched 2", "0: 1, 1: 2, beyond: 7", "4 others 42", "7x"):
        assert words in text or width == 20
    assert "SAMPLE" not in text


def test_text_from_the_web_stays_text():
    """Markup is shown as it is, control and direction characters are not shown, a quotation is cut."""
    text = printed(SUMMARY)
    assert "[bold]red[/bold]" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "字" * 99 + "…" in text
    assert "字" * 101 not in text


def test_samples_say_so():
    """In the first line."""
    assert printed({**SUMMARY, "provenance": {"sample": 3}}).strip().startswith("SAMPLE")


def test_a_query_can_be_pasted():
    """Whatever the URL, it is a string of the query language."""
    assert r"""{source: "https://x.org/\"", role: 'citation'}""" in printed(SUMMARY)
    assert """db.pages.find({status: 'discovered', site: "x.org"})""" in printed(SUMMARY)


def test_offline_is_one_line():
    """However narrow the terminal."""
    out = io.StringIO()
    show_offline(Console(file=out, width=20), ("cn.nytimes.com", "www.nytimes.com"), 10)
    assert out.getvalue().count("\n") == 1
