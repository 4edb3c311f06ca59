"""What is new is told: each thing once, with its reason, in every format."""

import dataclasses
import datetime as dt
import json
import subprocess
import sys

import pytest
from crawling import PROJECT
from lxml import etree

from crawler.graph.news import FORMATS, News
from crawler.items import Link, Role
from crawler.store import MongoStore, leading
from crawler.store import news as stored

CN = "https://cn.nytimes.com"
SEED, CITED, LATER = (f"{CN}/china/2025020{n}/{name}/" for n, name in ((1, "a"), (2, "b"), (3, "c")))
DAY = dt.datetime(2025, 2, 5, 12, tzinfo=dt.UTC)


def cites(*targets):
    return tuple(
        Link(
            target=target,
            role=Role.CITATION,
            anchor_text="引文",
            context=f"见引文{n}。",
            paragraph=n,
            position=1,
        )
        for n, target in enumerate(targets, 1)
    )


@pytest.fixture
async def graph(mongo_uri, database, make_page):
    """A seed that cites one article; both held."""
    store = MongoStore(mongo_uri, database)
    await store.open()
    await store.plant("deepseek", make_page(SEED, at=DAY, links=cites(CITED)), "run-1")
    await store.write([make_page(CITED, at=DAY)], "run-1")
    await store.spread("deepseek", 0, ["citation"])
    await store.refresh()
    yield store
    await store.close()


async def told(store):
    """Keys of what `scrapy new` would tell now; afterwards it is told."""
    return [thing.key for thing in await store.tell("deepseek", await untold(store))]


async def untold(store):
    """All of it, as it comes."""
    return [thing async for things in store.news("deepseek", None) for thing in things]


async def test_each_thing_is_told_once(graph, make_page):
    """First all that is held; then nothing; then what comes: a link, a revision, an article."""
    assert await told(graph) == [f"work {SEED}", f"work {CITED}"]
    assert await told(graph) == []
    later = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=5)
    changed = make_page(SEED, at=later, links=cites(CITED, LATER), content_hash="2", body="改了" * 100)
    await graph.write([changed], "run-2")
    await graph.write([make_page(LATER, at=later)], "run-2")
    await graph.spread("deepseek", 0, ["citation"])
    await graph.refresh()
    news = await untold(graph)
    assert [(thing.kind, thing.url) for thing in news] == [
        ("work", LATER),
        ("revision", SEED),
        ("link", SEED),
    ]
    assert (news[0].reason, news[0].quote) == ("cited by a (2025-02-01) in paragraph 2", "见引文2。")
    assert news[2].other_url == LATER
    assert len(await told(graph)) == 3
    assert await told(graph) == []


@pytest.mark.parametrize("since", [None, DAY - dt.timedelta(days=1)])
async def test_what_comes_in_portions_is_what_comes_at_once(graph, make_page, monkeypatch, since):
    """However few are held at a time: the same things in the same order, with the same reasons."""
    more = [f"{CN}/china/20250301/more-{n}/" for n in range(7)]
    listing = make_page(SEED, at=DAY + dt.timedelta(hours=1), links=cites(CITED, *more))
    deeper = [make_page(url, at=DAY, links=cites(*more[n + 1 :])) for n, url in enumerate(more)]
    await graph.write([listing, *deeper], "run-2")
    await graph.spread("deepseek", 0, ["citation"])
    await graph.refresh()
    at_once = [thing async for things in graph.news("deepseek", since) for thing in things]
    assert [thing.url for thing in at_once if thing.kind == "work"] == [SEED, CITED, *more]
    monkeypatch.setattr(stored, "CHUNK", 2)
    monkeypatch.setattr(leading, "CHUNK", 3)
    portions = [things async for things in graph.news("deepseek", since)]
    assert max(map(len, portions)) == 2
    assert [thing for things in portions for thing in things] == at_once


