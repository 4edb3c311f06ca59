"""What a seed's lists name, and which of it belongs to the seed's graph: discovery forward in time."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import chain, zip_longest

from crawler.items import PageType, Role, Status
from crawler.seeds import Seed
from crawler.store import labels
from crawler.store.bulk import Database, Document
from crawler.store.frontier import CHUNK, DUE_FIELDS, Due, due_from
from crawler.urls import is_fetchable

PROPOSED = 6
"""Lists that a seed which has none is told of: as many as one reads, and would look into."""
INDEX_LAYOUT = "sitemap-index"
NO_STORIES = [
    kind.value for kind in (PageType.TOPIC, PageType.SECTION, PageType.AUTHOR, PageType.HOME, PageType.OTHER)
]


async def due_lists(
    database: Database, lists: Sequence[str], now: dt.datetime, exclude: Collection[str], run_id: str | None
) -> list[Due]:
    """The lists of a seed, and the sitemaps its indexes name, that this run has not asked for yet.

    A list is read in every run that watches; only one that failed waits for its time.
    """
    named = [*lists, *await _sitemaps_of(database, lists)]
    waits = {"failures": {"$gt": 0}, "next_fetch_at": {"$gt": now}}
    query: Document = {"_id": {"$in": named, "$nin": list(exclude)}, "$nor": [waits]}
    if run_id is not None:
        query["last_attempt.run_id"] = {"$ne": run_id}
    return [due_from(page) async for page in database.pages.find(query, DUE_FIELDS)]


async def _sitemaps_of(database: Database, lists: Sequence[str]) -> list[str]:
    indexes = {"_id": {"$in": list(lists)}, "extractor.layout": INDEX_LAYOUT}
    found = database.pages.find(indexes, {"links.target": 1})
    return [link["target"] async for page in found for link in page["links"]]


async def candidates(
    database: Database,
    seed: Seed,
    now: dt.datetime,
    limit: int,
    exclude: Collection[str],
    run_id: str | None,
) -> list[Due]:
    """Stories of the seed's sites that its lists name and nobody has fetched, each list's newest first.

    They are marked as discovered by their list.
    """
    named = await _named(database, [*seed.lists, *await _sitemaps_of(database, seed.lists)])
    waiting: Document = {
        "_id": {"$in": [url for url in named if url not in exclude and is_fetchable(url)]},
        "site": {"$in": list(seed.sites)},
        "page_type": {"$nin": NO_STORIES},
        "status": Status.DISCOVERED.value,
        f"depths.{seed.name}": {"$exists": False},
        "$or": [{"next_fetch_at": None}, {"next_fetch_at": {"$lte": now}}],
    }
    if run_id is not None:
        waiting["last_attempt.run_id"] = {"$ne": run_id}
    found = {page["_id"]: page async for page in database.pages.find(waiting, DUE_FIELDS)}
    chosen = [found[url] for url in named if url in found][:limit]
    await _mark(database, seed.name, {page["_id"]: named[page["_id"]] for page in chosen})
    return [due_from(page) for page in chosen]


async def _named(database: Database, lists: Sequence[str]) -> dict[str, str]:
    """What the lists name now, with the list that does: one of each in turn, in their own order."""
    entries = {name: list[str]() for name in lists}
    async for page in database.pages.find({"_id": {"$in": list(lists)}}, {"links.target": 1}):
        entries[page["_id"]] = [link["target"] for link in page["links"]]
    rounds = zip_longest(*([(url, name) for url in urls] for name, urls in entries.items()))
    named: dict[str, str] = {}
    for entry in chain.from_iterable(rounds):
        if entry and entry[0] not in entries:
            named.setdefault(*entry)
    return named


async def _mark(database: Database, seed: str, discovered_by: dict[str, str]) -> None:
    by_list = defaultdict(list)
    for url, name in discovered_by.items():
        by_list[name].append(url)
    for name, urls in by_list.items():
        fresh = {"_id": {"$in": urls}, f"discovered_by.{seed}": {"$exists": False}}
        await database.pages.update_many(fresh, {"$set": {f"discovered_by.{seed}": name}})


async def join(database: Database, seed: str, limit: int, roles: Collection[str]) -> list[str]:
    """Takes into the seed's graph what was discovered by a list and links to a member; returns their URLs.

    A page that cites a member at depth d comes to depth d + 1, at most `limit`; a translation of one to its
    own. What joins may let others in that cite it. What readers labelled out neither joins nor lets in.
    """
    joined: list[str] = []
    out = await labels.out(database, seed)
    while fresh := await _join_once(database, seed, limit, roles, out):
        joined += fresh
    return joined


async def _join_once(
    database: Database, seed: str, limit: int, roles: Collection[str], out: Collection[str]
) -> list[str]:
    waiting = {f"discovered_by.{seed}": {"$exists": True}, f"depths.{seed}": {"$exists": False}}
    held = database.pages.find(waiting | {"status": "fetched"}, {"_id": 1})
    ids = [page["_id"] async for page in held if page["_id"] not in out]
    fresh: list[str] = []
    for start in range(0, len(ids), CHUNK):
        depths = await _depths(database, seed, limit, roles, ids[start : start + CHUNK], out)
        for depth in sorted(set(depths.values())):
            urls = [url for url, least in depths.items() if least == depth]
            await database.pages.update_many({"_id": {"$in": urls}}, {"$min": {f"depths.{seed}": depth}})
            fresh += urls
    return fresh


async def _depths(
    database: Database,
    seed: str,
    limit: int,
    roles: Collection[str],
    sources: list[str],
    out: Collection[str],
) -> dict[str, int]:
    """The depth of those of the pages that link to a member."""
    followed = {"source": {"$in": sources}, "active": True, "role": {"$in": [str(role) for role in roles]}}
    links = [link async for link in database.links.find(followed, {"source": 1, "target": 1, "role": 1})]
    members = await _members(database, seed, limit, {link["target"] for link in links} - set(out))
    depths: dict[str, int] = {}
    for link in links:
        if link["target"] in members:
            hops = 0 if link["role"] == Role.TRANSLATION else 1
            depth = min(members[link["target"]] + hops, limit)
            depths[link["source"]] = min(depth, depths.get(link["source"], depth))
    return depths


async def _members(database: Database, seed: str, limit: int, urls: Iterable[str]) -> dict[str, int]:
    """Those of the URLs that are in the graph, themselves or as redirects into it, with their depth."""
    key = f"depths.{seed}"
    pages = [
        page async for page in database.pages.find({"_id": {"$in": list(urls)}}, {key: 1, "redirects_to": 1})
    ]
    moved = {page["redirects_to"] for page in pages if page.get("redirects_to")}
    targets = database.pages.find({"_id": {"$in": list(moved)}, key: {"$lte": limit}}, {key: 1})
    ends = {page["_id"]: page["depths"][seed] async for page in targets}
    own = {page["_id"]: page.get("depths", {}).get(seed) for page in pages}
    own |= {page["_id"]: ends.get(page.get("redirects_to")) for page in pages if own[page["_id"]] is None}
    return {url: depth for url, depth in own.items() if depth is not None and depth <= limit}


async def proposed_lists(database: Database, starts: Collection[str]) -> list[str]:
    """Column, topic and author pages that these pages link to, PROPOSED at most: what most name first."""
    roles = [Role.TOPIC.value, Role.AUTHOR.value]
    found = database.pages.find({"_id": {"$in": list(starts)}}, {"links.target": 1, "links.role": 1})
    naming: Counter[str] = Counter()
    async for page in found:
        naming.update(dict.fromkeys((link["target"] for link in page["links"] if link["role"] in roles), 1))
    return [url for url, _ in naming.most_common(PROPOSED)]
