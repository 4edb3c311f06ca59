"""What a start of `scrapy` loads: all commands, and nothing that only one of them needs."""

import subprocess
import sys
from pathlib import Path

LATE = (
    "numpy",
    "multiprocessing",
    "crawler.exporting",
    "crawler.golden",
    "crawler.graph.exports",
    "crawler.graph.signals",
    "crawler.snapshot",
    "redis",
    "playwright",
    "trafilatura",
    "aiohttp",
)
"""Loaded by those who use it: each takes a while."""
CRAWL = (
    "spiders.articles",
    "pipelines.mongo",
    "crawler.extensions",
    "crawler.handlers",
    "crawler.middlewares",
)
PROGRAM = """
import importlib, pkgutil, sys
from scrapy.utils.misc import walk_modules_iter
from scrapy.utils.project import get_project_settings
for package in ("scrapy.commands", "crawler.commands"):
    list(walk_modules_iter(package))
for name in sys.argv[1:]:
    importlib.import_module(name)
for setting in ("EXTENSIONS", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES"):
    get_project_settings().get_component_priority_dict_with_base(setting)
print(" ".join(sys.modules))
"""


def test_commands_and_crawl_load_late_what_only_some_need():
    """In a process of its own: this one has loaded most of it."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *CRAWL],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(LATE) & set(ran.stdout.split()) == set()
