"""What the workers of one run share in Redis: the queue, what was offered, and who holds what.

The client is imported by those who connect: it takes a tenth of a second, and few crawls are a fleet's.

MongoDB stays the truth: what is lost here is still due there. Each step is one script: a worker may die
between any two of them.
"""

from __future__ import annotations

import uuid
from collections import Counter
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from crawler.store import Due

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis import Redis

LEASE = 20.0
"""Seconds after which a page is offered again whose worker does not say that it still has it."""
AT_ONCE = 2
"""Pages of one host that a worker holds at most: one that is asked for, one that is read and written."""
ANSWERS = 3.0
"""Seconds in which Redis has to answer."""
KEPT = 7 * 86_400
"""Seconds after which what an abandoned run left is gone."""
IDENTITY = "related-articles:identity"

_LOOKED_AT = 200
"""Pages at the head of the queue among which one is sought whose host the worker does not ask yet."""

_LOST = -1
_SPENT = 2
_OUTSIDE_SPENT = 3
# Keys: identity, queue, seen, leases, budget, outside. First argument: what the identity has to be.
# A lease is a page as it stands in the queue with the worker that holds it: nobody can end another's.
_HEAD = f"""
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {_LOST} end
local t = redis.call('TIME')
local now = t[1] + t[2] / 1e6
"""
_OFFER = f"""{_HEAD}
if redis.call('SISMEMBER', KEYS[3], ARGV[3]) == 1 then return 0 end
local budget = redis.call('GET', KEYS[5])  -- none: another worker has ended the run
if not budget or redis.call('SCARD', KEYS[3]) >= tonumber(budget) then return {_SPENT} end
if ARGV[4] == 'outside' then
    if tonumber(redis.call('GET', KEYS[6]) or 0) <= 0 then return {_OUTSIDE_SPENT} end
    redis.call('DECR', KEYS[6])
end
redis.call('SADD', KEYS[3], ARGV[3])
redis.call('LPUSH', KEYS[2], ARGV[2])
return 1
"""
_TAKE = f"""{_HEAD}
local asked = {{}}
for i = 4, #ARGV do asked[ARGV[i]] = true end
local head = redis.call('LRANGE', KEYS[2], -{_LOOKED_AT}, -1)
for i = #head, 1, -1 do
    if not asked[string.match(head[i], '^%S*')] then
        redis.call('LREM', KEYS[2], -1, head[i])
        local lease = head[i] .. ' ' .. ARGV[3]
        redis.call('ZADD', KEYS[4], now + ARGV[2], lease)
        return {{head[i], lease}}
    end
end
return false
"""
_TICK = f"""{_HEAD}
for i = 3, #ARGV do redis.call('ZADD', KEYS[4], 'XX', now + ARGV[2], ARGV[i]) end
local lapsed = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now)
for _, lease in ipairs(lapsed) do
    redis.call('ZREM', KEYS[4], lease)
    redis.call('RPUSH', KEYS[2], string.match(lease, '^.*}}'))
end
for i = 2, #KEYS do redis.call('EXPIRE', KEYS[i], {KEPT}) end
return #lapsed
"""
_GIVE_BACK = f"""{_HEAD}
if redis.call('ZSCORE', KEYS[4], ARGV[3]) then redis.call('ZADD', KEYS[4], now + ARGV[2], ARGV[3]) end
return 0
"""
_BUSY = f"""{_HEAD}
return redis.call('LLEN', KEYS[2]) + redis.call('ZCARD', KEYS[4])
"""


@cache
def _due() -> TypeAdapter[Due]:
    return TypeAdapter(Due)


class FleetUnavailable(Exception):  # noqa: N818 - it names a state
    """Redis can't be used now; the message is one line and says what to do."""


def connect(url: str) -> Redis:
    """A client that has been answered. Raises FleetUnavailable."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    with unavailable():
        try:
            server = Redis.from_url(
                url,
                decode_responses=True,
                socket_timeout=ANSWERS,
                socket_connect_timeout=ANSWERS,
                retry=Retry(
                    NoBackoff(), 1
                ),  # for a connection that was idle for long; more would block the crawl
            )
        except ValueError as error:
            raise FleetUnavailable(f"REDIS_URL can't be read: {error}") from None
        server.ping()
        return server


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn whatever redis raises inside into FleetUnavailable."""
    from redis import RedisError

    try:
        yield
    except RedisError as error:
        raise FleetUnavailable(f"Redis does not answer ({error}): start it, or check REDIS_URL") from error


