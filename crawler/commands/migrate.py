"""`scrapy migrate`: brings a database, or a dump, of an older schema up to this program's."""

import argparse
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path

from crawler.answering import AnswerError, DatabaseCommand
from crawler.complaint import CANT_CREATE
from crawler.dump_file import DumpFileError, opened_lines, write_lines
from crawler.embedded import serve
from crawler.items import SCHEMA_VERSION
from crawler.reading import DEFAULT_DATABASE, SAMPLE_DATABASE
from crawler.store import DumpError, MongoStore, migrated_lines, read_documents, read_header

DAMAGED = 65


class Command(DatabaseCommand):
    def syntax(self) -> str:
        return "[FILE -o NEWER]"

    def short_desc(self) -> str:
        return "Bring the database, or a dump, of an older version of this program up to this one"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. One that is up to date is left as it is, one that was cut off is carried "
            "on. Examples: `scrapy migrate`; `scrapy migrate backup.jsonl.gz -o newer.jsonl.gz`."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-o", "--output", metavar="FILE", help="where the migrated dump goes")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1 or bool(args) != bool(opts.output):
            raise AnswerError(
                "say `scrapy migrate` for the database, `scrapy migrate FILE -o NEWER` for a dump"
            )

    async def _ask(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            await _migrate_file(Path(args[0]), Path(opts.output))
        else:
            await self._migrate_databases()

    async def _migrate_databases(self) -> None:
        """The database of the settings; beside the default one also the sample's."""
        assert self.settings is not None  # by scrapy.cmdline
        uri, database = self.settings["MONGO_URI"], self.settings["MONGO_DATABASE"]
        with nullcontext(uri) if uri else serve(Path(self.settings["MONGO_DIR"])) as served:
            for name in [database, SAMPLE_DATABASE] if database == DEFAULT_DATABASE else [database]:
                store = MongoStore(served, name)
                try:
                    changed = await store.migrate()
                finally:
                    await store.close()
                told = ", ".join(f"{count} {collection}" for collection, count in changed.items() if count)
                print(f"{name}: schema {SCHEMA_VERSION}; {told or 'nothing'} changed")


async def _migrate_file(path: Path, newer: Path) -> None:
    try:
        with opened_lines(path) as lines:
            header = read_header(lines.readline())
            if header.schema_version > SCHEMA_VERSION:
                raise DumpError(f"of schema {header.schema_version}, newer than this program's: update it")
            count = await _write(newer, migrated_lines(header, read_documents(lines)))
    except DumpFileError as error:
        raise AnswerError(str(error)) from None
    except DumpError as error:
        raise AnswerError(f"{path}: {error}", DAMAGED) from None
    print(f"{newer}: schema {SCHEMA_VERSION}, {count - 2} documents")


async def _write(newer: Path, lines: AsyncIterator[str]) -> int:
    try:
        return await write_lines(newer, lines)
    except DumpFileError as error:
        raise AnswerError(str(error), CANT_CREATE) from None
