import asyncio
import datetime as dt
import re
from dataclasses import replace

import pymongo
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.items import (
    Extractor,
    Link,
    Outcome,
    Provenance,
    Role,
    Status,
    from_document,
    to_document,
)
from crawler.store import MongoStore, Revisit, StorageUnavailable
from crawler.store.decisions import Effect, Held, decide
from crawler.store.errors import too_old
from crawler.store.runs import rule_of
from crawler.store.writes import MOST_ALIASES, link_id

CN = "https://cn.nytimes.com/china/20250205/one/"
CN_2 = "https://cn.nytimes.com/china/20250206/two/"
CN_3 = "https://cn.nytimes.com/china/20250207/three/"
EN = "https://www.nytimes.com/2025/02/04/world/one.html"
EXTERNAL = "https://arxiv.org/abs/2501.12948"
SITES = ("cn.nytimes.com", "www.nytimes.com")
ROLES = ("citation", "translation")
PHRASE = "correct-horse"
AT = dt.datetime(2025, 2, 5, 12, tzinfo=dt.UTC)
LATER = AT + dt.timedelta(hours=1)
HERE = Extractor(name="test", layout="test")
TIMESTAMPS = {"last_seen_at", "first_seen_at", "heartbeat"}


def citation(target, **fields):
    return Link(target=target, role=fields.pop("role", Role.CITATION), **fields)


def contents(db):
    """The whole database but for timestamps."""
    return {
        name: {d["_id"]: {k: v for k, v in d.items() if k not in TIMESTAMPS} for d in db[name].find()}
        for name in db.list_collection_names()
    }


# what a page may change

LONG = {
    "status": Status.FETCHED, "text_length": 200, "extractor": ("test", 1),
    "attempted_at": AT, "fetched_at": AT,
}  # fmt: skip
BADLY_READ = LONG | {"extractor": ("test", 0)}
CUT = LONG | {"is_truncated": True}
MOVED = {"status": Status.REDIRECTED}
STUB = {"status": Status.DISCOVERED}
DECISIONS = [
    ("nothing is held", {}, Outcome.OK, {}, Effect.CONTENT),
    ("the same again", LONG, Outcome.OK, {}, Effect.CONTENT),
    ("an edit", LONG, Outcome.OK, {"body": "x" * 150}, Effect.CONTENT),
    ("just half is still an edit", LONG, Outcome.OK, {"body": "x" * 100}, Effect.CONTENT),
    ("less than half", LONG, Outcome.OK, {"body": "x" * 99}, Effect.ATTEMPT),
    ("less than half, read anew", BADLY_READ, Outcome.OK, {"body": "x" * 99}, Effect.CONTENT),
    ("empty, read anew", BADLY_READ, Outcome.OK, {"body": ""}, Effect.ATTEMPT),
    ("empty where nothing is held", {}, Outcome.OK, {"body": None}, Effect.CONTENT),
    ("cut off, nothing held", {}, Outcome.TRUNCATED, {}, Effect.CONTENT),
    ("cut off, though longer", LONG, Outcome.TRUNCATED, {"body": "x" * 300}, Effect.ATTEMPT),
    ("marked as cut off", LONG, Outcome.OK, {"is_truncated": True}, Effect.ATTEMPT),
    ("less cut off than before", CUT, Outcome.TRUNCATED, {"body": "x" * 201}, Effect.CONTENT),
    ("more cut off than before", CUT, Outcome.TRUNCATED, {"body": "x" * 199}, Effect.ATTEMPT),
    ("whole at last", CUT, Outcome.OK, {}, Effect.CONTENT),
    ("older content", LONG | {"fetched_at": LATER, "attempted_at": LATER}, Outcome.OK, {}, Effect.NOTHING),
    ("older attempt, only content", LONG | {"attempted_at": LATER}, Outcome.OK, {}, Effect.CONTENT),
    ("older refusal", LONG | {"attempted_at": LATER}, Outcome.BLOCKED, {}, Effect.NOTHING),
    ("back after it was gone", LONG | {"status": Status.GONE}, Outcome.OK, {}, Effect.CONTENT),
    ("refused", LONG, Outcome.BLOCKED, {}, Effect.ATTEMPT),
    ("refused by robots.txt", LONG, Outcome.ROBOTS_DENIED, {}, Effect.ATTEMPT),
    ("failed", LONG, Outcome.FAILED, {}, Effect.ATTEMPT),
    ("not modified", LONG, Outcome.NOT_MODIFIED, {}, Effect.ATTEMPT),
    ("gone", LONG, Outcome.GONE, {}, Effect.STATUS),
    ("redirected", LONG, Outcome.REDIRECTED, {"redirects_to": EN}, Effect.STATUS),
    ("facts of a stub", {}, None, STUB, Effect.CONTENT),
    ("facts of a page that was read", LONG, None, STUB, Effect.NOTHING),
    ("facts of a page that moved", MOVED, None, STUB, Effect.NOTHING),
    ("an import", {}, None, {"status": Status.FETCHED}, Effect.CONTENT),
    ("an import with less", LONG, None, {"status": Status.FETCHED, "body": "x"}, Effect.NOTHING),
]  # fmt: skip


@pytest.mark.parametrize(("name", "held", "outcome", "fields", "expected"), DECISIONS)
def test_never_worse(make_page, name, held, outcome, fields, expected):
    """A page changes only what it knows better than what is held."""
    page = make_page(CN, outcome or Outcome.OK, **fields)
    page = page if outcome else replace(page, last_attempt=None)
    assert decide(page, Held(**held)).effect is expected, name


