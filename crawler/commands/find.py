"""`scrapy find WORDS`: works that say these words in headline, summary, body or byline."""

import argparse

from crawler.answering import AnswerError, DatabaseCommand
from crawler.graph import search
from crawler.graph.pieces import LANGUAGES, heading
from crawler.graph.text import terms
from crawler.plain import plain
from crawler.store import MongoStore


class Command(DatabaseCommand):
    def syntax(self) -> str:
        return "[options] WORDS"

    def short_desc(self) -> str:
        return "Find works by words of their headline, summary, body or names"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}, the best first. Chinese is searched by pairs of characters, so 中国经济 "
            "is found in 对中国经济的; a single one wherever it stands. "
            "Examples: `scrapy find DeepSeek 芯片`; `scrapy find Li Yuan -n 3`."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-n", type=int, default=10, metavar="COUNT", help="works at most (10)")
        parser.add_argument(
            "--language", choices=LANGUAGES, default="zh", help="the reader's language: zh (default) or en"
        )

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if not any(terms(" ".join(args))):
            given = plain(" ".join(args))
            problem = f"{given} is too short, or stands in any text: " if any(map(str.isalnum, given)) else ""
            raise AnswerError(f"{problem}name words to find: `scrapy find DeepSeek`")
        if opts.n < 1:
            raise AnswerError("-n has to be at least 1")

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:
        words = " ".join(args)
        candidates, rarity = await store.saying(words)
        hits = search.rank(words, candidates, rarity, opts.n)
        if not hits:
            print(plain(f"Nothing that is held says {words}"))
        pieces = await store.pieces([hit.work for hit in hits])
        for number, hit in enumerate(hits, 1):
            print(f"{number:>3}. {heading(pieces[hit.work], opts.language)}")
            print(f"     {plain(pieces[hit.work].version(opts.language).url)}")
            if hit.snippet:
                print(f"     «{hit.snippet}»")
