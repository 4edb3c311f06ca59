"""What goes wrong is told in one line; where it comes from, only to who asks with -L DEBUG."""

import sys
import traceback


def complain(problem: object, log_level: str) -> None:
    """Write the line to stderr, and the trace of the exception that is being handled."""
    sys.stderr.write(f"scrapy: {problem}\n")
    if log_level == "DEBUG":
        traceback.print_exc()
