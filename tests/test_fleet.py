"""What workers share in a real Redis: offered once, held under a lease, offered again when it lapses."""

import datetime as dt
import time

import pytest
from crawling import SEED, seed_file
from scrapy import Request

from crawler import fleet as fleets
from crawler.fleet import Fleet, FleetUnavailable, connect
from crawler.items import Link, Role, Status
from crawler.scheduler import LeasedQueue
from crawler.store import Due
from spiders import fleet as feeders
from spiders.articles import ArticlesSpider
from spiders.fleet import FleetFeeder

RUN = "db:loop-1"
HOST = "cn.nytimes.com"
LATER = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)


def page(host, number):
    return Due(url=f"https://{host}.example/{number}/")


@pytest.fixture
def worker(redis_server):
    """Makes workers of one run, or of another."""
    opened = []

    def make(run=RUN, budget=100, outside=0):
        opened.append(Fleet(connect(redis_server.url)))
        opened[-1].join(run, budget, outside)
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


def test_a_lease_is_ended_by_its_holder_only(worker, monkeypatch):
    """A worker that stalled says that it is done with a page, or gives it back: another holds that by now."""
    monkeypatch.setattr(fleets, "LEASE", 0.0)
    stalled, other = worker(), worker()
    offer(stalled, page("a", 1), page("b", 1))
    assert [stalled.take(), stalled.take()] == [page("a", 1), page("b", 1)]
    assert other.tick() == 2
    monkeypatch.undo()
    assert {other.take().url, other.take().url} == {page("a", 1).url, page("b", 1).url}
    stalled.release(page("a", 1).url)
    stalled.leave()
    assert (other.tick(), other.waiting(), other.busy()) == (0, 0, 2)
    other.release(page("a", 1).url)
    assert other.busy() == 1


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


def test_what_pages_of_other_sites_may_take_is_the_runs(worker):
    """Of the budget, which goes on without them; the same page counts once."""
    one, two = worker(outside=2), worker(outside=9)
    assert one.offer(page("x", 1), "x1", outside=True)
    assert [two.offer(page("x", n), f"x{n}", outside=True) for n in (1, 2, 3)] == [False, True, False]
    assert (one.outside_spent, two.outside_spent, two.spent) == (False, True, False)
    assert offer(two, page("a", 1)) == [True]


@pytest.fixture
def feeding(worker, store, tmp_path):
    """Makes the feeder of a worker, and its queue, for a seed that cites forty pages of other sites."""
    path = seed_file(tmp_path, depth=0, external_depth=1, external_pages=5).removeprefix("seed=")

    def make(budget=100):
        spider = ArticlesSpider(seed=path)
        fleet = worker(budget=budget, outside=spider.outside)
        limits = (budget, 1.0, spider.outside)
        spider.feeder = FleetFeeder(fleet, store, spider.seed, None, *limits)
        return spider.feeder, LeasedQueue(fleet, spider)

    return make


async def test_workers_that_follow_each_other_ask_for_no_more_of_other_sites(
    feeding, store, make_page, monkeypatch
):
    """`external_pages` is for the run: what one worker took the next one has not."""
    monkeypatch.setattr(feeders, "LOOKS", 0.01)
    others = [f"https://e{number}.example.org/" for number in range(40)]
    cited = tuple(Link(target=url, role=Role.CITATION, anchor_text="x") for url in others)
    taken = []
    for _ in range(3):
        feeder, queue = feeding()
        await store.plant(feeder.seed.name, make_page(SEED, links=cited, next_fetch_at=LATER), "run-1")
        async for due in feeder.pages():
            queue.push(Request(due.url, cb_kwargs={"due": due}))
            while request := queue.pop():
                taken.append(request.url)
                await store.write([make_page(request.url, links=cited, next_fetch_at=LATER)], "run-1")
                feeder.kept(request.url)
    assert len(taken) == 6
    assert set(taken) - set(others) == {SEED}


async def test_a_page_that_is_sent_back_costs_nothing(feeding):
    """Of the worker's budget, however often; and it waits for its own host, not for the first of all."""
    feeder, queue = feeding(budget=10)
    due = Due(url=SEED)
    queue.push(Request(SEED, cb_kwargs={"due": due}))
    for _ in range(10):
        queue.pop()
        feeder.returned(SEED, HOST)
        feeder.fleet.server.zadd(f"{RUN}:leases", dict.fromkeys(leases(feeder), 0))
        assert feeder.fleet.tick() == 1
    assert (feeder.budget, feeder.in_flight) == (10, set())
    feeder.hosts.paused("other.example", 5)
    feeder.hosts.paused(HOST, 200)
    queue.pop()
    feeder.returned(SEED, HOST)
    (until,) = leases(feeder).values()
    assert until - feeder.fleet.server.time()[0] > 100


def leases(feeder):
    """Until when pages are held, in seconds of the server's clock."""
    return dict(feeder.fleet.server.zrange(f"{RUN}:leases", 0, -1, withscores=True))


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
