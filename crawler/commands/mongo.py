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

from scrapy.settings import BaseSettings

from crawler.called import ProjectCommand
from crawler.complaint import complain, say
from crawler.embedded import MongodUnavailable, serve
from crawler.store import StorageUnavailable, databases, make_roles


class Command(ProjectCommand):
    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Keep the embedded MongoDB open until Ctrl-C, and print how to reach it"

    def long_desc(self) -> str:
        return (
            "Keep the embedded MongoDB open until Ctrl-C; print its URI and an example each for PyMongo and "
            "mongosh. Crawls may run meanwhile. Where MONGO_URI is set, print its examples and end. "
            "With --roles make the roles of a shared server. Example: scrapy mongo -s MONGO_DIR=.mongo"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--roles", action="store_true", help="make the roles reader, editor and crawler")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None  # by scrapy.cmdline
        if args:
            self.refuse("no argument is known but options: `scrapy mongo`, `scrapy mongo --roles`")
            return
        if opts.roles:
            self.exitcode = _make_roles(self.settings)
            return
        if uri := self.settings["MONGO_URI"]:
            told = introduction(without_password(uri), [self.settings["MONGO_DATABASE"]])
            self.exitcode = say(told, self.settings["LOG_LEVEL"])
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
            self.refuse(problem, 74)


def _make_roles(settings: BaseSettings) -> int:
    """Make the roles of a shared database, say how a user gets one, and return the exit status."""
    uri, database = settings["MONGO_URI"], settings["MONGO_DATABASE"]
    if not uri:
        print("scrapy: roles are for a server that people share: set MONGO_URI to it", file=sys.stderr)
        return 2
    try:
        roles = asyncio.run(make_roles(uri, database))
    except StorageUnavailable as problem:
        complain(problem, settings["LOG_LEVEL"])
        return 74
    print(f"The database {database} has the roles {', '.join(roles)}. In mongosh, for each user one of:")
    for role in roles:
        user = f'{{user: "NAME", pwd: passwordPrompt(), roles: ["{role}"]}}'
        print(f"  db.getSiblingDB({json.dumps(database)}).createUser({user})")
    print(f"and then MONGO_URI=mongodb://NAME:PASSWORD@HOST/?authSource={database}")
    return 0


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
