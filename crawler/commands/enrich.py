"""`scrapy enrich`: stubs of www.nytimes.com get headline, byline and date from the Article Search API."""

import argparse
import datetime as dt
import os
from functools import partial

from crawler.answering import AnswerError, DatabaseCommand
from crawler.enriching import ASK_AGAIN, Enricher, OutOfOrder, Stopped
from crawler.nyt_api import NAME, Client, KeyRefused
from crawler.progress import Steps
from crawler.store import MongoStore
from crawler.urls import WWW, canonicalize, site_of
from crawler.webhook import is_usable
from crawler.writer import patiently

NO_ANSWER, LATER, NOT_ALLOWED = 69, 75, 77
TOLD = {
    "named": "got their names",
    "unknown": "are not known to the API (asked again in 30 days)",
    "read meanwhile": "were read by a crawl meanwhile, and stay as they are",
    "failed": "got no answer that can be read",
}


class Command(DatabaseCommand):
    to_write = True

    def syntax(self) -> str:
        return "[-n COUNT] [URL…]"

    def short_desc(self) -> str:
        return "Ask the Article Search API for the names of www.nytimes.com stubs"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}: headline, byline, date, section, abstract, keywords. The key is taken "
            "from the environment (NYT_API_KEY; free at developer.nytimes.com). The most cited stubs come "
            "first; a page that was read is never touched. Example: `scrapy enrich -n 100`."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-n", type=int, metavar="COUNT", help="pages at most (what the quota allows)")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if opts.n is not None and opts.n < 1:
            raise AnswerError("-n has to be at least 1")
        if not os.environ.get("NYT_API_KEY"):
            raise AnswerError("set NYT_API_KEY in the environment: a key is free at developer.nytimes.com")
        odd = next((url for url in args if site_of(url) != WWW), None)
        if odd is not None:
            raise AnswerError(f"the API knows pages of {WWW} only, not {odd}")
        try:
            address, agent = self.settings["NYT_API_URL"], self.settings["USER_AGENT"]
            if not is_usable(address):
                raise AnswerError(f"NYT_API_URL is no web address: {address!r}")
            self._client = Client.of(address, agent, os.environ["NYT_API_KEY"])
        except KeyRefused as error:
            raise AnswerError(str(error), NOT_ALLOWED) from None

    async def answer(self, store: MongoStore, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if await store.holds_samples():
            raise AnswerError("these are invented pages: name a database of your own with MONGO_DATABASE")
        enricher = Enricher(
            store,
            self._client,
            per_day=self.settings.getint("NYT_API_PER_DAY"),
            pause=dt.timedelta(seconds=self.settings.getfloat("NYT_API_PAUSE")),
            patience=self.settings.getfloat("MONGO_RETRY_BUDGET"),
        )
        stop = await self._ask_for_all(enricher, await _pages(store, args, opts.n or enricher.per_day))
        if enricher.counts["named"]:
            await patiently(store.refresh, enricher.patience)
        _show(enricher)
        if stop is None and set(enricher.counts) == {"failed"}:
            stop = AnswerError("the API does not answer, or not what can be read: try again later", NO_ANSWER)
        if stop is not None:
            raise stop

    async def _ask_for_all(self, enricher: Enricher, pages: list[str]) -> AnswerError | None:
        """Why not all could be asked for, where that is so."""
        assert self.settings is not None
        try:
            with Steps("stubs asked for", len(pages), self.settings.getfloat("PROGRESS_INTERVAL")) as steps:
                for page in pages:
                    await enricher.name(page)
                    steps.done(1, 1)
        except KeyRefused as error:
            return AnswerError(str(error), NOT_ALLOWED)
        except Stopped as error:
            return AnswerError(str(error), NO_ANSWER if isinstance(error, OutOfOrder) else LATER)
        return None


async def _pages(store: MongoStore, args: list[str], limit: int) -> list[str]:
    """The pages named, else the stubs that have no name, the most cited first."""
    if args:
        return list(dict.fromkeys(canonicalize(url) or url for url in args))
    since = dt.datetime.now(dt.UTC) - ASK_AGAIN
    return await patiently(partial(store.nameless, NAME, [WWW], since, limit), 0)


def _show(enricher: Enricher) -> None:
    for outcome, meaning in TOLD.items():
        if count := enricher.counts[outcome]:
            print(f"{count:>7,} {meaning}")
    if not enricher.counts:
        print("no stub is without a name")
