"""Why two works belong together: the links and words that say so, each as one reason. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from crawler.graph.facts import CITING, Neighbourhood, Tie
from crawler.items import Role

NAMED = 3
"""So many works, quotations or words are named; the others are counted."""


class Kind(StrEnum):
    """What a reason says of the work, in the order in which reasons are given."""

    CITED_BY_SEED = "cited by the seed"
    CITES_SEED = "cites the seed"
    RECOMMENDED = "recommended beside it"
    CITED_TOGETHER = "cited together"
    SAME_CITATIONS = "cites the same"
    CITED_BY_CITED = "cited by what the seed cites"
    CITES_CITING = "cites what cites the seed"
    SAME_LABEL = "same column, topic or author"
    SAME_WORDS = "same words"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason: the links that carry it, the works it goes through, or the words that both say."""

    kind: Kind
    ties: tuple[Tie, ...] = ()
    via: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class Ties:
    """The links of a neighbourhood, found by either end."""

    def __init__(self, read: Neighbourhood) -> None:
        self.made: dict[str, list[Tie]] = defaultdict(list)
        self.received: dict[str, list[Tie]] = defaultdict(list)
        for tie in read.ties:
            self.made[tie.source].append(tie)
            self.received[tie.target].append(tie)
        self.hubs = {work for work, facts in read.works.items() if facts.is_hub}

    def between(self, sources: Collection[str], target: str, roles: Collection[str]) -> tuple[Tie, ...]:
        """Links from any of these works to another, in the order of the text."""
        found = [tie for tie in self.received[target] if tie.source in sources and tie.role in roles]
        # the versions of a work cite in the same places: once is enough, with the quotation
        places = {_place(tie): tie for tie in sorted(found, key=_quotes)}
        return tuple(places[place] for place in sorted(places))

    def cited_by(self, works: Iterable[str]) -> dict[str, None]:
        """What these works cite, hubs left out."""
        return self._ends((tie.target, tie) for work in works for tie in self.made[work])

    def citing(self, works: Iterable[str]) -> dict[str, None]:
        """What cites these works, hubs left out."""
        return self._ends((tie.source, tie) for work in works for tie in self.received[work])

    def beside(self, works: Collection[str]) -> set[str]:
        """What the editors recommend beside these works, or these beside it; hubs left out."""
        made = {tie.target for work in works for tie in self.made[work] if tie.role == Role.RELATED}
        received = {tie.source for work in works for tie in self.received[work] if tie.role == Role.RELATED}
        return (made | received) - self.hubs - {*works}

    def _ends(self, ends: Iterable[tuple[str, Tie]]) -> dict[str, None]:
        return {work: None for work, tie in ends if tie.role in CITING and work not in self.hubs}


def _place(tie: Tie) -> tuple[int, str]:
    return (10**6 if tie.paragraph is None else tie.paragraph, tie.source)


def _quotes(tie: Tie) -> tuple[bool, bool]:
    """A link of the second step is read without its words."""
    return bool(tie.context), bool(tie.anchor_text)


def explain(ties: Ties, seeds: Sequence[str], work: str) -> list[Evidence]:
    """Every reason that the links give, the strongest kind first."""
    return [*_direct(ties, seeds, work), *_by_way_of(ties, seeds, work)]


def _direct(ties: Ties, seeds: Sequence[str], work: str) -> Iterator[Evidence]:
    if cited := ties.between(seeds, work, CITING):
        yield Evidence(Kind.CITED_BY_SEED, cited)
    citing = [tie for seed in seeds for tie in ties.between([work], seed, CITING)]
    if citing:
        yield Evidence(Kind.CITES_SEED, tuple(citing))
    beside = ties.between(seeds, work, [Role.RELATED])
    beside += tuple(tie for seed in seeds for tie in ties.between([work], seed, [Role.RELATED]))
    if beside:
        yield Evidence(Kind.RECOMMENDED, beside)


def _by_way_of(ties: Ties, seeds: Sequence[str], work: str) -> Iterator[Evidence]:
    cited, citing = ties.cited_by(seeds), ties.citing(seeds)
    own_cited, own_citing = ties.cited_by([work]), ties.citing([work])
    ways = {
        Kind.CITED_TOGETHER: [way for way in own_citing if way in citing],
        Kind.SAME_CITATIONS: [way for way in own_cited if way in cited],
        Kind.CITED_BY_CITED: [way for way in own_citing if way in cited],
        Kind.CITES_CITING: [way for way in own_cited if way in citing],
    }
    for kind, via in ways.items():
        apart = [way for way in via if way not in seeds and way != work]
        if apart:
            yield Evidence(kind, via=tuple(apart))


def shared_words(
    said: Sequence[str], asked: Collection[str], rarity: Mapping[str, float]
) -> Iterator[Evidence]:
    """What both say, the rarest first; pairs of characters that follow each other as one word."""
    common = {*said} & {*asked} & rarity.keys()
    if common:
        words = sorted(_words(said, common), key=lambda word: (-max(rarity[term] for term in word), word))
        yield Evidence(Kind.SAME_WORDS, words=tuple(map(_joined, words)))


def _words(said: Sequence[str], common: Collection[str]) -> list[list[str]]:
    """Common terms, pairs that overlap in one list: 特朗 and 朗普 are one word."""
    words: list[list[str]] = []
    before = ""
    for term in said:
        if term in common:
            follows = before in common and len(term) == len(before) == 2 and before[1] == term[0]
            if follows and not term.isascii():
                words[-1].append(term)
            else:
                words.append([term])
        before = term
    return words


def _joined(word: Sequence[str]) -> str:
    return word[0] + "".join(term[1] for term in word[1:])
