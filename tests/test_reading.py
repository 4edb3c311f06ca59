"""Which database a question is put to."""

import pymongo
import pytest

from crawler.items import Outcome, Provenance
from crawler.reading import DEFAULT_DATABASE, SAMPLE_DATABASE, opened
from crawler.store import MongoStore, StorageUnavailable


async def keep(uri, database, page):
    store = MongoStore(uri, database)
    await store.open()
    await store.write([page], "run-1")
    await store.close()


async def asked(mongod, database, tmp_path, **how):
    async with opened(mongod.uri, database, tmp_path, **how) as (store, is_sample):
        return store.database, is_sample


async def test_the_default_database_gives_way_to_the_sample_s_only_while_it_is_empty(
    mongod, make_page, tmp_path
):
    """Nothing held: one line. Only samples: theirs. Pages of one's own: those. A name given: that one.

    Stubs of a crawl that never got through are asked only where they suffice, or nothing else is there.
    """
    with pytest.raises(StorageUnavailable, match="holds no pages yet"):
        await asked(mongod, DEFAULT_DATABASE, tmp_path)
    page = make_page("https://cn.nytimes.com/china/20250101/one/")
    stub = make_page(page.id, Outcome.FAILED, provenance=Provenance.LIVE)
    await keep(mongod.uri, DEFAULT_DATABASE, stub)
    assert await asked(mongod, DEFAULT_DATABASE, tmp_path) == (DEFAULT_DATABASE, False)
    await keep(mongod.uri, SAMPLE_DATABASE, page)
    assert await asked(mongod, DEFAULT_DATABASE, tmp_path) == (SAMPLE_DATABASE, True)
    own = await asked(mongod, DEFAULT_DATABASE, tmp_path, stubs_suffice=True)
    assert own == (DEFAULT_DATABASE, False)
    await keep(mongod.uri, DEFAULT_DATABASE, make_page(page.id, provenance=Provenance.LIVE))
    assert await asked(mongod, DEFAULT_DATABASE, tmp_path) == (DEFAULT_DATABASE, False)
    with pytest.raises(StorageUnavailable, match="database other holds no pages"):
        await asked(mongod, "other", tmp_path)


async def test_opening_to_read_makes_nothing(mongod, tmp_path):
    """No collection, no index: a user with the role `read` is enough."""
    with pytest.raises(StorageUnavailable):
        await asked(mongod, "other", tmp_path)
    with pymongo.MongoClient(mongod.uri) as client:
        assert "other" not in client.list_database_names()


async def test_the_embedded_database_answers_where_no_uri_is_given(make_page, tmp_path):
    """From the directory of MONGO_DIR."""
    with pytest.raises(StorageUnavailable, match="holds no pages yet"):
        async with opened("", DEFAULT_DATABASE, tmp_path / "mongo"):
            pass
