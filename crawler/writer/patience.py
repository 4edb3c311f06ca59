"""Trying again while the database is away, within a budget of seconds."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from crawler.store import StorageUnavailable

logger = logging.getLogger(__name__)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0

T = TypeVar("T")


async def patiently(
    operation: Callable[[], Awaitable[T]], budget: float, on_retry: Callable[[], None] = lambda: None
) -> T:
    """What the operation returns; StorageUnavailable only when it raised that for `budget` seconds."""
    pause = FIRST_PAUSE
    deadline: float | None = None
    while True:
        try:
            return await operation()
        except StorageUnavailable as error:
            if deadline is None:
                deadline = time.monotonic() + budget
                logger.warning("%s; trying again for %g s", error, budget)
            if time.monotonic() + pause > deadline:
                raise
        on_retry()
        await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # spreads retries
        pause = min(2 * pause, LONGEST_PAUSE)
