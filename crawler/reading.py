"""Opens the database that a question is about: one's own, or the sample's where only that holds pages."""

import contextlib
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

from crawler.embedded import serve
from crawler.store import MongoStore, StorageUnavailable

DEFAULT_DATABASE = "related_articles"
SAMPLE_DATABASE = f"{DEFAULT_DATABASE}_demo"


class Opened(NamedTuple):
    """A store that is open, and what it holds."""

    store: MongoStore
    is_sample: bool
    """Whether pages in it are invented: whoever shows them says SAMPLE."""
    passed_over: str | None = None
    """The default database, where it holds stubs alone and the sample's answers instead."""


@contextlib.asynccontextmanager
async def opened(
    uri: str, database: str, directory: Path, *, to_write: bool = False, named: bool = False
) -> AsyncIterator[Opened]:
    """The store of this database, or of the sample's where the default one holds no page that was read.

    Stubs alone, as of a crawl that never got through, are asked where the sample holds nothing either, and
    where the database was `named`: then no other answers for it.
    Without a URI the embedded mongod of `directory` serves it. Nothing is made in the database unless it is
    opened `to_write`. Raises MongodUnavailable, and StorageUnavailable also where no pages are held at all.
    """
    gives_way = database == DEFAULT_DATABASE and not named
    names = [database, SAMPLE_DATABASE] if gives_way else [database]
    passed_over = None
    with serve(directory) if not uri else contextlib.nullcontext(uri) as served:
        for to_be_read, name in product([True, False], names):
            store = MongoStore(served, name)
            try:
                await store.open_to_read()
                if await store.holds_pages(read=to_be_read):
                    if to_write:
                        await store.prepare()
                    passed_over = None if passed_over == name else passed_over
                    yield Opened(store, await store.holds_samples(), passed_over)
                    return
                if await store.holds_pages():
                    passed_over = passed_over or name
            finally:
                await store.close()
    raise StorageUnavailable(
        f"the database {database} holds no pages yet: crawl first, or try `make demo` for the sample"
    )
