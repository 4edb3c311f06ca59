"""The commands of `scrapy` in this project: a module each, named like its command."""

import sys
from types import TracebackType


def _say_it_in_a_line(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Ctrl-C while a command starts, and nobody listens for it yet, is no reason for a traceback."""
    if issubclass(kind, KeyboardInterrupt):
        print("scrapy: interrupted", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _say_it_in_a_line
