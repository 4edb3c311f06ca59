"""`scrapy mongo`: keep the embedded database open and say how to look into it."""

import argparse
import asyncio
import json
import re
import shlex
import signal
import sys
import time
from pathlib import Path

from scrapy.commands import ScrapyCommand

from crawler.complaint import complain
from crawler.embedded import MongodUnavailable, serve
from crawler.store import StorageUnavailable, databases


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Keep the embedded MongoDB open until Ctrl-C, and print how to reach it"

    def long_desc(self) -> str:
        return (
            "Keep the embedded MongoDB open until Ctrl-C; print its URI and an example each for PyMongo and "
            "mongosh. Crawls may run meanwhile. Where MONGO_URI is set, print its examples and end. "
            "Example: scrapy mongo -s MONGO_DIR=.mongo"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 - Scrapy's interface
        assert self.settings is not None  # by scrapy.cmdline
        if uri := self.settings["MONGO_URI"]:
            print(introduction(without_password(uri), [self.settings["MONGO_DATABASE"]]))
            return
        # SIGTERM ends it as Ctrl-C does; SIGINT is ignored in a script's background job unless asked for.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.default_int_handler)
        try:
            with serve(Path(self.settings["MONGO_DIR"])) as uri:
                held = asyncio.run(databases(uri)) or [self.settings["MONGO_DATABASE"]]
                print(introduction(uri, held), "\nCtrl-C ends it.", sep="\n", flush=True)
                while True:
                    time.sleep(1.0)
        except KeyboardInterrupt:
            pass
        except (MongodUnavailable, StorageUnavailable) as problem:
            complain(problem, self.settings["LOG_LEVEL"])
            self.exitcode = 74


def without_password(uri: str) -> str:
    """Return the URI with every password in it masked."""
    uri = re.sub(r"(//[^:@/]*:).*@", r"\1***@", uri)
    return re.sub(r"(password=)[^&]*", r"\1***", uri, flags=re.IGNORECASE)


def introduction(uri: str, held: list[str]) -> str:
    """Return the URI, the databases and one line each for PyMongo and mongosh, to paste into a shell."""
    database = held[0]
    pages = f"MongoClient({json.dumps(uri)})[{json.dumps(database)}].pages"
    pymongo = f"from pymongo import MongoClient; print({pages}.find_one())"
    mongosh = f"db.getSiblingDB({json.dumps(database)}).pages.findOne()"
    return "\n".join(
        [
            f"URI        {uri}",
            f"databases  {', '.join(held)}",
            f"PyMongo    {shlex.join([sys.executable, '-c', pymongo])}",
            f"mongosh    {shlex.join(['mongosh', uri, '--eval', mongosh])}",
        ]
    )
