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


@contextlib.asynccontextmanager
async def opened(
    uri: str, database: str, directory: Path, *, to_write: bool = False, stubs_suffice: bool = False
) -> AsyncIterator[Opened]:
    """The store of this database, or of the sample's where the default one holds no page that was read.

    Stubs alone, as of a crawl that never got through, are asked where the sample holds nothing either, and
    before it where they suffice.
    Without a URI the embedded mongod of `directory` serves it. Nothing is made in the database unless it is
    opened `to_write`. Raises MongodUnavailable, and StorageUnavailable also where no pages are held at all.
    """
    with serve(directory) if not uri else contextlib.nullcontext(uri) as served:
        names = [database, SAMPLE_DATABASE] if database == DEFAULT_DATABASE else [database]
        for to_be_read, name in product([False] if stubs_suffice else [True, False], names):
            store = MongoStore(served, name)
            try:
                await store.open_to_read()
                if await store.holds_pages(read=to_be_read):
                    if to_write:
                        await store.prepare()
                    yield Opened(store, await store.holds_samples())
                    return
            finally:
                await store.close()
    raise StorageUnavailable(
        f"the database {database} holds no pages yet: crawl first, or try `make demo` for the sample"
    )
