"""What is taken out of a page before it is parsed, and what is left alone."""

import pytest

from crawler.parsers.document import Document
from crawler.parsers.markup import SCRIPT_LIMIT, clean, cut_scripts

LONG = "x" * SCRIPT_LIMIT + "!"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("a\x00b\x0bc\fd\te\n", "abc d\te\n"),
        ("a\ufffeb\uffff", "ab"),
        ("&#0; &#11 &#x1f; &#xFFFF; &#10; &#65; &#110; &#x1f600;", "    &#10; &#65; &#110; &#x1f600;"),
        ("â€œWordsâ€\ufffd", "“Words”"),
    ],
)
def test_clean(markup, expected):
    """No control characters in any spelling, and the charset that was meant."""
    assert clean(markup).decode() == expected


@pytest.mark.parametrize("tag", ["<script>", "<script async src='/a' nonce=b>", '<script\n id="a" >'])
def test_a_long_script_is_kept_apart(tag):
    """Its tag stays; the page around it is as it was."""
    markup, scripts = cut_scripts(f"<p>a{tag}{LONG}</script>b<script>c</script>{tag}{LONG}</script>")
    assert markup == f"<p>a{tag}</script>b<script>c</script>{tag}</script>"
    assert scripts == [LONG] * 2


@pytest.mark.parametrize(
    "html",
    [
        f"<script type='application/ld+json'>{LONG}</script>",
        f"<!-- <script> --> {LONG} <script>a</script>",
        f"<script>{LONG}",
        f"<script>{LONG[:-1]}</script>",
        f"<script title='>{LONG}</script>",
        f"<scripts>{LONG}</script>",
    ],
)
def test_what_may_be_more_than_a_script_stays(html):
    """JSON-LD, a short script, and all that a browser might read in another way."""
    assert cut_scripts(html) == (html, [])


def test_scripts_of_all_lengths_are_read():
    """Wherever they are kept."""
    document = Document.read("", f"<script>short</script><p>a</p><script>{LONG}</script>")
    assert set(document.scripts()) == {"short", "", LONG}
