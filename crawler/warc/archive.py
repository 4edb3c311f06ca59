"""One archive as a table of responses."""

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from crawler.urls import canonicalize
from crawler.warc.records import (
    NO_HTTP,
    ArchivedResponse,
    ArchiveError,
    response_of,
)
from crawler.warc.whole import ALL_IN_ONE, Break, told, whole_records


class Archive:
    """The responses of a .warc or .warc.gz file by URL; of several for one URL the last.

    The file is read once for its index. Where it is cut off or damaged, the records that are whole are
    served, and `damage` says so in one line. Raises ArchiveError for a file that holds nothing to serve.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        index = scan(self.path)
        if not index.offsets:
            raise ArchiveError(_why_empty(self.path, index))
        self.is_sample = index.is_sample
        """Whether the pages are invented (`x-provenance: sample` in the warcinfo record)."""
        self.damage = index.damage
        """One line for a file that could not be read to its end, else None."""
        self._offsets = index.offsets
        self._canonical = {canonicalize(url): offset for url, offset in index.offsets.items()}

    def __len__(self) -> int:
        return len(self._offsets)

    def __iter__(self) -> Iterator[str]:
        """The archived URLs, as archived."""
        return iter(self._offsets)

    def get(self, url: str) -> ArchivedResponse | None:
        """The response archived for `url`, else for a URL with the same canonical form."""
        offset = self._offsets.get(url)
        if offset is None:
            canonical = canonicalize(url)
            offset = self._canonical.get(canonical) if canonical else None
        if offset is None:
            return None
        with self.path.open("rb") as file:
            file.seek(offset)
            record = next(ArchiveIterator(file, no_record_parse=True))
            return response_of(record, record.raw_stream.read())


@dataclass(slots=True)
class _Index:
    """What one pass over a file tells."""

    offsets: dict[str, int] = field(default_factory=dict)
    """URL to the offset of its last response record, in bytes."""
    is_sample: bool = False
    damage: str | None = None
    end: int = 0
    """Offset after the last whole record before any damage."""

    def add(self, record: ArcWarcRecord, block: bytes, offset: int) -> None:
        if record.rec_type == "warcinfo":
            self.is_sample = self.is_sample or b"x-provenance: sample" in block
        url = record.rec_headers.get_header("WARC-Target-URI") or ""
        if record.format != "warc" or record.rec_type != "response" or not url.startswith("http"):
            return
        with contextlib.suppress(*NO_HTTP):  # a response that is no HTTP: as if absent
            not_modified = response_of(record, block).status == 304
            if not (not_modified and url in self.offsets):  # it stands for the response before it
                self.offsets[url] = offset


def scan(path: Path) -> _Index:
    """Index every whole record. What warcio prints on damage is dropped: `damage` says it."""
    index, breaks = _Index(), []
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            for found in whole_records(path, 0, path.stat().st_size):
                if isinstance(found, Break):
                    breaks.append(found)
                else:
                    index.add(found.record, found.block, found.start)
                    index.end = index.end if breaks else found.end
    except OSError as error:
        raise ArchiveError(f"{path} can't be read: {error.strerror}: give the path of a WARC file") from None
    if breaks:
        served = f"the {len(index.offsets)} pages that are whole are served; for the rest record again"
        index.damage = f"{told(path, breaks)}: {served}"
    return index


def _why_empty(path: Path, index: _Index) -> str:
    if path.stat().st_size == 0:
        return f"{path} is empty: record it again with -s RECORD=FILE.warc.gz"
    if index.damage and ALL_IN_ONE in index.damage:
        return f"{path}: {ALL_IN_ONE}"
    if index.end == 0:
        return f"{path} is not a WARC file, or broken from its start: give one that RECORD wrote"
    return f"{path} holds no HTTP response: record it again with -s RECORD=FILE.warc.gz"
