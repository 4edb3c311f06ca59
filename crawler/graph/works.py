"""Works: all language versions of one story, found as connected components over evidence. Pure."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import NamedTuple

_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """As much of a page as it takes to find its work."""

    id: str
    story_key: str
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One story in all its versions; the document of `works`."""

    id: str
    """Canonical URL of the first member seen; never changes."""
    members: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()
    first_published_on: str | None = None
    headlines: dict[str, str] = field(default_factory=dict)
    """By language."""
    published_on: dict[str, str] = field(default_factory=dict)
    """By language."""
    absorbed: tuple[str, ...] = ()
    """Former works that turned out to be this one."""


def find_works(
    members: Iterable[Member], translations: Iterable[tuple[str, str]], known: Set[str]
) -> list[Work]:
    """The works of these pages.

    `translations` are the (source, target) pairs of translation links, `known` the ids of works that
    were found before and not merged since: each keeps its id, the earliest seen where two become one.
    """
    pages = {member.id: member for member in members}
    evidence = sorted(set(_evidence(pages, translations)))
    by_root: dict[str, list[Evidence]] = defaultdict(list)
    roots = _components(pages, evidence)
    for piece in evidence:
        by_root[roots[piece.a]].append(piece)
    components: dict[str, list[Member]] = defaultdict(list)
    for page in sorted(pages.values(), key=_age):
        components[roots[page.id]].append(page)
    return [_work(component, by_root[root], known) for root, component in components.items()]


def _age(page: Member) -> tuple[dt.datetime, str]:
    return page.first_seen_at or _NEVER, page.id


def _evidence(pages: Mapping[str, Member], translations: Iterable[tuple[str, str]]) -> Iterator[Evidence]:
    """Every pair of pages that something says are one story; never a likeness of slugs."""
    stated: list[tuple[str, str | None, str]]
    stated = [(page.id, page.translation_of, "translation") for page in pages.values()]
    stated += [(page.id, other, "translation") for page in pages.values() for other in page.translations]
    stated += [(page.id, page.redirects_to, "redirect") for page in pages.values()]
    stated += [(source, target, "translation") for source, target in translations]
    for a, b, kind in stated:
        if a in pages and b is not None and b in pages and a != b:
            yield Evidence(min(a, b), max(a, b), kind)
    first: dict[str, str] = {}
    for page_id in sorted(pages):
        leader = first.setdefault(pages[page_id].story_key, page_id)
        if leader != page_id:
            yield Evidence(leader, page_id, "variant")


def _components(pages: Iterable[str], evidence: Iterable[Evidence]) -> dict[str, str]:
    """Each page's representative: union-find with path halving."""
    parent = {page: page for page in pages}

    def find(page: str) -> str:
        while parent[page] != page:
            parent[page] = parent[parent[page]]
            page = parent[page]
        return page

    for piece in evidence:
        parent[find(piece.a)] = find(piece.b)
    return {page: find(page) for page in parent}


def _work(component: list[Member], evidence: list[Evidence], known: Set[str]) -> Work:
    """The work of one component, whose members come the first seen first."""
    former = [page.id for page in component if page.id in known]
    work_id = former[0] if former else component[0].id
    told = [page for page in component if page.in_language]
    dates = [page.published_on for page in component if page.published_on]
    return Work(
        id=work_id,
        members=tuple(page.id for page in component),
        evidence=tuple(evidence),
        first_published_on=min(dates, default=None),
        headlines=_by_language((page.in_language, page.headline) for page in told),
        published_on=_by_language((page.in_language, page.published_on) for page in told),
        absorbed=tuple(former[1:]),
    )


def _by_language(values: Iterable[tuple[str | None, str | None]]) -> dict[str, str]:
    """The first value given for each language."""
    found: dict[str, str] = {}
    for language, value in values:
        if language and value:
            found.setdefault(language, value)
    return found
