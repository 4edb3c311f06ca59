"""What goes wrong is told in one line; where it comes from, only to who asks with -L DEBUG."""

import os
import sys
import traceback

CANT_CREATE = 73
"""Exit status where a file, or the output, can't be written."""


def complain(problem: object, log_level: str) -> None:
    """Write the line to stderr, and the trace of the exception that is being handled."""
    sys.stderr.write(f"scrapy: {problem}\n")
    if log_level == "DEBUG":
        traceback.print_exc()


def say(text: str, log_level: str) -> int:
    """Write text to stdout; returns the exit status, 0 or CANT_CREATE."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError as error:
        return unsaid(error, log_level)
    return 0


def unsaid(error: OSError, log_level: str) -> int:
    """Tell that the output went nowhere; returns the exit status, 0 where it is read no further."""
    # What is left in the buffer would fail again when the interpreter ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):  # `scrapy related | head`
        return 0
    complain(f"{error.filename or 'the output'}: {error.strerror}", log_level)
    return CANT_CREATE
