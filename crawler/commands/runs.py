"""`scrapy runs`: the crawl runs, or one of them in full."""

import argparse
from typing import Any

from rich.console import Console

from crawler.answering import AnswerError, DatabaseCommand
from crawler.ledger import as_json, nearest, show_run, show_runs
from crawler.store import MongoStore

LISTED = 20


class Command(DatabaseCommand):
    def syntax(self) -> str:
        return "[RUN] [-n NUMBER] [--seed NAME] [--format json]"

    def short_desc(self) -> str:
        return "List the crawl runs, or tell one in full"

    def long_desc(self) -> str:
        return (
            "List the crawl runs, the newest first; with the id of one, tell what it fetched, what it lost "
            "to which rule, and how well each layout was read. Examples: `scrapy runs -n 5`; "
            "`scrapy runs deepseek-20261125T031500123 --format json`."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-n", type=int, default=LISTED, metavar="NUMBER", help="how many (default: 20)")
        parser.add_argument("--seed", metavar="NAME", help="only the runs of this seed")
        parser.add_argument("--format", choices=("table", "json"), default="table")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1:
            raise AnswerError("give the id of one run, or none to list them: `scrapy runs`")
        if opts.n < 1:
            raise AnswerError(f"-n has to be 1 or more, not {opts.n}")

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:
        console = Console(highlight=False)
        if args:
            run = await find_run(store, args[0])
            print(as_json(run)) if opts.format == "json" else show_run(console, run)
            return
        runs = await store.runs(opts.seed, opts.n)
        if opts.format == "json":
            print(as_json(runs))
        elif runs:
            show_runs(console, runs)
        else:
            raise AnswerError(await _why_none(store, opts.seed))


async def find_run(store: MongoStore, run_id: str) -> dict[str, Any]:
    """The run of this id. Raises AnswerError, which names the nearest."""
    run = await store.run(run_id)
    if run is not None:
        return run
    known = nearest(run_id, [run["_id"] for run in await store.runs()])
    advice = f"the nearest is {known}" if known else "no run was made in this database"
    raise AnswerError(f"no run {run_id!r}: {advice}")


async def _why_none(store: MongoStore, seed: str | None) -> str:
    seeds = sorted({run["seed"] for run in await store.runs()})
    if not seeds:
        return f"no run was made in the database {store.database}"
    return f"no run of the seed {seed!r}: runs are there of {', '.join(seeds)}"
