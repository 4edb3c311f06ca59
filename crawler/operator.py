"""Who runs this, for the ledger."""

import getpass
import os


def operator() -> str:
    """The user's name; a user of a container may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
