"""The ranked list of related works with their reasons, grouped by what they are to the seed. Pure."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice
from types import MappingProxyType

import numpy as np

from crawler.graph.evidence import NAMED, Evidence, Kind, Ties, explain, shared_words
from crawler.graph.facts import Neighbourhood, WorkFacts
from crawler.graph.incidence import Floats
from crawler.graph.pieces import LANGUAGES, Piece, unknown
from crawler.graph.ranking import rank
from crawler.graph.text import terms
from crawler.graph.words import Speaker
from crawler.graph.workgraph import WorkGraph, from_neighbourhood
from crawler.items import PageType, Status
from crawler.labels import Label
from crawler.labels import wanted as passes

SAME_EVENT = 3
"""Days before or after the seed within which a work is taken to be about the same event."""


class Group(StrEnum):
    """What a work is to the seed, in the order in which groups are shown."""

    BACKGROUND = "background"
    SAME_EVENT = "same event"
    FOLLOW_UPS = "follow-ups"
    UNDATED = "undated"
    OTHER_LANGUAGE = "other language"
    OUTSIDE = "outside sources"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which works are asked for."""

    limit: int = 20
    since: str | None = None
    """YYYY-MM-DD: published on that day or later."""
    run: str | None = None
    """Only what this run tried, or linked to for the first time."""
    external: bool = False
    """Pages of other sites, too."""
    stubs: bool = False
    """Articles that were never fetched, too."""
    label: str | None = None
    """Only those that readers labelled so: in, out, undecided, none."""
    labels: Mapping[str, Label] = field(default_factory=dict)
    """What readers said of works."""


