"""`scrapy completion SHELL`: prints what makes a shell complete commands, seeds and formats."""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.settings import Settings
from scrapy.settings import default_settings as scrapys_own
from scrapy.utils.misc import load_object, walk_modules_iter

from crawler.called import ProjectCommand
from crawler.complaint import say
from crawler.completion import SHELLS, Words, script
from crawler.seeds import SEEDS_DIR

OF_SPIDERS = (
    "seed=",
    "url=",
    "document=",
    "dry_run=1",
    "watch=1",
    "revisit=due",
    "revisit=all",
    "revisit=none",
)
ARGUMENTS = {"seed": ("add",), "completion": SHELLS}


NOT_TO_SET = {"SETTINGS_MODULE", "VERSION"}
"""Among the settings by their spelling only."""


class Command(ProjectCommand):
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return f"{'|'.join(SHELLS)}"

    def short_desc(self) -> str:
        return "Print a script that has the shell complete commands, seeds and formats"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. Example for bash: `source <(scrapy completion bash)`, or the line "
            "in ~/.bashrc; for zsh likewise, in ~/.zshrc."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 - Scrapy's interface
        assert self.settings is not None
        if len(args) != 1 or args[0] not in SHELLS:
            self.refuse(f"name the shell, {' or '.join(SHELLS)}: `scrapy completion bash`")
            return
        others = {name for name in self.settings if hasattr(scrapys_own, name) or name.startswith("_")}
        settings = sorted(self.settings.keys() - others - NOT_TO_SET)
        lines = script(args[0], dict(_commands(self.settings)), settings, str(SEEDS_DIR))
        self.exitcode = say(lines.rstrip("\n"), self.settings["LOG_LEVEL"])


def _commands(settings: Settings) -> Iterator[tuple[str, Words]]:
    """All commands that can be called here, Scrapy's own with ours in their place."""
    packages = ("scrapy.commands", settings["COMMANDS_MODULE"])
    modules = [module for package in packages for module in walk_modules_iter(package)]
    for name, module in {m.__name__.rpartition(".")[2]: m for m in modules}.items():
        if hasattr(module, "Command"):
            yield name, _words(name, module.Command(), settings)


def _words(name: str, command: ScrapyCommand, settings: Settings) -> Words:
    command.settings = settings
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    command.add_options(parser)
    options = parser._option_string_actions  # argparse has no other way to tell them
    values = {option: list(map(str, action.choices)) for option, action in options.items() if action.choices}
    if "-a" in options:
        values["-a"] = list(OF_SPIDERS)
    arguments = _spiders(settings) if name in {"crawl", "check"} else ARGUMENTS.get(name, ())
    return Words(options=list(options), values=values, arguments=arguments)


def _spiders(settings: Settings) -> Sequence[str]:
    loader: Any = load_object(settings["SPIDER_LOADER_CLASS"])
    names: list[str] = loader.from_settings(settings).list()
    return names
