"""Readers' labels: append-only, the latest stands, two at once lose nothing, what is out leads nowhere."""

import asyncio
import datetime as dt
import itertools
import subprocess
import sys
from dataclasses import replace

import pymongo
import pytest
from crawling import PROJECT, Crawls, article, citing
from hypothesis import given
from hypothesis import strategies as st
from loopback import Web
from test_related import cites, piece, read

from crawler.graph import related
from crawler.graph.listing import FORMATS, Listing
from crawler.items import Link, Outcome, Role
from crawler.labels import Decision, Label, LabelError, make_label, read_csv, wanted, write_csv
from crawler.store import MongoStore

NOW = dt.datetime(2025, 2, 5, 12, tzinfo=dt.UTC)
CN = "https://cn.nytimes.com/technology/2026010{}/page/"
START, SIDE, BEHIND, BOTH, FURTHER = (CN.format(number) for number in range(1, 6))
EN = "https://www.nytimes.com/2025/02/04/world/one.html"


def label(page=START, decision="in", *, seconds=0, who="anna", **said):
    when = NOW + dt.timedelta(seconds=seconds)
    return make_label(page, decision, seed=said.pop("seed", "loop"), who=who, when=when, **said)


# on paper


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"url": "x"}, "not the address of a page"),
        ({"url": "https://cn.nytimes.com/\ud800/"}, "not the address"),
        ({"decision": "maybe"}, "in, out or undecided"),
        ({"seed": "Deep Seek"}, "small letters"),
        ({"seed": "a.b"}, "small letters"),
        ({"tags": ["two words"]}, "without spaces"),
        ({"note": "x" * 10_001}, "10,000 characters"),
        ({"note": "\ud800"}, "is text"),
        ({"who": " "}, "--who"),
    ],
)
def test_labels_that_make_no_sense(said, problem):
    """One line that says what to do."""
    fields = {"url": START, "decision": "in", "seed": "loop", "who": "anna", "when": NOW} | said
    with pytest.raises(LabelError, match=problem):
        make_label(fields.pop("url"), fields.pop("decision"), **fields)


def test_any_spelling_of_a_page_is_that_page():
    """As everywhere."""
    assert label("http://m.cn.nytimes.com/technology/20260101/page?utm_source=x").page == START


@given(
    st.lists(
        st.builds(
            label,
            st.sampled_from([START, EN]),
            st.sampled_from(list(Decision)),
            seconds=st.floats(0, 1e6),
            who=st.text(min_size=1)
            .filter(str.strip)
            .map(lambda text: text.replace("\r", "").replace("\n", "") + "x"),
            note=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=50),
            tags=st.lists(st.sampled_from(["a", "出口管制", "=1+1"])),
        )
    )
)
def test_csv_reads_back_what_it_wrote(labels):
    """Commas, quotes, Chinese, whatever: the same labels, so that reading them again adds none."""
    if any("\x00" in given.who or len(given.who.splitlines()) > 1 for given in labels):
        return
    text = "".join(write_csv(labels))
    assert read_csv(text, seed="other", who="bob", when=NOW) == labels


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no column decision and no column url"),
        ("url,tags\n", "no column decision"),
        ("url,decision\nx,in\n", "line 2: not the address"),
        (f"url,decision,when\n{START},in,yesterday\n", "line 2: not a time"),
        ("url,decision\n" + "x,in\n" * 8, "and 3 more: nothing was kept"),
    ],
)
def test_csv_that_is_wrong(text, problem):
    """It names the lines."""
    with pytest.raises(LabelError, match=problem):
        read_csv(text, seed="loop", who="anna", when=NOW)


def test_csv_of_a_spreadsheet():
    """Semicolons, a byte order mark, other columns, rows without a decision, several lines in a note."""
    text = f'\ufeffURL;score;Decision;note\n{START};0,5;IN;"one\ntwo"\n{EN};0,1;;\n'
    (read,) = read_csv(text, seed="loop", who="anna", when=NOW)
    assert read == label(note="one\ntwo")


@pytest.mark.parametrize(
    ("decision", "choice", "passes"),
    [
        (None, None, True),
        ("in", None, True),
        ("in", "in", True),
        ("in", "out", False),
        (None, "in", False),
        (None, "none", True),
        ("out", "none", False),
    ],
)
def test_filter(decision, choice, passes):
    """`none` are those that nobody has judged."""
    assert wanted(label(decision=decision) if decision else None, choice) is passes


