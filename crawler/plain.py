"""Text from the web as one line that no format and no terminal can trip over. Pure."""


def plain(text: str) -> str:
    """On one line, without control, direction and invisible characters and half surrogate pairs.

    What is left may stand in XML 1.0, a CSV cell or a terminal once that format's own marks are escaped.
    """
    if not text.isprintable():  # most are, and to ask is quicker than to filter
        text = "".join(char for char in text if char.isprintable() or char.isspace())
    return " ".join(text.split())


def counted(number: int, noun: str) -> str:
    """`1 work`, `2 works`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shortened(text: str, length: int) -> str:
    """At most `length` characters, the last of them an ellipsis where some are missing."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
