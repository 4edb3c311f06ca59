"""`scrapy why URL URL`: every way from one article to another, with the sentences that carry the links."""

import argparse
import json

from crawler.answering import AnswerError, DatabaseCommand, works_of
from crawler.graph import paths
from crawler.graph.pieces import LANGUAGES, Piece
from crawler.plain import counted
from crawler.store import MongoStore


class Command(DatabaseCommand):
    def syntax(self) -> str:
        return "[options] URL URL"

    def short_desc(self) -> str:
        return "Show every path of up to three links between two articles, with the sentences"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. Links count either way, and all versions of a story are one. "
            "Example: `scrapy why https://cn.nytimes.com/technology/20250205/deepseek-china-reaction/ "
            "https://cn.nytimes.com/technology/20250213/deepseek-ai-chip-costs/`."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-n", type=int, default=20, metavar="COUNT", help="paths at most (20)")
        parser.add_argument(
            "--language", choices=LANGUAGES, default="zh", help="the reader's language: zh (default) or en"
        )
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 2:
            raise AnswerError("name two articles: `scrapy why URL URL`")
        if opts.n < 1:
            raise AnswerError("-n has to be at least 1")

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:
        works = await works_of(store, args)
        if len(works) == 1:
            raise AnswerError("both are versions of one work: name two")
        found = paths.find(await store.ties_between(*works), *works)
        shown = found[: opts.n]
        pieces = await store.pieces({*works, *(work for path in shown for work in path.works)})
        tell = _json if opts.format == "json" else _text
        print(tell(shown, len(found), pieces, opts.language))


def _text(shown: list[paths.Path], count: int, pieces: dict[str, Piece], language: str) -> str:
    if not count:
        return "No path of up to three links is known between them."
    lines = []
    for number, path in enumerate(shown, 1):
        lines.append(f"{number:>3}. {counted(len(path.steps), 'link')}")
        lines += [f"     {sentence}" for sentence in paths.sentences(path, pieces, language)]
    if count > len(shown):
        lines.append(f"and {counted(count - len(shown), 'path')} more: -n {count} shows all")
    return "\n".join(lines)


def _json(shown: list[paths.Path], count: int, pieces: dict[str, Piece], language: str) -> str:
    told = {
        "count": count,
        "paths": [
            {
                "works": list(path.works),
                "headlines": list(paths.names(path, pieces, language).values()),
                "links": [tie._asdict() for step in path.steps for tie in step],
            }
            for path in shown
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)
