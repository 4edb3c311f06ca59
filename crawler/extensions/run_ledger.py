"""The run's entry in the ledger: opened, kept alive, closed."""

import asyncio
import datetime as dt
import hashlib
import json
import logging
import os
import socket
from functools import partial
from pathlib import Path
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider

from crawler.extensions.afterwards import judge_run, tell
from crawler.fleet import FleetUnavailable
from crawler.lease import Leases
from crawler.ledger import is_dead
from crawler.operator import operator
from crawler.seeds import seed_values
from crawler.store import MongoStore, StorageUnavailable
from crawler.version import code_version
from crawler.writer import patiently

logger = logging.getLogger(__name__)

HEARTBEAT = 5.0
TRAFFIC = {"requests": "downloader/request_count", "bytes": "downloader/response_bytes"}
"""What is counted in the ledger, and the statistic that tells it."""

LEFT_OPEN = frozenset({"shutdown", "fleet_unavailable"})

_HERE = {"host": socket.gethostname(), "pid": os.getpid()}


class RunLedger:
    """Opens the crawl run, or takes up the one a crash cut off, and closes it when the last write is in.

    The pipeline has opened the store by then and handed it to the spider.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._heartbeat: asyncio.Task[None] | None = None
        self._told = dict.fromkeys(TRAFFIC, 0)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        ledger = cls(crawler)
        crawler.signals.connect(ledger.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(ledger.spider_closed, signal=signals.spider_closed)
        return ledger

    async def spider_opened(self, spider: Any) -> None:
        if spider.store is None or spider.dry_run:
            return
        try:
            run = await self._claim(spider.store, spider)
            spider.run_id = run["_id"]
            spider.leases = _leases(spider)
            spider.budget = spider.seed.max_pages - await spider.store.spent(spider.run_id)
            spider.outside -= await spider.store.spent_outside(spider.run_id, spider.seed.sites)
            if spider.fleet:
                spider.fleet.join(f"{spider.store.database}:{spider.run_id}", spider.budget, spider.outside)
        except StorageUnavailable as error:
            logger.error("%s", error)
            raise CloseSpider("storage_unavailable") from None
        except FleetUnavailable as error:
            logger.error("%s", error)
            raise CloseSpider("fleet_unavailable") from None
        self._heartbeat = asyncio.ensure_future(self._beat(spider.store, spider.run_id))

    async def _claim(self, store: MongoStore, spider: Any) -> dict[str, Any]:
        """This process's run: a new one, its fleet's, or the one that was cut off. One per seed at a time."""
        run = self._new_run(spider)
        if await store.open_run(run):
            return run
        cut_off = await store.unfinished_run(spider.seed.name)
        if cut_off and run["fleet"] and cut_off.get("fleet") == run["fleet"]:
            logger.info("Joining run %s", cut_off["_id"])
            await store.join_run(cut_off["_id"], _HERE, run["archives"])
            return cut_off
        former = [name for name in (cut_off or {}).get("archives", []) if name not in run["archives"]]
        archives = [*former, *run["archives"]]
        claim = _HERE | {"workers": [_HERE], "fleet": run["fleet"], "archives": archives}
        if cut_off and is_dead(cut_off) and await store.take_up_run(cut_off, claim):
            logger.info("Taking up run %s where it was cut off", cut_off["_id"])
            return cut_off
        active = cut_off["_id"] if cut_off else spider.seed.name
        logger.error("Run %s is crawling this seed already: wait for its end", active)
        raise CloseSpider("already_running")

    def _new_run(self, spider: Any) -> dict[str, Any]:
        now = dt.datetime.now(dt.UTC)
        return {
            "_id": f"{spider.seed.name}-{now:%Y%m%dT%H%M%S%f}"[:-3],
            "seed": spider.seed.name,
            "arguments": spider.arguments,
            "settings_digest": _digest(self.crawler),
            "code_version": code_version(),
            "operator": operator(),
            "provenance": self.crawler.settings["PROVENANCE"],
            "page_budget": spider.seed.max_pages,
            "seed_values": seed_values(spider.seed),
            "archives": _archives(self.crawler),
            "started": now,
            "fleet": spider.fleet.identity() if spider.fleet else None,
            "workers": [_HERE],
            **_HERE,
        }

    async def _beat(self, store: MongoStore, run_id: str) -> None:
        """Shows every few seconds that the run is alive. No looping call: Scrapy's takes no coroutines."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            try:
                await self._tell(store, run_id)
            except StorageUnavailable:
                logger.debug("no heartbeat: the database does not answer")

    async def _tell(self, store: MongoStore, run_id: str) -> None:
        """A heartbeat, with the traffic that no earlier one has told: a run may take several processes."""
        stats = self.crawler.stats
        now = {name: stats.get_value(key, 0) if stats else 0 for name, key in TRAFFIC.items()}
        await store.heartbeat(run_id, {name: count - self._told[name] for name, count in now.items()})
        self._told = now

    async def spider_closed(self, spider: Any, reason: str) -> None:
        spider.stop_drawing()
        if spider.store is None or spider.run_id is None:
            return
        gone = reason == "storage_failed"  # waited for long enough
        patience = 0.0 if gone else self.crawler.settings.getfloat("MONGO_RETRY_BUDGET")
        run = {"_id": spider.run_id, "seed": spider.seed.name}
        if not spider.leases.given_up:
            await spider.leases.close()
        try:
            await self._finish(spider, reason, patience)
            run = await spider.store.run(spider.run_id) or run
            await tell(self.crawler, run, reason, spider.store)
        except StorageUnavailable as error:
            logger.error("The run could not be closed: %s", error)
            await tell(self.crawler, run, reason)
        finally:
            if self._heartbeat:  # until here: the end of a run on a large graph takes long
                self._heartbeat.cancel()
            await spider.store.close()

    async def _finish(self, spider: Any, reason: str, patience: float) -> None:
        """Recompute what follows from the links, close the run and have it judged."""
        store, run_id = spider.store, spider.run_id
        await patiently(partial(self._tell, store, run_id), patience)
        await patiently(store.refresh, patience)
        if spider.watch:
            await patiently(partial(store.suggest, spider.seed.name, run_id), patience)
        if not _is_over(spider, reason):
            return
        await patiently(partial(store.rank, spider.seed.name, run_id), patience)
        closed = [{"host": host, "reason": why} for host, why in spider.hosts.closed.items()]
        await patiently(partial(store.close_run, run_id, reason, closed), patience)
        await patiently(partial(judge_run, self.crawler, store, run_id), patience)


