"""What the commands that answer from the database have in common: opening it, and failing in one line."""

import argparse
import asyncio
import io
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from crawler.called import CallError, ProjectCommand, check_output
from crawler.complaint import unsaid
from crawler.embedded import MongodUnavailable
from crawler.plain import plain
from crawler.reading import opened
from crawler.store import MongoStore, StorageUnavailable
from crawler.urls import canonicalize

DEFAULT_SEED = "deepseek"
"""What a question is about that names no article."""
SAMPLE_NOTE = "SAMPLE: real addresses, headlines, dates and links; the prose is invented."
PASSED_OVER = "No page of {0} was read yet; MONGO_DATABASE={0} asks it all the same."


class AnswerError(CallError):
    """A question that can't be answered: one line that says what to do, and the exit status."""


class DatabaseCommand(ProjectCommand):
    """A command that asks the database: a subclass says what by `answer`.

    MONGO_URI and MONGO_DATABASE name the database; where none is named and the default one holds no page that
    was read, the sample's answers.
    Exit status: 2 for a question that can't be answered, 74 where the database can't be used, 130 for Ctrl-C.
    """

    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}
    to_write = False
    """Whether the command changes the database."""

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:
        """Print the answer. Raises AnswerError or StorageUnavailable where there is none."""
        raise NotImplementedError

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raise AnswerError for arguments that make no sense, before anything is started."""

    def written(self, opts: argparse.Namespace) -> str | None:
        """The name of what the command is to write, if it is to write a file or folder."""
        name: str | None = getattr(opts, "output", None)
        return name

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal without Chinese shows the rest
        try:
            self.check(args, opts)
            output = self.written(opts)
            if output is not None:
                check_output(output)
            asyncio.run(self._ask(args, opts))
            sys.stdout.flush()
        except CallError as error:
            self.refuse(error, error.status)
        except (MongodUnavailable, StorageUnavailable) as error:
            self.refuse(error, 74)
        except KeyboardInterrupt:
            # PyMongo's own tasks outlive the loop then, which nobody needs to know.
            logging.getLogger("asyncio").setLevel(logging.CRITICAL)
            self.refuse("interrupted; what was written until then is kept", 130)
        except OSError as error:  # of stdout; files are told of where they are opened
            self.exitcode = unsaid(error, str(self.settings and self.settings["LOG_LEVEL"]))

    async def _ask(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None  # by scrapy.cmdline
        directory = Path(self.settings["MONGO_DIR"])
        uri, database = self.settings["MONGO_URI"], self.settings["MONGO_DATABASE"]
        named = _is_named(self.settings, os.environ)
        async with opened(uri, database, directory, to_write=self.to_write, named=named) as found:
            if found.is_sample:
                print(SAMPLE_NOTE, file=sys.stderr)
            if found.passed_over:
                print(PASSED_OVER.format(found.passed_over), file=sys.stderr)
            await self.answer(found.store, args, opts)


def _is_named(settings: BaseSettings, environ: Mapping[str, str]) -> bool:
    """Whether somebody chose the database, on the command line or in the environment."""
    chosen = settings.getpriority("MONGO_DATABASE") or 0
    return chosen > SETTINGS_PRIORITIES["project"] or bool(environ.get("MONGO_DATABASE"))


async def works_of(store: MongoStore, urls: list[str]) -> list[str]:
    """The works that these addresses name, each once. Raises AnswerError for one that is not known."""
    works = []
    for url in urls:
        work = await store.work_of(url)
        if work is None:
            raise AnswerError(plain(await _unknown(store, url)))
        works.append(work)
    return list(dict.fromkeys(works))


async def _unknown(store: MongoStore, url: str) -> str:
    if near := await store.nearest(url):
        return f"{url} is not known: the nearest known: {' '.join(near)}"
    if canonicalize(url) is None:
        return f"{url!r} is no web address: give one like https://cn.nytimes.com/…/"
    return f"{url} is not known: crawl it first"


async def start_work(store: MongoStore, seed: str | None = None) -> str:
    """The work that this seed starts from; where none is named the default one, else the seed crawled last.

    Raises AnswerError.
    """
    start = await store.start_of(seed or DEFAULT_SEED)
    if start is None and seed is not None:
        raise AnswerError(await unknown_seed(store, seed))
    start = start or await store.latest_start()
    if start is None:
        raise AnswerError("no seed was crawled into this database: name an article")
    return start


async def check_seed(store: MongoStore, seed: str) -> None:
    """Raise AnswerError for a seed of which nothing is held."""
    if not await store.knows_seed(seed):
        raise AnswerError(await unknown_seed(store, seed))


async def unknown_seed(store: MongoStore, seed: str) -> str:
    """The line that says so of a seed of which nothing is held, and names those that were crawled."""
    return f"no page of a seed {seed!r} is held: known are {', '.join(await store.seeds()) or 'none'}"
