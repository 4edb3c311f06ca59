"""`scrapy dump`: the database, or one seed of it, as a file."""

import argparse
import asyncio
import datetime as dt
import sys
from pathlib import Path

from crawler.answering import AnswerError, DatabaseCommand, check_seed
from crawler.complaint import CANT_CREATE
from crawler.dump_file import DumpFileError, write_lines
from crawler.items import SCHEMA_VERSION
from crawler.ledger import state_of
from crawler.store import Header, MongoStore
from crawler.version import code_version


class Command(DatabaseCommand):
    def syntax(self) -> str:
        return "-o FILE.jsonl.gz [--seed NAME]"

    def short_desc(self) -> str:
        return "Write the database to a file that `scrapy load` takes in elsewhere"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}: a document a line, in MongoDB's extended JSON. "
            "Examples: `scrapy dump -o backup.jsonl.gz`; `scrapy dump --seed deepseek -o deepseek.jsonl`."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-o", "--output", metavar="FILE", help="the file; gzipped where it ends in .gz")
        parser.add_argument("--seed", metavar="NAME", help="only this seed's pages, and what is about them")
        parser.add_argument("--no-bodies", action="store_true", help="leave the texts of the pages out")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if args or not opts.output:
            raise AnswerError("name the file to write: `scrapy dump -o FILE.jsonl.gz`")

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002
        header = await header_of(store, opts.seed, bodies=not opts.no_bodies)
        try:
            lines = await write_lines(Path(opts.output), store.dump(header))
        except DumpFileError as error:
            raise AnswerError(str(error), CANT_CREATE) from None
        print(f"{opts.output}: {lines - 2} documents of {header.database}")


async def header_of(store: MongoStore, seed: str | None, *, bodies: bool) -> Header:
    """What the dump says of itself. Raises AnswerError for a seed that no page belongs to."""
    if seed:
        await check_seed(store, seed)
    for run in await store.runs():
        if state_of(run) == "running":
            print(f"{run['_id']} is going on: what it adds meanwhile may be left out", file=sys.stderr)
    return Header(
        schema_version=SCHEMA_VERSION,
        code_version=await asyncio.to_thread(code_version),
        database=store.database,
        seed=seed,
        sample=await store.holds_samples(),
        bodies=bodies,
        made=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    )
