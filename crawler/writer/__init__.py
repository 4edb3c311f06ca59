"""Keeping pages safe on their way to the store: batches, retries, and a spool on disk."""

from crawler.writer.patience import patiently
from crawler.writer.spool import server_of
from crawler.writer.writer import Writer

__all__ = ["Writer", "patiently", "server_of"]