def test_a_ranked_list_shows_and_filters():
    """Each form says what readers said; the CSV has columns that `--read` understands."""
    network = read(*(cites("a", name) for name in "bcd"))
    said = {"b": label(EN, "in", tags=["chips"], note="yes,\nit *is*"), "c": label(EN, "out")}
    for choice, works in (("in", "b"), ("out", "c"), ("none", "d"), (None, "bcd")):
        found = related.find(network, related.Wanted(label=choice, labels=said))
        assert {one.work for one in found} == set(works)
    pieces = {name: piece(name) for name in "abcd"}
    listed = related.describe(found, ["a"], pieces, "zh", labels=said)
    listing = Listing(seeds=(pieces["a"],), found=tuple(listed), language="zh")
    assert "in: chips; yes, it *is*" in FORMATS["text"](listing)
    assert r"in: chips; yes, it \*is\*" in FORMATS["md"](listing)
    assert '"decision": "in"' in FORMATS["json"](listing)
    table = FORMATS["csv"](listing)
    again = read_csv(table.replace("https://zh/", "https://example.org/"), seed="loop", who="bob", when=NOW)
    assert [(one.decision, one.tags) for one in again] == [("in", ("chips",)), ("out", ())]


# in the database


async def test_the_latest_label_stands(store, db):
    """Whatever order they come in; nothing is overwritten; each seed for itself."""
    said = [
        label(decision="in", seconds=1),
        label(decision="out", seconds=3, note="no"),
        label(decision="undecided", seconds=2),
    ]
    other = label(decision="in", seconds=9, seed="other")
    for order in itertools.permutations(said):
        db.labels.delete_many({})
        for one in (*order, other):
            await store.add_labels([one])
        assert await store.labels("loop") == {START: said[1]}
    assert await store.labels("other") == {START: other}
    assert await store.label_history(pages=[START]) == [said[0], said[2], said[1], other]


async def test_what_was_said_of_any_version_was_said_of_the_page(store, make_page):
    """As a label of one holds for all of them."""
    english = "https://www.nytimes.com/2026/01/01/world/start.html"
    await store.write([make_page(START, translations=(english,)), make_page(english)], "run-1")
    await store.refresh()
    await store.add_labels([label(page=english)])
    assert [one.page for one in await store.label_history(pages=[START])] == [english]
    assert await store.label_history(pages=[SIDE]) == []


async def test_the_same_again_adds_nothing(store, db):
    """A file can be read twice."""
    assert await store.add_labels([label(), label(who="bob")]) == 2
    assert await store.add_labels([label(), label(who="bob"), label(decision="out")]) == 1
    assert db.labels.count_documents({}) == 3


async def test_two_readers_at_once(store, mongo_uri, database, db):
    """Nothing is lost, and both see the same label stand: ties are broken by _id."""
    other = MongoStore(mongo_uri, database)
    await other.open()
    anna = [label(decision="in", seconds=number % 5, note=str(number)) for number in range(50)]
    bob = [label(decision="out", seconds=number % 5, note=str(number), who="bob") for number in range(50)]
    pairs = zip(anna, bob, strict=True)
    await asyncio.gather(
        *(s.add_labels([one]) for pair in pairs for s, one in zip((store, other), pair, strict=True))
    )
    assert db.labels.count_documents({}) == 100
    assert await store.labels("loop") == await other.labels("loop")
    await other.close()


async def test_a_label_of_one_version_is_the_work_s(store, db, make_page):
    """Translations count once; the latest of any version stands, and out is out in all of them."""
    translation = Link(target=EN, role=Role.TRANSLATION)
    await store.write([make_page(START, links=(translation,), translation_of=EN), make_page(EN)], None)
    await store.refresh()
    work = db.pages.find_one({"_id": EN})["work_id"]
    assert work is not None
    await store.add_labels([label(EN, "in"), label(START, "out", seconds=5), label(SIDE, "in")])
    assert {name: said.decision for name, said in (await store.work_labels("loop")).items()} == {
        work: Decision.OUT,
        SIDE: Decision.IN,
    }


async def test_the_page_that_is_meant(store, make_page):
    """A redirect means its target, an alias its page, anything else itself."""
    moved = make_page(SIDE, outcome=Outcome.REDIRECTED, redirects_to=START)
    await store.write([make_page(START), moved], None)
    assert [await store.known_page(url) for url in (START, SIDE, EN)] == [START, START, EN]


