import datetime as dt
import time
from dataclasses import replace

import pytest

from crawler.items import (
    Attempt,
    Author,
    Link,
    Outcome,
    PageType,
    Post,
    Provenance,
    Role,
    Status,
)
from crawler.validation import as_failure, problems
from pipelines.validate import ValidatePage

CN = "https://cn.nytimes.com/china/20250205/one/"
EN = "https://www.nytimes.com/2025/02/04/world/one.html"
AT = dt.datetime(2025, 2, 5, 12, tzinfo=dt.UTC)
NAIVE = AT.replace(tzinfo=None)
BEIJING = AT.astimezone(dt.timezone(dt.timedelta(hours=8)))


def link(target=EN, **fields):
    return Link(target=target, role=Role.CITATION, **fields)


GOOD = [
    {},
    {"links": (link(), link("https://arxiv.org/abs/2501.12948"))},
    {"translation_of": EN, "translations": (CN + "zh-hant/",)},
    {"headline": None, "page_type": PageType.TOPIC},
    {"last_attempt": None},
    {"published_on": None},
    {"posts": (Post(slug="x", date_published=AT, authors=(Author(name="某"),)),)},
    {"body": "😀" * 1000},
]

BAD = [
    ({"id": "http://cn.nytimes.com/china/20250205/one?utm_source=x"}, "id: not a canonical URL"),
    ({"id": "china/one"}, "id: not a canonical URL"),
    ({"links": (link(EN + "#top"),)}, "links: not a canonical URL"),
    ({"links": (link(), link("mailto:a@b.c"))}, "links: not a canonical URL"),
    ({"translation_of": EN + "?smid=x"}, "translation_of: not a canonical URL"),
    ({"translations": ("/dual/",)}, "translations: not a canonical URL"),
    ({"headline": None}, "headline: an article"),
    ({"headline": " "}, "headline: an article"),
    ({"display_title": ""}, "display_title: empty"),
    ({"provenance": None}, "provenance: unknown"),
    ({"published_on": "2025-02-30"}, "published_on: no date"),
    ({"published_on": "20250205"}, "published_on: no date"),
    ({"published_on": "2025年2月5日"}, "published_on: no date"),
    ({"date_published": NAIVE}, "date_published: not in UTC"),
    ({"date_modified": BEIJING}, "date_modified: not in UTC"),
    ({"fetched_at": NAIVE}, "fetched_at: not in UTC"),
    ({"next_fetch_at": NAIVE}, "next_fetch_at: not in UTC"),
    ({"last_attempt": Attempt(at=NAIVE, status=Outcome.OK)}, "last_attempt.at: not in UTC"),
    ({"posts": (Post(slug="x", date_published=NAIVE),)}, "posts.date_published: not in UTC"),
    ({"failures": -1}, "failures: less than none"),
    ({"status": Status.REDIRECTED}, "redirects_to: a redirect needs its target"),
    ({"status": Status.REDIRECTED, "redirects_to": CN}, "redirects_to: a page can't redirect to itself"),
    ({"last_attempt": Attempt(at=AT, status=Outcome.BLOCKED)}, "status: fetched, though the attempt"),
    ({"failures": "3"}, "failures: not of the type"),
    ({"headline": 3}, "headline: Input should be a valid string"),
    ({"page_type": "article"}, "page_type: not of the type"),
    ({"page_type": "novel"}, "page_type: "),
    ({"links": [link()]}, "links: not of the type"),
    ({"links": ({"target": EN, "role": "friend"},)}, "links.0.role: "),
    ({"links": (link(position="7"),)}, "links: not of the type"),
    ({"headline": "\ud83d"}, "text: half a surrogate pair"),
    ({"body": "正" * 4_000_001}, "body: more than 12,000,000 bytes"),
    ({"body": "x" * 11_000_000, "description": "x" * 5_000_000}, "page: more than 15,000,000 bytes"),
]  # fmt: skip


@pytest.mark.parametrize("fields", GOOD)
def test_pages_to_keep(make_page, fields):
    """What the parsers and spiders give is kept."""
    assert problems(make_page(CN, **fields)) == []


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_can_be_kept(make_page, outcome):
    """A failure is a page, too."""
    target = EN if outcome is Outcome.REDIRECTED else None
    assert problems(make_page(CN, outcome, redirects_to=target)) == []


@pytest.mark.parametrize(("fields", "expected"), BAD)
def test_pages_that_cannot_be_kept(make_page, fields, expected):
    """Each problem is named with its field; one problem gives one line."""
    (problem,) = problems(make_page(CN, **fields))
    assert problem.startswith(expected)


def test_several_problems_are_all_told(make_page):
    """Whoever mends a parser sees everything at once."""
    assert len(problems(make_page(CN, headline=None, published_on="?", failures=-1))) == 3


@pytest.mark.parametrize(("fields", "expected"), BAD)
def test_the_pipeline_keeps_the_failure_instead(make_page, fields, expected, caplog):
    """An invalid page becomes its own failed attempt, with identity, reason and a time to try again."""
    page = make_page(CN, **fields)
    failed = ValidatePage().process_item(page)
    assert (failed.id, failed.site, failed.body, failed.links) == (page.id, page.site, None, ())
    assert failed.last_attempt.status is Outcome.FAILED
    assert failed.last_attempt.reason.startswith(f"invalid: {expected[:20]}")
    assert failed.next_fetch_at is not None
    assert len(caplog.records) == 1
    assert "\n" not in caplog.text.rstrip("\n")


def test_what_the_pipeline_makes_of_a_bad_page_is_good(make_page):
    """The failure passes the same test, unless the address itself is what is wrong."""
    for fields, expected in BAD:
        if not expected.startswith(("id", "display_title", "page_type")):
            assert problems(ValidatePage().process_item(make_page(CN, **fields))) == []


def test_a_good_page_passes_the_pipeline_as_it_is(make_page):
    """Nothing is added or taken away."""
    page = make_page(CN)
    assert ValidatePage().process_item(page) is page


def test_a_failure_says_what_it_is_of(make_page):
    """Run, HTTP status and provenance stay; the failure is counted."""
    failed = as_failure(make_page(CN, failures=2), "too large", AT)
    attempt = Attempt(at=AT, status=Outcome.FAILED, http_status=200, reason="too large", run_id="run-1")
    assert failed.last_attempt == attempt
    assert (failed.failures, failed.provenance, failed.status) == (3, Provenance.SAMPLE, Status.DISCOVERED)


def test_validation_is_fast(make_page):
    """Less than a millisecond for an article of 60 links in 8,000 characters; ten times that fails."""
    links = tuple(
        link(f"https://www.nytimes.com/2025/02/04/world/{n}.html", context="句" * 60) for n in range(60)
    )
    page = make_page(CN, body="正文" * 4_000, links=links)
    assert problems(page) == []
    started = time.perf_counter()
    for number in range(100):
        problems(replace(page, word_count=number))
    assert (time.perf_counter() - started) / 100 < 0.01
