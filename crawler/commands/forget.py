"""`scrapy forget URL`: a page is removed, and no crawl brings it back."""

import argparse
import datetime as dt
import sys

from crawler.answering import AnswerError, DatabaseCommand
from crawler.operator import operator
from crawler.store import MongoStore, Traces
from crawler.urls import canonicalize


class Command(DatabaseCommand):
    to_write = True

    def syntax(self) -> str:
        return "URL [--reason WORDS] [--undo]"

    def short_desc(self) -> str:
        return "Remove a page and all it said; no crawl, load or import brings it back"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. Its address stays as a tombstone that says when, by whom and why; links "
            "to it from other pages stay theirs. Example: `scrapy forget https://cn.nytimes.com/… "
            "--reason 'asked by the publisher'`."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--reason", default="", metavar="WORDS", help="kept with the tombstone")
        parser.add_argument(
            "--undo", action="store_true", help="take the tombstone away: the page is due again"
        )

    def check(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 - as in the base class
        if len(args) != 1:
            raise AnswerError("name one page: `scrapy forget URL`")
        if canonicalize(args[0]) is None:
            raise AnswerError(f"{args[0]!r} is no web address: give one like https://cn.nytimes.com/…/")

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:
        url = str(canonicalize(args[0]))
        if opts.undo:
            await _undo(store, url)
            return
        traces = await store.traces(url)
        facts = {"at": dt.datetime.now(dt.UTC), "by": operator(), "reason": opts.reason or None}
        await store.forget(url, traces.aliases, facts)
        await store.refresh()
        print(f"{url} is forgotten" if traces.held else f"{url} was not held; no crawl will bring it in")
        for line in _what_remains(traces):
            print(line, file=sys.stderr)


async def _undo(store: MongoStore, url: str) -> None:
    if not await store.remember(url):
        raise AnswerError(f"{url} is not forgotten here")
    print(f"{url} is due again: the next crawl fetches it")


def _what_remains(traces: Traces) -> list[str]:
    """What was not asked for, and may be meant."""
    lines = [f"forgotten with it, for it redirects there: {alias}" for alias in traces.aliases]
    if traces.redirects_to:
        lines.append(f"kept: it redirects to {traces.redirects_to}")
    lines += [f"kept: another version of it, {version}" for version in traces.versions]
    lines += [f"kept: the response as received, in the archive {name}" for name in traces.archives]
    return lines