async def test_a_good_body_outlives_every_refusal(store, db, make_page):
    """Body, links and status stay, and the refusal is kept with its reason."""
    await store.write([make_page(CN, links=(citation(EN),))], "run-1")
    attempts = (
        Outcome.BLOCKED,
        Outcome.FAILED,
        Outcome.ROBOTS_DENIED,
        Outcome.TRUNCATED,
        Outcome.NOT_MODIFIED,
    )
    for hours, outcome in enumerate(attempts, start=1):
        at = AT + dt.timedelta(hours=hours)
        page = make_page(CN, outcome, at=at, body="截断", failures=hours, links=())
        await store.write([page], "run-2")
        held = db.pages.find_one({"_id": CN})
        assert (held["status"], len(held["body"]), len(held["links"])) == ("fetched", 200, 1)
        assert (held["last_attempt"]["status"], held["failures"]) == (outcome.value, hours)
        assert held["next_fetch_at"] == page.next_fetch_at
    assert db.links.count_documents({"active": True}) == 1
    await store.write([make_page(CN, at=AT + dt.timedelta(days=1), body="短")], "run-2")
    reason = db.pages.find_one({"_id": CN})["last_attempt"]["reason"]
    assert reason == "kept the held body: 1 of 200 characters came"


# what writing a page does


async def test_a_page_comes_back_as_it_was_written(store, db, make_page):
    """Every field of the schema survives the way through MongoDB."""
    page = make_page(
        CN, links=(citation(EN, anchor_text="这里", context="在这里。", paragraph=2, position=1),)
    )
    await store.write([page], "run-1")
    written = to_document(page)
    held = to_document(from_document(db.pages.find_one({"_id": CN})))
    changed = {name for name in held if held[name] != written[name]}
    assert changed == {"first_seen_at", "last_seen_at", "held_since"}


async def test_every_target_has_a_node(store, db, make_page):
    """Links, translations and redirects get stubs with a readable title, external ones too."""
    page = make_page(CN, links=(citation(EXTERNAL),), translation_of=EN, translations=(CN + "zh-hant/",))
    moved = make_page(CN_2, Outcome.REDIRECTED, redirects_to=CN_3)
    await store.write([page, moved], "run-1")
    stub = db.pages.find_one({"_id": EXTERNAL})
    assert stub["display_title"] == "arxiv.org: abs 2501.12948"
    assert (stub["status"], stub["site"], stub["provenance"]) == ("discovered", "arxiv.org", "sample")
    assert (stub["discovered_from"], stub["first_seen_at"]) == (CN, AT)
    expected = {CN, CN_2, CN_3, EN, CN + "zh-hant/", EXTERNAL}
    assert {d["_id"] for d in db.pages.find()} == expected
    variants = {d["_id"]: d["variant"] for d in db.pages.find({"status": "discovered"})}
    assert variants == {CN_3: "zh-Hans", EN: "en", CN + "zh-hant/": "zh-Hant", EXTERNAL: None}


async def test_a_stub_never_touches_what_is_held(store, db, make_page):
    """A later link to a page that was read leaves it as it is."""
    await store.write([make_page(EN)], "run-1")
    before = contents(db)["pages"][EN]
    await store.write([make_page(CN, links=(citation(EN),))], "run-1")
    assert contents(db)["pages"][EN] == before


