"""What a command does: it starts a keeper where there is none, and again where that or mongod is killed."""

import contextlib
import fcntl
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from crawler.embedded import keeper
from crawler.embedded.errors import MongodUnavailable
from crawler.embedded.finding import find_mongod
from crawler.embedded.home import Home
from crawler.embedded.mongod_log import why_ended

logger = logging.getLogger(__name__)

WAIT_SECONDS = 60.0
FREE_BYTES = 64 * 2**20  # an empty database takes 17 MB; on a full disk mongod aborts with a backtrace


@contextlib.contextmanager
def serve(directory: Path) -> Iterator[str]:
    """Keep a mongod with its data in `directory` open and yield its URI, the same one every time.

    :raises MongodUnavailable: where none can be found or started
    """
    home = Home(directory.resolve())
    home.prepare()
    with home.lock("users", fcntl.LOCK_SH):
        _wait_for_mongod(home)
        with _restarting(home):
            yield uri_of(directory)


def uri_of(directory: Path) -> str:
    """Return the URI of the mongod with its data in `directory`, whether it runs or not."""
    address = str(Home(directory.resolve()).socket)
    return f"mongodb://{urllib.parse.quote(address, safe='')}/?journal=true"


def _wait_for_mongod(home: Home) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not keeper.accepts(home.socket):
        if _start_keeper(home):
            continue
        if time.monotonic() > deadline:
            raise MongodUnavailable(
                f"the mongod of {home.directory} does not answer: see {home.log}, or end it"
            )
        time.sleep(keeper.POLL_SECONDS / 5)


def _start_keeper(home: Home) -> bool:
    """Start a keeper with its mongod and return when that accepts connections.

    False where one is there already, or was killed before it came so far: then look again.
    """
    try:
        lock = home.lock("keeper", fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    with lock, home.open_log() as log:
        start = log.tell()
        command = _keeper_command(home)
        logger.info("Starting MongoDB in %s", home.directory)
        # Ctrl-C in the terminal must not reach a database others use, hence the session.
        answer = subprocess.run(
            command,
            stdin=lock,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd="/",
            start_new_session=True,
            check=False,
        ).stdout
    if answer == keeper.ENDED:
        raise MongodUnavailable(why_ended(home.log, start))
    return answer == keeper.READY


def _keeper_command(home: Home) -> list[str]:
    """How the keeper is started; MongodUnavailable where it is clear from the start that none will run."""
    if not Path(keeper.__file__).is_file():  # nothing can be started out of an egg
        raise MongodUnavailable("from an egg no database is started: set MONGO_URI")
    if shutil.disk_usage(home.directory).free < FREE_BYTES:
        raise MongodUnavailable(f"the disk of {home.directory} is full: free some disk space")
    places = (home.directory, home.socket, find_mongod(os.environ))
    return [sys.executable, "-I", keeper.__file__, *map(str, places)]


@contextlib.contextmanager
def _restarting(home: Home) -> Iterator[None]:
    """Start mongod again where it, or its keeper, is killed meanwhile."""
    ended = threading.Event()
    watcher = threading.Thread(target=_restart, args=(home, ended), name="mongod-watcher", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _restart(home: Home, ended: threading.Event) -> None:
    while not ended.wait(keeper.POLL_SECONDS):
        try:
            if _start_keeper(home):
                logger.warning("mongod had ended unexpectedly and was started again, see %s", home.log)
        except MongodUnavailable as problem:
            logger.error("mongod ended and does not start again: %s", problem)
            return
