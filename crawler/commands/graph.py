"""`scrapy graph`: the link graph as a file for Gephi, networkx, spreadsheets."""

import argparse
import asyncio
import datetime as dt
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.complaint import complain
from crawler.embedded import MongodUnavailable
from crawler.exporting import Counts, export, replaced
from crawler.graph.exports import WRITERS, About
from crawler.reading import Opened, opened
from crawler.store import StorageUnavailable
from crawler.store.network import Scope

BAD_ARGUMENTS, CANT_CREATE, NO_STORAGE = 2, 73, 74


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "-o FILE [options]"

    def short_desc(self) -> str:
        return "Write the link graph as GEXF, GraphML, JSON or CSV"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}; the end of the file's name says which. "
            "Examples: `scrapy graph -o deepseek.gexf` for Gephi; `scrapy graph -o all.csv --all`."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        which = parser.add_mutually_exclusive_group()
        parser.add_argument("-o", "--output", metavar="FILE", help=f"ends in {', '.join(WRITERS)}")
        parser.add_argument(
            "--nodes",
            choices=("works", "pages"),
            default="works",
            help="works: all versions of a story are one node (default)",
        )
        which.add_argument("--seed", default="deepseek", help="what this seed reaches (default: deepseek)")
        which.add_argument("--all", action="store_true", help="the whole database")
        parser.add_argument("--depth", type=int, metavar="N", help="no further than N hops from the seed")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args or not opts.output:
            raise UsageError("name the file: `scrapy graph -o deepseek.gexf`", print_help=False)
        path = Path(opts.output)
        if path.suffix.lower() not in WRITERS:
            known = ", ".join(WRITERS)
            raise UsageError(f"{path.name} names no format: let it end in one of {known}", print_help=False)
        scope = Scope(None if opts.all else opts.seed, opts.depth, works=opts.nodes == "works")
        try:
            print(asyncio.run(self._write(path, scope)))
        except OSError as error:
            self._fail(f"{path} can't be written: {error.strerror or error}", CANT_CREATE)
        except UnknownSeed as error:
            self._fail(str(error), BAD_ARGUMENTS)
        except (MongodUnavailable, StorageUnavailable) as error:
            self._fail(str(error), NO_STORAGE)

    async def _write(self, path: Path, scope: Scope) -> str:
        """Returns what to tell."""
        assert self.settings is not None
        uri, database = self.settings["MONGO_URI"], self.settings["MONGO_DATABASE"]
        with replaced(path) as out:
            async with opened(uri, database, Path(self.settings["MONGO_DIR"])) as held:
                await _check(held, scope)
                writer = WRITERS[path.suffix.lower()](about(held, scope))
                counts = await export(held.store, scope, writer, out)
        return report(path, counts, scope, is_sample=held.is_sample)

    def _fail(self, message: str, status: int) -> None:
        assert self.settings is not None
        complain(message, self.settings["LOG_LEVEL"])
        self.exitcode = status


class UnknownSeed(Exception):  # noqa: N818 - it says what is the matter
    """No run started from this seed."""


async def _check(held: Opened, scope: Scope) -> None:
    seeds = await held.store.seeds()
    if scope.seed is not None and scope.seed not in seeds:
        known = ", ".join(seeds) or "none"
        raise UnknownSeed(f"no run started from a seed {scope.seed!r}: known are {known}; or take --all")


def about(held: Opened, scope: Scope) -> About:
    """What the file says of itself."""
    which = f"what the seed {scope.seed} reaches" if scope.seed else "all of it"
    title = f"Link graph of related articles in {held.store.database}: {which}"
    return About(title=title, made_on=f"{dt.datetime.now(dt.UTC):%Y-%m-%d}", is_sample=held.is_sample)


def report(path: Path, counts: Counts, scope: Scope, *, is_sample: bool) -> str:
    """One line for whoever asked."""
    sample = "SAMPLE (invented prose): " if is_sample else ""
    nodes = "works" if scope.works else "pages"
    return f"{sample}{counts.nodes} {nodes} and {counts.edges} edges in {path}"