outcomes = st.sampled_from(Outcome)
targets = st.lists(st.sampled_from([CN, CN_2, EN, EXTERNAL]), max_size=4)
attempts = st.tuples(
    st.sampled_from([CN, CN_2, EN]),
    outcomes,
    targets,
    st.integers(0, 3),
    st.sampled_from(["", "甲" * 99, "乙" * 200]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(attempts, min_size=1, max_size=6))
async def test_writing_twice_changes_nothing(store, db, make_page, sequence):
    """Whatever came before, the same page again alters timestamps at most; and no edge leads nowhere."""
    for name in ("pages", "links", "revisions"):
        db[name].delete_many({})
    pages = [
        make_page(
            url,
            outcome,
            at=AT + dt.timedelta(hours=hours),
            body=body,
            content_hash=body[:1],
            links=tuple(citation(target) for target in links),
            redirects_to=EXTERNAL if outcome is Outcome.REDIRECTED else None,
        )
        for url, outcome, links, hours, body in sequence
    ]
    assert await store.write(pages, "run-1") == []
    once = contents(db)
    assert await store.write(pages[-1:], "run-1") == []
    assert contents(db) == once
    nodes = set(once["pages"])
    active = [
        (link["source"], link["role"], link["target"]) for link in once["links"].values() if link["active"]
    ]
    assert {target for _, _, target in active} <= nodes
    embedded = [
        (url, link["role"], link["target"]) for url, page in once["pages"].items() for link in page["links"]
    ]
    assert sorted(active) == sorted(embedded)


async def test_an_inserted_paragraph_makes_no_new_links(store, db, make_page):
    """A link occurrence is named by what it says: new context and place are the same link."""
    first = (citation(EN, paragraph=1), citation(EXTERNAL, paragraph=2), citation(EN, paragraph=3))
    await store.write([make_page(CN, links=first)], "run-1")
    before = {d["_id"] for d in db.links.find()}
    moved = tuple(replace(link, paragraph=link.paragraph + 1, context="改") for link in first)
    page = make_page(CN, at=LATER, links=(citation(CN_2, paragraph=1), *moved))
    await store.write([replace(page, last_attempt=replace(page.last_attempt, run_id="run-2"))], None)
    links = {d["_id"]: d for d in db.links.find()}
    assert set(links) - before == {link_id(CN, "citation", CN_2, 1)}
    second = links[link_id(CN, "citation", EN, 2)]
    assert (second["paragraph"], second["context"]) == (4, "改")
    assert (second["first_seen_run"], second["last_seen_run"]) == ("run-1", "run-2")
    assert (second["first_seen_at"], second["last_seen_at"]) == (AT, LATER)


async def test_links_not_seen_again_are_kept_as_inactive(store, db, make_page):
    """A link that is gone keeps the run it was last seen in; one that returns is active again."""
    both = (citation(EN), citation(EXTERNAL))
    await store.write([make_page(CN, links=both)], "run-1")
    page = make_page(CN, at=LATER, links=both[:1])
    await store.write([replace(page, last_attempt=replace(page.last_attempt, run_id="run-2"))], None)
    lost = db.links.find_one({"target": EXTERNAL})
    assert (lost["active"], lost["last_seen_run"], lost["last_seen_at"]) == (False, "run-1", AT)
    assert (lost["gone_run"], lost["gone_at"]) == ("run-2", LATER)
    assert db.links.find_one({"target": EN})["active"]
    await store.write([make_page(CN, at=LATER + dt.timedelta(hours=1), links=both)], "run-3")
    back = db.links.find_one({"target": EXTERNAL})
    assert (back["active"], back["gone_run"], back["gone_at"]) == (True, None, None)


async def test_not_modified_touches_the_attempt_and_nothing_else(store, db, make_page):
    """Content, links and their history stay; the page is seen, and tried."""
    await store.write([make_page(CN, links=(citation(EN),), etag='"1"')], "run-1")
    before, links = db.pages.find_one({"_id": CN}), list(db.links.find())
    unchanged = make_page(CN, Outcome.NOT_MODIFIED, at=LATER)
    await store.write([unchanged], "run-1")
    after = db.pages.find_one({"_id": CN})
    touched = {name for name in after if after[name] != before.get(name)}
    assert touched == {"last_attempt", "last_seen_at", "next_fetch_at"}
    assert list(db.links.find()) == links


async def test_redirects(store, db, make_page):
    """The source says where it leads, the target by which other URLs it is reached, within bounds."""
    await store.write([make_page(CN, Outcome.REDIRECTED, redirects_to=EN)], "run-1")
    source = db.pages.find_one({"_id": CN})
    assert (source["status"], source["redirects_to"]) == ("redirected", EN)
    assert db.pages.find_one({"_id": EN})["aliases"] == [CN]
    many = [
        make_page(f"{CN}{number}/", Outcome.REDIRECTED, redirects_to=EN) for number in range(MOST_ALIASES + 5)
    ]
    await store.write(many, "run-1")
    await store.write(many, "run-1")
    assert len(db.pages.find_one({"_id": EN})["aliases"]) == MOST_ALIASES
    await store.write([make_page(EN)], "run-1")
    assert len(db.pages.find_one({"_id": EN})["aliases"]) == MOST_ALIASES


async def test_gone_keeps_the_content(store, db, make_page):
    """A page that the publisher removed keeps its text."""
    await store.write([make_page(CN)], "run-1")
    await store.write([make_page(CN, Outcome.GONE, at=LATER)], "run-1")
    held = db.pages.find_one({"_id": CN})
    assert (held["status"], held["headline"], len(held["body"])) == ("gone", "头条", 200)


async def test_revisions(store, db, make_page):
    """A changed article leaves its former version behind, a changed reading does not."""
    await store.write([make_page(CN)], "run-1")
    edited = make_page(CN, at=LATER, body="新文" * 100, content_hash="2")
    await store.write([edited], "run-1")
    await store.write([edited], "run-1")
    former = list(db.revisions.find())
    assert [(d["page"], d["revision"], d["body"][:2]) for d in former] == [(CN, 0, "正文")]
    held = db.pages.find_one({"_id": CN})
    assert (held["revision"], held["held_since"], former[0]["held_since"]) == (1, LATER, AT)
    assert [version["revision"] for version in await store.versions(CN)] == [0, 1]
    assert await store.revised(10) == [CN]
    reread = replace(edited, content_hash="3", extractor=replace(HERE, version=2))
    await store.write([reread], "run-1")
    assert db.revisions.count_documents({}) == 1
    assert db.pages.find_one({"_id": CN})["content_hash"] == "3"


@pytest.mark.parametrize(
    ("revisit", "expected"),
    [(Revisit.DUE, "never old gone"), (Revisit.ALL, "never old new gone"), (Revisit.NONE, "never")],
)
async def test_which_pages_are_visited_again(store, make_page, revisit, expected):
    """Never had, read long ago, read just now, found gone: what is chosen of them."""
    soon, ago = AT + dt.timedelta(days=1), AT
    kinds = {
        "never": {"outcome": Outcome.FAILED, "next_fetch_at": ago},
        "old": {"next_fetch_at": ago},
        "new": {"next_fetch_at": soon},
        "gone": {"outcome": Outcome.GONE, "next_fetch_at": ago},
        "refused": {"outcome": Outcome.BLOCKED, "next_fetch_at": soon},
    }
    for name, fields in kinds.items():
        page = make_page(f"https://cn.nytimes.com/world/20250101/{name}/", **fields)
        await store.plant("deepseek", page, "run-1")
    found = await due_urls(store, revisit=revisit)
    assert {url.split("/")[-2] for url in found} == set(expected.split())


async def test_one_page_twice_in_a_batch(store, db, make_page):
    """The pages of a batch take effect in their order."""
    pages = [make_page(CN, links=(citation(EN),)), make_page(CN, Outcome.BLOCKED, at=LATER), make_page(EN)]
    assert await store.write(pages, "run-1") == []
    held = db.pages.find_one({"_id": CN})
    assert (held["status"], held["last_attempt"]["status"]) == ("fetched", "blocked")


async def test_many_writers_at_once(mongo_uri, database, db, make_page):
    """Stores that meet at the same new targets, and at the same page, all succeed; the best body wins."""
    stores = [MongoStore(mongo_uri, database) for _ in range(4)]
    await asyncio.gather(*(store.open() for store in stores))
    links = tuple(citation(f"https://example.org/{number}") for number in range(200))
    pages = [make_page(f"{CN_2}{number}/", links=links) for number in range(4)]
    good, bad = make_page(CN, at=LATER), make_page(CN, Outcome.TRUNCATED, body="短", is_truncated=True)
    batches = [[pages[0], bad], [pages[1], good], [pages[2], bad], [pages[3], good]]
    written = await asyncio.gather(
        *(store.write(batch, "run-1") for store, batch in zip(stores, batches, strict=True))
    )
    assert written == [[], [], [], []]
    assert db.pages.count_documents({}) == 205
    assert db.links.count_documents({"active": True}) == 800
    assert len(db.pages.find_one({"_id": CN})["body"]) == 200
    await asyncio.gather(*(store.close() for store in stores))


# what MongoDB refuses


async def test_validators_hold_for_every_writer(store, db):
    """A document of the wrong shape is refused by the database itself, whoever writes it."""
    good = {"_id": "x", "url": "x", "site": "x", "page_type": "article", "display_title": "x"}
    good["status"] = "fetched"
    db.pages.insert_one(good)
    wrong = [
        {"headline": 3}, {"fetched_at": "2025-02-05"}, {"page_type": "novel"}, {"unknown": 1},
        {"links": [{"target": "y", "role": "friend"}]}, {"depths": {"deepseek": "0"}}, {"last_attempt": {}},
    ]  # fmt: skip
    for fields in wrong:
        with pytest.raises(pymongo.errors.WriteError, match="validation"):
            db.pages.insert_one(good | {"_id": "y"} | fields)
    with pytest.raises(pymongo.errors.WriteError, match="validation"):
        db.links.insert_one({"_id": "y", "source": "x"})
    db.pages.update_one(
        {"_id": "x"}, {"$set": {"depths.any-seed": 3, "next_fetch_at": AT, "failures": 2**40}}
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"word_count": "many"}, "word_count"),
        ({"body": "x" * 17_000_000}, "16MB"),
        ({"headline": "\ud800"}, "can't be encoded"),
        ({"links": (Link(target="https://example.org/\ud800", role=Role.CITATION),)}, "encode"),
        ({"links": (Link(target=EN, role=Role.CITATION, paragraph=2**70),)}, "encoded"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # pydantic tells of the wrong type, too
async def test_a_bad_document_stops_no_other(store, db, make_page, fields, reason):
    """The one that can't be stored is named with the reason and not half there; the rest is written."""
    bad = make_page(CN_2, **fields)
    rejected = await store.write([make_page(CN, links=(citation(CN_2),)), bad, make_page(EN)], "run-1")
    assert [rejection.document_id for rejection in rejected] == [CN_2]
    assert re.search(reason, rejected[0].reason)
    assert {d["_id"] for d in db.pages.find({"status": "fetched"})} == {CN, EN}


async def test_opening_again_changes_nothing_and_repairs(store, db, mongo_uri, database):
    """Collections that exist get the validator and the indexes they lack."""
    before = {c["name"]: c["options"].get("validator") for c in db.list_collections()}
    db.command("collMod", "pages", validator={})
    db.links.drop_indexes()
    again = MongoStore(mongo_uri, database)
    await again.open()
    await again.close()
    assert {c["name"]: c["options"].get("validator") for c in db.list_collections()} == before
    assert before["pages"]
    assert len(db.links.index_information()) == 3


# the server


@pytest.mark.parametrize(
    ("version", "usable"),
    [
        ("6.0.5", True),
        ("6.0.27", True),
        ("7.0.0-rc1", True),
        ("10.1", True),
        ("5.0.32", False),
        ("4.4.0", False),
    ],
)
def test_server_version(version, usable):
    """6.0 is the oldest server; the message says which one was found."""
    problem = too_old(version)
    assert problem is None if usable else f"MongoDB {version} is too old: 6.0" in problem


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (
            "mongodb://127.0.0.1:9/",
            r"MongoDB does not answer \(127.0.0.1:9: .*\): start it, or check MONGO_URI$",
        ),
        ("mongodb://%2Fnowhere%2Fm.sock/", r"does not answer \(/nowhere/m.sock: .*No such file"),
        ("http://localhost/", "MONGO_URI can't be used"),
        ("mongodb://localhost:port/", "MONGO_URI can't be "),
        ("mongodb://user:p@ss/@localhost/", "MONGO_URI can't be "),
        ("", "MONGO_URI can't be "),
    ],
)
async def test_a_uri_that_leads_nowhere(uri, expected):
    """One line that says what to do, and no password in it."""
    with pytest.raises(StorageUnavailable, match=expected) as caught:
        await MongoStore(uri, "test", timeout=0.3).open()
    assert "\n" not in str(caught.value)
    assert "p@ss" not in str(caught.value)


