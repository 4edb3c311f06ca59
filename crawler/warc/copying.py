"""An archive as it is, but for the pages that were forgotten since."""

import contextlib
import io
import shutil
from collections.abc import Collection
from pathlib import Path

from crawler.urls import canonicalize
from crawler.warc.whole import Whole, whole_records


def copy_without(source: Path, target: Path, pages: Collection[str]) -> None:
    """Copy an archive, byte for byte; of these pages (canonical URLs) no request and no response.

    Where any page is left out, so are records that are damaged. Raises OSError.
    """
    if not pages:
        shutil.copyfile(source, target)
        return
    silence = contextlib.redirect_stderr(io.StringIO())  # warcio prints where one is damaged
    with source.open("rb") as file, target.open("wb") as out, silence:
        for found in whole_records(source, 0, source.stat().st_size):
            if isinstance(found, Whole) and not _is_of(found, pages):
                file.seek(found.start)
                out.write(file.read(found.end - found.start))


def _is_of(whole: Whole, pages: Collection[str]) -> bool:
    url = whole.record.rec_headers.get_header("WARC-Target-URI") or ""
    return canonicalize(url) in pages
