"""Text as a row of words, Chinese by characters: what a comparison of texts stands on. Pure."""

import hashlib
import re
from collections.abc import Sequence
from heapq import nsmallest

_TOKEN = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"  # a wide character, punctuation too
    r"|[^\W_\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+(?:['’.\-,][^\W_\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+)*"
    r"|\s+|."
)
_WORD = re.compile(r"[^\W_]")


def tokens(text: str) -> list[str]:
    """The text in pieces that join to it again: Chinese characters, words, spaces, punctuation marks."""
    return _TOKEN.findall(text)


def is_word(token: str) -> bool:
    """Whether a token carries meaning: a word or a Chinese character, not a space or a mark."""
    return _WORD.match(token) is not None


SHINGLE = 4
"""Words, or Chinese characters, that are looked at together."""
SKETCH = 64
"""How many shingles stand for a text."""


def shingles(text: str) -> tuple[int, ...]:
    """A sketch of the text: of all runs of 4 words or Chinese characters the 64 with the least hashes.

    Enough to tell how far two texts are the same without having either; hashes of 63 bits, ascending.
    """
    words = [token.lower() for token in tokens(text) if is_word(token)]
    runs = (
        {" ".join(words[at : at + SHINGLE]) for at in range(max(len(words) - SHINGLE + 1, 1))}
        if words
        else ()
    )
    return tuple(nsmallest(SKETCH, map(_hash, runs)))


def _hash(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def resemblance(one: Sequence[int], other: Sequence[int]) -> float:
    """Which part of their shingles two texts share, from 0 to 1, judged by their sketches."""
    least = sorted({*one, *other})[:SKETCH]
    return len({*one} & {*other} & {*least}) / len(least) if least else 0.0
