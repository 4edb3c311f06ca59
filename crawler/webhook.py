"""Tells somebody's chat or service that a run has something to say."""

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

logger = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds."""
NOTHING_TO_SAY = frozenset({"finished", "page_budget", "shutdown"})
"""How a run ends that did what it should; an interrupted one goes on later."""


def is_usable(url: str) -> bool:
    """Whether something can be sent there."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def message(run: Mapping[str, Any], reason: str, failed: Mapping[str, str]) -> dict[str, Any] | None:
    """What to say of a run; None where it ended well and every monitor passed.

    `failed` are monitors with their reasons. `text` is for people: chats show it as it is.
    """
    if reason in NOTHING_TO_SAY and not failed:
        return None
    words = [f"{run['_id']}: {reason}", *(f"{name}: {why}" for name, why in failed.items())]
    return {
        "text": "\n".join(words),
        "run": run["_id"],
        "seed": run["seed"],
        "finish_reason": reason,
        "monitors": dict(failed),
        "counts": dict(run.get("counts") or {}),
        "new": dict(run.get("new") or {}),
    }


def send(url: str, said: Mapping[str, Any]) -> None:
    """POST it as JSON. A failure is logged, and no more: the run is kept either way.

    The log names the host only: the address may hold a secret.
    """
    body = json.dumps(said, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    request = urllib.request.Request(url, body, headers)
    host = urlsplit(url).hostname
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT):
            logger.info("%s was told", host)
    except urllib.error.HTTPError as error:
        logger.warning("%s was not told: it answers %d", host, error.code)
    except (OSError, ValueError) as error:  # ValueError: an answer that is no HTTP
        reason = getattr(error, "reason", error)
        logger.warning("%s was not told: %s", host, " ".join(str(reason).split())[:200])
