"""What is new in a seed's graph: works, revisions and links that were not told yet, or came since a time.

Read in portions: memory does not grow with the graph.
"""

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.graph.news import News
from crawler.items import PageType, Role
from crawler.store import leading, told
from crawler.store.bulk import Database, Document
from crawler.urls import variant_of

CHUNK = 500
"""Works, pages or links that are held at a time."""
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
    "in_language": 1,
    "published_on": 1,
    "work_id": 1,
    "aliases": 1,
    "depths": 1,
    "revision": 1,
    "fetched_at": 1,
    "first_seen_at": 1,
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """Of which graph, and since when; without a time: what was not told yet."""

    database: Database
    seed: str
    since: dt.datetime | None

    @property
    def stories(self) -> Document:
        """The stories that are held of the seed's graph."""
        return {f"depths.{self.seed}": {"$exists": True}, "status": "fetched", "page_type": {"$in": STORIES}}

    async def pages(self, urls: Iterable[str]) -> dict[str, Document]:
        """Those of these pages that are such stories."""
        query = self.stories | {"_id": {"$in": list(urls)}}
        return {page["_id"]: page async for page in self.database.pages.find(query, SHOWN)}

    async def known(self, works: Iterable[Document]) -> dict[str, dt.datetime]:
        """The works that were there before, or of which any page was told, each since when."""
        if self.since is not None:
            return {work["_id"]: self.since for work in works if work["seen"] < self.since}
        # asked for by name: a $lookup takes minutes where what was told was taken back
        names = {f"work {page}": work["_id"] for work in works for page in work["pages"]}
        known: dict[str, dt.datetime] = {}
        for name, at in (await told.times(self.database, self.seed, names)).items():
            known[names[name]] = max(at, known.get(names[name], at))
        return known

    async def fresh(self, things: Sequence[News]) -> list[News]:
        """Those of these things that are to be told."""
        return list(things) if self.since else await told.untold(self.database, self.seed, things)


async def news(database: Database, seed: str, since: dt.datetime | None) -> AsyncIterator[list[News]]:
    """Portions of it: works first, then revised articles, then new links of works known before.

    Without `since`: what was not told yet. With it: what was first seen since then, told or not.
    """
    asked = _Asked(database, seed, since)
    for kind in (_new_works, _revised, _new_links, _suggested):
        async for things in kind(asked):
            yield things


def _works(asked: _Asked, which: Document) -> list[Document]:
    """Stages that give a seed's works: of each all pages, that nearest to the start, and the first time."""
    return [
        {"$match": {"$and": [asked.stories, which]}},
        {"$sort": {f"depths.{asked.seed}": 1, "_id": 1}},
        {
            "$group": {
                "_id": {"$ifNull": ["$work_id", "$_id"]},
                "page": {"$first": "$_id"},
                "depth": {"$first": f"$depths.{asked.seed}"},
                "pages": {"$push": "$_id"},
                "seen": {"$min": "$first_seen_at"},
            }
        },
    ]


async def _known(asked: _Asked, pages: Iterable[Document]) -> dict[str, dt.datetime]:
    """Since when the works of these pages are known, by work; those that are new are left out."""
    works = list({_work(page) for page in pages})
    which = {"$or": [{"work_id": {"$in": works}}, {"_id": {"$in": works}}]}
    found = await asked.database.pages.aggregate(_works(asked, which))
    return await asked.known(await found.to_list())


def _work(page: Document) -> str:
    return str(page.get("work_id") or page["_id"])


async def _new_works(asked: _Asked) -> AsyncIterator[list[News]]:
    """One thing for each work, under its page nearest to the seed, with the link that leads to it."""
    ordered = [*_works(asked, {}), {"$sort": {"depth": 1, "page": 1}}]
    cursor = await asked.database.pages.aggregate(ordered, allowDiskUse=True, batchSize=CHUNK)
    while found := await cursor.to_list(CHUNK):
        known = await asked.known(found)
        works = [work for work in found if work["_id"] not in known]
        pages = await asked.pages(work["page"] for work in works)
        twins = await _twins(asked.database, {work["_id"]: pages.get(work["page"], {}) for work in works})
        reasons = await leading.reasons(asked.database, asked.seed, asked.stories, pages)
        yield [
            _thing(
                pages[url], f"work {url}", "work", twin_title=twins.get(work["_id"]), **reasons.get(url, {})
            )
            for work in works
            if (url := work["page"]) in pages
        ]


