"""`scrapy related URL…`: what belongs to an article, ranked, and why."""

import argparse
import datetime as dt

from crawler.answering import (
    DEFAULT_SEED,
    AnswerError,
    DatabaseCommand,
    check_seed,
    start_work,
    works_of,
)
from crawler.graph.pieces import LANGUAGES
from crawler.labels import CHOICES, Label
from crawler.store import MongoStore

FORMATS = ("text", "json", "csv", "md", "bibtex", "ris", "csl-json")


class Command(DatabaseCommand):
    def syntax(self) -> str:
        return "[options] [URL…]"

    def short_desc(self) -> str:
        return "Rank the articles related to one or several, and say why"

    def long_desc(self) -> str:
        return (
            "Rank the works related to an article, or to several together, with the reasons in words; "
            "without a URL, to the seed's start. Any variant or alias will do. Examples: `scrapy related`; "
            "`scrapy related https://cn.nytimes.com/technology/20250124/deepseek-china-ai-chips/ -n 5`; "
            "`scrapy related --include-stubs --format bibtex > related.bib`."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-n", type=int, default=20, metavar="COUNT", help="works at most (20)")
        parser.add_argument(
            "--language", choices=LANGUAGES, help="the reader's: zh or en (the article's; of both zh)"
        )
        parser.add_argument("--since", metavar="DATE", help="published on YYYY-MM-DD or later")
        parser.add_argument("--run", metavar="RUN", help="only what this run fetched or linked to first")
        parser.add_argument("--external", action="store_true", help="pages of other sites, too")
        parser.add_argument(
            "--include-stubs", action="store_true", help="articles that were never fetched, too"
        )
        parser.add_argument("--label", choices=CHOICES, help="only works that readers labelled so")
        parser.add_argument(
            "--seed", metavar="NAME", help=f"whose start is meant, and whose labels count ({DEFAULT_SEED})"
        )
        parser.add_argument("--format", choices=FORMATS, default="text")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 - the base class's
        if opts.n < 1:
            raise AnswerError("-n has to be at least 1")
        if opts.since:
            try:
                opts.since = dt.date.fromisoformat(opts.since).isoformat()  # 20250205 is a date, too
            except ValueError:
                raise AnswerError(f"--since {opts.since}: a date is YYYY-MM-DD") from None

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:
        seeds = await works_of(store, args) if args else [await start_work(store, opts.seed)]
        if opts.run and await store.run(opts.run) is None:
            raise AnswerError(f"no run {opts.run!r} is known: `scrapy runs` lists them")
        print(await _answer(store, seeds, opts, await _labels(store, opts.seed)), end="")


async def _answer(
    store: MongoStore, seeds: list[str], opts: argparse.Namespace, labels: dict[str, Label]
) -> str:
    # numpy takes a while to load: not for the commands that do without
    from crawler.graph import listing, related

    wanted = related.Wanted(
        limit=opts.n,
        since=opts.since,
        run=opts.run,
        external=opts.external,
        stubs=opts.include_stubs,
        label=opts.label,
        labels=labels,
    )
    read = await store.neighbourhood(seeds)
    found = related.find(read, wanted)
    pieces = await store.pieces(related.named(found, seeds))
    language = opts.language or related.language_for(pieces, seeds)
    answer = listing.Listing(
        seeds=tuple(related.known(pieces, seeds)),
        found=tuple(related.describe(found, seeds, pieces, language, labels=labels)),
        language=language,
        is_sample=await store.holds_samples(),
        wanted=wanted,
        left_out=0 if found else len(related.find(read, related.ANY)),
    )
    return listing.FORMATS[opts.format](answer)


async def _labels(store: MongoStore, seed: str | None) -> dict[str, Label]:
    """What readers say of the seed's works; a seed may be labelled before it is crawled."""
    labels = await store.work_labels(seed or DEFAULT_SEED)
    if seed and not labels:
        await check_seed(store, seed)
    return labels
