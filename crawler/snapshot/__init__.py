"""A run frozen as a folder: to be cited, checked, loaded elsewhere and repeated."""

from crawler.snapshot.folder import SnapshotError, take
from crawler.snapshot.words import Frozen

__all__ = ["Frozen", "SnapshotError", "take"]
