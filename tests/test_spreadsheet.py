"""Cells of a CSV file that no spreadsheet calculates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.spreadsheet import cell, uncell


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("'=1", "''=1"),
        ("'s-Hertogenbosch", "'s-Hertogenbosch"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_formulas_are_text(text, written):
    """An apostrophe makes text of them."""
    assert cell(text) == written


@given(st.text(alphabet="'=+-@\ta") | st.text())
def test_what_is_written_is_read_back(text):
    """To the last character."""
    assert uncell(cell(text)) == text
