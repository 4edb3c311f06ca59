"""Where an embedded mongod lives: data, log and locks in its directory, the socket in a short private one."""

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from crawler.embedded.errors import MongodUnavailable

# Not TMPDIR: every command must find the socket. Not XDG_RUNTIME_DIR: it is removed at log-out, under
# a crawl that goes on. And short: a socket path has at most 107 characters.
SOCKETS = Path("/tmp")  # noqa: S108 - only a directory in it that is checked to be ours
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


@dataclass(frozen=True)
class Home:
    """The places of the mongod with its data in `directory`."""

    directory: Path

    @property
    def data(self) -> Path:
        """The database's files."""
        return self.directory / "data"

    @property
    def log(self) -> Path:
        """What mongod says, and its keeper."""
        return self.directory / "mongod.log"

    @property
    def socket(self) -> Path:
        """Where it listens; the same one every time."""
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
        with contextlib.ExitStack() as closing:
            file = closing.enter_context(self._append_to(self.directory / f"{name}.lock"))
            with _usable(self.directory):
                fcntl.flock(file, operation)
            closing.pop_all()
            return file

    def open_log(self) -> IO[bytes]:
        """Return the log, open at its end."""
        return self._append_to(self.log)

    def _append_to(self, path: Path) -> IO[bytes]:
        with _usable(self.directory):
            path.touch(mode=0o600)
            return path.open("ab")


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
