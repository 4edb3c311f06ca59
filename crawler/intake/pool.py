"""Work spread over processes, its results in order, never more of it under way than the memory is for."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
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
    """Processes started inside ignore Ctrl-C, which reaches all: this one ends them."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


async def in_processes(work: Callable[[T], R], tasks: Iterable[T], processes: int) -> AsyncGenerator[R, None]:
    """The results of a module-level function, in the order of the tasks. Raises WorkerDied."""
    # Spawned, not forked: a fork would take the database's connections along.
    context = multiprocessing.get_context("spawn")
    loop = asyncio.get_running_loop()
    waiting: deque[asyncio.Future[R]] = deque()
    pool = ProcessPoolExecutor(processes, mp_context=context)
    try:
        for number, task in enumerate(tasks):
            # The pool starts its processes with the first task.
            with contextlib.nullcontext() if number else _undisturbed():
                waiting.append(loop.run_in_executor(pool, work, task))
            if len(waiting) >= processes + AHEAD:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    except BrokenProcessPool:
        raise WorkerDied("a process that read pages was killed, perhaps for want of memory") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
