"""Add-ons: REPLAY=FILE crawls an archive instead of the web, RECORD=FILE keeps what a crawl receives,
BROWSER_ENABLED=1 has a real browser at hand, REDIS_URL shares the queue.

One handler is chosen for https; RECORD wraps it.
"""

import logging
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from crawler.reading import DEFAULT_DATABASE, SAMPLE_DATABASE
from crawler.warc import ArchiveChain, ArchiveError

logger = logging.getLogger(__name__)

REPLAY_HANDLER = "crawler.handlers.ReplayHandler"
BROWSER_HANDLER = "crawler.browser.BrowserHandler"
POLITE_HANDLER = "crawler.handlers.PoliteHandler"
FLEET_SCHEDULER = "crawler.scheduler.FleetScheduler"
RECORDING_HANDLER = "crawler.handlers.RecordingHandler"
_SCHEMES = ("http", "https")
_NO_WAITING = {
    "DOWNLOAD_DELAY": 0,
    "DOWNLOAD_SLOTS": {},
    "AUTOTHROTTLE_ENABLED": False,
    "RETRY_ENABLED": False,
}
_OWN_BROWSERS = ("chromium_headless_shell-*/*/*headless*shell", "chromium-*/*/chrome")
_DEBIANS_BROWSERS = ("chromium-headless-shell", "chromium")
_INSTALL = "apt-get install chromium-headless-shell"
_PRIORITY = "spider"
"""Above the project's own settings, which would hide a value of priority `addon`; below the command line."""


class ReplayAddon:
    """With REPLAY=FILE (or FILE,LATER,…) every page comes from there, without delays, and says so."""

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """End the command here, in one line, where REPLAY can't be followed: nothing has started yet."""
        if not settings["REPLAY"]:
            return
        if _records(settings) and settings.getpriority("RECORD") == SETTINGS_PRIORITIES["cmdline"]:
            _refuse("REPLAY and RECORD exclude each other: a replay is recorded already. Drop one.")
        try:
            ArchiveChain(settings["REPLAY"])
        except ArchiveError as error:
            _refuse(f"REPLAY: {error}")

    def update_settings(self, settings: BaseSettings) -> None:
        """Answer http and https from the archive; invented pages go to a database of their own."""
        if not settings["REPLAY"]:
            return
        archive = ArchiveChain(settings["REPLAY"])
        if archive.damage:
            logger.warning(archive.damage)
        replayed: dict[str, Any] = {
            **_NO_WAITING,
            "DOWNLOAD_HANDLERS": _handlers(settings) | dict.fromkeys(_SCHEMES, REPLAY_HANDLER),
            "FETCHED_VIA": "replay",
            "PROVENANCE": "sample" if archive.is_sample else "replay",
            "RECORD": "",
        }
        if archive.is_sample and settings["MONGO_DATABASE"] == DEFAULT_DATABASE:
            replayed["MONGO_DATABASE"] = SAMPLE_DATABASE
        settings.update(replayed, priority=_PRIORITY)


class BrowserAddon:
    """With BROWSER_ENABLED=1, https pages can be asked of a real browser, where one is installed."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Choose the browser and its handler; without a browser the crawl goes on, and says so once."""
        if settings["REPLAY"]:
            settings.set("BROWSER_ENABLED", False, priority="cmdline")
        if not settings.getbool("BROWSER_ENABLED"):
            return
        binary = settings["BROWSER_BIN"] or find_browser(os.environ)
        if not binary:
            logger.warning("No browser is installed (%s): the crawl goes on without one", _INSTALL)
            settings.set("BROWSER_ENABLED", False, priority="cmdline")
            return
        chosen = {
            "BROWSER_BIN": binary,
            "DOWNLOAD_HANDLERS": _handlers(settings) | {"https": BROWSER_HANDLER},
        }
        settings.update(chosen, priority=_PRIORITY)


def find_browser(environment: Mapping[str, str]) -> str | None:
    """Playwright's own browser, else Debian's; the shell before the whole, which talks to its maker."""
    cache = Path(environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME", "/")) / ".cache")
    downloads = Path(environment.get("PLAYWRIGHT_BROWSERS_PATH") or cache / "ms-playwright")
    own = sorted(path for pattern in _OWN_BROWSERS for path in downloads.glob(pattern))
    found = (shutil.which(name, path=environment.get("PATH")) for name in _DEBIANS_BROWSERS)
    return str(own[-1]) if own else next(filter(None, found), None)


class RecordAddon:
    """With RECORD=FILE, what the active handlers receive is kept in that archive as it comes."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Wrap the handlers of http and https, whichever they are by now."""
        if _records(settings) and not settings["REPLAY"]:
            _wrap(settings, RECORDING_HANDLER, "RECORD_WRAPS")


class PoliteAddon:
    """Nothing is asked of the web but with the manners of PoliteHandler, whatever handler asks."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Wrap the handlers of http and https, whichever they are by now."""
        if not settings["REPLAY"]:
            _wrap(settings, POLITE_HANDLER, "POLITE_WRAPS")


def _wrap(settings: BaseSettings, handler: str, wraps: str) -> None:
    """Put a handler around those of http and https; `wraps` is the setting that tells it which these are."""
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    wrapped = {scheme: handlers[scheme] for scheme in _SCHEMES}
    if handler in wrapped.values():
        return
    wrapping = {
        wraps: wrapped,
        "DOWNLOAD_HANDLERS": _handlers(settings) | dict.fromkeys(_SCHEMES, handler),
    }
    settings.update(wrapping, priority=_PRIORITY)


class FleetAddon:
    """With REDIS_URL, the workers of a run share its queue."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Put the shared queue in the place of Scrapy's own."""
        if settings["REDIS_URL"]:
            settings.set("SCHEDULER", FLEET_SCHEDULER, priority=_PRIORITY)


def _refuse(problem: str) -> NoReturn:
    """End with the exit status of bad arguments."""
    print(f"scrapy: {problem}", file=sys.stderr)
    raise SystemExit(2)


def _records(settings: BaseSettings) -> bool:
    return settings["RECORD"] not in (None, "", "none")


def _handlers(settings: BaseSettings) -> dict[str, Any]:
    return dict(settings.getdict("DOWNLOAD_HANDLERS"))
