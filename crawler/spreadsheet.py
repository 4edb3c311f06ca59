"""Text in the cells of a CSV file, which a spreadsheet must not take for a formula. Pure."""

import re

# CSV Injection (OWASP): what one of these begins is calculated, and may call out.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def cell(text: str) -> str:
    """The text with an apostrophe before it where it looks like a formula; `uncell` takes it off again."""
    return f"'{text}" if _FORMULA.match(text) else text


def uncell(text: str) -> str:
    """The text that `cell` was given."""
    return text[1:] if _GUARDED.match(text) else text