async def _twins(database: Database, shown: Mapping[str, Document]) -> dict[str, str]:
    """A headline in another language than the page is in that is shown, by work."""
    twins: dict[str, str] = {}
    async for work in database.works.find({"_id": {"$in": list(shown)}}, {"headlines": 1}):
        page = shown[work["_id"]]
        own = page.get("in_language") or variant_of(page.get("_id", "")) or ""
        others = [text for tag, text in work["headlines"].items() if own and _main(tag) != _main(own)]
        twins |= {work["_id"]: others[0]} if others else {}
    return twins


def _main(tag: str) -> str:
    return tag.partition("-")[0]


async def _revised(asked: _Asked) -> AsyncIterator[list[News]]:
    """Articles of known works whose text has changed since."""
    query = asked.stories | {"revision": {"$gt": 0}}
    async with asked.database.pages.find(query, SHOWN, batch_size=CHUNK).sort("_id") as cursor:
        while pages := await cursor.to_list(CHUNK):
            known = await _known(asked, pages)
            changed = [
                page for page in pages if _work(page) in known and page["fetched_at"] >= known[_work(page)]
            ]
            yield await asked.fresh([_revision(page) for page in changed])


def _revision(page: Document) -> News:
    key = f"revision {page['_id']}#{page['revision']}"
    reason = f"revision {page['revision']}: `scrapy history` shows what changed"
    return _thing(page, key, "revision", reason=reason, seen_at=page["fetched_at"])


async def _new_links(asked: _Asked) -> AsyncIterator[list[News]]:
    """Citations that a known work has had since."""
    since = asked.since or await told.first(asked.database, asked.seed)
    query = {"active": True, "role": Role.CITATION.value, "first_seen_at": {"$gte": since}}
    async with asked.database.links.find(query, batch_size=CHUNK) as cursor:
        while links := await cursor.to_list(CHUNK) if since else []:
            pages = await asked.pages({link["source"] for link in links})
            known = await _known(asked, pages.values())
            things = [_link(pages[link["source"]], link) for link in links if _is_new(link, pages, known)]
            yield await asked.fresh(things)


def _is_new(link: Document, pages: Mapping[str, Document], known: Mapping[str, dt.datetime]) -> bool:
    page = pages.get(link["source"])
    since = known.get(_work(page)) if page else None
    return bool(since and link["first_seen_at"] >= since)


def _link(source: Document, link: Document) -> News:
    where = f" in paragraph {link['paragraph']}" if link["paragraph"] else ""
    return _thing(
        source,
        f"link {link['_id']}",
        "link",
        reason=f"now cites {link['target']}{where}",
        quote=link["context"] or link["anchor_text"],
        other_url=link["target"],
        seen_at=link["first_seen_at"],
    )


async def _suggested(asked: _Asked) -> AsyncIterator[list[News]]:
    """What is like the seed's start by its words, the most alike first."""
    query: Document = {"seed": asked.seed} | ({"at": {"$gte": asked.since}} if asked.since else {})
    async with asked.database.suggestions.find(query).sort({"score": -1, "_id": 1}) as cursor:
        while found := await cursor.to_list(CHUNK):
            ids = {"_id": {"$in": [entry["page"] for entry in found]}}
            pages = {page["_id"]: page async for page in asked.database.pages.find(ids, SHOWN)}
            things = [_suggestion(pages[entry["page"]], entry) for entry in found if entry["page"] in pages]
            yield await asked.fresh(things)


def _suggestion(page: Document, entry: Document) -> News:
    reason = f"shares the words {', '.join(entry['words'])}"
    return _thing(page, f"suggestion {page['_id']}", "suggestion", reason=reason, other_url=entry["like"])


def _thing(page: Document, key: str, kind: str, **more: Any) -> News:
    known = {
        "url": page["_id"],
        "title": page["display_title"],
        "site": page["site"],
        "published_on": page.get("published_on"),
        "seen_at": page["first_seen_at"],
    }
    return News(key=key, kind=kind, **known | more)
