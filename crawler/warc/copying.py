"""An archive as it is, but for the pages that were forgotten since."""

import contextlib
import io
import shutil
from collections.abc import Collection
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from crawler.urls import canonicalize
from crawler.warc.records import UNREADABLE


def copy_without(source: Path, target: Path, pages: Collection[str]) -> None:
    """Copy an archive, byte for byte; of these pages (canonical URLs) no request and no response.

    What stands behind damage is left out where any page is. Raises OSError.
    """
    if not pages:
        shutil.copyfile(source, target)
        return
    with source.open("rb") as file, target.open("wb") as out, contextlib.redirect_stderr(io.StringIO()):
        records = ArchiveIterator(file, no_record_parse=True)
        start = 0
        with contextlib.suppress(*UNREADABLE):
            for record in records:
                records.read_to_end()
                url = record.rec_headers.get_header("WARC-Target-URI") or ""
                if canonicalize(url) not in pages:
                    _append(source, out, start, records.offset)
                start = records.offset


def _append(source: Path, out: io.BufferedWriter, start: int, end: int) -> None:
    with source.open("rb") as again:
        again.seek(start)
        out.write(again.read(end - start))
