"""Readers' decisions in MongoDB: only ever added to, and read as the latest for each page."""

from collections.abc import Collection, Sequence
from dataclasses import asdict

from pymongo import UpdateOne

from crawler.items import Status
from crawler.labels import Decision, Label
from crawler.store.bulk import Database, Document, Owned, write_all
from crawler.store.errors import DocumentRejected

LATEST_LAST = [("when", 1), ("_id", 1)]


async def add(database: Database, labels: Sequence[Label]) -> int:
    """Add labels; returns how many were not there yet. Raises DocumentRejected."""
    operations: list[Owned] = [
        (label.id, UpdateOne({"_id": label.id}, {"$setOnInsert": _document(label)}, upsert=True))
        for label in labels
    ]
    written = await write_all(database.labels, operations)
    for label_id, reason in written.refused.items():
        raise DocumentRejected(label_id, reason)
    return len(operations) - written.matched


def _document(label: Label) -> Document:
    return asdict(label) | {"decision": str(label.decision), "tags": list(label.tags)}


def _label(document: Document) -> Label:
    fields = {name: document[name] for name in ("page", "seed", "note", "who", "when")}
    return Label(**fields, decision=Decision(document["decision"]), tags=tuple(document["tags"]))


async def history(
    database: Database, seed: str | None = None, pages: Collection[str] | None = None
) -> list[Label]:
    """All labels, the latest last: of one seed, or of some pages in any of their versions, if given."""
    query: Document = {} if seed is None else {"seed": seed}
    if pages is not None:
        query["page"] = {"$in": await _versions(database, pages)}
    return [_label(document) async for document in database.labels.find(query).sort(LATEST_LAST)]


async def _versions(database: Database, pages: Collection[str]) -> list[str]:
    """These pages, and all others of their works."""
    works = list((await _works(database, pages)).values())
    members = database.pages.find({"work_id": {"$in": works}}, {"_id": 1})
    return [*pages, *[page["_id"] async for page in members]]


async def current(database: Database, seed: str) -> dict[str, Label]:
    """The label that stands for each page, by canonical URL: the latest by (when, _id)."""
    return {label.page: label for label in await history(database, seed)}


async def of_works(database: Database, seed: str) -> dict[str, Label]:
    """The label that stands for each work: the latest of any of its pages. A page of no work is its own."""
    labels = await history(database, seed)
    works = await _works(database, {label.page for label in labels})
    return {works[label.page]: label for label in labels}


async def _works(database: Database, pages: Collection[str]) -> dict[str, str]:
    """Page to work, or to itself."""
    if not pages:
        return {}
    held = {"_id": {"$in": list(pages)}, "work_id": {"$ne": None}}
    works = {page["_id"]: page["work_id"] async for page in database.pages.find(held, {"work_id": 1})}
    return {page: works.get(page, page) for page in pages}


async def of_pages(database: Database, seed: str) -> dict[str, Label]:
    """The label that stands for each page, those of its other versions included."""
    works = await of_works(database, seed)
    if not works:
        return {}
    versions = database.pages.find({"work_id": {"$in": list(works)}}, {"work_id": 1})
    return works | {page["_id"]: works[page["work_id"]] async for page in versions}


async def out(database: Database, seed: str) -> frozenset[str]:
    """The pages that don't belong to a seed's story, in all their language versions: they lead nowhere."""
    decided = await of_pages(database, seed)
    return frozenset(page for page, label in decided.items() if label.decision is Decision.OUT)


async def behind_out(database: Database, seed: str, urls: Sequence[str], roles: Collection[str]) -> set[str]:
    """Those of the pages to which nothing leads any more but pages that are out."""
    closed = await out(database, seed) if urls else frozenset()
    if not closed:
        return set()
    followed: Document = {"active": True, "role": {"$in": [str(role) for role in roles]}}
    ways = [
        (link["target"], link["source"])
        async for link in database.links.find(
            followed | {"target": {"$in": list(urls)}}, {"target": 1, "source": 1}
        )
    ]
    moved = database.pages.find({"redirects_to": {"$in": list(urls)}}, {"redirects_to": 1})
    ways += [(page["redirects_to"], page["_id"]) async for page in moved]
    open_ways = [source for _, source in ways if source not in closed]
    member: Document = {f"depths.{seed}": {"$exists": True}}
    found = database.pages.find({"_id": {"$in": open_ways}} | member, {"_id": 1})
    members = {page["_id"] async for page in found}
    starts = database.pages.find({"_id": {"$in": list(urls)}, f"depths.{seed}": 0}, {"_id": 1})
    reached = {target for target, source in ways if source in members} | {
        page["_id"] async for page in starts
    }
    return {target for target, source in ways if source in closed} - reached


async def known_page(database: Database, url: str) -> str:
    """The page a reader means by a URL: where it redirects to, what it is an alias of, else itself."""
    page = await database.pages.find_one({"_id": url}, {"status": 1, "redirects_to": 1})
    if page and page["status"] == Status.REDIRECTED and page.get("redirects_to"):
        return str(page["redirects_to"])
    if page is None and (named := await database.pages.find_one({"aliases": url}, {"_id": 1})):
        return str(named["_id"])
    return url


async def titles(database: Database, pages: Sequence[str]) -> dict[str, str]:
    """What to call the pages that are held."""
    found = database.pages.find({"_id": {"$in": list(pages)}}, {"display_title": 1})
    return {page["_id"]: page["display_title"] async for page in found}
