"""`scrapy history`: the versions of a page, or the pages that changed."""

import argparse

from rich.console import Console

from crawler.answering import AnswerError, DatabaseCommand
from crawler.history import as_json, quiet_links, show_history, show_revised, versions
from crawler.store import MongoStore
from crawler.urls import canonicalize

LISTED = 20


class Command(DatabaseCommand):
    def syntax(self) -> str:
        return "[URL] [--json] [-n NUMBER]"

    def short_desc(self) -> str:
        return "Show what changed in a page, or list the pages that changed"

    def long_desc(self) -> str:
        return (
            "Show every version of a page: what changed in its words (Chinese by characters, all else by "
            "words) and in its links. Without a URL, list the pages that changed, the latest first. "
            "Example: scrapy history https://cn.nytimes.com/business/20250117/china-economy-2024-gdp/"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="the versions of URL as JSON")
        parser.add_argument(
            "-n", type=int, default=LISTED, metavar="NUMBER", help="list so many (default: 20)"
        )

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1 or (opts.json and not args):
            raise AnswerError("give the URL of one page; without one (and without --json) changes are listed")
        if opts.n < 1:
            raise AnswerError(f"-n has to be 1 or more, not {opts.n}")
        if args and canonicalize(args[0]) is None:
            raise AnswerError(f"{args[0]!r} is no web address")

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:
        console = Console(highlight=False)
        if not args:
            await _list(console, store, opts.n)
            return
        url = canonicalize(args[0]) or args[0]
        documents = await store.versions(url)
        if not documents:
            raise AnswerError(f"{url} was never read: nothing of it can have changed")
        held = versions(documents)
        quiet = quiet_links(held, await store.link_history(url))
        if opts.json:
            print(as_json(url, held, quiet))
        else:
            show_history(console, url, held, quiet)


async def _list(console: Console, store: MongoStore, most: int) -> None:
    revised = await store.revised(most)
    if not revised:
        console.print("No page has changed since it was first read.")
        return
    show_revised(console, {url: versions(await store.versions(url)) for url in revised})