async def test_passwords_and_permissions(mongod, make_page):
    """A wrong password and a user who may only read are told apart."""
    mongod.kill()
    mongod.start("--auth")
    with pymongo.MongoClient(mongod.uri) as client:  # the first user may be made without being one
        client.admin.command("createUser", "root", pwd=PHRASE, roles=["root"])
    with pymongo.MongoClient(mongod.uri, username="root", password=PHRASE) as client:
        client.admin.command("createUser", "reader", pwd=PHRASE, roles=["readAnyDatabase"])
    for user, expected in {
        "root:wrong": "refuses the user name or the password",
        f"reader:{PHRASE}": "role readWrite",
        "": "give a user and a password",
    }.items():
        uri = mongod.uri.replace("//", f"//{user}@") if user else mongod.uri
        with pytest.raises(StorageUnavailable, match=expected) as caught:
            await MongoStore(uri, "test").open()
        assert "wrong" not in str(caught.value)
    store = MongoStore(mongod.uri.replace("//", f"//root:{PHRASE}@"), "test")
    await store.open()
    assert await store.write([make_page(CN)], None) == []
    await store.close()


async def test_a_store_that_is_not_open_says_so():
    """Using a closed store is no crash of the driver."""
    with pytest.raises(StorageUnavailable, match="not open"):
        await MongoStore("mongodb://localhost/", "test").heartbeat("run-1", {})


