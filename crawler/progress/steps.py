"""How far a long command is: a line that renews itself on a terminal, a line now and then elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

GUESS = 0.02
"""The least share that is done before the time left is told."""


class Steps:
    """Counts work done, by its size and in `things`, on stderr. Used as a context."""

    def __init__(self, things: str, total: int, interval: float, console: Console | None = None) -> None:
        """`total` is in any unit that `done` counts in; `interval` in seconds, 0 for no lines at all."""
        self.things = things
        self.total = max(total, 1)
        self.interval = interval
        self.count = self.size = 0
        self.console = console or Console(stderr=True, highlight=False)
        self._started = self._told = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=self.console,
            disable=not interval or not self.console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task(things, total=self.total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def done(self, size: int, count: int) -> None:
        """So much more is done."""
        self.size += size
        self.count += count
        self._bar.update(self._task, completed=self.size, description=f"{self.count:,} {self.things}")
        now = time.monotonic()
        plain = self.interval and not self.console.is_terminal
        if plain and now - self._told >= self.interval:
            self._told = now
            self.console.print(self.line(now - self._started), markup=False)

    def line(self, seconds: float) -> str:
        """The state in words, after so many seconds."""
        share = min(self.size / self.total, 1.0)
        rate = self.count / seconds if seconds else 0.0
        left = f", {clock(seconds / share * (1 - share))} left" if share >= GUESS else ""
        return f"{self.count:,} {self.things}, {share:.0%}, {rate:.0f} a second{left}"


def clock(seconds: float) -> str:
    """H:MM:SS."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
