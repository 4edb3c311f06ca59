"""Tells somebody's chat or service that a run has something to say."""

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from crawler.graph.news import News, as_text, to_document

logger = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds."""
NAMED = 10
"""News that are written out in the text."""
MOST = 1_000
"""News that one message holds: what takes them has bounds, too. The rest stays untold."""
NOTHING_TO_SAY = frozenset({"finished", "page_budget", "shutdown"})
"""How a run ends that did what it should; an interrupted one goes on later."""


def is_usable(url: str) -> bool:
    """Whether something can be sent there."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # brackets without an end, a port that is no number
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0


def message(
    run: Mapping[str, Any], reason: str, failed: Mapping[str, str], news: Sequence[News] = ()
) -> dict[str, Any] | None:
    """What to say of a run; None where it ended well, every monitor passed and nothing is new.

    `failed` are monitors with their reasons. `text` is for people: chats show it as it is; it names the
    first of the news, `news` holds all that it tells.
    """
    if reason in NOTHING_TO_SAY and not failed and not news:
        return None
    words = [f"{run['_id']}: {reason}", *(f"{name}: {why}" for name, why in failed.items())]
    words += ["".join(as_text(news[:NAMED], run["seed"])).rstrip()] if news else []
    words += [f"and {len(news) - NAMED} more"] if len(news) > NAMED else []
    words += [f"`scrapy new --seed {run['seed']}` tells the rest"] if len(news) >= MOST else []
    return {
        "text": "\n".join(words),
        "run": run["_id"],
        "seed": run["seed"],
        "finish_reason": reason,
        "monitors": dict(failed),
        "counts": dict(run.get("counts") or {}),
        "new": dict(run.get("new") or {}),
        "news": [to_document(thing) for thing in news],
    }


def send(url: str, said: Mapping[str, Any]) -> bool:
    """POST it as JSON; returns whether it was taken. A failure is logged, and no more: the run is kept.

    The log names the host only: the address may hold a secret.
    """
    body = json.dumps(said, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    request = urllib.request.Request(url, body, headers)
    host = urlsplit(url).hostname
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT):
            logger.info("%s was told", host)
            return True
    except urllib.error.HTTPError as error:
        logger.warning("%s was not told: it answers %d", host, error.code)
    except (OSError, ValueError) as error:  # ValueError: an answer that is no HTTP
        reason = getattr(error, "reason", error)
        logger.warning("%s was not told: %s", host, " ".join(str(reason).split())[:200])
    return False
