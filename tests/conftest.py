"""Shared fixtures: a private, real mongod for the whole session and a fresh database on it."""

import contextlib
import os
import uuid

import pymongo
import pytest

from crawler import embedded


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory):
    """The URI of a real mongod; where there is none the tests are skipped, in CI they fail."""
    with contextlib.ExitStack() as stack:
        try:
            uri = stack.enter_context(embedded.serve(tmp_path_factory.mktemp("mongo")))
        except embedded.MongodUnavailable as problem:
            if os.environ.get("CI") == "true" or os.environ.get("REQUIRE_MONGOD") == "1":
                pytest.fail(str(problem))
            pytest.skip(str(problem))
        yield uri


@pytest.fixture
def database(mongo_uri):
    """The name of a database that no other test uses, dropped at the end."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield name
    with pymongo.MongoClient(mongo_uri) as client:
        client.drop_database(name)
