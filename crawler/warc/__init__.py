"""WARC archives: one as a table of responses or in ranges, and exchanges appended to one. No Scrapy."""

from crawler.warc.archive import Archive
from crawler.warc.chain import ArchiveChain
from crawler.warc.records import ArchivedResponse, ArchiveError, http_message
from crawler.warc.writer import ArchiveWriter

__all__ = ["Archive", "ArchiveChain", "ArchiveError", "ArchiveWriter", "ArchivedResponse", "http_message"]