@pytest.mark.parametrize(
    ("held", "sample", "refusal"),
    [
        (Provenance.SAMPLE, False, "invented sample pages"),
        (Provenance.LIVE, True, "holds real pages"),
        (Provenance.REPLAY, True, "holds real pages"),
        (Provenance.IMPORT, True, None),
        (Provenance.SAMPLE, True, None),
        (Provenance.REPLAY, False, None),
        (None, True, None),
        (None, False, None),
    ],
)
async def test_invented_and_real_pages_never_mix(store, make_page, held, sample, refusal):
    """A database belongs to sample pages or to real ones, and says so in one line."""
    if held:
        await store.write([make_page(CN, provenance=held)], None)
    if refusal is None:
        await store.claim(sample=sample)
        return
    with pytest.raises(StorageUnavailable, match=f"{refusal}.*MONGO_DATABASE"):
        await store.claim(sample=sample)


# the frontier


async def due_urls(store, depth=0, now=LATER, limit=10, exclude=(), seed="deepseek", **more):
    due = await store.due(seed, depth, sites=SITES, now=now, limit=limit, exclude=exclude, **more)
    return [page.url for page in due]


def seed_page(make_page, url=CN, **fields):
    page = make_page(url, Outcome.OK, **fields)
    extractor = Extractor(name="seed", layout="seed")
    return replace(
        page, last_attempt=None, fetched_at=None, next_fetch_at=None, status=Status.DISCOVERED, body=None,
        content_hash=None, extractor=extractor,
    )  # fmt: skip


async def test_a_planted_seed_is_due_and_known(store, db, make_page):
    """The seed's facts are there before any request, its links too; a page that was read keeps its own."""
    facts = seed_page(make_page, links=(citation(EN), citation(EXTERNAL)))
    await store.plant("deepseek", facts, "run-1")
    assert await due_urls(store) == [CN]
    assert {d["target"] for d in db.links.find({"source": CN, "active": True})} == {EN, EXTERNAL}
    assert db.pages.find_one({"_id": CN})["headline"] == "头条"
    await store.write([make_page(CN, headline="真的头条", links=(citation(CN_2),))], "run-1")
    await store.plant("deepseek", facts, "run-2")
    held = db.pages.find_one({"_id": CN})
    assert (held["status"], held["headline"], len(held["links"])) == ("fetched", "真的头条", 1)
    assert [d["target"] for d in db.links.find({"active": True})] == [CN_2]


async def test_facts_add_and_never_erase(store, db, make_page):
    """Planting a seed without a headline leaves the one a former planting knew."""
    await store.plant("deepseek", seed_page(make_page), "run-1")
    await store.plant("deepseek", seed_page(make_page, headline=None, description="说明"), "run-1")
    held = db.pages.find_one({"_id": CN})
    assert (held["headline"], held["description"]) == ("头条", "说明")


async def test_what_is_due(store, db, make_page):
    """Due are stubs, and pages whose time has come: on the seed's sites, at the depth asked for."""
    cases = {
        "stub": (Outcome.FAILED, None, True),
        "time-has-come": (Outcome.OK, LATER, True),
        "not-yet": (Outcome.OK, LATER + dt.timedelta(seconds=1), False),
        "moved": (Outcome.REDIRECTED, None, False),
        "moved-and-time-has-come": (Outcome.REDIRECTED, AT, True),
        "at-the-latest": (Outcome.OK, LATER + dt.timedelta(days=90), False),
        "of-a-wrong-clock": (Outcome.OK, LATER + dt.timedelta(days=366), True),
        "gone": (Outcome.GONE, None, False),
        "gone-and-time-has-come": (Outcome.GONE, AT, True),
    }
    expected = set()
    for name, (outcome, next_fetch_at, is_due) in cases.items():
        url = f"https://cn.nytimes.com/china/20250205/{name}/"
        target = EXTERNAL if outcome is Outcome.REDIRECTED else None
        await store.write(
            [make_page(url, outcome, next_fetch_at=next_fetch_at, redirects_to=target)], "run-1"
        )
        expected |= {url} if is_due else set()
    await store.write([make_page(EXTERNAL, Outcome.FAILED, next_fetch_at=None)], "run-1")
    db.pages.update_many({}, {"$set": {"depths.deepseek": 1}})
    assert set(await due_urls(store, depth=1)) == expected
    assert await due_urls(store, depth=0) == []
    assert await due_urls(store, depth=1, seed="other") == []
    assert await due_urls(store, depth=1, run_id="run-1") == []
    assert set(await due_urls(store, depth=1, run_id="run-2")) == expected
    assert await due_urls(store, depth=1, exclude=expected) == []


