"""Works: all language versions of one story, found as connected components over evidence. Pure."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from crawler.graph.claims import Claim, Story, judge
from crawler.urls import variant_of

_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """As much of a page as it takes to find its work."""

    id: str
    story_key: str | None = None
    translation_of: str | None = None
    translations: tuple[str, ...] = ()
    redirects_to: str | None = None
    headline: str | None = None
    published_on: str | None = None
    in_language: str | None = None
    first_seen_at: dt.datetime | None = None


class Evidence(NamedTuple):
    """Why two pages are taken for one work; `kind` is translation, variant or redirect."""

    a: str
    b: str
    kind: str


class Rejected(NamedTuple):
    """What page `a` says of page `b`, and why it is not believed."""

    a: str
    b: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One story in all its versions; the document of `works`."""

    id: str
    """Canonical URL of the first member seen; never changes."""
    members: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    """Evidence that would join another story to this one."""
    first_published_on: str | None = None
    headlines: dict[str, str] = field(default_factory=dict)
    """By language."""
    published_on: dict[str, str] = field(default_factory=dict)
    """By language."""


def find_works(
    members: Iterable[Member], translations: Iterable[tuple[str, str]], known: Set[str]
) -> list[Work]:
    """The works of these pages.

    `translations` are the (source, target) pairs of translation links, `known` the ids of works that
    were found before and not merged since: each keeps its id, the earliest seen where two become one.
    """
    pages = {member.id: member for member in members}
    evidence = {*_variants(pages), *_redirects(pages)}
    claims = sorted(_claims(pages, translations))
    reasons = judge(_stories(pages, evidence), claims)
    evidence |= {_joining(*claim) for claim in claims if claim not in reasons}
    rejected = [Rejected(*claim, "translation", reasons[claim]) for claim in claims if claim in reasons]
    return _works(pages, sorted(evidence), rejected, known)


def _joining(a: str, b: str, kind: str = "translation") -> Evidence:
    return Evidence(min(a, b), max(a, b), kind)


def _claims(pages: Mapping[str, Member], translations: Iterable[tuple[str, str]]) -> set[Claim]:
    """Every (page, other) of which the page says that the other is its translation or its original."""
    stated: list[tuple[str, str | None]] = [(page.id, page.translation_of) for page in pages.values()]
    stated += [(page.id, other) for page in pages.values() for other in page.translations]
    stated += translations
    return {(a, b) for a, b in stated if a in pages and b in pages and b is not None and a != b}


def _redirects(pages: Mapping[str, Member]) -> Iterator[Evidence]:
    for page in pages.values():
        if page.redirects_to in pages and page.redirects_to != page.id:
            yield _joining(page.id, str(page.redirects_to), "redirect")


def _variants(pages: Mapping[str, Member]) -> Iterator[Evidence]:
    """Pages whose whole address is the same but for its language version; never a likeness of slugs."""
    first: dict[str, str] = {}
    for page_id in sorted(pages):
        leader = first.setdefault(pages[page_id].story_key or page_id, page_id)
        if leader != page_id:
            yield Evidence(leader, page_id, "variant")


def _stories(pages: Mapping[str, Member], certain: Iterable[Evidence]) -> dict[str, Story]:
    """Each page's story, as far as addresses and redirects tell."""
    roots = components(pages, ((piece.a, piece.b) for piece in certain))
    languages: dict[str, set[str]] = defaultdict(set)
    headlines: dict[str, set[str]] = defaultdict(set)
    for page in pages.values():
        root = roots[page.id]
        languages[root] |= {_language(page)} - {""}
        headlines[root] |= {page.headline or ""} - {""}
    return {
        page: Story(root, frozenset(languages[root]), frozenset(headlines[root]))
        for page, root in roots.items()
    }


def _language(page: Member) -> str:
    """Main language of a story, by its address, else by its text; empty where nothing tells."""
    said = variant_of(page.story_key or page.id) or page.in_language or ""
    return said.partition("-")[0]


def components(pages: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each page's representative, the least of its component: union-find with path halving."""
    parent = {page: page for page in pages}

    def find(page: str) -> str:
        while parent[page] != page:
            parent[page] = parent[parent[page]]
            page = parent[page]
        return page

    for a, b in pairs:
        low, high = sorted((find(a), find(b)))
        parent[high] = low
    return {page: find(page) for page in parent}


def _works(
    pages: Mapping[str, Member], evidence: list[Evidence], rejected: list[Rejected], known: Set[str]
) -> list[Work]:
    roots = components(pages, ((piece.a, piece.b) for piece in evidence))
    grouped: dict[str, list[Member]] = defaultdict(list)
    joined: dict[str, list[Evidence]] = defaultdict(list)
    parted: dict[str, list[Rejected]] = defaultdict(list)
    for page in sorted(pages.values(), key=_age):
        grouped[roots[page.id]].append(page)
    for piece in evidence:
        joined[roots[piece.a]].append(piece)
    for claim in rejected:
        for root in {roots[claim.a], roots[claim.b]}:
            parted[root].append(claim)
    return [_work(component, joined[root], parted[root], known) for root, component in grouped.items()]


def _age(page: Member) -> tuple[dt.datetime, str]:
    return page.first_seen_at or _NEVER, page.id


def _work(
    component: list[Member], evidence: list[Evidence], rejected: list[Rejected], known: Set[str]
) -> Work:
    """The work of one component, whose members come the first seen first."""
    told = [page for page in component if page.in_language]
    dates = [page.published_on for page in component if page.published_on]
    return Work(
        id=next((page.id for page in component if page.id in known), component[0].id),
        members=tuple(page.id for page in component),
        evidence=tuple(evidence),
        rejected=tuple(rejected),
        first_published_on=min(dates, default=None),
        headlines=_by_language((page.in_language, page.headline) for page in told),
        published_on=_by_language((page.in_language, page.published_on) for page in told),
    )


def _by_language(values: Iterable[tuple[str | None, str | None]]) -> dict[str, str]:
    """The first value given for each language."""
    found: dict[str, str] = {}
    for language, value in values:
        if language and value:
            found.setdefault(language, value)
    return found
