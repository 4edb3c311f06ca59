"""Which of two documents stands where a dump meets what is held. Pure; merging twice changes nothing."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from crawler.items import Status

Document = dict[str, Any]
Merge = Callable[[Document, Document], Document]

_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


def merge_pages(held: Document, loaded: Document) -> Document:
    """The one fetched, or else tried, last; near as either says; known as long as either says.

    A page that was forgotten stays so, here and wherever it is loaded.
    """
    newer = loaded if _recency(loaded) > _recency(held) else held
    first = loaded if _time(loaded, "first_seen_at") < _time(held, "first_seen_at") else held
    last = max(_time(held, "last_seen_at"), _time(loaded, "last_seen_at"))
    depths = (held.get("depths", {}), loaded.get("depths", {}))
    together: Document = {
        "discovered_from": first.get("discovered_from"),
        "first_seen_at": first.get("first_seen_at"),
        "last_seen_at": None if last == _NEVER else last,
        "depths": {
            seed: min(d[seed] for d in depths if seed in d) for seed in sorted({*depths[0], *depths[1]})
        },
    }
    return newer | {name: value for name, value in together.items() if value is not None or name in newer}


def _recency(page: Document) -> tuple[bool, dt.datetime, dt.datetime]:
    attempt = page.get("last_attempt") or {}
    forgotten = page["status"] == Status.FORGOTTEN
    return forgotten, _time(page, "fetched_at"), attempt.get("at") or _NEVER


def merge_links(held: Document, loaded: Document) -> Document:
    """The one seen last, with the earlier of both first sights."""
    newer = loaded if _time(loaded, "last_seen_at") > _time(held, "last_seen_at") else held
    first = loaded if _time(loaded, "first_seen_at") < _time(held, "first_seen_at") else held
    return newer | {name: first.get(name) for name in ("first_seen_at", "first_seen_run")}


def merge_runs(held: Document, loaded: Document) -> Document:
    """The one that was alive last."""
    return loaded if _time(loaded, "heartbeat") > _time(held, "heartbeat") else held


def keep_held(held: Document, loaded: Document) -> Document:  # noqa: ARG001 - as the others
    """What is held: the rest is computed anew, or is never changed."""
    return held


MERGES: dict[str, Merge] = {"pages": merge_pages, "links": merge_links, "crawl_runs": merge_runs}


def _time(document: Document, name: str) -> dt.datetime:
    return document.get(name) or _NEVER
