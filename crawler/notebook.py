"""The database as pandas data frames and a networkx graph, for a notebook. Needs requirements-notebook.txt.

    from crawler import notebook
    works = notebook.works()

Every function reads the database that MONGO_URI and MONGO_DATABASE name, or the one given; where the default
one is empty, the sample's. They raise StorageUnavailable and MongodUnavailable, which say what to do.
"""

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from crawler import settings
from crawler.graph.exports.writer import NODE_COLUMNS, edge_values, node_values
from crawler.graph.network import judged
from crawler.reading import opened
from crawler.store import MongoStore
from crawler.store.network import Scope

Frame = Any
"""A pandas.DataFrame."""
Row = dict[str, Any]
T = TypeVar("T")

LINK_COLUMNS = (
    *("source", "target", "role", "anchor_text", "context", "paragraph"),
    *("source_page", "target_page", "first_seen_at"),
)


def works(seed: str | None = None, *, database: str | None = None) -> Frame:
    """A row for each work, by its id: headline in both languages, date, language, site, status, degrees.

    With a `seed` what it reaches, its `depth`, and what readers say; `pages` counts the versions.
    """

    async def read(store: MongoStore) -> list[Row]:
        labels = await store.page_labels(seed) if seed else {}
        nodes = [judged(node, labels) async for node in store.nodes(Scope(seed))]
        return [{"work": node.id, **dict(node_values(node)), "pages": len(node.members)} for node in nodes]

    pandas = _needed("pandas")
    frame = pandas.DataFrame(_asked(read, database), columns=["work", *NODE_COLUMNS, "pages"])
    frame["date"] = pandas.to_datetime(frame["date"], errors="coerce", format="%Y-%m-%d")
    return frame.set_index("work")


def links(seed: str | None = None, *, database: str | None = None) -> Frame:
    """A row for each link that stands: works and pages at both ends, role, words, sentence, paragraph."""

    async def read(store: MongoStore) -> list[Row]:
        members = {page: node.id async for node in store.nodes(Scope(seed)) for page in node.members}
        return [link async for link in store.links_among(members)]

    frame = _needed("pandas").DataFrame(_asked(read, database), columns=LINK_COLUMNS)
    return _in_utc(frame.astype({"paragraph": "Int64"}))


def runs(seed: str | None = None, *, database: str | None = None) -> Frame:
    """A row for each crawl run, by its id, the newest first; its counts in columns such as `counts.ok`."""

    async def read(store: MongoStore) -> list[Row]:
        return await store.runs(seed)

    pandas = _needed("pandas")
    found = _asked(read, database)
    frame = pandas.json_normalize(found) if found else pandas.DataFrame(columns=["_id", "seed", "started"])
    return _in_utc(frame.rename(columns={"_id": "run"}).set_index("run"))


def to_networkx(seed: str | None = None, *, pages: bool = False, database: str | None = None) -> Any:
    """A networkx.MultiDiGraph of works, or pages, with the columns of `scrapy graph`; the key is the role."""
    graph = _needed("networkx").MultiDiGraph()

    async def read(store: MongoStore) -> None:
        members: dict[str, str] = {}
        labels = await store.page_labels(seed) if seed else {}
        async for node in store.nodes(Scope(seed, works=not pages)):
            members.update(dict.fromkeys(node.members, node.id))
            graph.add_node(node.id, label=node.label, **dict(node_values(judged(node, labels))))
        async for edge in store.edges(members):
            graph.add_edge(
                edge.source, edge.target, key=edge.role, weight=edge.weight, **dict(edge_values(edge))
            )

    _asked(read, database)
    return graph


def _asked(question: Callable[[MongoStore], Awaitable[T]], database: str | None) -> T:
    """The answer. In a thread of its own: a notebook's event loop is running already."""

    async def ask() -> T:
        name = database or settings.MONGO_DATABASE
        async with opened(settings.MONGO_URI, name, Path(settings.MONGO_DIR)) as (store, is_sample, _):
            if is_sample:
                print("SAMPLE: real addresses, headlines, dates and links; the prose is invented.")  # noqa: T201
            return await question(store)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, ask()).result()


def _in_utc(frame: Frame) -> Frame:
    """Times in UTC by that name: MongoDB's driver calls it an offset of nothing."""
    for name in frame.select_dtypes("datetimetz"):
        frame[name] = frame[name].dt.tz_convert("UTC")
    return frame


def _needed(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        advice = f"{name} is missing: pip install -r requirements-notebook.txt"
        raise ImportError(advice, name=name) from error
