"""From the paths somebody names to pieces of work for the processes, one after the other."""

import os
import shutil
import stat
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from crawler.intake.files import Found, Task, form_of_file, listed, read_files
from crawler.intake.forms import Form, NoPage
from crawler.intake.lists import Row, addresses, is_list, names_files, read_list
from crawler.intake.recorded import Recorded, read_records
from crawler.items import Provenance, to_document
from crawler.warc import ArchiveError
from crawler.warc.ranges import Range, cut, is_sample

FILES = 20
"""Files, or rows of a list, that are read in one go."""
SIZE = 2_000_000
"""Bytes of files that are read in one go."""


class Piece(NamedTuple):
    """One go of work. `size` is in bytes of the files named."""

    size: int
    files: tuple[Task, ...] = ()
    part: Range | None = None
    rows: tuple[tuple[str, Row], ...] = ()
    skipped: tuple[Found, ...] = ()


class Done(NamedTuple):
    """What became of a piece of work."""

    size: int
    result: Recorded


def work(piece: Piece, provenance: Provenance) -> Done:
    """Read it; done by a worker process. Nothing raises."""
    if piece.part is not None:
        return Done(piece.size, read_records(piece.part, provenance))
    found = [*piece.skipped, *read_files(piece.files), *(_row(source, row) for source, row in piece.rows)]
    return Done(piece.size, Recorded(found=found))


def _row(source: str, row: Row) -> Found:
    name = f"{source}, line {row.line}"
    try:
        page = listed(row.url, row.headline, row.published_on)
    except NoPage as error:
        return Found(source=name, form=Form.URLS, reason=str(error))
    return Found(source=name, form=Form.URLS, document=to_document(page))


def total_size(paths: Sequence[Path]) -> int:
    """Bytes of all files below the paths."""
    return sum(size for path in paths for _, size in _entries(path))


def _entries(path: Path) -> Iterator[tuple[Path, int]]:
    """All files below a path, in order, with their size; links to folders are not followed."""
    if not path.is_dir():
        yield path, _size(path)
        return
    for folder, folders, names in os.walk(path):
        folders.sort()
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in sorted(names):
            yield Path(folder, name), _size(Path(folder, name))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


@dataclass(slots=True)
class Walk:
    """Cuts files into pieces of work. `url` is where a single file comes from, `unpacked` where WACZ go."""

    unpacked: Path
    url: str | None = None
    provenance: Provenance = Provenance.IMPORT
    _said: dict[Path, dict[str, str]] = field(default_factory=dict)
    """What the lists of a folder say; of the last few folders."""

    def pieces(self, paths: Sequence[Path]) -> Iterator[Piece]:
        """All work that the paths give, in order."""
        waiting: list[Task] = []
        size = 0
        for path, length in chain.from_iterable(map(_entries, paths)):
            special = self._special(path, length)
            if special is None:
                waiting.append(Task(path, self.url or self._address(path)))
                size += length
            if waiting and (special is not None or len(waiting) >= FILES or size >= SIZE):
                yield Piece(size, files=tuple(waiting))
                waiting, size = [], 0
            yield from special or ()
        if waiting:
            yield Piece(size, files=tuple(waiting))

    def _special(self, path: Path, size: int) -> Iterator[Piece] | None:
        """The pieces of what is no page by itself: an archive, a list, what can't be read."""
        try:
            if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for
                return _skipped(path, size, "not a file")
            if is_list(path):
                return _rows(path, size)
            form = form_of_file(path)
            if form is Form.ARCHIVE:
                return self._ranges(path, size)
            return self._wacz(path, size) if form is Form.WACZ else None
        except OSError as error:
            return _skipped(path, size, f"can't be read: {error.strerror}")

    def _address(self, path: Path) -> str | None:
        """Where a file comes from, as a list beside it or one folder up says."""
        for folder in (path.parent, path.parent.parent):
            if folder not in self._said:
                while len(self._said) >= 4:
                    del self._said[next(iter(self._said))]
                self._said[folder] = addresses(folder)
            if path.name in self._said[folder]:
                return self._said[folder][path.name]
        return None

    def _ranges(self, path: Path, size: int) -> Iterator[Piece]:
        try:
            if is_sample(path) is not (self.provenance is Provenance.SAMPLE):
                raise ArchiveError("invented samples and real pages don't go together: import it by itself")
            for part in cut(path):
                yield Piece(part.end - part.start, part=part)
        except ArchiveError as error:
            reason = str(error).removeprefix(f"{path} ").split(": ", 1)[0]
            yield from _skipped(path, size, reason, Form.ARCHIVE)

    def _wacz(self, path: Path, size: int) -> Iterator[Piece]:
        """The archives in a WACZ, unpacked to where they can be read in ranges."""
        try:
            for part in _archives(path, self.unpacked):
                yield from self._ranges(part, size)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
            yield from _skipped(path, size, f"a zip file that is no WACZ: {error}", Form.WACZ)


def _archives(path: Path, into: Path) -> Iterator[Path]:
    """The archives of a WACZ as files. Raises ValueError where there are none, and what zipfile raises."""
    with zipfile.ZipFile(path) as packed:
        names = [name for name in packed.namelist() if name.startswith("archive/") and ".warc" in name]
        if not names:
            raise ValueError("it holds no archive")
        for name in names:
            target = into / f"{path.stem}-{Path(name).name}"
            with packed.open(name) as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy)
            yield target


def _skipped(path: Path, size: int, reason: str, form: str = "") -> Iterator[Piece]:
    yield Piece(size, skipped=(Found(source=str(path), form=form, reason=reason),))


def _rows(path: Path, size: int) -> Iterator[Piece]:
    """A list that stands for itself; one that names files has told their addresses, and is done."""
    if names_files(path):
        yield from _skipped(path, size, "addresses of the files beside it", Form.URLS)
        return
    rows: list[tuple[str, Row]] = []
    try:
        for row in read_list(path):
            rows.append((str(path), row))
            if len(rows) == FILES * 10:
                yield Piece(0, rows=tuple(rows))
                rows = []
    except (OSError, ValueError) as error:
        yield from _skipped(path, 0, f"not a list of URLs: {error}", Form.URLS)
    yield Piece(size, rows=tuple(rows))
