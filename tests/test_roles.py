"""A shared server with passwords: who may do what, tried out against a real mongod."""

import re
from urllib.parse import quote

import pymongo
import pytest
from crawling import Crawls
from pymongo.errors import OperationFailure

PHRASE = "correct-horse"
DATABASE = "related_articles_demo"
ROLES = {"ann": "relatedReader", "eve": "relatedEditor", "bot": "relatedCrawler"}
SEED = "https://cn.nytimes.com/technology/20250205/deepseek-china-reaction/"


def as_user(uri, name, source):
    socket = uri.removeprefix("mongodb://").rstrip("/")
    return f"mongodb://{quote(name)}:{PHRASE}@{socket}/?authSource={source}"


@pytest.fixture
def shared(mongod, tmp_path):
    """A server with an administrator; the roles are made by the command, as its page says."""
    mongod.kill()
    mongod.start("--auth")
    with pymongo.MongoClient(mongod.uri) as client:  # the first user may be made without being one
        client.admin.command("createUser", "root", pwd=PHRASE, roles=["root"])
    root = as_user(mongod.uri, "root", "admin")
    crawl = Crawls(root, DATABASE, tmp_path)
    for _ in range(2):  # again brings them up to date
        made = crawl.scrapy("mongo", "--roles")
        assert made.returncode == 0, made.stderr
    assert made.stdout.count("createUser") == 3
    with pymongo.MongoClient(root) as client:
        for name, role in ROLES.items():
            client[DATABASE].command("createUser", name, pwd=PHRASE, roles=[role])
    return {name: Crawls(as_user(mongod.uri, name, DATABASE), DATABASE, tmp_path) for name in ROLES}


WRITES = {
    "pages": lambda db: db.pages.update_one({"_id": SEED}, {"$set": {"headline": "x"}}),
    "delete": lambda db: db.pages.delete_one({"_id": SEED}),
    "runs": lambda db: db.crawl_runs.delete_many({}),
    "labels": lambda db: db.labels.update_one({"_id": "x"}, {"$set": {"note": "x"}}),
    "unlabel": lambda db: db.labels.delete_many({}),
    "drop": lambda db: db.pages.drop(),
    "other": lambda db: db.client.other.pages.insert_one({}),
}
ALLOWED = {"ann": set(), "eve": {"labels"}, "bot": {"pages", "runs", "delete"}}


def allowed(crawl):
    """Which of the writes the server takes from this user."""
    done = set()
    with pymongo.MongoClient(crawl.uri) as client:
        for name, write in WRITES.items():
            try:
                write(client[DATABASE])
            except OperationFailure as error:
                assert error.code == 13, error
            else:
                done.add(name)
    return done


def test_who_may_do_what(shared, tmp_path):
    """The crawler crawls, the editor labels, the reader reads; each is refused all else."""
    crawled = shared["bot"].run("deepseek", REPLAY="seeds/newsroom.warc.gz")
    assert crawled.returncode == 0, crawled.stderr
    for crawl in shared.values():
        assert crawl.scrapy("runs").returncode == 0
    label = ("label", SEED, "--seed", "deepseek", "--in", "--note")
    assert shared["eve"].scrapy(*label, "read").returncode == 0
    refused = shared["bot"].scrapy(*label, "crawled")  # other words: the same again would not be written
    assert (refused.returncode, "does not let this user do that" in refused.stderr) == (74, True)
    assert shared["ann"].scrapy(*label, "seen").returncode == 74
    nobody = Crawls(re.sub("//.*@", "//", shared["ann"].uri).partition("?")[0], DATABASE, tmp_path)
    asked = nobody.scrapy("runs")
    assert (asked.returncode, "give a user and a password in MONGO_URI" in asked.stderr) == (74, True)
    assert PHRASE not in asked.stderr
    assert shared["eve"].run("deepseek", REPLAY="seeds/newsroom.warc.gz").returncode == 74
    assert {name: allowed(crawl) for name, crawl in shared.items()} == ALLOWED


def test_roles_are_made_by_an_administrator_of_a_server(shared, tmp_path):
    """Not by any user, and not for the embedded database."""
    refused = shared["bot"].scrapy("mongo", "--roles")
    assert (refused.returncode, refused.stdout) == (74, "")
    embedded = Crawls("", DATABASE, tmp_path).scrapy("mongo", "--roles")
    assert (embedded.returncode, "set MONGO_URI" in embedded.stderr) == (2, True)
