"""Several archives as one: each holds what came on a later day than the one before it."""

from typing import NamedTuple

from crawler.warc.archive import Archive
from crawler.warc.records import ArchivedResponse

NOT_MODIFIED = 304


class Found(NamedTuple):
    """A response, and the archive that has it."""

    file: str
    response: ArchivedResponse


class ArchiveChain:
    """The archives of a list `FIRST,SECOND,…`; of several responses for one URL the last counts.

    A 304 stands for the response before it. Raises ArchiveError as Archive does.
    """

    def __init__(self, paths: str) -> None:
        self._archives = [Archive(path.strip()) for path in paths.split(",")]
        self.is_sample = any(archive.is_sample for archive in self._archives)
        """Whether pages of any are invented."""
        self.damage = "; ".join(archive.damage for archive in self._archives if archive.damage) or None
        """What could not be read, else None."""
        self.name = ", ".join(archive.path.name for archive in self._archives)
        """The file names, to be shown."""

    def get(self, url: str) -> Found | None:
        """The response to `url` as it was on the last day."""
        unchanged = None
        for archive in reversed(self._archives):
            response = archive.get(url)
            if response is not None and response.status != NOT_MODIFIED:
                return Found(archive.path.name, response)
            if response is not None and unchanged is None:
                unchanged = Found(archive.path.name, response)
        return unchanged
