"""`scrapy graph`: the link graph as a page to look at, or a file for Gephi, networkx, spreadsheets."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.answering import AnswerError, DatabaseCommand, check_seed
from crawler.complaint import CANT_CREATE
from crawler.labels import CHOICES
from crawler.plain import counted
from crawler.store.network import Scope

if TYPE_CHECKING:
    import argparse

    from crawler.exporting import Counts, Judged
    from crawler.graph.exports import About
    from crawler.store import MongoStore

VIEW = ".html"


class Command(DatabaseCommand):
    def syntax(self) -> str:
        return "-o FILE [options]"

    def short_desc(self) -> str:
        return "Write the link graph as a page to look at, or as GEXF, GraphML, JSON or CSV"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}; the end of the file's name says which. "
            "Examples: `scrapy graph -o deepseek.html` for a browser, `-o deepseek.gexf` for Gephi, "
            "`-o all.csv --all` for a spreadsheet."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        which = parser.add_mutually_exclusive_group()
        parser.add_argument("-o", "--output", metavar="FILE", help=f"ends in {', '.join(formats())}")
        parser.add_argument(
            "--nodes",
            choices=("works", "pages"),
            default="works",
            help="works: all versions of a story are one node (default)",
        )
        which.add_argument("--seed", default="deepseek", help="what this seed reaches (default: deepseek)")
        which.add_argument("--all", action="store_true", help="the whole database")
        parser.add_argument("--label", choices=CHOICES, help="only what readers of the seed labelled so")
        parser.add_argument("--depth", type=int, metavar="N", help="no further than N hops from the seed")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if args or not opts.output:
            raise AnswerError("name the file: `scrapy graph -o deepseek.html`")
        if Path(opts.output).suffix.lower() not in formats():
            known = ", ".join(formats())
            raise AnswerError(f"{opts.output} names no format: let it end in one of {known}")
        if opts.depth is not None and opts.depth < 0:
            raise AnswerError("--depth has to be 0 or more")

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002
        from crawler.exporting import Judged

        path = Path(opts.output)
        scope = Scope(None if opts.all else opts.seed, opts.depth, works=opts.nodes == "works")
        if scope.seed is not None:
            await check_seed(store, scope.seed)
        try:
            counts = await _write(store, scope, path, Judged(await store.page_labels(opts.seed), opts.label))
        except OSError as error:
            raise AnswerError(f"{path} can't be written: {error.strerror or error}", CANT_CREATE) from error
        what = counted(counts.nodes, opts.nodes.removesuffix("s"))
        print(f"{what} and {counted(counts.edges, 'edge')} in {path}")


def formats() -> tuple[str, ...]:
    """The ends of a file's name that say what to write."""
    from crawler.graph.exports import WRITERS

    return (VIEW, *WRITERS)


async def _write(store: MongoStore, scope: Scope, path: Path, said: Judged) -> Counts:
    from crawler.exporting import export, export_view, ranking, replaced
    from crawler.graph.exports import WRITERS

    facts = await about(store, scope)
    with replaced(path) as out:
        if path.suffix.lower() == VIEW:
            ranked = await ranking(store, scope.seed, said.choice)
            return await export_view(store, scope, facts, ranked, out, said=said)
        return await export(store, scope, WRITERS[path.suffix.lower()](facts), out, said=said)


async def about(store: MongoStore, scope: Scope) -> About:
    """What the file says of itself."""
    from crawler.graph.exports import About

    which = f"what the seed {scope.seed} reaches" if scope.seed else "all of it"
    title = f"Link graph of related articles in {store.database}: {which}"
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    return About(title=title, made_on=today, is_sample=await store.holds_samples())
