"""Which code runs: the version, and the commit where this is a checkout."""

import subprocess
from pathlib import Path

VERSION = "0.1.0"
_PROJECT = Path(__file__).parent.parent
_DESCRIBE = ("git", "-C", str(_PROJECT), "describe", "--always", "--dirty", "--exclude=*", "--abbrev=12")


def code_version() -> str:
    """`0.1.0+8cc0fa6b844e`, `…-dirty` where tracked files were changed; `0.1.0` outside a checkout."""
    if not (_PROJECT / ".git").exists():  # installed inside another's repository: its commit is not ours
        return VERSION
    try:
        asked = subprocess.run(_DESCRIBE, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):  # no git, or not the owner of the checkout
        return VERSION
    return f"{VERSION}+{asked.stdout.strip()}"
