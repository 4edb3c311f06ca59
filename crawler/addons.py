"""Add-ons: REPLAY=FILE crawls an archive instead of the web, RECORD=FILE keeps what a crawl receives."""

import logging
import sys
from typing import Any, NoReturn

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from crawler.reading import DEFAULT_DATABASE, SAMPLE_DATABASE
from crawler.warc import ArchiveChain, ArchiveError

logger = logging.getLogger(__name__)

REPLAY_HANDLER = "crawler.handlers.ReplayHandler"
RECORDING_HANDLER = "crawler.handlers.RecordingHandler"
_SCHEMES = ("http", "https")
_NO_WAITING = {
    "DOWNLOAD_DELAY": 0,
    "DOWNLOAD_SLOTS": {},
    "AUTOTHROTTLE_ENABLED": False,
    "RETRY_ENABLED": False,
}
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


class RecordAddon:
    """With RECORD=FILE, what the active handlers receive is kept in that archive as it comes."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Wrap the handlers of http and https, whichever they are by now."""
        if not _records(settings) or settings["REPLAY"]:
            return
        handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
        wrapped = {scheme: handlers[scheme] for scheme in _SCHEMES}
        if RECORDING_HANDLER in wrapped.values():
            return
        recorded = {
            "RECORD_WRAPS": wrapped,
            "DOWNLOAD_HANDLERS": _handlers(settings) | dict.fromkeys(_SCHEMES, RECORDING_HANDLER),
        }
        settings.update(recorded, priority=_PRIORITY)


def _refuse(problem: str) -> NoReturn:
    """End with the exit status of bad arguments."""
    print(problem, file=sys.stderr)
    raise SystemExit(2)


def _records(settings: BaseSettings) -> bool:
    return settings["RECORD"] not in (None, "", "none")


def _handlers(settings: BaseSettings) -> dict[str, Any]:
    return dict(settings.getdict("DOWNLOAD_HANDLERS"))
