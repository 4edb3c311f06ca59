"""How hosts are left in peace: the policy, and what all runs on one database share of it."""

import asyncio
import datetime as dt

import pymongo
import pytest

from crawler.politeness import DAY, LONGEST_WAIT, MOST_REFUSALS, Hosts, is_private, pause_after, retry_after
from crawler.seeds import Seed
from crawler.store import LEASE, Rules, Turn
from crawler.store.hosts import CLAIM
from spiders.feeder import Feeder

NOW = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
HOST = "cn.nytimes.com"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Thu, 01 Jan 2026 12:01:00 GMT", 60),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0),
        ("Thursday, 01-Jan-26 12:01:00 GMT", 60),
        ("31536000", DAY),
        ("9" * 400, DAY),
        ("Fri, 01 Jan 2027 12:00:00 GMT", DAY),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Thu, 99 Jan 2026 99:00:00 GMT", None),
    ],
)
def test_retry_after(header, seconds):
    """Seconds or a date; a year is a day, garbage is nothing."""
    assert retry_after(header, NOW) == seconds


@pytest.mark.parametrize(
    ("busy", "asked", "seconds"),
    [
        (1, None, 30),
        (2, None, 60),
        (5, None, 480),
        (1_000, None, 30_720),
        (1, 7.0, 7),
        (9, 0.0, 2),
        (1, DAY, DAY),
    ],
)
def test_a_busy_host_gets_ever_longer_pauses(busy, asked, seconds):
    """Unless it says how long; never less than the usual pause."""
    assert pause_after(busy, asked, delay=2.0) == seconds


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("cn.nytimes.com", False),
        ("8.8.8.8", False),
        ("2606:4700::1111", False),
        ("localhost", True),
        ("LOCALHOST.", True),
        ("printer.local", True),
        ("intranet", True),
        ("", True),
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("192.168.0.1", True),
        ("169.254.169.254", True),
        ("0.0.0.0", True),  # noqa: S104
        ("[::1]", True),
        ("fe80::1", True),
        ("::ffff:10.0.0.1", True),
    ],
)
def test_private_addresses(host, private):
    """By name or number."""
    assert is_private(host) is private


def test_refusals_in_a_row_end_a_host():
    """An answer in between begins the count anew; another host is none of this one's business."""
    hosts = Hosts()
    for _ in range(MOST_REFUSALS - 1):
        hosts.refused(HOST)
    hosts.answered(HOST)
    hosts.refused(HOST)
    hosts.refused("other.example")
    assert hosts.shut == set()
    for _ in range(MOST_REFUSALS - 1):
        hosts.refused(HOST)
    assert hosts.shut == set(hosts.closed) == {HOST}


def test_a_paused_host_opens_again():
    """In its time; one that wants longer than a run waits is ended for the run."""
    now = 0.0
    hosts = Hosts(clock=lambda: now)
    hosts.paused(HOST, 60)
    hosts.paused("other.example", LONGEST_WAIT + 1)
    assert (hosts.shut, hosts.opening(), set(hosts.closed)) == (
        {HOST, "other.example"},
        60,
        {"other.example"},
    )
    now = 61.0
    assert (hosts.shut, hosts.opening()) == ({"other.example"}, None)


@pytest.fixture
def hosts(mongo_uri, database):
    with pymongo.MongoClient(mongo_uri, tz_aware=True) as client:
        yield client[database].hosts


async def test_one_asks_a_host_at_a_time(store):
    """The holder alone, and again when it wants; then the next, after the pause."""
    assert (await taken(store, "one")) == Turn(is_mine=True)
    assert await store.take_host(HOST, "one") == Turn(is_mine=True, is_inherited=True)
    assert not (await store.take_host(HOST, "two")).is_mine
    await store.leave_host(HOST, "one", 0.3)
    assert 0 < (await store.take_host(HOST, "two")).wait <= 0.3
    await asyncio.sleep(0.35)
    assert await store.take_host(HOST, "two") == Turn(is_mine=True)
    assert (await taken(store, "one", "other.example")).is_mine


async def taken(store, holder, host=HOST):
    """The turn, when it has come: the first to ask for a host enters it."""
    while not (turn := await store.take_host(host, holder)).is_mine:
        await asyncio.sleep(turn.wait)
    return turn


async def test_many_want_a_host_and_one_gets_it(store):
    """No two at once, however they hurry."""
    await taken(store, "first")
    await store.leave_host(HOST, "first")
    turns = await asyncio.gather(*(store.take_host(HOST, f"run-{number}") for number in range(20)))
    assert [turn.is_mine for turn in turns].count(True) == 1