def _leases(spider: Any) -> Leases:
    """Held by the run, which may take up its own again, or by one worker of a fleet.

    The next page of a host may be another worker's, so in a fleet each leaves the host after every request.
    """
    holder = f"{spider.run_id} {spider.fleet.worker}" if spider.fleet else spider.run_id
    return Leases(spider.store, holder, keep=not spider.fleet)


def _is_over(spider: Any, reason: str) -> bool:
    """Whether the run ends with this process. One that was interrupted stays open: the next takes it up.

    The last worker of a fleet closes its run, and clears away what they shared.
    """
    if reason in LEFT_OPEN:
        return False
    if spider.fleet is None:
        return True
    try:
        if spider.fleet.busy():
            return False
        spider.fleet.end()
    except FleetUnavailable:
        return False
    return True


def _archives(crawler: Crawler) -> list[str]:
    """File names of the archives that this process reads from, in REPLAY's order, or writes to."""
    paths = str(crawler.settings["REPLAY"] or crawler.settings["RECORD"] or "none").split(",")
    return [Path(path.strip()).name for path in paths if path != "none"]


def _digest(crawler: Crawler) -> str:
    """Names the settings of a run, so that two runs can be compared; passwords do not enter it."""
    values = {
        name: value
        for name, value in crawler.settings.copy_to_dict().items()
        if isinstance(value, str | int | float | bool | dict | list)
        and name not in {"MONGO_URI", "REDIS_URL"}
    }
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:16]
