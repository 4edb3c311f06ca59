"""From what a person names to the page that is meant: any variant or alias, else the nearest known."""

import re

from crawler.graph.text import terms, title_words
from crawler.store import terms as stored_terms
from crawler.store.bulk import Database, Document
from crawler.store.lists import FEED
from crawler.urls import canonicalize, readable_title, story_key

NEAREST = 3
SLUG = 100
"""So much of the end of an address is looked for in others."""
TELLING = 4
"""An end of fewer letters stands in any."""


async def work_of(database: Database, url: str) -> str | None:
    """The work that an address names: as it is, as an alias, or as another version of its story."""
    page = canonicalize(url) or canonicalize(f"https://{url}") or url  # as browsers show and copy it
    key = story_key(page)
    questions: list[Document] = [{"_id": page}, {"aliases": page}]
    questions += [{"story_key": key}] if key else []
    for question in questions:
        found = await database.pages.find_one(question, {"work_id": 1, "redirects_to": 1})
        if found is not None:
            return str(found.get("work_id") or found.get("redirects_to") or found["_id"])
    return None


async def nearest(database: Database, url: str) -> list[str]:
    """Known addresses that are most like one that is not known."""
    words = list(terms(title_words(readable_title(canonicalize(url) or url))))
    said = await stored_terms.saying(database, words, NEAREST) if words else {}
    slug = url.rstrip("/").rpartition("/")[2][:SLUG]
    if not said and len(slug) >= TELLING:
        query = {"_id": {"$regex": re.escape(slug)}, "extractor.name": {"$ne": FEED}}
        like = database.pages.find(query, {"_id": 1}).limit(NEAREST)
        return [page["_id"] async for page in like]
    return list(said)


async def start(database: Database, seed: str) -> str | None:
    """The work that a seed starts from; None where it was never crawled."""
    begun: Document = {f"depths.{seed}": 0}
    page = await database.pages.find_one(begun, {"work_id": 1}, sort=[("first_seen_at", 1), ("_id", 1)])
    return str(page.get("work_id") or page["_id"]) if page else None


async def latest_start(database: Database) -> str | None:
    """The work that the seed crawled last starts from."""
    run = await database.crawl_runs.find_one({}, {"seed": 1}, sort=[("started", -1)])
    return await start(database, run["seed"]) if run else None