ANY = Wanted(limit=1_000, external=True, stubs=True)
"""Whatever is related at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A related work, before it is described."""

    work: str
    score: float
    signals: Mapping[str, float]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A related work as it is shown."""

    rank: int
    piece: Piece
    score: float
    """From 0 to 1; comparable within one list only."""
    signals: Mapping[str, float]
    """What each signal has given to the score."""
    reasons: tuple[str, ...]
    group: Group
    label: Label | None = None
    """What readers say of it."""


def find(read: Neighbourhood, wanted: Wanted) -> list[Found]:
    """The works most related to the seeds, the strongest first, with what links them."""
    graph = from_neighbourhood(read)
    score, given = rank(graph, np.array([graph.number[seed] for seed in read.seeds], dtype=np.int64))
    ties = Ties(read)
    asked = {term for seed in read.seeds for term in read.works[seed].terms}
    return [
        Found(
            work=work,
            score=float(score[graph.number[work]]),
            signals={name: float(values[graph.number[work]]) for name, values in given.items()},
            evidence=(
                *explain(ties, read.seeds, work),
                *shared_words(read.works[work].terms, asked, read.rarity),
            ),
        )
        for work in islice(
            _wanted(read, wanted, _ordered(graph, score, ties.beside(read.seeds))), wanted.limit
        )
    ]


def _ordered(graph: WorkGraph, score: Floats, beside: Set[str]) -> Iterator[str]:
    """The works for which any signal speaks, the strongest first.

    At the end those that the editors recommend `beside` a seed: no part of the score, and reason enough.
    """
    for place in np.lexsort((np.array(graph.works), -score)):
        if score[place] > 0 or graph.works[place] in beside:
            yield graph.works[place]


def _wanted(read: Neighbourhood, wanted: Wanted, works: Iterable[str]) -> Iterator[str]:
    """Those of the works that are asked for."""
    new = {work for tie in read.ties if tie.first_seen_run == wanted.run for work in (tie.source, tie.target)}
    own_sites = {read.works[seed].site for seed in read.seeds}
    return (work for work in works if _is_wanted(read.works[work], wanted, own_sites, new))


def _is_wanted(work: WorkFacts, wanted: Wanted, own_sites: set[str], new: set[str]) -> bool:
    outside = work.is_external and work.site not in own_sites
    if outside and not wanted.external:
        return False
    if not outside and work.status != Status.FETCHED and not wanted.stubs:
        return False
    if not passes(wanted.labels.get(work.id), wanted.label):
        return False
    if wanted.since and (work.published_on or "") < wanted.since:
        return False
    return wanted.run is None or wanted.run in work.runs or work.id in new


def named(found: Iterable[Found], seeds: Sequence[str]) -> list[str]:
    """All works that must be described before the list can be shown."""
    works = [*seeds]
    for one in found:
        works += [one.work, *(way for evidence in one.evidence for way in evidence.via[:NAMED])]
    return list(dict.fromkeys(works))


def known(pieces: Mapping[str, Piece], works: Sequence[str]) -> list[Piece]:
    """The works as they are shown, those of which nothing is known by their name."""
    return [pieces.get(work, unknown(work)) for work in works]


def describe(
    found: Sequence[Found],
    seeds: Sequence[str],
    pieces: Mapping[str, Piece],
    language: str,
    speaking: type[Speaker] = Speaker,
    labels: Mapping[str, Label] = MappingProxyType({}),
) -> list[Related]:
    """The list with its words, for a reader of this language.

    `speaking` says the reasons; `labels` are what readers say of works.
    """
    speaker = speaking(pieces, seeds, language)
    own = known(pieces, seeds)
    described = []
    for place, one in enumerate(found, 1):
        piece = pieces.get(one.work, unknown(one.work))
        described.append(
            Related(
                rank=place,
                piece=piece,
                score=one.score,
                signals=one.signals,
                reasons=tuple(map(speaker.say, _reasons(one, _labels(own, piece)))),
                group=group(piece, own, language),
                label=labels.get(one.work),
            )
        )
    return described


def language_for(pieces: Mapping[str, Piece], seeds: Sequence[str]) -> str:
    """Of the readers of these works: English where they are had in it and not in Chinese, else Chinese."""
    own = known(pieces, seeds)
    spoken = {language for language in LANGUAGES if any(piece.speaks(language) for piece in own)}
    return "en" if spoken == {"en"} else "zh"


def _labels(seeds: Sequence[Piece], piece: Piece) -> list[Evidence]:
    """Columns, topics and authors that it shares with a seed."""
    known = {url for seed in seeds for url in seed.labels}
    authors = {author.casefold() for seed in seeds for author in seed.authors}
    shared = [author for author in piece.authors if author.casefold() in authors]
    shared += [name for url, name in piece.labels.items() if url in known]
    # an author is named by the byline, and by the link to their page, at times only by its address
    names = {name.casefold(): name for name in reversed(shared)}
    return [Evidence(Kind.SAME_LABEL, words=tuple(reversed(names.values())))] if names else []


def _reasons(one: Found, labels: Sequence[Evidence]) -> list[Evidence]:
    """All of its evidence, the strongest kind first; names among its labels are not told again as words."""
    names = {term for label in labels for name in label.words for term in terms(name)}
    reasons = [*labels]
    for evidence in one.evidence:
        words = tuple(word for word in evidence.words if not names.issuperset(terms(word)))
        if words or not evidence.words:
            reasons.append(replace(evidence, words=words))
    return sorted(reasons, key=lambda reason: list(Kind).index(reason.kind))


def group(piece: Piece, seeds: Sequence[Piece], language: str) -> Group:
    """What a work is to the seeds."""
    if piece.page_type == PageType.EXTERNAL and piece.site not in {seed.site for seed in seeds}:
        return Group.OUTSIDE
    if not piece.speaks(language):
        return Group.OTHER_LANGUAGE
    apart = [days for seed in seeds if (days := _days_after(piece, seed, language)) is not None]
    if not apart:
        return Group.UNDATED
    if max(apart) < -SAME_EVENT:
        return Group.BACKGROUND
    return Group.FOLLOW_UPS if min(apart) > SAME_EVENT else Group.SAME_EVENT


def _days_after(piece: Piece, seed: Piece, language: str) -> int | None:
    """Days from the seed to the work, in one language where both are had in it: translations take days."""
    for one, other in (
        (piece.date_in(language), seed.date_in(language)),
        (piece.published_on, seed.published_on),
    ):
        if (day := _day(one)) and (start := _day(other)):
            return (day - start).days
    return None


def _day(date: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(date or "")
    except ValueError:
        return None
