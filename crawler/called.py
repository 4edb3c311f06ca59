"""How a command was called: what all of ours check before anything is started."""

import argparse
import logging
import math
import os
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from scrapy.commands import ScrapyCommand
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, default_settings

from crawler import settings as ours
from crawler.complaint import CANT_CREATE, complain
from crawler.dump_file import check_place

RANGES = (
    (
        "a number of seconds",
        ("DOWNLOAD_DELAY", "MONGO_RETRY_BUDGET", "PROGRESS_INTERVAL", "NYT_API_PAUSE"),
        math.inf,
    ),
    ("a share from 0 to 1", ("MONITOR_ERROR_RATE", "MONITOR_COVERAGE_DROP"), 1),
    (
        "a number, 0 or more",
        (
            *("BROWSER_PAGES", "NYT_API_PER_DAY"),
            *("CONCURRENT_REQUESTS", "CONCURRENT_REQUESTS_PER_DOMAIN", "DOWNLOAD_TIMEOUT", "RETRY_TIMES"),
        ),
        math.inf,
    ),
)
"""Settings by what they have to be, and the most that makes sense; with less than none a crawl never ends."""

MOST = 2**31 - 1
LOG_BYTES = 2**16
"""What a disk has to have left for a log."""
DATABASE = re.compile(r"(?!(?:admin|config|local)$)[^/\\. \"$*<>:|?\0]{1,63}")
"""What MongoDB takes as the name of a database that is not its own."""


class CallError(Exception):
    """A call that makes no sense, in one line that says what to do; and the exit status."""

    def __init__(self, problem: str, status: int = 2) -> None:
        super().__init__(problem)
        self.status = status


class ProjectCommand(ScrapyCommand):
    """A command of this project: what is wrong with its call ends it in one line."""

    requires_project = True

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None  # by scrapy.cmdline
        _open_streams()
        try:
            args[:] = arguments(args)
            try:
                super().process_options(args, opts)
            except OSError as error:
                raise CallError(f"{error.filename} can't be written: {error.strerror}", CANT_CREATE) from None
            _check_sizes(opts)
            _check_settings(self.settings)
        except CallError as error:
            complain(error, str(self.settings["LOG_LEVEL"]))
            sys.exit(error.status)

    def refuse(self, problem: object, status: int = 2) -> None:
        """Say in one line why the command does nothing, and what to do."""
        assert self.settings is not None
        complain(problem, self.settings["LOG_LEVEL"])
        self.exitcode = status


def _open_streams() -> None:
    """Some schedulers start a command without any output: what it says goes nowhere then, and it goes on."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - to the end


def arguments(args: list[str]) -> list[str]:
    """The arguments: Scrapy hands on options that it does not know among them. What follows `--` is one.

    Raises CallError for such an option, and for bytes that are no text in the terminal's encoding: no
    database takes them.
    """
    for arg in args:
        try:
            arg.encode()
        except UnicodeEncodeError:
            raise CallError(f"{arg!a} is no text: it has to be UTF-8") from None
    end = args.index("--") if "--" in args else len(args)
    odd = next((arg for arg in args[:end] if arg.startswith("-") and arg != "-"), None)
    if odd is not None:
        raise CallError(f"no such option: {odd}; --help lists those that are")
    return args[:end] + args[end + 1 :]


def _check_sizes(opts: argparse.Namespace) -> None:
    """Raise CallError for a number that no database counts to."""
    for value in vars(opts).values():
        if isinstance(value, int) and abs(value) > MOST:
            raise CallError(f"{value} is too large: give {MOST} at most")


def _check_settings(settings: BaseSettings) -> None:
    """Raise CallError for a value that would end the command somewhere in its midst."""
    levels = logging.getLevelNamesMapping()
    if settings["LOG_LEVEL"] not in levels:
        raise CallError(f"no log level {settings['LOG_LEVEL']!r}: there are {', '.join(levels)}")
    for kind, names, most in RANGES:
        for name in names:
            if not 0 <= _number(settings[name]) <= most:
                raise CallError(f"{name} has to be {kind}, not {settings[name]!r}")
    for name in settings:
        if (settings.getpriority(name) or 0) > SETTINGS_PRIORITIES["project"]:
            _check_kind(settings, name)
    if not DATABASE.fullmatch(settings["MONGO_DATABASE"]):
        raise CallError(
            f"MONGO_DATABASE can't be {settings['MONGO_DATABASE']!r}: give a name like related_articles"
        )
    _check_log_file(settings["LOG_FILE"])
    _check_feeds(settings.getdict("FEEDS"))


def _check_kind(settings: BaseSettings, name: str) -> None:
    """The kind of value is that of the default."""
    default: Any = getattr(ours, name, getattr(default_settings, name, None))
    if isinstance(default, bool):
        try:
            settings.getbool(name)
        except ValueError:
            raise CallError(f"{name} has to be 1 or 0, not {settings[name]!r}") from None
    elif isinstance(default, int | float) and math.isnan(_number(settings[name])):
        raise CallError(f"{name} has to be a number, not {settings[name]!r}")


def _number(value: Any) -> float:
    """NaN where it is none that anything can be done with."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return math.nan
    return number if math.isfinite(number) else math.nan


def _check_log_file(name: str | None) -> None:
    if name:
        try:
            Path(name).open("a").close()
        except OSError as error:
            raise CallError(f"{name} can't be written: {error.strerror}", CANT_CREATE) from None
        if shutil.disk_usage(Path(name).resolve().parent).free < LOG_BYTES:
            raise CallError(f"{name} can't be written: its disk is full", CANT_CREATE)


def _check_feeds(feeds: Iterable[object]) -> None:
    """Raise CallError for a file of -o or -O that can't be written: Scrapy would crawl for nothing."""
    for uri in map(str, feeds):
        path = unquote(urlsplit(uri).path) if uri.startswith("file:") else uri
        if "://" in path or "%(" in path or path.startswith("stdout:"):
            continue
        check_output(path)


def check_output(name: str) -> None:
    """Raise CallError where nothing can be written there, before the work that would be in vain."""
    try:
        check_place(Path(name))
    except OSError as error:
        raise CallError(
            f"{name} can't be written ({error.strerror}): name another place", CANT_CREATE
        ) from None
