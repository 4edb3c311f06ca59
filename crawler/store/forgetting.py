"""A page that is to be forgotten: a tombstone keeps it out, and nothing it said stays."""

from collections.abc import Iterable
from dataclasses import dataclass

from pymongo import ReplaceOne

from crawler.items import SCHEMA_VERSION, Status
from crawler.store.bulk import Database, Document
from crawler.store.writes import identity

KEPT = ("provenance", "discovered_from", "first_seen_at", "last_seen_at", "depths", "in_degree")
"""What says nothing of a page's content, and others rely on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What is known of a page that is to be forgotten, and where else words of it may be."""

    held: bool
    """Whether the page is known at all."""
    aliases: list[str]
    """Addresses that redirect to it: forgotten with it."""
    redirects_to: str | None
    """Where the address itself leads to; another page, not forgotten with it."""
    versions: list[str]
    """Other language versions of its work that are held: other pages, too."""
    archives: list[str]
    """Archives that hold a response of it."""


async def traces(database: Database, url: str) -> Traces:
    """All that leads to a page or from it."""
    page = await database.pages.find_one({"_id": url}) or {}
    aliases = await _aliases(database, url, page.get("aliases", []))
    version: Document = {"work_id": page.get("work_id"), "status": Status.FETCHED.value}
    versions = database.pages.find(version if page.get("work_id") else {"_id": None}, {"_id": 1})
    former = database.revisions.find({"page": {"$in": [url, *aliases]}}, {"warc": 1})
    records = [page.get("warc"), *[revision.get("warc") async for revision in former]]
    return Traces(
        held=bool(page),
        aliases=aliases,
        redirects_to=page.get("redirects_to"),
        versions=sorted({version["_id"] async for version in versions} - {url, *aliases}),
        archives=sorted({record["file"] for record in records if record}),
    )


async def _aliases(database: Database, url: str, known: Iterable[str]) -> list[str]:
    """All addresses that lead to a page, over any number of redirects."""
    found = dict.fromkeys(known)
    leading = [url, *found]
    while leading:
        query = {"redirects_to": {"$in": leading}}
        redirecting = [page["_id"] async for page in database.pages.find(query, {"_id": 1})]
        leading = [other for other in redirecting if other not in found and other != url]
        found |= dict.fromkeys(leading)
    return list(found)


async def forget(database: Database, url: str, aliases: list[str], facts: Document) -> None:
    """Put tombstones in place of a page and its aliases, and remove what they said.

    `facts` are `at`, `by` and `reason`. In an order that may be cut off anywhere: then say it again.
    """
    ids = [url, *aliases]
    held = {page["_id"]: page async for page in database.pages.find({"_id": {"$in": ids}}, KEPT)}
    stones = {name: tombstone(name, held.get(name, {}), facts) for name in ids}
    stones[url]["aliases"] = aliases
    replaced = [ReplaceOne({"_id": name}, stone, upsert=True) for name, stone in stones.items()]
    await database.pages.bulk_write(replaced)
    await erase(database, ids)


def tombstone(url: str, held: Document, facts: Document) -> Document:
    """The document of a forgotten page: what its address alone tells, and why it is here."""
    stone = {"status": Status.FORGOTTEN.value, "forgotten": facts, "schema_version": SCHEMA_VERSION}
    unseen = {"first_seen_at": facts["at"], "last_seen_at": facts["at"]}
    nothing = {"links": [], "in_degree": 0, "out_degree": 0, "failures": 0}
    return unseen | nothing | {name: held[name] for name in KEPT if name in held} | identity(url) | stone


async def erase(database: Database, ids: list[str]) -> None:
    """Remove what these pages said: former versions, links with their words; what was computed of them."""
    pages = {"$in": ids}
    works = [work["_id"] async for work in database.works.find({"members": pages}, {"_id": 1})]
    named = {"$in": [*works, *ids]}
    await database.revisions.delete_many({"page": pages})
    await database.links.delete_many({"source": pages})
    await database.suggestions.delete_many({"$or": [{"page": pages}, {"like": named}]})
    await database.related.delete_many({"names": named})
    await database.terms.delete_many({"_id": named})


async def forgotten(database: Database) -> set[str]:
    """All tombstones."""
    stones = database.pages.find({"status": Status.FORGOTTEN.value}, {"_id": 1})
    return {page["_id"] async for page in stones}


async def remember(database: Database, url: str) -> int:
    """Take the tombstones of a page and its aliases away: they are stubs again, and due; returns how many."""
    page = await database.pages.find_one({"_id": url, "status": Status.FORGOTTEN.value}, {"aliases": 1})
    if page is None:
        return 0
    ids = [url, *page.get("aliases", [])]
    stub = {"$set": {"status": Status.DISCOVERED.value}, "$unset": {"forgotten": ""}}
    query = {"_id": {"$in": ids}, "status": Status.FORGOTTEN.value}
    return (await database.pages.update_many(query, stub)).modified_count
