"""Words as a search needs them: Chinese in pairs of characters, Latin words and numbers as they are. Pure."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from operator import add

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKENS = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+(?:['’][^\W_{HAN}]+)?")
_HAN = re.compile(f"[{HAN}]")
_POSSESSIVE = re.compile("['’]s$")
_DATE = re.compile(r"\s*\(\d{4}-\d\d-\d\d\)$")

STOP_WORDS = frozenset(
    """
    a about after all also an and any are as at be been but by can could did do does for from had
    has have he her his how i if in into is it its just may more most much new no not of on one only
    or other our out over s said say says she so some such than that the their them then there these
    they this those to up us was we were what when where which while who why will with would you
    your
    """.split()  # noqa: SIM905 - it reads as a text
)
"""English words that tell nothing of what a text is about."""


def terms(text: str) -> Iterator[str]:
    """The terms of a text in its order: DeepSeek引爆中国 gives deepseek, 引爆, 爆中, 中国."""
    pieces = folded(text).split()
    read = {piece: tuple(_terms_in(piece)) for piece in set(pieces)}  # most words come more than once
    return chain.from_iterable(map(read.__getitem__, pieces))


def folded(text: str) -> str:
    """The text as terms are written: small letters, half-width."""
    return unicodedata.normalize("NFKC", text).casefold()


def is_half(term: str) -> bool:
    """Whether a term is one Chinese character: texts say it in the pairs that are their terms."""
    return len(term) == 1 and bool(_HAN.match(term))


def _terms_in(piece: str) -> Iterator[str]:
    # Most are a word and nothing else: only the others need be looked at.
    plain = piece.isascii() and piece.isalnum()
    for token in (piece,) if plain else _TOKENS.findall(piece):
        if not plain and _HAN.match(token):
            yield from map(add, token, token[1:]) if len(token) > 1 else token
        else:
            word = _POSSESSIVE.sub("", token)
            if word not in STOP_WORDS and (len(word) > 1 or not word.isascii()):
                yield word


BODY_TERMS = 80
"""So many terms of a body are kept, the most frequent: as good as all of them (docs/related.md)."""


def distinctive(heading: str, body: str) -> tuple[str, ...]:
    """The terms by which a text is found: all of its headings, and those that its body says most."""
    said = Counter(terms(body))
    return tuple(dict.fromkeys([*terms(heading), *(term for term, _ in said.most_common(BODY_TERMS))]))


def unsigned(said: Iterable[str], authors: Iterable[str]) -> tuple[str, ...]:
    """The terms of a text but for its authors' names: who wrote it writes of other things, too."""
    names = {term for author in authors for term in terms(author)}
    return tuple(term for term in said if term not in names)


def title_words(title: str) -> str:
    """A title without the date that `readable_title` puts behind it."""
    return _DATE.sub("", title)


def rarity(count: int, texts: int) -> float:
    """How much a term tells that stands in so many of all texts: `idf` of BM25."""
    return math.log1p((texts - count + 0.5) / (count + 0.5))


def likeness(one: Iterable[str], other: Iterable[str], rarity: Mapping[str, float]) -> float:
    """How alike two sets of terms are, from 0 to 1: the cosine, a term weighing as much as it is rare.

    A term whose rarity is not known counts as rare as the rarest.
    """
    unknown = max(rarity.values(), default=1.0)
    weights = [{term: rarity.get(term, unknown) ** 2 for term in set(terms)} for terms in (one, other)]
    shared = sum(weight for term, weight in weights[0].items() if term in weights[1])
    return shared / math.sqrt(sum(weights[0].values()) * sum(weights[1].values())) if shared else 0.0
