"""Text from the web means nothing in Markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from crawler.graph.markdown import escaped, link
from crawler.plain import plain

HOSTILE = ["<script>x</script>", "[a](b)", "`c`", "**d**", "&lt;", "!\\[e](f)", "~~g~~ | h", "_i_ #j"]


def rendered(markdown):
    (paragraph,) = [token for token in MarkdownIt().parse(f"x {markdown}") if token.type == "inline"]
    return paragraph.children


@pytest.mark.parametrize("text", HOSTILE)
def test_marks_are_text(text):
    """As a reader by CommonMark sees it."""
    assert "".join(token.content for token in rendered(escaped(text))) == f"x {text}"


@given(st.text(max_size=30).map(plain))
def test_any_line_is_text(text):
    """No element comes of it."""
    assert {token.type for token in rendered(escaped(text))} <= {"text", "text_special"}


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://example.org/(x)", "https://example.org/(x)"),
        ("https://example.org/a b", "https://example.org/a%20b"),
        ("https://example.org/<b>", "https://example.org/%3Cb%3E"),
    ],
)
def test_an_address_is_taken_whole(address, kept):
    """What would end it is written in its other spelling."""
    opened = next(token for token in rendered(link("[t]", address)) if token.type == "link_open")
    assert opened.attrs["href"] == kept
