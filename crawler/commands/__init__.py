"""The commands of `scrapy` in this project: a module each, named like its command."""

import gc
import signal
import sys
from types import TracebackType

GARBAGE = 20_000
"""Objects that are made before Python looks for cycles among them: what a command loads is there to stay, and
a page makes many objects and few cycles. It took a tenth of the time of a crawl."""


def _say_it_in_a_line(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Ctrl-C while a command starts, and nobody listens for it yet, is no reason for a traceback."""
    # pydantic makes an error of its own of one that breaks into it
    if issubclass(kind, KeyboardInterrupt) or "KeyboardInterrupt:" in str(error):
        print("scrapy: interrupted", file=sys.stderr)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _say_it_in_a_line
gc.set_threshold(GARBAGE)
