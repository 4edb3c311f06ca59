"""What follows the last write of a run: monitors judge it, and somebody is told."""

import asyncio
import logging
from contextlib import aclosing
from typing import Any

from scrapy.crawler import Crawler

from crawler.graph.news import News
from crawler.monitors import FAILED, LOOKED_BACK, SUITES, Limits, judge, suites_of
from crawler.store import MongoStore
from crawler.webhook import MOST, message, send

logger = logging.getLogger(__name__)


async def judge_run(crawler: Crawler, store: MongoStore, run_id: str) -> None:
    """Have the monitors judge a closed run, and keep what they say with it. Raises StorageUnavailable."""
    suites = suites_of(crawler.settings.getlist(SUITES))
    run = await store.run(run_id)
    if run is None or not suites:
        return
    ended = [other for other in await store.runs(run["seed"]) if other["finished"] and other["_id"] != run_id]
    findings = judge(suites, _data(crawler, run, ended[:LOOKED_BACK]))
    await store.note_monitors(run_id, [finding._asdict() for finding in findings])
    failed = {finding.monitor: finding.reason or "" for finding in findings if not finding.passed}
    for name, reason in failed.items():
        logger.warning("Monitor %s: %s", name, reason)
    if crawler.stats is not None:
        crawler.stats.set_value(FAILED, failed)


def _data(crawler: Crawler, run: dict[str, Any], former: list[dict[str, Any]]) -> dict[str, Any]:
    """What monitors see: Spidermon's own names, the run and those before it."""
    settings = crawler.settings
    limits = Limits(settings.getfloat("MONITOR_ERROR_RATE"), settings.getfloat("MONITOR_COVERAGE_DROP"))
    stats = crawler.stats.get_stats() if crawler.stats else {}
    spider = {"stats": stats, "crawler": crawler, "spider": crawler.spider}
    return {**spider, "run": run, "former": former, "limits": limits}


async def bounded_news(store: MongoStore, seed: str) -> list[News]:
    """As many things as a message holds, noted as told."""
    news: list[News] = []
    async with aclosing(store.news(seed, None)) as portions:
        async for things in portions:
            news += await store.tell(seed, things[: MOST - len(news)])
            if len(news) >= MOST:
                break
    return news


async def tell(crawler: Crawler, run: dict[str, Any], reason: str, store: MongoStore | None = None) -> None:
    """Tell WEBHOOK_URL, where there is one and something to say: what failed, and what `store` has of news.

    In a thread: the loop goes on. News that could not be handed over are told again, by the next run or by
    `scrapy new`. Raises StorageUnavailable.
    """
    url = crawler.settings["WEBHOOK_URL"]
    if not url:
        return
    failed = crawler.stats.get_value(FAILED, {}) if crawler.stats else {}
    news = await bounded_news(store, run["seed"]) if store else []
    said = message(run, reason, failed, news)
    if said and not await asyncio.to_thread(send, url, said) and store:
        await store.take_back(run["seed"], news)
