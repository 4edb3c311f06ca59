"""Text as a row of words, Chinese by characters: what a comparison of texts stands on. Pure."""

import re
from collections.abc import Callable, Sequence
from zlib import crc32

_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
_LETTERS = r"[^\W_\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+"
_NARROW = rf"{_LETTERS}(?:['’.\-,]{_LETTERS})*"
_TOKEN = re.compile(rf"{_WIDE}|{_NARROW}|\s+|.")  # a wide character may be a punctuation mark
_ASCII = r"[a-z0-9]++(?:['’.\-,][a-z0-9]++)*+(?!['’.\-,]?[^\W_])"
"""What _NARROW finds of most Latin words in small letters, in half the time."""
_WORDS = re.compile(rf"{_ASCII}|(?![\W_]){_WIDE}|{_NARROW}")
"""Of text in small letters."""
_IS_WIDE = re.compile(_WIDE)
_WORD = re.compile(r"[^\W_]")


def tokens(text: str) -> list[str]:
    """The text in pieces that join to it again: Chinese characters, words, spaces, punctuation marks."""
    return _TOKEN.findall(text)


def is_word(token: str) -> bool:
    """Whether a token carries meaning: a word or a Chinese character, not a space or a mark."""
    return _WORD.match(token) is not None


SHINGLE = 4
"""Words, or Chinese characters, that are looked at together."""
MIX, MOST = 0x9E3779B97F4A7C15, 0x7FFF_FFFF_FFFF_FFFF
SKETCH = 64
"""How many shingles stand for a text."""


def shingles(text: str) -> tuple[int, ...]:
    """A sketch of the text: of all runs of 4 words or Chinese characters the 64 with the least hashes.

    Enough to tell how far two texts are the same without having either; CRC-32 of each run, mixed, for the
    bits of a checksum alone do not fall evenly; ascending.
    """
    # not above: numpy takes a while to load, and few that read texts sketch them
    import numpy as np

    from crawler.arrays import each_once

    words = " ".join(_words(text.lower())).encode("utf-8", "replace").split()
    rows = zip(*(words[start:] for start in range(SHINGLE)), strict=False)
    runs = map(b" ".join, rows if len(words) >= SHINGLE else [words] * bool(words))
    mixed = np.fromiter(map(crc32, runs), np.uint64) * np.uint64(MIX) & np.uint64(MOST)
    return tuple(each_once(mixed.astype(np.int64))[:SKETCH].tolist())


def _words(text: str) -> list[str]:
    """The words, or wide characters, of a text in small letters."""
    if not text.isascii() and _IS_WIDE.search(text):
        return _WORDS.findall(text)
    return words_in(text, _WORDS)


def words_in(text: str, pattern: re.Pattern[str], plain: Callable[[str], bool] = str.isalnum) -> list[str]:
    """All that a pattern of words finds; it crosses no space, and takes the whole of what is `plain`.

    Most of a text are words and nothing else: only the rest need be looked at, which takes half the time.
    """
    found: list[str] = []
    for piece in bare(text).split():
        if plain(piece):
            found.append(piece)
        else:
            found += pattern.findall(piece)
    return found


def bare(text: str) -> str:
    """The text without the marks that follow a word and join it to nothing."""
    return text.replace(". ", " ").replace(", ", " ")


def resemblance(one: Sequence[int], other: Sequence[int]) -> float:
    """Which part of their shingles two texts share, from 0 to 1, judged by their sketches."""
    least = sorted({*one, *other})[:SKETCH]
    return len({*one} & {*other} & {*least}) / len(least) if least else 0.0
