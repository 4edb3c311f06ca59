"""`scrapy seed add URL --name NAME`: writes a seed file for a new start."""

import argparse
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.complaint import complain
from crawler.seeds import SEEDS_DIR, SeedError, seed_for_url, to_toml


class Command(ScrapyCommand):
    requires_project = True
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
        assert self.settings is not None
        if len(args) != 2 or args[0] != "add":
            raise UsageError("say `scrapy seed add URL --name NAME`", print_help=False)
        try:
            path = _write(args[1], opts.name)
        except SeedError as error:
            complain(error, self.settings["LOG_LEVEL"])
            self.exitcode = 2
        else:
            print(f"{path} written; `scrapy crawl articles -a seed={path.stem}` crawls it")


def _write(url: str, name: str | None) -> Path:
    """Writes the seed file. Raises SeedError where the URL or name is no good or the file is there."""
    seed = seed_for_url(url, name)
    path = SEEDS_DIR / f"{seed.name}.toml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(to_toml(seed))
    except FileExistsError:
        raise SeedError(f"{path} is there already: choose another --name") from None
    except OSError as error:
        raise SeedError(f"{path} can't be written: {error.strerror}") from None
    return path
