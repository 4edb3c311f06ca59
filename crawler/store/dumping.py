"""Everything a database holds, or all that belongs to one seed, in an order that may be cut off anywhere.

Stubs come before links and links before the pages that carry them: what is loaded of a dump keeps the
rule that a page which counts as fetched has its links, and those their targets.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable

from crawler.items import Status
from crawler.store.bulk import Database, Document
from crawler.store.dump_lines import Header, document_line, end_line, header_line

CHUNK = 1000
STUB: Document = {"status": Status.DISCOVERED.value}
NO_STUB: Document = {"status": {"$ne": Status.DISCOVERED.value}}
STUB_FIELDS = (
    *("url", "site", "page_type", "variant", "story_key", "display_title", "display_title_source"),
    *(
        "status",
        "provenance",
        "discovered_from",
        "first_seen_at",
        "last_seen_at",
        "schema_version",
        "forgotten",
    ),
)
"""What is told of a page that another seed may have fetched."""
KEPT_AT_HOME = frozenset({"hosts", "schema", "terms"})
"""Collections about this machine's crawls, or computed anew from pages, whose texts may be left out."""

ABOUT_PAGES = {"works": "members", "revisions": "page"}
"""Collections about pages, and the field that names them."""
ABOUT_SEEDS = ("crawl_runs", "labels", "suggestions", "told")
"""Collections whose `seed` names one."""
BY_SEED = ("depths", "discovered_by")
"""Fields of a page that say something for each seed."""

Documents = AsyncIterator[tuple[str, Document]]


async def dump(database: Database, header: Header) -> AsyncIterator[str]:
    """The lines of a dump, without line ends."""
    counts: Counter[str] = Counter()
    yield header_line(header)
    documents = _of_seed(database, header.seed) if header.seed else _all(database)
    async for collection, document in documents:
        counts[collection] += 1
        if not header.bodies and collection in {"pages", "revisions"}:
            without_texts(document)
        yield document_line(collection, document)
    yield end_line(counts)


def without_texts(document: Document) -> None:
    """Take out of a page what the publisher wrote; hashes, counts, titles and quoted link contexts stay."""
    document |= {"body": None, "paragraphs": []} if "body" in document else {}
    for post in document.get("posts", []):
        post["body"] = ""


async def _all(database: Database) -> Documents:
    for collection, query in (("pages", STUB), ("links", {}), ("pages", NO_STUB)):
        async for document in database[collection].find(query):
            yield collection, document
    others = sorted(set(await database.list_collection_names()) - {"pages", "links"} - KEPT_AT_HOME)
    for name in others:
        if not name.startswith("system."):
            async for document in database[name].find():
                yield name, document


async def _of_seed(database: Database, seed: str) -> Documents:
    """The members of a seed, stubs of what they point to, and all that is about them."""
    member: Document = {"$or": [{f"{name}.{seed}": {"$exists": True}} for name in BY_SEED]}
    ids = [page["_id"] async for page in database.pages.find(member, {"_id": 1})]
    async for page in _stubs(database, ids):
        yield "pages", page
    for pages, about in ((STUB, {"links": "source"}), (NO_STUB, ABOUT_PAGES)):
        async for page in database.pages.find(member | pages):
            yield "pages", _of_one_seed(page, seed)
        for collection, key in about.items():
            async for document in _about(database, collection, key, ids):
                yield collection, document
    for collection in ABOUT_SEEDS:
        async for document in database[collection].find({"seed": seed}):
            yield collection, document


async def _stubs(database: Database, ids: list[str]) -> AsyncIterator[Document]:
    """What these pages point to and is not among them."""
    for outside in _chunks(sorted(await _pointed_to(database, ids) - set(ids))):
        async for page in database.pages.find({"_id": {"$in": outside}}, STUB_FIELDS):
            forgotten = {"status": page["status"]} if page.get("forgotten") else STUB
            yield page | forgotten | {"links": [], "in_degree": 0, "out_degree": 0, "failures": 0}


async def _pointed_to(database: Database, ids: list[str]) -> set[str]:
    """All that these pages link or redirect to, or name as a translation."""
    fields = ("redirects_to", "translation_of", "translations")
    pointed: set[str | None] = set()
    for chunk in _chunks(ids):
        async for page in database.pages.find({"_id": {"$in": chunk}}, fields):
            pointed |= {page.get("redirects_to"), page.get("translation_of"), *page.get("translations", [])}
        async for link in database.links.find({"source": {"$in": chunk}}, {"_id": 0, "target": 1}):
            pointed.add(link["target"])
    return {url for url in pointed if url}


async def _about(database: Database, collection: str, key: str, ids: list[str]) -> AsyncIterator[Document]:
    """The documents of a collection whose `key` names, or holds, one of the pages; each once."""
    seen: set[str] = set()
    for chunk in _chunks(ids):
        async for document in database[collection].find({key: {"$in": chunk}}):
            if document["_id"] not in seen:
                seen.add(document["_id"])
                yield document


def _of_one_seed(page: Document, seed: str) -> Document:
    told = ((name, page.get(name, {})) for name in BY_SEED)
    return page | {name: {seed: values[seed]} for name, values in told if seed in values}


def _chunks(ids: list[str]) -> Iterable[list[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
