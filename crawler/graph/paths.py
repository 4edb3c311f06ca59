"""Every way from one work to another over at most three links, with the words that carry them. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from crawler.graph.evidence import NAMED
from crawler.graph.facts import Tie
from crawler.graph.pieces import Piece
from crawler.graph.words import Speaker, quotation, where
from crawler.items import Role
from crawler.plain import counted

LONGEST = 3
VERBS = {
    Role.CITATION: "cites",
    Role.CAPTION: "cites",
    Role.RELATED: "recommends",
    Role.AUTHOR: "is by",
    Role.TOPIC: "stands in",
}
"""What a link says, by its role; other roles make no path."""


@dataclass(frozen=True, slots=True)
class Path:
    """The works on the way, both ends included, and the links of each step, whichever way they point."""

    works: tuple[str, ...]
    steps: tuple[tuple[Tie, ...], ...]


def find(ties: Iterable[Tie], start: str, end: str) -> list[Path]:
    """The paths between two works, the shortest first; none passes a work twice."""
    between: dict[frozenset[str], list[Tie]] = defaultdict(list)
    for tie in ties:
        if tie.source != tie.target and tie.role in VERBS:
            between[frozenset(tie[:2])].append(tie)
    beside: dict[str, list[str]] = defaultdict(list)
    for pair in between:
        one, other = sorted(pair)
        beside[one].append(other)
        beside[other].append(one)
    ways = sorted(_ways(beside, (start,), end), key=lambda way: (len(way), way))
    return [Path(way, tuple(_step(between, pair) for pair in pairwise(way))) for way in ways]


def _ways(beside: Mapping[str, Sequence[str]], way: tuple[str, ...], end: str) -> Iterator[tuple[str, ...]]:
    for work in beside.get(way[-1], ()):
        if work == end:
            yield (*way, end)
        elif work not in way and len(way) < LONGEST:
            yield from _ways(beside, (*way, work), end)


def _step(between: Mapping[frozenset[str], Sequence[Tie]], pair: tuple[str, str]) -> tuple[Tie, ...]:
    return tuple(
        sorted(between[frozenset(pair)], key=lambda tie: (tie.source != pair[0], tie.paragraph or 10**6))
    )


def names(path: Path, pieces: Mapping[str, Piece], language: str) -> dict[str, str]:
    """What each work on the way is called; columns, topics and authors as the articles name them."""
    labels = {url: name for work in path.works if work in pieces for url, name in pieces[work].labels.items()}
    speaker = Speaker(pieces, path.works, language)
    return {work: labels.get(work) or speaker.name(work) for work in path.works}


def sentences(path: Path, pieces: Mapping[str, Piece], language: str) -> Iterator[str]:
    """Each link of a path in words, none twice: «A» cites «B» in paragraph 2: «…»."""
    called = names(path, pieces, language)
    for step in path.steps:
        told = list(dict.fromkeys(_sentence(tie, called) for tie in step))
        yield from told[:NAMED]
        if len(told) > NAMED:
            yield f"and {counted(len(told) - NAMED, 'link')} more between these two"


def _sentence(tie: Tie, called: Mapping[str, str]) -> str:
    said = f"«{called[tie.source]}» {VERBS[Role(tie.role)]} «{called[tie.target]}»"
    quoted = tie.role in {Role.CITATION, Role.CAPTION}
    return f"{said} {where(tie)}{quotation(tie)}" if quoted else said
