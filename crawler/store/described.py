"""Reads works as they are shown to a person."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from crawler.graph.facts import day_of
from crawler.graph.names import cased
from crawler.graph.pieces import Piece, Version
from crawler.items import Role, Status
from crawler.plain import plain, shortened
from crawler.store.bulk import Database, Document
from crawler.urls import readable_title, variant_of

SHOWN: Document = dict.fromkeys(
    (
        "work_id",
        "url",
        "site",
        "page_type",
        "variant",
        "status",
        "display_title",
        "display_title_source",
        "headline",
        "alternative_headline",
        "published_on",
        "in_language",
        "authors",
        "translators",
        "fetched_at",
    ),
    1,
)
LABELS = [str(role) for role in (Role.TOPIC, Role.AUTHOR)]


async def read(database: Database, works: Collection[str]) -> dict[str, Piece]:
    """These works as they are shown, those of which anything is known."""
    wanted = {"$or": [{"work_id": {"$in": list(works)}}, {"_id": {"$in": list(works)}}]}
    pages: dict[str, list[Document]] = {}
    async for page in database.pages.find(wanted, SHOWN).sort({"first_seen_at": 1, "_id": 1}):
        pages.setdefault(page.get("work_id") or page["_id"], []).append(page)
    labels = await _labels(database, [page["_id"] for own in pages.values() for page in own])
    return {work: _piece(work, own, labels) for work, own in pages.items()}


async def _labels(database: Database, pages: list[str]) -> dict[str, dict[str, str]]:
    """{page: {URL: name}} of the columns, topics and authors that pages link to."""
    query = {"source": {"$in": pages}, "active": True, "role": {"$in": LABELS}}
    found: dict[str, dict[str, str]] = {}
    async for link in database.links.find(query, {"source": 1, "target": 1, "anchor_text": 1}).sort("_id"):
        names = found.setdefault(link["source"], {})
        name = shortened(plain(link["anchor_text"]), 60)
        # the page links to its author twice, by name and by "more about her."; at times only by this
        if name.endswith(("。", ".")) or not name:
            names.setdefault(link["target"], readable_title(link["target"]))
        else:
            names[link["target"]] = name
    return found


def _piece(work: str, pages: list[Document], labels: dict[str, dict[str, str]]) -> Piece:
    dates = [day for page in pages if (day := _day(page))]
    seen = [page["fetched_at"] for page in pages if page.get("fetched_at")]
    fetched = [page for page in pages if page["status"] == Status.FETCHED]
    return Piece(
        work=work,
        versions=tuple(version for page in pages for version in _versions(page)),
        site=(fetched or pages)[0]["site"],
        page_type=(fetched or pages)[0]["page_type"],
        status=(fetched or pages)[0]["status"],
        published_on=min(dates, default=None),
        authors=_merged(name for page in pages for name in _authors(page)),
        labels={url: name for page in pages for url, name in labels.get(page["_id"], {}).items()},
        seen_on=max(seen).date().isoformat() if seen else None,
    )


def _versions(page: Document) -> Iterator[Version]:
    language = str(page.get("in_language") or variant_of(page["_id"]) or "").partition("-")[0]
    is_headline = page["display_title_source"] != "url"
    language = "zh" if language == "dual" else language
    title, authors = page["display_title"], _merged(_authors(page))
    yield Version(
        url=page["_id"],
        language=language,
        title=title,
        is_headline=is_headline,
        tag=page.get("in_language") or "",
        published_on=_day(page),
        authors=authors,
        translators=_merged(page.get("translators") or ()),
    )
    other = page.get("alternative_headline")
    if page.get("variant") == "dual" and other:
        yield Version(
            url=page["_id"], language="en", title=other, is_headline=True, tag="en", authors=authors
        )


def _day(page: Document) -> str | None:
    return day_of(page["_id"], page.get("published_on"), page["status"])


def _authors(page: Document) -> Iterator[str]:
    return (cased(author["name"]) for author in page.get("authors") or ())


def _merged(names: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(str, names)))