async def test_a_page_of_a_clock_that_ran_ahead_is_not_kept_for_ever(store, db, make_page):
    """What was fetched in the future is no newer than what is fetched now, even with a shorter text."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    await store.write([make_page(CN, at=now + dt.timedelta(days=366), body="未来" * 100)], "run-1")
    await store.write([make_page(CN, at=now, body="现在" * 90, content_hash="2")], "run-1")
    held = db.pages.find_one({"_id": CN})
    assert held["body"] == "现在" * 90
    assert held["fetched_at"] == held["last_attempt"]["at"] == now
    assert held["next_fetch_at"] == now + dt.timedelta(days=1)


async def test_order_of_what_is_due(store, db, make_page):
    """The first seen come first, then by URL; the limit cuts the end off."""
    await store.plant("deepseek", seed_page(make_page), "run-1")
    seen = [("c", 0), ("a", 1), ("b", 1), ("d", 2)]
    urls = [f"https://cn.nytimes.com/china/20250205/{name}/" for name, _ in seen]
    for url, (_, hours) in reversed(list(zip(urls, seen, strict=True))):
        at = AT + dt.timedelta(hours=hours)
        await store.write([make_page(url, Outcome.FAILED, at=at, next_fetch_at=None)], "run-1")
    db.pages.update_many({"_id": {"$in": urls}}, {"$set": {"depths.deepseek": 1}})
    assert await due_urls(store, depth=1) == urls
    assert await due_urls(store, depth=1, limit=2) == urls[:2]
    assert await due_urls(store, depth=1, exclude=urls[:1], limit=2) == urls[1:3]


async def test_due_tells_what_a_conditional_request_needs(store, make_page):
    """Validators of the held content and the count of failures come with the URL."""
    await store.plant("deepseek", seed_page(make_page), "run-1")
    page = make_page(CN, etag='"1"', last_modified="Wed, 05 Feb 2025 12:00:00 GMT", next_fetch_at=AT)
    await store.write([replace(page, failures=2, fetch_interval=60)], "run-1")
    (due,) = await store.due("deepseek", 0, sites=SITES, now=LATER, limit=1)
    assert (due.etag, due.last_modified, due.failures, due.fetch_interval) == (
        '"1"', "Wed, 05 Feb 2025 12:00:00 GMT", 2, 60,
    )  # fmt: skip
    assert due.status is Status.FETCHED


async def test_due_reads_the_index_of_its_seed(store, db, make_page):
    """The frontier of one seed is read without looking at the pages of others."""
    await store.plant("deepseek", seed_page(make_page), "run-1")
    query = {"depths.deepseek": 0, "site": {"$in": SITES}, "next_fetch_at": None}
    plan = db.pages.find(query).sort([("first_seen_at", 1), ("_id", 1)]).explain()
    assert "due_deepseek" in str(plan["queryPlanner"]["winningPlan"])


async def test_more_seeds_than_indexes(store, make_page):
    """MongoDB allows 64 indexes; seeds beyond that are read without one."""
    for number in range(70):
        await store.plant(f"seed-{number}", seed_page(make_page), "run-1")
    assert await due_urls(store, seed="seed-69") == [CN]


def depths(db, seed="deepseek"):
    return {d["_id"]: d["depths"][seed] for d in db.pages.find({f"depths.{seed}": {"$exists": True}})}


async def test_membership_spreads_level_by_level(store, db, make_page):
    """A citation costs a hop, a translation and a redirect none, other roles lead nowhere."""
    links = (
        citation(CN_2), citation(EN, role=Role.TRANSLATION), citation(EXTERNAL),
        citation("https://cn.nytimes.com/topic/ai/", role=Role.TOPIC),
    )  # fmt: skip
    await store.plant("deepseek", seed_page(make_page, links=links), "run-1")
    assert await store.spread("deepseek", 0, ROLES) is True
    assert depths(db) == {CN: 0, EN: 0, CN_2: 1, EXTERNAL: 1}
    assert await store.spread("deepseek", 0, ROLES) is False
    moved = make_page(CN_2, Outcome.REDIRECTED, redirects_to=CN_3)
    await store.write([make_page(CN_3, links=(citation(CN),)), moved], "run-1")
    assert await store.spread("deepseek", 1, ROLES) is True
    assert await store.spread("deepseek", 1, ROLES) is False
    assert depths(db) == {CN: 0, EN: 0, CN_2: 1, CN_3: 1, EXTERNAL: 1}


async def test_a_translation_is_followed_only_where_the_seed_asks(store, db, make_page):
    """Without the role translation its targets are no members."""
    links = (citation(EN, role=Role.TRANSLATION), citation(CN_2))
    await store.plant("deepseek", seed_page(make_page, links=links), "run-1")
    assert await store.spread("deepseek", 0, ["citation"]) is False
    assert depths(db) == {CN: 0, CN_2: 1}


async def test_a_shorter_way_lowers_the_depth(store, db, make_page):
    """Depth is the least number of hops, whenever the shorter way is found."""
    await store.plant("deepseek", seed_page(make_page, links=(citation(CN_2), citation(CN_3))), "run-1")
    await store.write([make_page(CN_2, links=(citation(CN_3, role=Role.TRANSLATION), citation(EN)))], "run-1")
    db.pages.update_one({"_id": EN}, {"$set": {"depths.deepseek": 5}})
    await store.spread("deepseek", 0, ROLES)
    assert await store.spread("deepseek", 1, ROLES) is False
    assert depths(db) == {CN: 0, CN_2: 1, CN_3: 1, EN: 2}


async def test_a_second_seed_needs_no_request(store, db, make_page):
    """What one seed has stored spreads for another at once, from pages that are not due."""
    await store.write(
        [make_page(CN, links=(citation(CN_2),)), make_page(CN_2, links=(citation(EN),))], "run-1"
    )
    await store.plant("second", seed_page(make_page), "run-2")
    for depth in (0, 1):
        assert await due_urls(store, depth, seed="second") == []
        await store.spread("second", depth, ROLES)
    assert depths(db, "second") == {CN: 0, CN_2: 1, EN: 2}
    assert await due_urls(store, 2, seed="second") == [EN]


async def test_inactive_links_lead_nowhere(store, db, make_page):
    """A link that the page no longer has passes no membership on."""
    await store.plant("deepseek", seed_page(make_page), "run-1")
    await store.write([make_page(CN, links=(citation(CN_2),))], "run-1")
    await store.write([make_page(CN, at=LATER, links=(citation(CN_3),))], "run-1")
    await store.spread("deepseek", 0, ROLES)
    assert depths(db) == {CN: 0, CN_3: 1}


async def test_wide_levels(store, db, make_page):
    """More than a thousand links and members go through in one call."""
    links = tuple(citation(f"https://example.org/{number}") for number in range(2_500))
    await store.plant("deepseek", seed_page(make_page, links=links), "run-1")
    await store.spread("deepseek", 0, ROLES)
    assert await store.spread("deepseek", 1, ROLES) is False
    assert db.pages.count_documents({"depths.deepseek": 1}) == 2_500


# runs, degrees, works


async def test_the_run_ledger(store, db, make_page):
    """A run that was never closed is found again; refusals by robots.txt cost no budget."""
    run = {"_id": "run-1", "seed": "deepseek", "started": AT, "provenance": "sample", "page_budget": 9}
    assert await store.open_run(run)
    assert not await store.open_run({**run, "_id": "run-2"})
    assert (await store.unfinished_run("deepseek"))["_id"] == "run-1"
    assert await store.unfinished_run("other") is None
    await store.heartbeat("run-1", {"bytes": 70})
    assert db.crawl_runs.find_one()["heartbeat"] > AT
    pages = [make_page(CN), make_page(CN_2, Outcome.FAILED), make_page(CN_3, Outcome.ROBOTS_DENIED)]
    await store.write(pages, "run-1")
    assert await store.spent("run-1") == 2
    await store.close_run("run-1", "finished")
    assert await store.unfinished_run("deepseek") is None
    closed = db.crawl_runs.find_one()
    assert (closed["finish_reason"], closed["counts"], closed["page_budget"]) == (
        "finished",
        {"ok": 1, "failed": 1, "robots_denied": 1},
        9,
    )


async def test_a_dead_run_is_taken_up_once(store, db):
    """Silence is told by the server's clock; of two that see it one gets the run; traffic adds up."""
    run = {"_id": "run-1", "seed": "deepseek", "started": AT, "provenance": "sample", "page_budget": 9}
    assert await store.open_run(run)
    assert (await store.unfinished_run("deepseek"))["silent_for"] < 60
    await store.heartbeat("run-1", {"requests": 3, "bytes": 0})
    db.crawl_runs.update_one({}, {"$set": {"heartbeat": AT}})
    found = await store.unfinished_run("deepseek")
    assert found["silent_for"] > 60
    assert [await store.take_up_run(found, {"pid": pid}) for pid in (1, 2)] == [True, False]
    await store.heartbeat("run-1", {"requests": 4, "bytes": 10})
    taken = await store.run("run-1")
    assert (taken["pid"], taken["taken_up"], taken["traffic"]) == (1, 1, {"requests": 7, "bytes": 10})
    assert taken["silent_for"] < 60


