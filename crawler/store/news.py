"""What is new in a seed's graph: works, links and revisions that were not told yet, or came since a time.

The collection `told` holds what was told: `_id` is the seed and the thing's key, `at` is when.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pymongo.errors import BulkWriteError

from crawler.graph.news import News
from crawler.items import PageType, Role
from crawler.store.bulk import DUPLICATE_KEY, Database, Document
from crawler.store.frontier import CHUNK

STORIES = [
    kind.value
    for kind in (
        *(PageType.ARTICLE, PageType.LIVE, PageType.INTERACTIVE, PageType.VIDEO, PageType.SLIDESHOW),
        PageType.EXTERNAL,
    )
]
SHOWN = {
    "display_title": 1,
    "site": 1,
    "published_on": 1,
    "work_id": 1,
    "aliases": 1,
    "depths": 1,
    "revision": 1,
    "fetched_at": 1,
    "first_seen_at": 1,
}
JOINING = [Role.CITATION.value, Role.TRANSLATION.value]


@dataclass(frozen=True, slots=True)
class _Graph:
    """The stories that are held of a seed's graph."""

    seed: str
    pages: dict[str, Document]
    """By URL."""
    known: dict[str, dt.datetime]
    """Works that are no news, each with the time from which on what happens to it is."""
    told: set[str]
    """Keys of things that are not told again."""

    def depth(self, url: str) -> int:
        return int(self.pages[url]["depths"][self.seed])

    def known_since(self, url: str) -> dt.datetime | None:
        return self.known.get(self.pages[url]["work_id"])


async def news(database: Database, seed: str, since: dt.datetime | None) -> list[News]:
    """Works first, then revised articles, then new links of works known before.

    Without `since`: what was not told yet. With it: what was first seen since then, told or not.
    """
    graph = await _read(database, seed, since)
    fresh = [url for url in graph.pages if graph.known_since(url) is None]
    revised = [thing for url in graph.pages for thing in _revised(graph, url)]
    links = await _new_links(database, graph)
    suggested = await _suggested(database, graph, since)
    return [*await _new_works(database, graph, fresh), *revised, *links, *suggested]


async def tell(database: Database, seed: str, things: Iterable[News]) -> list[News]:
    """Note the things as told; returns those that nobody else told meanwhile.

    With a work its pages are noted, so that a version of it that comes later is not told as another.
    """
    now = dt.datetime.now(dt.UTC)
    by_id = {f"{seed} {thing.key}": thing for thing in things}
    entries = [{"_id": name, "seed": seed, "key": thing.key, "at": now} for name, thing in by_id.items()]
    taken: set[str] = set()
    for start in range(0, len(entries), CHUNK):
        try:
            await database.told.insert_many(entries[start : start + CHUNK], ordered=False)
        except BulkWriteError as error:
            faults: list[Document] = error.details["writeErrors"]
            if any(fault["code"] != DUPLICATE_KEY for fault in faults):
                raise
            taken |= {fault["op"]["_id"] for fault in faults}
    return [thing for name, thing in by_id.items() if name not in taken]


async def take_back(database: Database, seed: str, things: Iterable[News]) -> None:
    """Forget that the things were told, when they could not be handed over."""
    await database.told.delete_many({"_id": {"$in": [f"{seed} {thing.key}" for thing in things]}})


async def _read(database: Database, seed: str, since: dt.datetime | None) -> _Graph:
    held = {f"depths.{seed}": {"$exists": True}, "status": "fetched", "page_type": {"$in": STORIES}}
    pages = {page["_id"]: page async for page in database.pages.find(held, SHOWN).sort("_id")}
    for url, page in pages.items():
        page["work_id"] = page.get("work_id") or url
    if since is not None:
        older = {page["work_id"]: since for page in pages.values() if page["first_seen_at"] < since}
        return _Graph(seed, pages, older, set())
    told = {entry["key"]: entry["at"] async for entry in database.told.find({"seed": seed})}
    known = {page["work_id"]: told[f"work {url}"] for url, page in pages.items() if f"work {url}" in told}
    return _Graph(seed, pages, known, set(told))


async def _new_works(database: Database, graph: _Graph, urls: list[str]) -> list[News]:
    """One thing for each work, under its page nearest to the seed, with the link that leads to it."""
    nearest: dict[str, str] = {}
    for url in sorted(urls, key=lambda url: (graph.depth(url), url)):
        nearest.setdefault(graph.pages[url]["work_id"], url)
    twins = await _twins(database, nearest)
    reasons = await _reasons(database, graph, urls)
    return [
        _thing(graph.pages[url], f"work {url}", "work", twin_title=twins.get(work), **reasons.get(url, {}))
        for work, url in nearest.items()
    ]


