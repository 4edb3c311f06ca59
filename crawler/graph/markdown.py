"""Text and addresses from the web in Markdown, where they mean nothing but themselves. Pure."""

import re

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
_ENDS = str.maketrans({" ": "%20", "<": "%3C", ">": "%3E"})


def escaped(text: str) -> str:
    """Text that no Markdown reader takes for markup; on one line already."""
    return _MARKS.sub(r"\\\1", text)


def link(text: str, address: str) -> str:
    """A link whose text and address are taken as they are."""
    return f"[{escaped(text)}](<{address.translate(_ENDS)}>)"