@pytest.mark.parametrize(
    ("reason", "rule"),
    [
        ("HTTP 403", "HTTP 403"),
        ("kept the held body: 12 of 4,100 characters came", "kept the held body: N of N characters came"),
        ("no answer from https://a.org/x?y=1 in 30.0 s", "no answer from URL in N s"),
        ("not a web page but application/x-7z", "not a web page but application/x-7z"),
    ],
)
def test_reasons_are_grouped_by_their_rule(reason, rule):
    """What differs from page to page is left out."""
    assert rule_of(reason) == rule


def degrees(db):
    return {d["_id"]: (d["in_degree"], d["out_degree"]) for d in db.pages.find()}


async def test_degrees(store, db, make_page):
    """Distinct pages count, in both directions, over active links; a page's links to itself do not."""
    links = (
        citation(EN),
        citation(EN),
        citation(EN, role=Role.TRANSLATION),
        citation(EXTERNAL),
        citation(CN),
    )
    await store.write([make_page(CN, links=links), make_page(CN_2, links=(citation(EN),))], "run-1")
    await store.refresh()
    assert degrees(db) == {CN: (0, 2), CN_2: (0, 1), EN: (2, 0), EXTERNAL: (1, 0)}
    await store.write([make_page(CN, at=LATER)], "run-1")
    await store.refresh()
    assert degrees(db) == {CN: (0, 0), CN_2: (0, 1), EN: (1, 0), EXTERNAL: (0, 0)}


