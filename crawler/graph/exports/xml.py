"""Escaping for XML 1.0. Pure."""

import re

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ORDINARY = re.compile("[ !#-%'-;=?-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
"""Neither illegal nor a mark; most text is, and to ask is quicker than to replace."""
_MARKS = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)


def escaped(text: object) -> str:
    """The text for an attribute or an element, without the characters that XML can't hold in any form."""
    text = str(text)
    return text if _ORDINARY.fullmatch(text) else _ILLEGAL.sub("", text).translate(_MARKS)
