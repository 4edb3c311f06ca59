"""What has to be so before a crawl asks for its first page. Each lack is a SeedError that says what to do."""

import datetime as dt
import logging
import os
import socket
import ssl
from pathlib import Path

from scrapy.settings import BaseSettings

from crawler.bodies import BodyPolicy
from crawler.monitors import SUITES, UnknownSuite, suites_of
from crawler.seeds import SeedError
from crawler.webhook import is_usable

logger = logging.getLogger(__name__)


def check_words(settings: BaseSettings) -> None:
    """Settings that are one of a few words, or an address."""
    if settings["BODY_POLICY"] not in set(BodyPolicy):
        raise SeedError(f"BODY_POLICY has to be one of {', '.join(BodyPolicy)}")
    if settings["WEBHOOK_URL"] and not is_usable(settings["WEBHOOK_URL"]):
        raise SeedError("WEBHOOK_URL is no web address: give one like https://example.org/hook")


def check_monitors(settings: BaseSettings) -> None:
    """Whether they can be had: told now, and not when the run is over and they are to judge it."""
    try:
        suites_of(settings.getlist(SUITES))
    except UnknownSuite as error:
        raise SeedError(
            f"{SUITES}: {error}: name classes like crawler.monitors.RunSuite, with commas between"
        ) from None


def go_live(settings: BaseSettings, seed: str, *, dry_run: bool) -> None:
    """A live crawl makes a pause between requests, keeps what it receives, and ought to say who asks."""
    if settings.getfloat("DOWNLOAD_DELAY") <= 0:
        raise SeedError("a live crawl needs a DOWNLOAD_DELAY above 0: without one, requests come in bursts")
    if dry_run:
        return
    _check_trust(settings)
    if settings["RECORD"] == "none":
        settings.set("RECORD", "", priority="cmdline")
    elif not settings["RECORD"]:
        name = f"{seed}-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}{_worker(settings)}.warc.gz"
        settings.set("RECORD", str(Path(settings["ARCHIVE_DIR"]) / name), priority="cmdline")
    if settings["RECORD"]:
        _check_recording(Path(settings["RECORD"]).absolute())
    if not settings["CRAWLER_CONTACT"]:
        logger.warning(
            "CRAWLER_CONTACT is not set: give the sites an address to write to, such as you@example.org"
        )


def _check_trust(settings: BaseSettings) -> None:
    """A small system may have no list of authorities; then no site at all can prove who it is."""
    paths = ssl.get_default_verify_paths()
    known = paths.cafile or (paths.capath and any(Path(paths.capath).iterdir()))
    if not known and settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES"):
        raise SeedError("no certificates to know the sites by: apt-get install ca-certificates")


def _worker(settings: BaseSettings) -> str:
    """Workers that start in the same second keep what they receive in files of their own."""
    return f"-{socket.gethostname()}-{os.getpid()}" if settings["REDIS_URL"] else ""


def _check_recording(path: Path) -> None:
    """Before anything is asked for: a recording that fails later ends the crawl."""
    if path.exists() and not (path.is_file() or path.is_char_device()):
        raise SeedError(f"RECORD={path} is a directory, or no file to add to: name another, or RECORD=none")
    directory = path.parent
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SeedError(f"{directory} can't be made for the recording: {error.strerror}") from None
    if not os.access(path if path.exists() else directory, os.W_OK):
        raise SeedError(f"{directory} can't be written: set ARCHIVE_DIR or RECORD, or RECORD=none")
