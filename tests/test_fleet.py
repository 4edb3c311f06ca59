"""What workers share in a real Redis: offered once, held under a lease, offered again when it lapses."""

import datetime as dt
import time

import pytest

from crawler import fleet as fleets
from crawler.fleet import Fleet, FleetUnavailable, connect
from crawler.items import Status
from crawler.store import Due

RUN = "db:loop-1"


def page(host, number):
    return Due(url=f"https://{host}.example/{number}/")


@pytest.fixture
def worker(redis_server):
    """Makes workers of one run, or of another."""
    opened = []

    def make(run=RUN, budget=100):
        opened.append(Fleet(connect(redis_server.url)))
        opened[-1].join(run, budget)
        return opened[-1]

    yield make
    for one in opened:
        one.server.close()


def offer(fleet, *pages):
    return [fleet.offer(due, due.url) for due in pages]


def test_once_in_a_run_and_in_order(worker):
    """Whoever offers it; what is taken is the same page, with all that is known of it."""
    one, two = worker(), worker()
    due = Due(
        url="https://a.example/1/",
        etag='"中"',
        status=Status.FETCHED,
        next_fetch_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        read_by=("cn_nytimes", 3),
    )
    assert offer(one, due, page("b", 1), page("c", 1)) == [True, True, True]
    assert offer(two, due, page("d", 1)) == [False, True]
    assert (one.take(), two.take(), two.take()) == (due, page("b", 1), page("c", 1))
    assert (one.waiting(), one.busy()) == (1, 4)


def test_a_worker_has_one_page_of_a_host(worker):
    """The others' hosts come first; a host is free again when its page is done."""
    one = worker()
    offer(one, page("a", 1), page("a", 2), page("b", 1), page("a", 3))
    assert [one.take(), one.take(), one.take()] == [page("a", 1), page("b", 1), None]
    one.release(page("a", 1).url)
    assert one.take() == page("a", 2)
    one.answered(page("a", 2).url)
    assert one.take() == page("a", 3)
    one.answered(page("a", 3).url)
    offer(one, page("a", 4))
    assert one.take() is None
    assert one.busy() == 4


def test_what_a_dead_worker_held_is_offered_again(worker, monkeypatch):
    """The lease of one that lives is renewed; a page that was done with is not offered again."""
    monkeypatch.setattr(fleets, "LEASE", 0.4)
    dead, alive = worker(), worker()
    offer(dead, page("a", 1), page("b", 1), page("c", 1))
    assert [dead.take(), dead.take(), alive.take()] == [page("a", 1), page("b", 1), page("c", 1)]
    dead.release(page("a", 1).url)
    end, lapsed = time.monotonic() + 30, 0
    while not lapsed and time.monotonic() < end:
        lapsed += alive.tick()
        time.sleep(0.05)
    assert lapsed == 1
    assert alive.take() == page("b", 1)
    assert alive.busy() == 2


def test_given_back(worker):
    """At once by a worker that leaves, later where the host wants to be left alone; never what is done."""
    one, two = worker(), worker()
    offer(one, page("a", 1), page("b", 1), page("c", 1))
    one.take(), one.take(), one.take()
    one.release(page("a", 1).url)
    one.postpone(page("b", 1).url, 3600)
    one.postpone(page("a", 1).url)
    one.leave()
    assert two.tick() == 1
    assert (two.take(), two.take()) == (page("c", 1), None)
    assert two.busy() == 2


def test_the_budget_is_the_runs(worker):
    """Not a worker's; the first says how much it is."""
    one, two = worker(budget=3), worker(budget=99)
    assert offer(one, page("a", 1), page("a", 2)) == [True, True]
    assert offer(two, page("a", 3), page("a", 4)) == [True, False]
    assert (one.spent, two.spent) == (False, True)


def test_two_runs_share_nothing(worker):
    """The keys carry the run's id, and end with it."""
    one, other = worker(), worker("db:loop-2")
    assert offer(one, page("a", 1)) == offer(other, page("a", 1)) == [True]
    one.end()
    assert (offer(one, page("a", 2)), one.spent) == ([False], True)
    assert (one.busy(), other.busy()) == (0, 1)
    assert all(key.startswith(("db:loop-2:", "related-articles:")) for key in one.server.scan_iter())


def test_redis_that_lost_its_data(worker):
    """It is told from an empty queue, which would end the run."""
    one = worker()
    offer(one, page("a", 1))
    one.server.flushall()
    with pytest.raises(FleetUnavailable, match="lost its data"):
        one.busy()
    assert worker().identity() != one._name


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("unix:///nowhere/r.sock", "Redis does not answer"),
        ("redis://127.0.0.1:1", "Redis does not answer"),
        ("http://example.org", "REDIS_URL can't be read"),
        ("redis://127.0.0.1:none", "REDIS_URL can't be read"),
    ],
)
def test_no_redis(url, complaint):
    """One line that says what to do."""
    with pytest.raises(FleetUnavailable, match=complaint) as caught:
        connect(url)
    assert "\n" not in str(caught.value)


def test_redis_goes_away(worker, redis_server):
    """Every step says so, and none waits for long; afterwards all is as it was."""
    one = worker()
    offer(one, page("a", 1), page("b", 1))
    one.take()
    redis_server.kill()
    for step in (one.take, one.tick, one.busy, one.waiting, one.end, lambda: one.postpone(page("a", 1).url)):
        with pytest.raises(FleetUnavailable, match="does not answer"):
            step()
    redis_server.start()
    assert worker().busy() == 2
