"""Names of who wrote: in small and capital letters, divided as a reference needs them. Pure."""

import re
from typing import NamedTuple

from crawler.plain import plain

_LATIN_NAME = re.compile(r"(?:[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ.'’-]*(?: |$)){2,}")
_ORGANIZATION = re.compile(r"(?i)\b(?:the|times|news|press|presse|staff|board|desk|agency|university)\b")
_SUFFIX = re.compile(r"(?i)(jr|sr)\.?|i{2,3}|iv")
_RUN = re.compile(r"[^\W\d_]+")


class Name(NamedTuple):
    """A person's name; an organization or an undivided name has no `given`."""

    family: str
    given: str = ""
    suffix: str = ""


def parse_name(name: str) -> Name:
    """Latin names divided before the last word; Chinese ones, desks and agencies left whole."""
    name = plain(name)
    words = name.split()
    if _ORGANIZATION.search(name) or not _LATIN_NAME.fullmatch(name):
        return Name(name)
    suffix = words.pop() if _SUFFIX.fullmatch(words[-1]) and len(words) > 2 else ""
    first = len(words) - 1
    while first > 1 and words[first - 1].islower():  # a particle, such as `de` or `van der`
        first -= 1
    return Name(" ".join(words[first:]), " ".join(words[:first]), suffix)


def cased(name: str) -> str:
    """CADE METZ, as some bylines have it, in the letters of other names; what is no such name as it is.

    What capitals don't tell stays untold: MACDONALD becomes Macdonald.
    """
    if not name.isupper() or _ORGANIZATION.search(name) or not _LATIN_NAME.fullmatch(name):
        return name
    return " ".join(
        word if _SUFFIX.fullmatch(word) else _RUN.sub(_capitalized, word) for word in name.split()
    )


def _capitalized(run: re.Match[str]) -> str:
    word = run[0].capitalize()
    return f"Mc{word[2:].capitalize()}" if word.startswith("Mc") and len(word) > 2 else word
