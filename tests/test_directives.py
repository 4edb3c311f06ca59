"""Directives to robots, in headers and in pages."""

import pytest

from crawler.directives import forbids_copies, page_forbids_copies
from crawler.parsers.document import Document
from crawler.parsers.evidence import archive_policy


@pytest.mark.parametrize(
    ("tags", "forbids"),
    [
        ([], False),
        (["index, follow"], False),
        (["noarchive"], True),
        (["noindex, NOARCHIVE"], True),
        (["none"], True),
        (["all", "noarchive"], True),
        (["googlebot: noarchive"], False),
        (["googlebot: noarchive, nofollow"], False),
        (["RelatedArticles: nofollow, noarchive"], True),
        (["googlebot: nofollow", "relatedarticles: noarchive"], True),
        (["googlebot: nofollow, relatedarticles: none"], True),
        (["unavailable_after: 25 Jun 2030 15:00:00 PST, noarchive"], True),
        (["max-snippet: 20"], False),
        ([""], False),
    ],
)
def test_x_robots_tag(tags, forbids):
    """For all agents or for ours, in one header or several."""
    assert forbids_copies(tags) is forbids


@pytest.mark.parametrize(
    ("html", "forbids"),
    [
        (b'<meta name="robots" content="noarchive">', True),
        (b"<META content='noindex, NoArchive' NAME=robots>", True),
        (b'<meta name="robots" content="index">', False),
        (b'<meta name="description" content="noarchive">', False),
        (b'<p>name="robots" noarchive</p>', False),
        (b'<meta name="robots" content="none">', True),
        (b'<meta name="robots" content="index"><meta name="robots" content="noarchive">', True),
        (b'<meta property="robots" value="noarchive"/>', True),
        (b'<meta name="RelatedArticles" content="noarchive">', True),
        (b'<meta name="robots" content="relatedarticles: noarchive">', True),
        (b'<meta name="googlebot" content="noarchive">', False),
        (b'<meta name="robots-note" content="noarchive">', False),
        (b'<meta name="robots" content="index noarchive">', True),
        (b'<meta name="robots" content="unavailable_after: 25 Jun 2030 15:00:00 PST; noarchive">', True),
        (b'<meta name="robots" content="max-image-preview: none, index">', False),
        (b'<meta name="robots">', False),
        (b"", False),
    ],
)
def test_a_page_that_asks_in_its_head(html, forbids):
    """Whether it is recorded, as it came, and how much of it is kept, once it is read, follow one rule."""
    assert page_forbids_copies(html) is forbids
    policy = archive_policy(Document.read("https://cn.nytimes.com/a/", html.decode()))
    assert (policy is not None) is forbids


def test_a_page_of_tags_left_open_takes_no_time():
    """A megabyte that is read to its end for each of them would take an hour."""
    assert not page_forbids_copies(b'<meta name="robots" ' * 50_000)
