"""The end of an interrupted crawl: Scrapy stops its reactor too early while one opens, or closes."""

import asyncio
import signal

from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import Crawler

LAST_WORDS = 5.0
"""Seconds that tasks get to end after they were cancelled."""


def let_close(crawler: Crawler) -> None:
    """Bring to an end what the stopped reactor has left in mid-air; call it when that has stopped.

    A crawl that had not begun is cancelled, one that was closing closes. After a second Ctrl-C nothing is
    waited for: the next run takes this one up, as after a kill.
    """
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.SIG_IGN:  # Scrapy's mark of a second Ctrl-C
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
