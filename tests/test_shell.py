"""Which pages a browser would show a text on that plain HTTP has not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.parsers import decode, is_shell, parse_page

PAGES = sorted((Path(__file__).parent / "pages").glob("*/*/page.html"))
ARTICLE = "https://cn.nytimes.com/world/20260101/shell/"
INTERACTIVE = "https://www.nytimes.com/interactive/2026/01/01/us/map.html"
HEAD = '<title>壳</title><meta property="og:title" content="壳">'
SCRIPT = '<script src="/bundle.js"></script>'
FRAME = f'<html><head>{HEAD}</head><body><div id="app"></div>{SCRIPT}</body></html>'


def shell(html, url=ARTICLE, **changes):
    body = html.encode()
    return is_shell(replace(parse_page(url, decode(body)), **changes), body)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.parent.name)
def test_golden_pages(path):
    """Of all layouts known, one is a shell."""
    url = json.loads((path.parent / "page.json").read_text())["url"]
    body = path.read_bytes()
    assert is_shell(parse_page(url, decode(body)), body) == (path.parent.name == "interactive-shell")


@pytest.mark.parametrize(
    ("html", "url", "expected"),
    [
        (FRAME, ARTICLE, True),
        (FRAME, "https://www.nytimes.com/live/2026/01/01/us/day", True),
        (FRAME, INTERACTIVE, True),
        (FRAME, "https://www.nytimes.com/video/us/100000001/day.html", False),
        (FRAME, "https://www.nytimes.com/topic/subject/maps", False),
        (FRAME, "https://cn.nytimes.com/", False),
        (FRAME.replace(SCRIPT, ""), ARTICLE, False),
        (FRAME.replace(SCRIPT, '<script type="application/ld+json">{}</script>'), ARTICLE, False),
        (FRAME.replace(SCRIPT, f"<nav>{'目录' * 900}</nav>{SCRIPT}"), INTERACTIVE, True),
        (FRAME.replace(SCRIPT, f"<noscript>{'请打开' * 900}</noscript>{SCRIPT}"), ARTICLE, True),
        (FRAME.replace(SCRIPT, f"<b>{'字' * 1100}</b>{SCRIPT}"), ARTICLE, False),
        ("", ARTICLE, False),
        ('<html><title>nytimes.com</title><script src="https://captcha-delivery.com/c.js">', ARTICLE, False),
    ],
)
def test_is_shell(html, url, expected):
    """A frame with a script and next to no text, on a page that ought to have one."""
    assert shell(html, url) is expected


@pytest.mark.parametrize(("body", "expected"), [("字 " * 199, True), ("字 " * 200, False)])
def test_a_page_with_a_text_is_no_shell(body, expected):
    """200 characters, spaces left out."""
    assert shell(FRAME, body=body) is expected


@pytest.mark.parametrize(("shown", "expected"), [("字 " * 999, True), ("字 " * 1000, False)])
def test_a_page_that_shows_much_is_no_shell(shown, expected):
    """1,000 characters, though none of them is read as its body: a layout never seen."""
    assert shell(FRAME.replace(SCRIPT, f"<b>{shown}</b>{SCRIPT}"), body=None) is expected


def test_a_cut_off_page_is_no_shell():
    """What a meter keeps back is not to be had from a browser either."""
    assert not shell(FRAME, is_truncated=True)
