"""`scrapy neighbourhood URL`: the links around an article as a tree in the terminal."""

import argparse

from rich.console import Console

from crawler.answering import DEFAULT_SEED, AnswerError, DatabaseCommand, start_work, works_of
from crawler.graph.pieces import LANGUAGES
from crawler.graph.tree import draw, grow
from crawler.store import MongoStore


class Command(DatabaseCommand):
    def syntax(self) -> str:
        return "[options] [URL]"

    def short_desc(self) -> str:
        return "Show what an article links to and what links to it, two steps deep"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}, with the sentences around the links; without a URL, of the seed's start. "
            "All versions of a story are one. Example: `scrapy neighbourhood "
            "https://cn.nytimes.com/technology/20250124/deepseek-china-ai-chips/ -n 5`."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-n", type=int, default=12, metavar="COUNT", help="articles each way (12)")
        parser.add_argument("--seed", metavar="NAME", help=f"whose start is meant ({DEFAULT_SEED})")
        parser.add_argument(
            "--language", choices=LANGUAGES, default="zh", help="the reader's language: zh (default) or en"
        )

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1 or (args and opts.seed):
            raise AnswerError("name one article, or the seed: `scrapy neighbourhood URL`")
        if opts.n < 1:
            raise AnswerError("-n has to be at least 1")

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:
        work = (await works_of(store, args))[0] if args else await start_work(store, opts.seed)
        grown = grow(await store.neighbourhood([work]), opts.n)
        pieces = await store.pieces(grown.works())
        Console(highlight=False).print(draw(grown, pieces, opts.language))