async def _twins(database: Database, nearest: dict[str, str]) -> dict[str, str]:
    """A headline in a language that the page told of is not in, by work."""
    twins: dict[str, str] = {}
    async for work in database.works.find({"_id": {"$in": list(nearest)}}, {"headlines": 1}):
        is_english = nearest[work["_id"]].startswith("https://www.")
        others = [text for tag, text in work["headlines"].items() if (tag == "en") is not is_english]
        twins |= {work["_id"]: others[0]} if others else {}
    return twins


async def _reasons(database: Database, graph: _Graph, urls: list[str]) -> dict[str, dict[str, Any]]:
    """The link between each page and the part of the graph nearest to the seed, in words."""
    start_page = {"reason": "the start of the crawl"}
    reasons = {url: (-1, start_page) for url in urls if graph.depth(url) == 0}
    wanted = {name: url for url in urls for name in (url, *graph.pages[url].get("aliases", ()))}
    names = list(wanted)
    for start in range(0, len(names), CHUNK):
        part = names[start : start + CHUNK]
        either = {"$or": [{"target": {"$in": part}}, {"source": {"$in": part}}]}
        query = either | {"active": True, "role": {"$in": JOINING}}
        async for link in database.links.find(query).sort("_id"):
            for here, there, verb in (("target", "source", "cited by"), ("source", "target", "cites")):
                page = wanted.get(link[here])
                if page and link[there] in graph.pages:
                    depth = graph.depth(link[there])
                    if page not in reasons or depth < reasons[page][0]:
                        reasons[page] = depth, _reason(graph, link, link[there], verb)
    return {url: reason for url, (_, reason) in reasons.items()}


def _reason(graph: _Graph, link: Document, other: str, verb: str) -> dict[str, Any]:
    if link["role"] == Role.TRANSLATION:
        verb = "another language version of"
    where = f" in paragraph {link['paragraph']}" if link["paragraph"] and verb == "cited by" else ""
    return {
        "reason": f"{verb} {graph.pages[other]['display_title']}{where}",
        "quote": link["context"] or link["anchor_text"],
        "other_url": other,
    }


def _revised(graph: _Graph, url: str) -> list[News]:
    page, known = graph.pages[url], graph.known_since(url)
    key = f"revision {url}#{page.get('revision', 0)}"
    if not page.get("revision") or known is None or page["fetched_at"] < known or key in graph.told:
        return []
    reason = f"revision {page['revision']}: `scrapy history` shows what changed"
    return [_thing(page, key, "revision", reason=reason, seen_at=page["fetched_at"])]


async def _new_links(database: Database, graph: _Graph) -> list[News]:
    """Citations that a known work has had since."""
    since = {url: known for url in graph.pages if (known := graph.known_since(url))}
    sources, things = list(since), []
    for start in range(0, len(sources), CHUNK):
        part = sources[start : start + CHUNK]
        oldest = min(since[url] for url in part)
        query = {"source": {"$in": part}, "active": True, "role": Role.CITATION.value}
        async for link in database.links.find(query | {"first_seen_at": {"$gte": oldest}}).sort("_id"):
            key = f"link {link['_id']}"
            if link["first_seen_at"] >= since[link["source"]] and key not in graph.told:
                things.append(_link(graph, link, key))
    return things


def _link(graph: _Graph, link: Document, key: str) -> News:
    source = graph.pages[link["source"]]
    where = f" in paragraph {link['paragraph']}" if link["paragraph"] else ""
    return _thing(
        source,
        key,
        "link",
        reason=f"now cites {link['target']}{where}",
        quote=link["context"] or link["anchor_text"],
        other_url=link["target"],
        seen_at=link["first_seen_at"],
    )


async def _suggested(database: Database, graph: _Graph, since: dt.datetime | None) -> list[News]:
    """What is like the seed's start by its words, the most alike first."""
    query: Document = {"seed": graph.seed} | ({"at": {"$gte": since}} if since else {})
    found = await database.suggestions.find(query).sort({"score": -1, "_id": 1}).to_list()
    fresh = [entry for entry in found if f"suggestion {entry['page']}" not in graph.told]
    ids = [entry["page"] for entry in fresh]
    pages = {page["_id"]: page async for page in database.pages.find({"_id": {"$in": ids}}, SHOWN)}
    return [
        _thing(
            pages[entry["page"]],
            f"suggestion {entry['page']}",
            "suggestion",
            reason=f"shares the words {', '.join(entry['words'])}",
            other_url=entry["like"],
        )
        for entry in fresh
        if entry["page"] in pages
    ]


def _thing(page: Document, key: str, kind: str, **more: Any) -> News:
    known = {
        "url": page["_id"],
        "title": page["display_title"],
        "site": page["site"],
        "published_on": page.get("published_on"),
        "seen_at": page["first_seen_at"],
    }
    return News(key=key, kind=kind, **known | more)
