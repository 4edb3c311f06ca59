"""The operations that write one page: built here, carried out in order by the store."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from pymongo import UpdateMany, UpdateOne

from crawler import urls
from crawler.items import ATTEMPT_FIELDS, SCHEMA_VERSION, STORE_FIELDS, Page, Status, to_document
from crawler.store.decisions import Effect, Held, believed, decide, is_cut, is_late

MOST_ALIASES = 50

TITLE_RANK = {"url": 0, "api": 1, "headline": 2}
"""Which display title gives way to which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One page's operations, in the order in which they must be acknowledged."""

    page_id: str
    nodes: dict[str, UpdateOne]
    """The page itself and all it points to, as stubs, by `_id`."""
    links: list[UpdateOne]
    unchanged: dict[str, Any]
    """Matches the page only as long as nobody else has written what the plan was made on."""
    written: dict[str, Any]
    """Matches the page as this plan leaves it."""
    seen: dt.datetime
    """When the page was had."""
    revises: bool
    """Whether the version held goes to `revisions` first."""
    page: UpdateOne | None
    alias: UpdateOne | None
    """Lets the target of a redirect know by which other URL it is reached."""
    unseen: UpdateMany | None
    """Deactivates the links not seen this time."""


def plan(page: Page, held: Held, run_id: str | None, now: dt.datetime) -> Plan:
    """Everything that writing this page does, given what is held of it."""
    unchanged, held = _unchanged(page, held), believed(held, page, now)
    effect, reason = decide(page, held)
    if page.last_attempt and reason:
        page = replace(page, last_attempt=replace(page.last_attempt, reason=_join(page, reason)))
    seen = page.last_attempt.at if page.last_attempt else page.fetched_at or now
    run_id = (page.last_attempt and page.last_attempt.run_id) or run_id
    links = dict(_links(page, run_id, seen)) if effect is Effect.CONTENT else {}
    revises = effect is Effect.CONTENT and _is_revision(page, held)
    changes = _changes(page, held, effect, revises=revises)
    return Plan(
        page_id=page.id,
        nodes={page.id: own_node(page, seen)} | {t: stub(t, page, seen) for t in targets(page, effect)},
        links=list(links.values()),
        unchanged=unchanged,
        written=_written(unchanged, changes),
        seen=seen,
        revises=revises,
        page=UpdateOne(unchanged, {"$set": changes}) if changes else None,
        alias=_alias(page) if effect is Effect.STATUS and page.redirects_to else None,
        unseen=unseen(page, list(links), run_id, seen, _until(page, unchanged))
        if effect is Effect.CONTENT and _was_read(page)
        else None,
    )


def _was_read(page: Page) -> bool:
    """Whether this is the page itself: the facts of a seed file say nothing of the links they leave out."""
    return page.last_attempt is not None or page.status is not Status.DISCOVERED


def _join(page: Page, reason: str) -> str:
    """The attempt's own reason and ours; the same again when the page comes twice."""
    own = page.last_attempt.reason if page.last_attempt else None
    return f"{own}; {reason}" if own else reason


def own_node(page: Page, seen: dt.datetime) -> UpdateOne:
    """The page's own node, should nothing have linked to it yet."""
    facts = {
        "url": page.url,
        "site": page.site,
        "page_type": str(page.page_type),
        "variant": page.variant and str(page.variant),
        "story_key": page.story_key,
        "display_title": page.display_title,
        "display_title_source": page.display_title_source,
    }
    return _node(page.id, facts, page, None, seen)


def stub(url: str, source: Page, seen: dt.datetime) -> UpdateOne:
    """The node of a page that is pointed to, and may never have been fetched."""
    return _node(url, identity(url), source, source.id, seen)


def _node(
    url: str, facts: dict[str, Any], source: Page, discovered_from: str | None, seen: dt.datetime
) -> UpdateOne:
    inserted = {
        **facts,
        "status": Status.DISCOVERED.value,
        "provenance": source.provenance and str(source.provenance),
        "discovered_from": discovered_from,
        "first_seen_at": seen,
        "failures": 0,
        "in_degree": 0,
        "out_degree": 0,
        "links": [],
        "schema_version": SCHEMA_VERSION,
    }
    return UpdateOne({"_id": url}, {"$setOnInsert": inserted, "$max": {"last_seen_at": seen}}, upsert=True)


@lru_cache(maxsize=8_192)
def identity(url: str) -> dict[str, Any]:
    """What a URL alone tells. Shared between calls: read, never changed."""
    return {
        "url": url,
        "site": urls.site_of(url),
        "page_type": urls.page_type_of(url),
        "variant": urls.variant_of(url),
        "story_key": urls.story_key(url),
        "display_title": urls.readable_title(url),
        "display_title_source": "url",
    }


def targets(page: Page, effect: Effect) -> Iterator[str]:
    """All that the page points to, the page itself left out."""
    pointed: list[str | None] = []
    if effect in {Effect.CONTENT, Effect.STATUS}:
        pointed.append(page.redirects_to)
    if effect is Effect.CONTENT:
        pointed += [page.translation_of, *page.translations, *(link.target for link in page.links)]
    return (target for target in dict.fromkeys(pointed) if target and target != page.id)


