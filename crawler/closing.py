"""The end of an interrupted crawl: Scrapy stops its reactor too early while one opens, or closes."""

import asyncio
import logging
import signal
from functools import partial
from types import FrameType
from typing import Any

from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

LAST_WORDS = 5.0
"""Seconds that tasks get to end after they were cancelled."""


def tell_interruptions() -> None:
    """Have Ctrl-C and SIGTERM say that they are heeded, from when the crawl begins to run."""
    loop = asyncio.get_event_loop()
    loop.call_soon(_tell_also, loop)  # in its first round: before, Scrapy has not set its handlers


def _tell_also(loop: asyncio.AbstractEventLoop) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, partial(_tell, loop, signal.getsignal(number)))


def _tell(loop: asyncio.AbstractEventLoop, scrapys: Any, number: int, frame: FrameType | None) -> None:
    words = (
        f"{signal.Signals(number).name}: the crawl closes, which may take seconds; a second ends it at once"
    )
    # not said here: the code that the signal broke into may be writing to the same stream
    loop.call_soon_threadsafe(logger.warning, words)
    scrapys(number, frame)


def let_close(crawler: Crawler) -> None:
    """Bring to an end what the stopped reactor has left in mid-air; call it when that has stopped.

    A crawl that had not begun is cancelled, one that was closing closes. After a second Ctrl-C nothing is
    waited for: the next run takes this one up, as after a kill.
    """
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.SIG_IGN:  # Scrapy's mark of a second Ctrl-C
        logger.warning("Ended at once: what was not written yet is fetched again")
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)  # Scrapy's would speak to a reactor that is gone
    try:
        _wait(asyncio.get_event_loop(), crawler.engine)
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGINT, handler)


def _wait(loop: asyncio.AbstractEventLoop, engine: ExecutionEngine | None) -> None:
    if engine is None or engine.start_time is None:
        _cancel_all(loop)
    else:
        loop.run_until_complete(_closed(engine))


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    """Or the interpreter's exit tears them down, with tracebacks."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=LAST_WORDS))


async def _closed(engine: ExecutionEngine) -> None:
    """Returns when pipelines and run ledger are closed: then the engine forgets its spider."""
    while engine.spider is not None:
        await asyncio.sleep(0.02)
