"""The versions of a page: what changed between them, and how to show it. Pure."""

from crawler.history.changes import (
    Kind,
    LinkChange,
    Piece,
    Version,
    compare,
    compare_links,
    quiet_links,
    text_of,
    versions,
)
from crawler.history.show import as_json, show_history, show_revised

__all__ = [
    "Kind",
    "LinkChange",
    "Piece",
    "Version",
    "as_json",
    "compare",
    "compare_links",
    "quiet_links",
    "show_history",
    "show_revised",
    "text_of",
    "versions",
]
