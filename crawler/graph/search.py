"""How well a work answers a few words: headings before bodies, rare terms before common ones. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from crawler.graph.text import folded, is_half, terms
from crawler.plain import plain, shortened

HEADING = 3.0
"""A term in a headline, summary or name counts as much as so many in a body."""
SATURATED = 1.2
"""How soon it no longer matters that a body says a term once more: `k1` of BM25."""
LEAD = 30
SNIPPET = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A work that may be an answer: what it says in few words, and its bodies."""

    work: str
    headings: tuple[str, ...]
    bodies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An answer, its score, and the words around what was found."""

    work: str
    score: float
    snippet: str = ""


def rank(words: str, candidates: Sequence[Candidate], rarity: Mapping[str, float], limit: int) -> list[Hit]:
    """The best answers to these words; one that says all of them goes before one that says only some."""
    asked = list(dict.fromkeys(terms(words)))
    hits = [_hit(words, asked, candidate, rarity) for candidate in candidates]
    found = [hit for hit in hits if hit.score > 0]
    return sorted(found, key=lambda hit: (-hit.score, hit.work))[:limit]


def _hit(words: str, asked: Collection[str], candidate: Candidate, rarity: Mapping[str, float]) -> Hit:
    heading, body = (_Said("\n".join(texts)) for texts in (candidate.headings, candidate.bodies))
    score, said = 0.0, 0
    for term in asked:
        times = HEADING * (heading.count(term) > 0) + body.count(term)
        score += rarity.get(term, 1.0) * times / (times + SATURATED)
        said += times > 0
    complete = said / len(asked) if asked else 0.0
    return Hit(work=candidate.work, score=score * complete, snippet=_snippet(words, asked, candidate))


class _Said:
    """A text of which it is asked how often it says a term."""

    def __init__(self, text: str) -> None:
        self._text = folded(text)
        self._terms = list(terms(text))

    def count(self, term: str) -> int:
        """A single Chinese character counts wherever it stands."""
        return self._text.count(term) if is_half(term) else self._terms.count(term)


def _snippet(words: str, asked: Collection[str], candidate: Candidate) -> str:
    """The words around the first that is found in a body: the whole question, else any of its terms."""
    for text in map(plain, candidate.bodies):
        low = text.casefold()
        places = [low.find(sought) for sought in (plain(words).casefold(), *asked)]
        place = next((place for place in places if place >= 0), None)
        if place is not None:
            start = max(place - LEAD, 0)
            return ("…" if start else "") + shortened(text[start:], SNIPPET)
    return ""