def link_id(source: str, role: str, target: str, occurrence: int) -> str:
    """Names a link occurrence by what it says, not by where it stands: an added paragraph moves nothing."""
    name = "\n".join((source, role, target, str(occurrence)))
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def occurrences(page: Page) -> Iterator[tuple[str, dict[str, Any]]]:
    """The links of a page as documents of `links`, by `_id`, without the times they were seen."""
    count: Counter[tuple[str, str]] = Counter()
    for link in page.links:
        count[link.role, link.target] += 1
        name = link_id(page.id, link.role, link.target, count[link.role, link.target])
        there = {"source": page.id, "active": True, "gone_run": None, "gone_at": None}
        yield name, asdict(link) | {"role": str(link.role)} | there


def _links(page: Page, run_id: str | None, seen: dt.datetime) -> Iterator[tuple[str, UpdateOne]]:
    for name, facts in occurrences(page):
        yield name, link(name, facts, run_id, seen, again=True)


def link(
    name: str, facts: dict[str, Any], run_id: str | None, seen: dt.datetime | None, *, again: bool
) -> UpdateOne:
    """Stores a link that the run saw then; unless it was seen `again`, one that is held keeps its times."""
    first = {"first_seen_run": run_id, "first_seen_at": seen}
    last = {"last_seen_run": run_id, "last_seen_at": seen}
    set_, inserted = (facts | last, first) if again else (facts, first | last)
    return UpdateOne({"_id": name}, {"$set": set_, "$setOnInsert": inserted}, upsert=True)


def _is_revision(page: Page, held: Held) -> bool:
    """Whether the article changed, not our reading of it."""
    if page.extractor is None or held.extractor != (page.extractor.name, page.extractor.version):
        return False
    return None not in {held.content_hash, page.content_hash} and held.content_hash != page.content_hash


def _changes(page: Page, held: Held, effect: Effect, *, revises: bool) -> dict[str, Any]:
    """The fields of the page to set."""
    document = to_document(page)
    changes: dict[str, Any] = {}
    if effect is Effect.CONTENT:
        changes = _content(document, page, held)
        changes["revision"] = held.revision + revises
        if page.fetched_at and (revises or held.fetched_at is None):
            changes["held_since"] = page.fetched_at
    elif effect is Effect.STATUS and page.last_attempt:
        changes["status"] = str(page.last_attempt.status)
        changes["redirects_to"] = page.redirects_to
    if page.last_attempt and effect is not Effect.NOTHING and not is_late(page, held):
        changes |= {name: document[name] for name in ATTEMPT_FIELDS}
    return changes


def _content(document: dict[str, Any], page: Page, held: Held) -> dict[str, Any]:
    """The content fields; of the facts of a seed only those it knows, for they add and never erase."""
    kept_apart = {"_id", *STORE_FIELDS, *ATTEMPT_FIELDS}
    content = {name: value for name, value in document.items() if name not in kept_apart}
    if TITLE_RANK.get(page.display_title_source, 0) < TITLE_RANK.get(held.display_title_source, 0):
        del content["display_title"], content["display_title_source"]
    if page.last_attempt:
        return content | {"status": Status.FETCHED.value, "is_truncated": is_cut(page)}
    if page.status is Status.DISCOVERED:
        return {name: value for name, value in content.items() if value not in (None, (), False)}
    return content


def _unchanged(page: Page, held: Held) -> dict[str, Any]:
    """Matches the page only as long as nobody has written or forgotten what the decision was made on."""
    fetch = {"last_attempt.at": held.attempted_at, "fetched_at": held.fetched_at}
    return {"_id": page.id, "status": held.status.value} | fetch


def _written(unchanged: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Matches the page once these changes are made to it."""
    after = unchanged | {name: changes[name] for name in ("status", "fetched_at") if name in changes}
    return after | ({"last_attempt.at": changes["last_attempt"]["at"]} if "last_attempt" in changes else {})


def _until(page: Page, unchanged: dict[str, Any]) -> dt.datetime | None:
    """The latest time known when the page was decided on.

    None where times say nothing: of a copy that somebody saved, or of links that only a seed's facts told.
    """
    if page.last_attempt is None or unchanged["fetched_at"] is None:
        return None
    known = (page.last_attempt.at, unchanged["last_attempt.at"], unchanged["fetched_at"])
    return max(time for time in known if time)


def unseen(
    page: Page,
    seen_links: list[str],
    run_id: str | None = None,
    at: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> UpdateMany:
    """Deactivates the links of a page that are not among these, as the run saw that read the page.

    Those that were seen after `until` are left to the writer that is just storing them.
    """
    gone: dict[str, Any] = {"source": page.id, "active": True, "_id": {"$nin": seen_links}}
    if until:
        gone["last_seen_at"] = {"$lte": until}
    return UpdateMany(gone, {"$set": {"active": False, "gone_run": run_id, "gone_at": at or page.fetched_at}})


def _alias(page: Page) -> UpdateOne:
    bounded = {"_id": page.redirects_to, f"aliases.{MOST_ALIASES - 1}": {"$exists": False}}
    return UpdateOne(bounded, {"$addToSet": {"aliases": page.id}})
