"""Text as a row of words, Chinese by characters: what a comparison of texts stands on. Pure."""

import re

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