async def test_the_twin_is_in_another_language_than_the_page(graph, make_page):
    """Of whatever site: it is the page's language that counts, not its address."""
    here, there = "https://example.org/en/a", "https://example.org/ja/a"
    page = make_page(here, at=DAY, headline="An article", in_language="en", translations=(there,))
    link = Link(target=there, role=Role.TRANSLATION)
    await graph.plant("deepseek", dataclasses.replace(page, links=(link,)), "run-1")
    other = make_page(there, at=DAY, headline="記事", in_language="ja", translations=(here,))
    back = Link(target=here, role=Role.TRANSLATION)
    await graph.write([dataclasses.replace(other, links=(back,))], "run-1")
    await graph.refresh()
    twins = {thing.url: thing.twin_title for thing in await untold(graph)}
    assert twins == {SEED: None, CITED: None, here: "記事"}


async def test_another_version_of_a_work_is_not_told_as_new(graph, make_page):
    """A translation that is fetched later belongs to what was told."""
    await told(graph)
    hant = f"{SEED}zh-hant/"
    await graph.write([make_page(SEED, at=DAY, links=cites(CITED), translations=(hant,))], "run-2")
    await graph.plant("deepseek", make_page(hant, at=DAY, translations=(SEED,)), "run-2")
    await graph.refresh()
    assert await told(graph) == []


async def test_two_at_once_tell_each_thing_once(graph):
    """Both have read the same news; what one has noted the other leaves out."""
    first, second = await untold(graph), await untold(graph)
    one, other = await graph.tell("deepseek", first[:1]), await graph.tell("deepseek", second)
    assert [thing.url for thing in (*one, *other)] == [SEED, CITED]
    await graph.take_back("deepseek", one)
    assert await told(graph) == [f"work {SEED}"]


def test_the_command(graph, mongo_uri, database, tmp_path):
    """Prints, then is silent; --since tells again; bad arguments end in one line."""

    def new(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "scrapy", "new", *arguments],
            cwd=PROJECT,
            env={"MONGO_URI": mongo_uri, "MONGO_DATABASE": database, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
        )

    missing = new("-o", str(tmp_path / "no" / "such" / "folder"))
    assert missing.returncode == 73
    assert "can't be written" in missing.stderr
    first = new()
    assert first.returncode == 0, first.stderr
    assert "cited by a (2025-02-01) in paragraph 1: «见引文1。»" in first.stdout
    assert (new().stdout, new("--since", "2025-02-04", "--format", "json").stdout.count('"key"')) == ("", 2)
    assert new("--since", "2025-02-06").stdout == ""
    for wrong in (["--since", "never"], ["--seed", "unknown"], ["word"]):
        refused = new(*wrong)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 2 if "SAMPLE" in refused.stderr else 1)


HOSTILE = News(
    key="work https://example.org/(x)",
    kind="work",
    url="https://example.org/(x)",
    title="<script>[a](b) `c`\x1b[31m\u202e",
    site="example.org",
    reason="cited by *A*",
    quote="‘q’ & <b>" * 40,
    seen_at=DAY,
)


@pytest.mark.parametrize("name", FORMATS)
def test_text_of_the_web_is_never_markup(name):
    """Of a terminal, of Markdown, of XML."""
    text = "".join(FORMATS[name]([HOSTILE], "deepseek"))
    assert "\x1b" not in text
    if name == "atom":
        (title,) = etree.fromstring(text.encode()).xpath("//*[local-name()='entry']/*[local-name()='title']")
        assert title.text.startswith("<script>[a](b)")
        assert "<id>tag:related-articles,2026:deepseek:work%20https://example.org/(x)</id>" in text
    elif name == "json":
        assert json.loads(text)["news"][0]["url"] == HOSTILE.url
    elif name == "md":
        assert "\\<script\\>\\[a\\](b)" in text
        assert "](<https://example.org/(x)>)" in text


def test_an_atom_feed_without_news_is_a_feed():
    """For those who ask for a file at any rate."""
    assert etree.fromstring("".join(FORMATS["atom"]([], "deepseek")).encode()).tag.endswith("feed")