class Fleet:
    """A worker's part in a run: it offers pages, takes some, and holds them until it is done with them.

    Its methods raise FleetUnavailable. `spent` says whether the page budget of the run is, `outside_spent`
    whether what pages of other sites may take of it.
    """

    def __init__(self, server: Redis) -> None:
        self.server = server
        self.worker = uuid.uuid4().hex
        self.spent = self.outside_spent = False
        self.held: dict[str, str] = {}
        """The leases of this worker, by the page's URL."""
        self._asked: set[str] = set()
        self._name = ""
        self._keys: list[str] = []
        self._scripts = {
            text: server.register_script(text) for text in (_OFFER, _TAKE, _TICK, _GIVE_BACK, _BUSY)
        }

    def identity(self) -> str:
        """Tells this Redis from any other, and from itself after it has lost its data."""
        with unavailable():
            self.server.set(IDENTITY, uuid.uuid4().hex, nx=True)
            return str(self.server.get(IDENTITY))

    @property
    def is_joined(self) -> bool:
        """Whether the run is known by now."""
        return bool(self._keys)

    def join(self, run: str, budget: int, outside: int = 0) -> None:
        """Work on this run. The first worker says how many pages may be offered; how many outside."""
        self._name = self.identity()
        parts = ("queue", "seen", "leases", "budget", "outside")
        self._keys = [IDENTITY, *(f"{run}:{part}" for part in parts)]
        with unavailable():
            self.server.set(self._keys[4], budget, nx=True, ex=KEPT)
            self.server.set(self._keys[5], outside, nx=True, ex=KEPT)

    def _run(self, script: str, *arguments: Any) -> Any:
        with unavailable():
            answer = self._scripts[script](keys=self._keys, args=(self._name, *arguments))
        if answer == _LOST:
            raise FleetUnavailable("Redis has lost its data: start the crawl again, it goes on from MongoDB")
        return answer

    def offer(self, due: Due, fingerprint: str, *, outside: bool = False) -> bool:
        """Put a page at the end of the queue, once in a run; whether this was the first time."""
        answer = self._run(_OFFER, _entry(due), fingerprint, "outside" if outside else "")
        self.spent = self.spent or answer == _SPENT
        self.outside_spent = self.outside_spent or answer == _OUTSIDE_SPENT
        return bool(answer == 1)

    def take(self) -> Due | None:
        """The first page whose host this worker does not ask yet, and has but one page of to be written."""
        held = Counter(map(_host, self.held))
        full = {host for host, count in held.items() if count >= AT_ONCE}
        taken = self._run(_TAKE, LEASE, self.worker, *(full | set(map(_host, self._asked))))
        if not taken:
            return None
        entry, lease = taken
        due = _due().validate_json(entry.partition(" ")[2])
        self.held[due.url] = lease
        self._asked.add(due.url)
        return due

    def answered(self, url: str) -> None:
        """The page has come: its host may be asked for another one while this one is read and written."""
        self._asked.discard(url)

    def tick(self) -> int:
        """Hold what is held for longer, and offer again what nobody holds; returns how many those were."""
        return int(self._run(_TICK, LEASE, *self.held.values()))

    def release(self, url: str) -> None:
        """The page is done with."""
        self._asked.discard(url)
        lease = self.held.pop(url, None)
        if lease:
            with unavailable():
                self.server.zrem(self._keys[3], lease)

    def postpone(self, url: str, seconds: float = 0.0) -> None:
        """Let others have the page, after so many seconds."""
        self._asked.discard(url)
        lease = self.held.pop(url, None)
        if lease:
            self._run(_GIVE_BACK, seconds, lease)

    def leave(self) -> None:
        """Let others have all that this worker holds."""
        for url in list(self.held):
            self.postpone(url)

    def waiting(self) -> int:
        """Pages in the queue."""
        with unavailable():
            return int(self.server.llen(self._keys[1]))

    def busy(self) -> int:
        """Pages in the queue, and pages held by anybody."""
        return int(self._run(_BUSY))

    def end(self) -> None:
        """Forget the run."""
        with unavailable():
            self.server.delete(*self._keys[1:])


def _entry(due: Due) -> str:
    """A page as it stands in Redis: its host, so that a script can choose by it, and the rest as JSON."""
    return f"{_host(due.url)} {_due().dump_json(due).decode()}"


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
