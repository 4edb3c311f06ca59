"""The process that holds a mongod while any command uses it: `python -I keeper.py DIRECTORY SOCKET MONGOD`.

This file imports nothing of ours: it is run as it stands, isolated, so that neither a package path nor a
PYTHON variable of the command that starts it can disturb what other commands use, too.

Standard input is the keeper's lock, standard error mongod's log. Standard output is the answer to the command
that waits: READY, ENDED where mongod did not start, or nothing where somebody killed it.
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

GRACE_SECONDS = 1.5  # commands that follow each other share one mongod
POLL_SECONDS = 0.25
PR_SET_PDEATHSIG = 1
READY = b"ready"
ENDED = b"ended"


def main() -> None:
    """Become nobody's child, so that no command has to wait for the end, and keep mongod."""
    os.umask(0o077)
    if os.fork():
        os._exit(0)
    directory, address, mongod = map(Path, sys.argv[1:])
    # opened before mongod is: a keeper that can't look for users must not start one
    with (directory / "users.lock").open("ab") as users:
        _keep(_start(_command(directory, address, mongod)), address, users)


def accepts(address: Path) -> bool:
    """Whether a mongod answers at this socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        try:
            client.connect(str(address))
        except OSError:
            return False
        return True


def _keep(server: subprocess.Popen[bytes], address: Path, users: IO[bytes]) -> None:
    while not accepts(address):
        if server.poll() is not None:
            if server.returncode != -signal.SIGKILL:
                os.write(1, ENDED)
            return
        time.sleep(POLL_SECONDS / 5)
    _answer_ready()
    _wait_until_unused(server, users)
    server.terminate()
    server.wait()


def _command(directory: Path, address: Path, mongod: Path) -> list[str]:
    return [
        str(mongod),
        *("--dbpath", str(directory / "data"), "--logpath", str(directory / "mongod.log"), "--logappend"),
        # This socket only, no TCP. Without --nounixsocket it also takes /tmp/mongodb-27017.sock from whoever
        # has it, and does not start where that is another user's.
        *("--bind_ip", str(address), "--nounixsocket", "--port", "27017"),
        *("--wiredTigerCacheSizeGB", "0.25"),  # the default follows the machine's memory
        *("--wiredTigerEngineConfigString", "log=(prealloc=false,file_max=16MB)"),  # the default takes 300 MB
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    ]


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    # 2, the log: what mongod says before it has opened that itself
    return subprocess.Popen(command, stdout=2, preexec_fn=_ending_with(os.getpid()))


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
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)


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


if __name__ == "__main__":
    main()
