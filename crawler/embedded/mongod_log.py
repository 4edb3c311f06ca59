"""Why a mongod ended, from what it logged."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ADVICE = {
    "No space left on device": "free some disk space",
    "DBPathInUse": "end the other mongod, or set MONGO_DIR to another directory",
    "unsupported WiredTiger|featureCompatibilityVersion": "the data is of another MongoDB version:"
    " set MONGOD_BIN to a mongod of that version, or MONGO_DIR to another directory",
}


def why_ended(path: Path, start: int) -> str:
    """Say in one line why mongod ended and what to do, from what its log has after position `start`."""
    with path.open("rb") as log:
        log.seek(start)
        logged = log.read().decode(errors="replace")
    advice = next((advice for pattern, advice in ADVICE.items() if re.search(pattern, logged)), f"see {path}")
    return f"mongod ended at start ({last_error(logged.splitlines())}): {advice}"


def last_error(lines: Iterable[str]) -> str:
    """Return the text of the last error in mongod's log; of the last line where it has none.

    Of "error" and "fatal" the first tells more: a fatal line follows it and says that mongod is aborting.
    """
    found = {"I": "it logged nothing"}
    for line in lines:
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:  # what it says before it knows its log: a wrong option
            found["I"] = line[:300]
        else:
            found[entry["s"]] = _text_of(entry)
    return next(found[severity] for severity in "EFWI" if severity in found)


def _text_of(entry: dict[str, Any]) -> str:
    """`{"msg": …, "attr": {"error" | "reason": text}}`, or WiredTiger's own entry in `attr.message`."""
    facts = entry.get("attr", {})
    inner = facts.get("message")
    told = inner.get("msg") if isinstance(inner, dict) else facts.get("error", facts.get("reason", ""))
    return " ".join(f"{entry['msg']}: {told}".split())[:300]
