"""What a response amounts to."""

import dataclasses

import pytest

from crawler.items import Extractor, Outcome, Page, PageType
from crawler.outcomes import Judgement, judge_page, judge_redirect, judge_status, led_to, shows_more

PAGE = Page(
    id="https://cn.nytimes.com/a/",
    url="https://cn.nytimes.com/a/",
    site="cn.nytimes.com",
    page_type=PageType.ARTICLE,
    display_title="t",
    headline="t",
)
BLOCKED = Extractor(name="www_nytimes", layout="blocked")


@pytest.mark.parametrize(
    ("status", "location", "outcome"),
    [
        (200, None, None),
        (206, None, None),
        (301, "https://cn.nytimes.com/b/", Outcome.REDIRECTED),
        (308, "https://cn.nytimes.com/b/", Outcome.REDIRECTED),
        (302, None, Outcome.FAILED),
        (302, "https://myaccount.nytimes.com/auth/login", Outcome.BLOCKED),
        (302, "https://www.nytimes.com/subscription", Outcome.BLOCKED),
        (302, "https://example.org/login", Outcome.REDIRECTED),
        (304, None, Outcome.NOT_MODIFIED),
        (401, None, Outcome.BLOCKED),
        (402, None, Outcome.BLOCKED),
        (403, None, Outcome.BLOCKED),
        (404, None, Outcome.GONE),
        (410, None, Outcome.GONE),
        (418, None, Outcome.FAILED),
        (429, None, Outcome.BLOCKED),
        (451, None, Outcome.BLOCKED),
        (500, None, Outcome.FAILED),
        (503, None, Outcome.BLOCKED),
    ],
)
def test_status(status, location, outcome):
    """A status code speaks for itself, but for a 2xx."""
    judgement = judge_status(status, location)
    assert (judgement and judgement.outcome) == outcome
    assert judgement is None or judgement.reason or outcome is Outcome.NOT_MODIFIED


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Outcome.OK),
        ({"headline": None}, Outcome.FAILED),
        ({"is_truncated": True}, Outcome.TRUNCATED),
        ({"is_accessible_for_free": False}, Outcome.OK),
        ({"extractor": BLOCKED, "headline": None}, Outcome.BLOCKED),
        ({"extractor": BLOCKED}, Outcome.BLOCKED),
        ({"extractor": Extractor(name="fallback", layout="error")}, Outcome.FAILED),
        ({"extractor": Extractor(name="feed", layout="rss"), "headline": None}, Outcome.FAILED),
    ],
)
def test_page(changes, outcome):
    """A 2xx is judged by its content; what the publisher says of free access is no sign."""
    judgement = judge_page(dataclasses.replace(PAGE, **changes))
    assert judgement.outcome is outcome
    assert (judgement.reason is None) == (outcome is Outcome.OK)


@pytest.mark.parametrize(
    ("is_loop", "before", "outcome"),
    [
        (False, 0, Outcome.REDIRECTED),
        (False, 9, Outcome.REDIRECTED),
        (False, 10, Outcome.FAILED),
        (True, 0, Outcome.FAILED),
    ],
)
def test_redirects_that_lead_to_redirects(is_loop, before, outcome):
    """Ten in a row are followed, a loop is not."""
    redirect = Judgement(Outcome.REDIRECTED, "HTTP 301")
    assert judge_redirect(redirect, is_loop=is_loop, before=before).outcome is outcome


@pytest.mark.parametrize(
    ("rendered", "plain", "expected"),
    [
        ({"body": "two words"}, {"body": "word"}, True),
        ({"body": "word"}, {"body": None}, True),
        ({"body": "word"}, {"body": "word"}, False),
        ({"body": None}, {"body": None}, False),
        ({"body": "two words", "extractor": BLOCKED}, {"body": "word"}, False),
    ],
)
def test_what_a_browser_brought(rendered, plain, expected):
    """More text is worth it; a block page, however long, is not."""
    pages = (dataclasses.replace(PAGE, **changes) for changes in (rendered, plain))
    assert shows_more(*pages) is expected


def test_304_to_a_request_that_did_not_ask_for_it():
    """Nothing is held that could be unchanged: a failure, not a page."""
    assert judge_status(304, None, conditional=False).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (b"/b/?x=1|2", "https://cn.nytimes.com/b/?x=1|2"),
        (b" b/ ", "https://cn.nytimes.com/a/b/"),
        (b"//example.org/b", "https://example.org/b"),
        ("/中文/".encode(), "https://cn.nytimes.com/%E4%B8%AD%E6%96%87/"),
        ("/%E4%B8%AD文/".encode(), "https://cn.nytimes.com/%E4%B8%AD%E6%96%87/"),
        ("https://bücher.example/ü".encode(), "https://xn--bcher-kva.example/%C3%BC"),
        ("/é/".encode("latin-1"), "https://cn.nytimes.com/%C3%A9/"),
        (b"/a b/", "https://cn.nytimes.com/a%20b/"),
        (b"https://[broken/", None),
        (b" ", None),
        (b"", None),
    ],
)
def test_led_to(location, expected):
    """What can be sent stays as it is; raw bytes are UTF-8, else Latin-1."""
    assert led_to(PAGE.url, location) == expected
