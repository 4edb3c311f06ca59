"""`scrapy load FILE`: takes in what `scrapy dump` wrote."""

import argparse
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

from crawler.answering import AnswerError, DatabaseCommand
from crawler.dump_file import DumpFileError, opened_lines
from crawler.embedded import serve
from crawler.items import SCHEMA_VERSION
from crawler.ledger import state_of
from crawler.reading import DEFAULT_DATABASE, SAMPLE_DATABASE
from crawler.store import DumpError, Header, Loaded, MongoStore, read_documents, read_header

DAMAGED = 65
BUSY = 75
MOST_NAMED = 5


class Command(DatabaseCommand):
    def syntax(self) -> str:
        return "FILE"

    def short_desc(self) -> str:
        return "Take in a file that `scrapy dump` wrote"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. What is held is replaced only by what is newer; loading twice changes "
            "nothing. Example: `MONGO_URI=mongodb://server/ scrapy load backup.jsonl.gz`."
        )

    def check(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 - as in the base class
        if len(args) != 1:
            raise AnswerError("name one file: `scrapy load FILE.jsonl.gz`")

    async def _ask(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 - as in the base class
        """Unlike questions, this is put to a database that may be empty."""
        try:
            with opened_lines(Path(args[0])) as lines:
                await self._load(args[0], lines)
        except DumpFileError as error:
            raise AnswerError(str(error)) from None
        except DumpError as error:
            raise AnswerError(f"{args[0]}: {error}", DAMAGED) from None

    async def _load(self, name: str, lines: Iterable[bytes]) -> None:
        assert self.settings is not None  # by scrapy.cmdline
        lines = iter(lines)
        header = read_header(next(lines, b""))
        _check_schema(header)
        uri, database = self.settings["MONGO_URI"], self.settings["MONGO_DATABASE"]
        if header.sample and database == DEFAULT_DATABASE:
            database = SAMPLE_DATABASE
        with nullcontext(uri) if uri else serve(Path(self.settings["MONGO_DIR"])) as served:
            loaded = await _into(MongoStore(served, database), header, lines)
        _show(loaded, database)
        if loaded.damage:
            raise AnswerError(f"{name}: {loaded.damage}; what stands before is loaded", DAMAGED)
        if loaded.refused:
            raise AnswerError(f"{name}: {len(loaded.refused)} documents were refused", DAMAGED)


def _check_schema(header: Header) -> None:
    """Raise DumpError for a dump of another schema."""
    if header.schema_version > SCHEMA_VERSION:
        raise DumpError(f"of schema {header.schema_version}, newer than this program's: update the program")
    if header.schema_version < SCHEMA_VERSION:
        raise DumpError(
            f"of schema {header.schema_version}, this program's is {SCHEMA_VERSION}: "
            "`scrapy migrate FILE -o NEWER.jsonl.gz` brings it up"
        )


async def _into(store: MongoStore, header: Header, lines: Iterable[bytes]) -> Loaded:
    """Load, unless the database holds what must not be mixed with this, or is being crawled."""
    try:
        await store.open()
        await store.claim(sample=header.sample)
        running = [run["_id"] for run in await store.runs() if state_of(run) == "running"]
        if running:
            raise AnswerError(f"{running[0]} is going on, or ended just now: load again in a minute", BUSY)
        loaded = await store.load(read_documents(lines))
        await store.refresh()
    finally:
        await store.close()
    return loaded


def _show(loaded: Loaded, database: str) -> None:
    for kind, count in sorted(loaded.read.items()):
        print(f"{kind:>12}  {count} read, {loaded.written[kind]} new or newer")
    print(f"into the database {database}")
    for name, reason in list(loaded.refused.items())[:MOST_NAMED]:
        print(f"scrapy: refused: {name}: {reason}", file=sys.stderr)
