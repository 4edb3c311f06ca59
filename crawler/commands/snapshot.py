"""`scrapy snapshot RUN -o DIR`: a run frozen, to be cited and repeated."""

import argparse
import sys
from pathlib import Path

from crawler.answering import AnswerError, DatabaseCommand
from crawler.commands.dump import header_of
from crawler.commands.runs import find_run
from crawler.complaint import CANT_CREATE
from crawler.plain import counted
from crawler.seeds import SEEDS_DIR
from crawler.store import MongoStore


class Command(DatabaseCommand):
    def syntax(self) -> str:
        return "RUN -o DIR [--no-bodies]"

    def short_desc(self) -> str:
        return "Freeze a run as a folder, so that it can be cited and repeated"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}: dump, graph, seed, versions, archives, checksums and CITATION.cff. "
            "Example: `scrapy snapshot deepseek-20261125T031500123 -o first`."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-o", "--output", metavar="DIR", help="the folder to make")
        parser.add_argument(
            "--no-bodies", action="store_true", help="no texts and no archives: facts and links"
        )

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1 or not opts.output:
            raise AnswerError(
                "name a run and a folder: `scrapy snapshot RUN -o DIR`; `scrapy runs` lists runs"
            )

    def written(self, opts: argparse.Namespace) -> str | None:
        return opts.output if not Path(opts.output).exists() else None  # then the folder is refused

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.snapshot import Frozen, SnapshotError, take

        assert self.settings is not None  # by scrapy.cmdline
        run = await find_run(store, args[0])
        if run["finished"] is None or "seed_values" not in run:
            why = "has not ended" if run["finished"] is None else "was made by a version that kept no seed"
            raise AnswerError(f"{run['_id']} {why}: choose another of `scrapy runs`")
        header = await header_of(store, run["seed"], bodies=not opts.no_bodies)
        later = [other for other in await store.runs(run["seed"]) if other["started"] > run["started"]]
        frozen = Frozen(run=run, is_sample=header.sample, bodies=header.bodies, later_runs=len(later))
        places = [Path(self.settings["ARCHIVE_DIR"]), SEEDS_DIR, Path()]
        try:
            frozen = await take(store, header, frozen, Path(opts.output), places)
        except SnapshotError as error:
            raise AnswerError(str(error), CANT_CREATE) from None
        print(f"{opts.output}: {run['_id']} and {counted(len(frozen.archives), 'archive')}")
        if later:
            print(f"{len(later)} later runs changed these pages: they are as they are now", file=sys.stderr)
        for name in frozen.missing:
            print(f"the archive {name} was not found: repeat without it, or put it there", file=sys.stderr)
