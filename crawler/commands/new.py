"""`scrapy new`: what came into a seed's graph since it was last told."""

import argparse
import datetime as dt
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO

from crawler.answering import DEFAULT_SEED, AnswerError, DatabaseCommand, check_seed
from crawler.complaint import CANT_CREATE
from crawler.dump_file import replacing
from crawler.graph.news import FORMATS, News, from_document, to_document
from crawler.labels import CHOICES, Label, wanted
from crawler.store import MongoStore


class Command(DatabaseCommand):
    to_write = True

    def syntax(self) -> str:
        return "[--seed NAME] [--since RUN|DATE] [--format FORMAT] [-o FILE]"

    def short_desc(self) -> str:
        return "Tell what is new around a seed: articles, links, revisions, each once"

    def long_desc(self) -> str:
        return (
            "Tell new articles, new links and revised articles of a seed's graph, each with its reason and "
            "quotation. Each thing is told once; with --since all that came since a run or day, told or not. "
            "Nothing is printed when nothing is new. Examples: `scrapy new`; "
            "`scrapy new --since 2026-11-01 --format md`; `scrapy new --format atom -o new.xml`."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--seed", default=DEFAULT_SEED, metavar="NAME", help="default: deepseek")
        parser.add_argument(
            "--since", metavar="RUN|DATE", help="all since this run began, or this day, told or not"
        )
        parser.add_argument("--label", choices=CHOICES, help="only pages that readers labelled so")
        parser.add_argument("--format", choices=FORMATS, default="text")
        parser.add_argument("-o", "--output", metavar="FILE", help="write there instead of printing")

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise AnswerError("no argument is known but options: `scrapy new --seed deepseek`")
        await check_seed(store, opts.seed)
        since = await _moment(store, opts.since) if opts.since else None
        with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
            news = Spool(file)
            await _gather(store, opts, since, news)
            if not news.count:
                return
            try:
                _hand_over(FORMATS[opts.format](news, opts.seed), opts.output)
            except OSError as error:
                if since is None:
                    await store.take_back(opts.seed, news)
                if isinstance(error, BrokenPipeError):
                    raise
                problem = f"{opts.output or 'the output'} can't be written: {error.strerror}"
                raise AnswerError(problem, CANT_CREATE) from None


class Spool:
    """News on the disk, to be gone through as often as one likes: there may be more than fit in memory."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.count = 0

    def extend(self, things: Iterable[News]) -> None:
        """Put these behind the others."""
        for thing in things:
            self._file.write(json.dumps(to_document(thing)) + "\n")
            self.count += 1

    def __iter__(self) -> Iterator[News]:
        self._file.seek(0)
        return map(from_document, map(json.loads, self._file))


async def _gather(
    store: MongoStore, opts: argparse.Namespace, since: dt.datetime | None, news: Spool
) -> None:
    """Spool what is to be told, and note that it is."""
    labels = await store.page_labels(opts.seed)
    async for found in store.news(opts.seed, since):
        chosen = [_labelled(thing, labels) for thing in found if wanted(labels.get(thing.url), opts.label)]
        news.extend(chosen if since else await store.tell(opts.seed, chosen))


def _labelled(thing: News, labels: Mapping[str, Label]) -> News:
    label = labels.get(thing.url)
    return replace(thing, label=label.words) if label else thing


async def _moment(store: MongoStore, text: str) -> dt.datetime:
    """The start of a run, or a day's midnight, UTC."""
    run = await store.run(text)
    if run:
        started: dt.datetime = run["started"]
        return started
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise AnswerError(f"--since {text}: neither a run (`scrapy runs` lists them) nor a date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _hand_over(text: Iterable[str], output: str | None) -> None:
    if output:
        with replacing(Path(output)) as part, part.open("w", encoding="utf-8") as out:
            out.writelines(text)
    else:
        sys.stdout.writelines(text)
        sys.stdout.flush()
