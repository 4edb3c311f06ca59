"""`scrapy seed add URL --name NAME`: writes a seed file for a new start."""

import argparse
import re
from pathlib import Path

from crawler.called import CallError, ProjectCommand
from crawler.complaint import CANT_CREATE
from crawler.seeds import SEEDS_DIR, SeedError, seed_for_url, to_toml

NAME = re.compile(r"(?=.{1,61}$)[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
"""Of seeds that are made here: what reads well as a file and in a list. Files may name theirs otherwise."""


class Command(ProjectCommand):
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "add URL [--name NAME]"

    def short_desc(self) -> str:
        return "Write a seed file, to crawl from another article"

    def long_desc(self) -> str:
        return f"{self.short_desc()}. Example: `scrapy seed add https://cn.nytimes.com/… --name chips`."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--name", help="name of the seed: small letters, digits and hyphens")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 2 or args[0] != "add":
            self.refuse("say `scrapy seed add URL --name NAME`")
            return
        try:
            path = _write(args[1], opts.name)
        except SeedError as error:
            self.refuse(error)
        except CallError as error:
            self.refuse(error, error.status)
        else:
            print(f"{path} written; `scrapy crawl articles -a seed={path.stem}` crawls it")


def _write(url: str, name: str | None) -> Path:
    """Writes the seed file. Raises SeedError where the URL is no good or the file is there, CallError."""
    if name is not None and not NAME.fullmatch(name):
        raise CallError(f"--name {name!r}: small letters and digits, with single hyphens between, 61 at most")
    seed = seed_for_url(url, name)
    path = SEEDS_DIR / f"{seed.name}.toml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(to_toml(seed))
    except FileExistsError:
        raise SeedError(f"{path} is there already: choose another --name") from None
    except OSError as error:
        raise CallError(f"{path} can't be written: {error.strerror}", CANT_CREATE) from None
    return path
