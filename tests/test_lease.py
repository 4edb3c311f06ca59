"""A host's lease held over many requests: on a real database, with runs that share, leave, die or lose it."""

import asyncio
import datetime as dt
from itertools import pairwise

import pymongo
import pytest

from crawler import lease as leases
from crawler.lease import Leases
from crawler.store import LEASE, MongoStore, StorageUnavailable

HOST = "cn.nytimes.com"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Renewals come quickly, and a host is soon idle."""
    monkeypatch.setattr(leases, "RENEW", 0.05)
    monkeypatch.setattr(leases, "IDLE", 0.2)


@pytest.fixture
async def runs(store):
    """Makes the leases of one run after the other."""
    opened = []

    def make(holder, *, keep=True):
        opened.append(Leases(store, holder, keep=keep))
        return opened[-1]

    yield make
    for one in opened:
        await one.close()


@pytest.fixture
def entry(mongo_uri, database):
    """What the database says of the host."""
    with pymongo.MongoClient(mongo_uri, tz_aware=True) as client:
        yield lambda: client[database].hosts.find_one({"_id": HOST})


async def ask(run, pause=0.05, moments=None, **done):
    """One request, in its turn; the moment of it is added to `moments`."""
    lease = run.of(HOST)
    async with lease.turn:
        while wait := await lease.wait(pause):
            await asyncio.sleep(wait)
        if moments is not None:
            moments.append(asyncio.get_running_loop().time())
        await lease.done(pause, **done)


async def until(condition):
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


def gaps(moments):
    return [after - before for before, after in pairwise(moments)]


async def test_it_is_taken_once_for_many_requests(runs, entry, monkeypatch, store):
    """The pause is kept all the same, by requests that come at once, too; idle, the host is left."""
    taken = []
    take = store.take_host
    monkeypatch.setattr(store, "take_host", lambda *who: taken.append(who) or take(*who))
    run, moments = runs("one"), []
    await asyncio.gather(*(ask(run, moments=moments) for _ in range(10)))
    assert min(gaps(moments)) >= 0.049
    assert len(taken) <= 2  # the first may have to enter the host
    assert entry()["holder"] == "one"
    await until(lambda: entry()["holder"] is None)


async def test_two_runs_share_a_host(runs):
    """Both get on, turn about, and the pause holds between all requests, whosever they are."""
    one, two, moments, order = runs("one"), runs("two"), [], []

    async def crawl(run, name):
        for _ in range(30):
            await ask(run, 0.02, moments)
            order.append(name)

    await asyncio.gather(crawl(one, 1), crawl(two, 2))
    assert min(gaps(moments)) >= 0.019
    turns = sum(before != after for before, after in pairwise(order))
    assert turns >= 3
    assert {1, 2} == set(order[:45])


async def test_a_killed_run_leaves_its_pause_behind(runs, entry, store, mongo_uri, database):
    """Its host is free when the lease has lapsed, and is not asked at once: the dead may just have."""
    dead = runs("dead")
    await ask(dead, 0.3)
    dead.of(HOST)._staying.cancel()
    dead.of(HOST)._trusted_until = 0.0
    assert await runs("early").of(HOST).wait(0.3) > 0
    with pymongo.MongoClient(mongo_uri) as client:
        lapsed = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=4)
        change = {"$set": {"lease_until": lapsed}, "$unset": {"wanted": 1}}
        client[database].hosts.update_one({"_id": HOST}, change)
    assert await runs("next").of(HOST).wait(0.3) == pytest.approx(0.3, abs=0.05)
    assert entry()["holder"] == "next"


async def test_a_host_that_is_busy_is_left_at_once(runs, entry):
    """The other run is told for how long."""
    await ask(runs("one"), 100, leave=True)
    assert entry()["holder"] is None
    assert await runs("two").of(HOST).wait(0.05) > 90


@pytest.mark.parametrize(("keep", "pause"), [(False, 0.05), (True, LEASE)])
async def test_it_is_not_kept(runs, entry, keep, pause):
    """By a worker of a fleet, or over a pause that is longer than the lease is worth."""
    await ask(runs("one", keep=keep), pause)
    assert entry()["holder"] is None
    assert entry()["next_request_at"] is not None


async def test_one_that_is_lost_is_taken_anew(runs, entry, mongo_uri, database):
    """A run that finds at a renewal that another holds its host asks nothing more until its turn has come."""
    run = runs("one")
    await ask(run)
    with pymongo.MongoClient(mongo_uri) as client:
        client[database].hosts.update_one({"_id": HOST}, {"$set": {"holder": "two"}})
    await until(lambda: run.of(HOST)._trusted_until == 0)
    assert await run.of(HOST).wait(0.05) > 0


async def test_a_long_pause_outlives_a_database_that_is_away(mongod):
    """A busy host that could not be left is asked no sooner, and the others hear of it as soon as may be."""
    store = MongoStore(mongod.uri, "test", timeout=0.2)
    await store.open()
    run, other = Leases(store, "one", keep=True), Leases(store, "two", keep=True)
    await ask(run)
    mongod.kill()
    await run.of(HOST).done(3600, leave=True)
    mongod.start()
    assert await run.of(HOST).wait(0.05) > 3000
    assert await other.of(HOST).wait(0.05) > 3000
    await run.close()
    await store.close()


async def test_without_a_database_nothing_is_asked(mongod):
    """Within a renewal, not with the end of the lease; and all goes on when it is back."""
    store = MongoStore(mongod.uri, "test", timeout=0.2)
    await store.open()
    run = Leases(store, "one", keep=True)
    await ask(run)
    mongod.kill()
    lease = run.of(HOST)
    await until(lambda: lease._trusted_until == 0)
    with pytest.raises(StorageUnavailable):
        await lease.wait(0.05)
    mongod.start()
    await ask(run)
    await run.close()
    await store.close()
