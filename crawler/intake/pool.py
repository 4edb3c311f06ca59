"""Work spread over processes, its results in order, never more of it under way than the memory is for."""

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 2
"""Tasks that wait for a process, so that none is idle while results are written."""


class WorkerDied(Exception):  # noqa: N818 - it tells what happened
    """A process was killed, most likely for want of memory. What was handed on before is good."""


def cores() -> int:
    """How many processes can work at once on this machine, as far as this one may use it."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Processes started inside never see Ctrl-C, which reaches all: this one ends them, and sees it after."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


async def in_processes(work: Callable[[T], R], tasks: Iterable[T], processes: int) -> AsyncGenerator[R, None]:
    """The results of a module-level function, in the order of the tasks. Raises WorkerDied."""
    # not above: every start of `scrapy` loads this module, for the commands say how many cores there are
    import multiprocessing
    from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor

    # Spawned, not forked: a fork would take the database's connections along.
    context = multiprocessing.get_context("spawn")
    loop = asyncio.get_running_loop()
    waiting: deque[asyncio.Future[R]] = deque()
    pool = ProcessPoolExecutor(processes, mp_context=context)
    try:
        for task in tasks:
            with _undisturbed():  # the pool starts a process with any task that finds none idle
                waiting.append(loop.run_in_executor(pool, work, task))
            if len(waiting) >= processes + AHEAD:
                yield await _next(waiting)
        while waiting:
            yield await _next(waiting)
    except BrokenProcessPool:
        raise WorkerDied("a process that read pages was killed, perhaps for want of memory") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


async def _next(waiting: deque[asyncio.Future[R]]) -> R:
    """The next result, unless Ctrl-C was pressed: PyMongo takes a cancellation for a lost connection."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    return await waiting.popleft()
