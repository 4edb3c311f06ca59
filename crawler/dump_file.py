"""Dumps as files: plain or gzipped, never half of one under its final name."""

import contextlib
import errno
import fcntl
import gzip
import os
from collections.abc import AsyncIterator, Iterator
from io import BufferedIOBase
from pathlib import Path

GZIP = b"\x1f\x8b"


class DumpFileError(Exception):
    """A file that can't be written or read; the message is one line and says what to do."""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to be written, which takes the name `path` when it is complete; a symlink stays one.

    Raises OSError where it can't, as `check_place` does.
    """
    check_place(path)
    target = Path(os.path.realpath(path))
    part = target.with_name(f"{target.name}.part")
    with _alone(part):
        try:
            yield part
            part.replace(target)
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


@contextlib.contextmanager
def _alone(part: Path) -> Iterator[None]:
    """Make the file, and keep others from writing it meanwhile: two dumps at once would mix in it.

    Raises OSError where another does. What one that was killed has left is written over.
    """
    with part.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError(errno.EBUSY, "another command is writing it", str(part)) from None
        except OSError:  # a file system without locks
            pass
        yield


def check_place(path: Path) -> None:
    """Raise OSError where nothing can take this name. No folder is made: its disk may be away.

    A device, a pipe or a directory stays what it is: the new file would push it aside.
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise OSError(errno.ENOENT, f"no folder {target.parent}", str(path))
    if target.exists() and not target.is_file():
        raise OSError(errno.EEXIST, "it is there, and no regular file", str(path))
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(path))


async def write_lines(path: Path, lines: AsyncIterator[str]) -> int:
    """Write the lines to a file, gzipped where it is called .gz; returns how many there were.

    The file takes its name when it is complete: what was there before stays until then.
    """
    count = 0
    try:
        with replacing(path) as part, _created(part, packed=path.name.endswith(".gz")) as file:
            async for line in lines:
                file.write(line.encode() + b"\n")
                count += 1
    except OSError as error:
        raise DumpFileError(f"{path} can't be written ({error.strerror}): name another place") from None
    return count


@contextlib.contextmanager
def _created(path: Path, *, packed: bool) -> Iterator[BufferedIOBase]:
    """A file that is on disk, whole, when it is closed. Gzip without name and time: same data, same file."""
    with path.open("wb") as raw:
        if packed:
            with gzip.GzipFile("", "wb", fileobj=raw, compresslevel=6, mtime=0) as file:
                yield file
        else:
            yield raw
        raw.flush()
        os.fsync(raw.fileno())


@contextlib.contextmanager
def opened_lines(path: Path) -> Iterator[BufferedIOBase]:
    """The lines of a file, gzipped or not, whatever it is called."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(len(GZIP)) == GZIP
            raw.seek(0)
            with gzip.GzipFile(fileobj=raw) if packed else contextlib.nullcontext(raw) as file:
                yield file
    except OSError as error:
        raise DumpFileError(f"{path} can't be read: {error.strerror or 'damaged'}") from None