async def test_works_keep_their_ids(store, db, make_page):
    """Works that turn out to be one are merged; a wrong link taken back parts them again."""
    await store.write([make_page(CN, headline="一", in_language="zh-Hans")], "run-1")
    english = make_page(EN, at=LATER, headline="One", in_language="en", published_on="2025-02-04")
    await store.write([english, make_page(EXTERNAL, at=LATER)], "run-1")
    await store.refresh()
    assert {d["_id"] for d in db.works.find()} == {CN, EN}
    linked = (citation(CN, role=Role.TRANSLATION),)
    await store.write([replace(english, links=linked)], "run-1")
    await store.refresh()
    work = db.works.find_one({"_id": CN})
    assert work["members"] == [CN, EN]
    assert work["evidence"] == [{"a": CN, "b": EN, "kind": "translation"}]
    assert work["headlines"] == {"zh-Hans": "一", "en": "One"}
    assert work["first_published_on"] == "2025-02-04"
    assert db.works.find_one({"_id": EN})["merged_into"] == CN
    assert {d["_id"]: d.get("work_id") for d in db.pages.find()} == {CN: CN, EN: CN, EXTERNAL: None}
    once = contents(db)
    await store.refresh()
    assert contents(db) == once
    await store.write([replace(english, links=())], "run-1")
    await store.refresh()
    assert db.works.find_one({"_id": EN})["merged_into"] is None
    assert db.pages.find_one({"_id": EN})["work_id"] == EN


async def test_summary(store, make_page):
    """The report's numbers, and the most cited work in the words of one that cites it."""
    quoted = citation(EN, context="见英文报道。", anchor_text="英文")
    await store.plant("deepseek", seed_page(make_page), "run-1")
    pages = [
        make_page(CN, links=(quoted, citation(EXTERNAL))),
        make_page(CN_2, links=(citation(EN), citation(EN))),
    ]
    await store.write([*pages, make_page(CN_3, Outcome.BLOCKED)], "run-1")
    await store.spread("deepseek", 0, ROLES)
    await store.refresh()
    summary = await store.summary("deepseek")
    assert summary["status"] == {"fetched": 1, "discovered": 2}
    assert summary["site"] == {"arxiv.org": 1, "cn.nytimes.com": 1, "www.nytimes.com": 1}
    assert summary["depth"] == {0: 1, 1: 2}
    assert summary["attempt"] == {"ok": 1}
    assert summary["provenance"] == {"sample": 3}
    assert summary["links"] == {"citation": 2}
    assert summary["totals"] == {"pages": 5, "links": 4, "works": 4}
    (cited,) = summary["most_cited"]
    assert (cited["work"], cited["title"], cited["in_links"]) == (EN, "one (2025-02-04)", 2)
    assert cited["quotation"]["context"] == "见英文报道。"
    assert cited["quotation"]["source_title"] == "one (2025-02-05)"
    assert (await store.summary("deepseek", "run-9"))["attempt"] == {}


async def test_works_of_a_site_whose_addresses_tell_nothing(store, make_page):
    """A page that was read there is a work; one that was not, and a feed, are none."""
    here, there, feed = (f"https://example.org/{name}" for name in ("here", "there", "feed"))
    cited = make_page(there, display_title="There")
    listing = make_page(feed, links=(citation(there),), headline="All", extractor=replace(HERE, name="feed"))
    await store.write([make_page(here, links=(citation(there), citation(EXTERNAL))), cited, listing], "run-1")
    await store.refresh()
    summary = await store.summary("deepseek")
    assert summary["totals"] == {"pages": 4, "links": 3, "works": 2}
    (most,) = summary["most_cited"]
    assert (most["work"], most["title"], most["in_links"]) == (there, "There", 1)
    assert most["quotation"]["source"] == here


async def test_facts_switch_off_no_link(store, db, make_page):
    """A second seed that knows nothing of a start page leaves the links that the first one knew."""
    await store.plant("deepseek", seed_page(make_page, links=(citation(EN),)), "run-1")
    await store.plant("other", seed_page(make_page), "run-2")
    assert [link["active"] for link in db.links.find()] == [True]
    assert await store.spread("other", 0, ROLES) is False
    assert db.pages.find_one({"_id": EN})["depths"] == {"other": 1}


async def test_starts_that_were_never_had(store, make_page):
    """Read pages are had, refused later or not; stubs and missing ones are not."""
    await store.write(
        [make_page(CN), make_page(CN_2, Outcome.BLOCKED), make_page(CN_3, Outcome.GONE)], "run-1"
    )
    await store.write([make_page(CN, Outcome.BLOCKED)], "run-2")
    assert set(await store.never_had([CN, CN_2, CN_3])) == {CN_2, CN_3}


async def test_a_page_without_an_attempt_leaves_the_attempt_fields(store, db, make_page):
    """An import sets content and touches neither the last attempt nor when the page is due."""
    await store.write([make_page(CN, Outcome.BLOCKED, failures=3)], "run-1")
    imported = replace(make_page(CN), last_attempt=None, next_fetch_at=None, provenance=Provenance.IMPORT)
    await store.write([imported], None)
    held = db.pages.find_one({"_id": CN})
    assert (held["status"], held["last_attempt"]["status"], held["failures"]) == ("fetched", "blocked", 3)
    assert held["next_fetch_at"] == AT + dt.timedelta(days=1)


async def test_what_the_store_owns_is_never_written_by_a_page(store, db, make_page):
    """Depths, degrees, work and history on an item are ignored."""
    await store.plant("deepseek", seed_page(make_page), "run-1")
    await store.refresh()
    before = db.pages.find_one({"_id": CN})
    page = make_page(CN, discovered_from="x", first_seen_at=LATER, last_seen_at=LATER, aliases=("x",))
    page = replace(page, work_id="x", in_degree=9, out_degree=9, revision=9, depths={"other": 9})
    await store.write([page], "run-1")
    after = db.pages.find_one({"_id": CN})
    for name in ("work_id", "in_degree", "out_degree", "depths", "first_seen_at"):
        assert after[name] == before[name], name
    assert (after["revision"], after.get("aliases"), after["discovered_from"]) == (0, None, None)