async def test_who_waits_is_next(store, hosts):
    """Not the one that has just left, nor one that came later; but not for ever, if it asks no more."""
    await taken(store, "one")
    for holder in ("two", "three"):
        assert not (await store.take_host(HOST, holder)).is_mine
    assert await store.renew_host(HOST, "one") == (True, True)
    await store.leave_host(HOST, "one")
    for holder in ("one", "three"):
        assert not (await store.take_host(HOST, holder)).is_mine
    assert await store.take_host(HOST, "two") == Turn(is_mine=True)
    assert await store.renew_host(HOST, "two") == (True, False)
    await store.take_host(HOST, "three")
    await store.leave_host(HOST, "two")
    assert not (await store.take_host(HOST, "two")).is_mine
    for ahead in (-CLAIM - 1, 100):
        at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=ahead)
        hosts.update_one({"_id": HOST}, {"$set": {"wanted.at": at, "holder": None}})
        assert (await store.take_host(HOST, "two")).is_mine


async def test_a_busy_host_is_left_alone_by_all(store):
    """Whoever asks is told how long."""
    await taken(store, "one")
    await store.leave_host(HOST, "one", 100)
    assert 95 < (await store.take_host(HOST, "two")).wait <= 100


@pytest.mark.parametrize(
    "times", [{"lease_until": -1}, {"lease_until": LEASE + 5}, {"next_request_at": 2 * DAY}]
)
async def test_what_a_dead_run_or_a_clock_set_back_left_behind_lapses(store, hosts, times):
    """A lease that is over, and times further ahead than was ever asked for."""
    now = dt.datetime.now(dt.UTC)
    ahead = {name: now + dt.timedelta(seconds=seconds) for name, seconds in times.items()}
    is_held = "lease_until" in times
    hosts.insert_one({"_id": HOST, "holder": "dead" if is_held else None, **ahead})
    assert await store.take_host(HOST, "living") == Turn(is_mine=True, is_inherited=is_held)


async def test_a_lease_is_renewed_by_its_holder_only(store, hosts):
    """One that has lost it changes nothing any more, and is told."""
    await taken(store, "one")
    held = hosts.find_one({"_id": HOST})["lease_until"]
    await asyncio.sleep(0.01)
    assert await store.renew_host(HOST, "two") == (False, False)
    await store.leave_host(HOST, "two")
    assert hosts.find_one({"_id": HOST})["lease_until"] == held
    assert await store.renew_host(HOST, "one") == (True, False)
    assert hosts.find_one({"_id": HOST})["lease_until"] > held


async def test_rules_last_a_day(store, hosts):
    """By scheme; those of tomorrow, from a clock set back, do not count."""
    assert await store.rules(HOST, "https") is None
    await store.keep_rules(HOST, "https", Rules(200, "User-agent: *\nDisallow: /\n"))
    assert await store.rules(HOST, "https") == (200, "User-agent: *\nDisallow: /\n")
    assert await store.rules(HOST, "http") is None
    for hours in (-25, 1):
        moved = dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)
        hosts.update_one({"_id": HOST}, {"$set": {"robots.https.read_at": moved}})
        assert await store.rules(HOST, "https") is None


async def test_the_feeder_goes_on_with_other_hosts_and_comes_back(store, make_page):
    """Pages that a paused host sent back come again when it opens, and have cost no budget."""
    urls = [
        f"https://{host}/2026/01/01/world/{n}.html" for host in ("a.example", "b.example") for n in (1, 2)
    ]
    for url in urls:
        await store.plant("loop", make_page(url, next_fetch_at=NOW, provenance=None), "run-0")
    seed = Seed(name="loop", urls=tuple(urls), sites=("a.example", "b.example"))
    hosts = Hosts()
    feeder = Feeder(store, seed, None, budget=10, patience=1, hosts=hosts)
    handed = []
    async for due in feeder.pages():
        host = due.url.split("/")[2]
        handed.append(host[0])
        if handed == ["a"]:
            hosts.paused("a.example", 0.5)
        if host in hosts.shut:
            feeder.returned(due.url, host)
        else:
            feeder.lost(due.url)
    assert handed == ["a", "a", "b", "b", "a", "a"]
    assert feeder.budget == 6


async def test_the_feeder_asks_no_more_of_a_host_that_was_ended(store, make_page):
    """Its pages stay due."""
    urls = [f"https://{host}/2026/01/01/world/1.html" for host in ("a.example", "ba.example")]
    for url in urls:
        await store.plant("loop", make_page(url, next_fetch_at=NOW, provenance=None), "run-0")
    seed = Seed(name="loop", urls=tuple(urls), sites=("a.example", "ba.example"))
    hosts = Hosts()
    hosts.closed["a.example"] = "it refused"
    feeder = Feeder(store, seed, None, budget=10, patience=1, hosts=hosts)
    assert [due.url for due in await feeder.due(0, 10)] == urls[1:]