def test_nothing_else_is_let_in(mongo_uri, database, db, store):
    """The validator refuses what is no label."""
    with pytest.raises(pymongo.errors.WriteError):
        db.labels.insert_one({"page": START})


def test_a_label_is_a_label():
    """Its id is given by all it says."""
    one = label()
    assert one.id == replace(one).id
    others = [
        label(who="b"),
        label(seconds=1),
        label(tags=["t"]),
        label(note="n"),
        label(seed="s"),
        label(EN),
    ]
    assert len({one.id, *(other.id for other in others)}) == 7
    assert isinstance(one, Label)


# on the command line, and in a crawl


def scrapy(crawls, *arguments, stdin=""):
    line = [sys.executable, "-m", "scrapy", *map(str, arguments)]
    for name, value in crawls.settings.items():
        line += ["-s", f"{name}={value}"]
    return subprocess.run(
        line, cwd=PROJECT, env=crawls.environment, capture_output=True, text=True, timeout=100, input=stdin
    )


def test_what_is_out_is_not_expanded(mongo_uri, database, tmp_path):
    """Only what it alone leads to is left out, also where an earlier run has seen it."""
    pages = {
        START: article("起点", *citing(SIDE, BOTH)),
        SIDE: article("旁边", *citing(BEHIND, BOTH)),
        BOTH: article("两边", *citing(FURTHER)),
        BEHIND: article("后面"),
        FURTHER: article("更远"),
    }
    with Web(pages, tmp_path) as web:
        crawls = Crawls(mongo_uri, database, tmp_path, web.proxy)
        seed = tmp_path / "loop.toml"
        seed.write_text(f'name = "loop"\nurl = "{START}"\ndepth = 3\nmax_pages = 2\n')
        assert crawls.run("articles", f"seed={seed}").returncode == 0
        assert web.urls() == [START, SIDE]
        said = scrapy(
            crawls, "label", SIDE, "--out", "--seed", "loop", "-t", "weather", "--note", "no [b]chips"
        )
        assert (said.returncode, said.stdout) == (0, "1 label added\n")
        seed.write_text(seed.read_text().replace("max_pages = 2", "max_pages = 9"))
        assert crawls.run("articles", f"seed={seed}").returncode == 0
        assert web.urls() == [START, SIDE, BOTH, FURTHER]
        # taken back, it leads on again
        assert scrapy(crawls, "label", SIDE, "--undecided", "--seed", "loop").returncode == 0
        assert crawls.run("articles", f"seed={seed}").returncode == 0
        assert web.urls()[4:] == [BEHIND]
    early = scrapy(crawls, "label", SIDE, "--in", "--seed", "nope")
    assert (early.returncode, early.stdout) == (0, "1 label added\n")
    assert early.stderr.endswith("kept for later: no page of a seed 'nope' is held: known are loop\n")
    none = scrapy(crawls, "label", "--list", "--label", "in", "--seed", "loop")
    assert (none.returncode, "nothing is labelled in: without --label" in none.stderr) == (2, True)
    listed = scrapy(crawls, "label", "--list", SIDE).stdout
    assert listed.count("  loop  ") == 2
    assert "out        旁边" in listed
    assert "weather  no [b]chips" in listed
    news = scrapy(crawls, "new", "--seed", "loop", "--label", "none").stdout
    assert (f"    {BEHIND}\n" in news, f"    {SIDE}\n" in news) == (True, False)
    news = scrapy(crawls, "new", "--seed", "loop").stdout
    assert "旁边 (2026-01-01, cn.nytimes.com, undecided)" in news
    assert BEHIND not in news
    written = scrapy(crawls, "label", "--write", "-").stdout
    assert len(written.splitlines()) == 4
    again = scrapy(crawls, "label", "--read", "-", stdin=written)
    assert again.stdout == "0 labels added, 3 were there\n"
    ended = scrapy(crawls, "label", "--write", "/nowhere/x.csv")
    assert (ended.returncode, "can't be written" in ended.stderr) == (73, True)
    for command in ("label", "related"):
        refused = scrapy(crawls, command, "--label", "maybe")
        assert (refused.returncode, "(choose from 'in', 'out', 'undecided'" in refused.stderr) == (2, True)
