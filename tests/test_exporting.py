"""From a real database to a file: works joined, nothing half-written, and every bad argument in one line."""

import dataclasses
import datetime as dt
import io
import json

import networkx as nx
import pytest
from scrapy.cmdline import execute

from crawler.exporting import Judged, export, replaced
from crawler.graph.exports import WRITERS, About
from crawler.items import Extractor, Link, Role
from crawler.labels import make_label
from crawler.store import MongoStore
from crawler.store.network import Scope

ZH = "https://cn.nytimes.com/technology/20250205/start/"
EN = "https://www.nytimes.com/2025/01/28/business/start.html"
CITED = "https://cn.nytimes.com/business/20250121/cited/"
CITED_EN = "https://www.nytimes.com/2025/01/20/business/cited.html"
OUTSIDE = "https://example.org/outside"
FEED = "https://cn.nytimes.com/rss/"


def citing(target, role=Role.CITATION, **values):
    return Link(target=target, role=role, **{"anchor_text": "字", "context": f"引文{target[-9:]}", **values})


@pytest.fixture
async def store(mongo_uri, database, make_page):
    """Two works in both languages that cite each other and themselves, and a stub elsewhere."""
    store = MongoStore(mongo_uri, database)
    await store.open()
    run = {"_id": "run-1", "seed": "loop", "started": None}
    await store.open_run(run)
    zh = make_page(ZH, headline="起点", in_language="zh-Hans", translations=(EN,))
    zh = dataclasses.replace(
        zh,
        links=(
            citing(CITED, paragraph=2),
            citing(EN, Role.TRANSLATION),
            citing(ZH, paragraph=3),
            citing(OUTSIDE),
        ),
    )
    en = make_page(EN, headline="Start", in_language="en", published_on="2025-01-28")
    en = dataclasses.replace(en, links=(citing(CITED_EN, paragraph=1), citing(ZH, Role.TRANSLATION)))
    cited = make_page(CITED, headline="被引", in_language="zh-Hans", translations=(CITED_EN,))
    cited = dataclasses.replace(cited, links=(citing(CITED_EN, Role.TRANSLATION), citing(ZH)))
    await store.plant("loop", zh, "run-1")
    await store.write([en, cited], "run-1")
    for depth in (0, 0, 1, 1):
        await store.spread("loop", depth, ("citation", "translation"))
    await store.refresh()
    yield store
    await store.close()


async def graph_of(store, scope, **options):
    out = io.StringIO()
    about = About(title="t", made_on="2026-11-25")
    counts = await export(store, scope, WRITERS[".json"](about), out, **options)
    graph = nx.node_link_graph(json.loads(out.getvalue()))
    assert counts == (len(graph), graph.number_of_edges())
    return graph


async def test_works_are_nodes_and_their_links_are_joined(store):
    """Both versions cite the other work: one edge of weight two. Translations are inside a work."""
    graph = await graph_of(store, Scope("loop"))
    start, cited, outside = graph.nodes[ZH], graph.nodes[CITED], graph.nodes[OUTSIDE]
    assert (start["headline"], start["twin"], start["date"]) == ("起点", "Start", "2025-01-28")
    assert [node["depth"] for node in (start, cited, outside)] == [0, 1, 1]
    edges = {(a, b, key): data["weight"] for a, b, key, data in graph.edges(keys=True, data=True)}
    assert edges == {
        (ZH, CITED, "citation"): 2,
        (ZH, ZH, "citation"): 1,
        (ZH, OUTSIDE, "citation"): 1,
        (CITED, ZH, "citation"): 1,
    }
    quotes = graph.edges[ZH, CITED, "citation"]["quotes"].split(" | ")
    assert sorted(quotes) == sorted([f"引文{CITED[-9:]}", f"引文{CITED_EN[-9:]}"])


async def test_pages_are_nodes_with_all_their_links(store):
    """Every page by itself; what lies further than the depth is left out with its links."""
    graph = await graph_of(store, Scope("loop", works=False))
    assert set(graph) == {ZH, EN, CITED, CITED_EN, OUTSIDE}
    assert graph.has_edge(ZH, EN, "translation")
    assert set(await graph_of(store, Scope("loop", 0, works=False))) == {ZH, EN}
    assert set(await graph_of(store, Scope(None, works=False))) >= set(graph)


async def test_a_streamed_graph_is_the_same_but_for_its_places(store):
    """What is too large to be laid out has the same nodes and edges."""
    arranged = await graph_of(store, Scope("loop"))
    streamed = await graph_of(store, Scope("loop"), arranged=0)
    assert list(arranged.edges(keys=True, data=True)) == list(streamed.edges(keys=True, data=True))
    assert set(arranged) == set(streamed)
    assert len({(node["x"], node["y"]) for _, node in streamed.nodes(data=True)}) == len(streamed)


def test_a_file_is_replaced_when_the_new_one_is_complete(tmp_path):
    """What was there stays when something goes wrong half way."""
    path = tmp_path / "graph.gexf"
    path.write_text("before")
    with pytest.raises(RuntimeError), replaced(path) as out:
        out.write("half")
        raise RuntimeError
    assert path.read_text() == "before"
    with replaced(path) as out:
        out.write("after")
    assert path.read_text() == "after"
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def scrapy(store, capfd):
    """Runs a command as `scrapy` would, in this process: its status, and what it printed."""

    def run(*arguments):
        where = [f"--set=MONGO_URI={store.uri}", f"--set=MONGO_DATABASE={store.database}"]
        with pytest.raises(SystemExit) as end:
            execute(["scrapy", *arguments, *where])
        return end.value.code, *capfd.readouterr()

    return run


def test_the_command(scrapy, tmp_path):
    """Writes the file by its name and says what is in it."""
    path = tmp_path / "loop.gexf"
    status, out, err = scrapy("graph", "--seed", "loop", "-o", str(path))
    assert (status, out) == (0, f"3 works and 4 edges in {path}\n")
    assert err.startswith("SAMPLE: ")
    status, out, err = scrapy("graph", "--seed", "loop", "--depth", "0", "-o", str(tmp_path / "start.gexf"))
    assert (status, out) == (0, f"1 work and 1 edge in {tmp_path / 'start.gexf'}\n")
    assert len(nx.read_gexf(path, version="1.3")) == 3


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["-o", "{}/graph.doc"], 2, "graph.doc names no format: let it end in one of .html, .gexf"),
        (["-o", "{}/x.csv"], 2, "no page of a seed 'deepseek' is held: known are loop"),
        (["-o", "{}/none/x.csv", "--all"], 73, "can't be written (no folder "),
        (["-o", "{}/x.csv", "--depth", "-1"], 2, "--depth has to be 0 or more"),
        ([], 2, "name the file: `scrapy graph -o deepseek.html`"),
    ],
)
def test_bad_arguments(scrapy, tmp_path, arguments, status, message):
    """One line that says what to do; no file is left."""
    code, out, err = scrapy("graph", *(argument.format(tmp_path) for argument in arguments))
    assert code == status
    assert message in out + err
    assert list(tmp_path.iterdir()) == []


def test_the_page_to_look_at(scrapy, tmp_path):
    """Holds the graph and the ranked list, with the reasons in both languages."""
    path = tmp_path / "loop.html"
    status, out, _ = scrapy("graph", "--seed", "loop", "-o", str(path))
    assert (status, out) == (0, f"3 works and 4 edges in {path}\n")
    data = json.loads(path.read_text().partition('id="data">')[2].partition("</script>")[0])
    assert data["about"]["sample"] is True
    start = next(node for node in data["nodes"] if node["depth"] == 0)
    assert (start["headline"], start["url"], start["twin"], start["twin_url"]) == ("起点", ZH, "Start", EN)
    first = data["ranking"][0]
    assert (first["work"], first["group"]) == (CITED, "same event")
    assert data["nodes"][first["place"]]["url"] == CITED
    assert any(reason.startswith("cited by the seed in paragraph 1: «引文") for reason in first["reasons"])
    assert any(reason.startswith("被引于起点第 1 段：“引文") for reason in first["reasons_zh"])


async def test_a_feed_is_no_part_of_the_whole(store, make_page):
    """A list that names whatever is new would stand in the middle of it."""
    feed = Extractor(name="feed", layout="rss")
    listing = make_page(FEED, links=(citing(CITED, Role.RELATED), citing(ZH, Role.RELATED)), extractor=feed)
    await store.write([listing], "run-1")
    for works in (True, False):
        assert FEED not in await graph_of(store, Scope(works=works))
    assert {ZH, CITED, OUTSIDE} <= set(await graph_of(store, Scope()))


async def test_what_readers_say_is_in_the_graph(store):
    """A label of one version is the work's; a filter keeps what was labelled so, streamed or not."""
    when = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    said = make_label(EN, "in", seed="loop", who="anna", when=when, tags=["chips"], note="<b>yes</b>")
    await store.add_labels([said, make_label(OUTSIDE, "out", seed="loop", who="anna", when=when)])
    labels = await store.page_labels("loop")
    graph = await graph_of(store, Scope("loop"), said=Judged(labels))
    assert (graph.nodes[ZH]["decision"], graph.nodes[ZH]["remarks"]) == ("in", "chips; <b>yes</b>")
    assert [graph.nodes[name]["decision"] for name in (CITED, OUTSIDE)] == ["", "out"]
    for arranged in (0, 100):
        for choice, works in (("in", {ZH}), ("out", {OUTSIDE}), ("none", {CITED})):
            chosen = await graph_of(store, Scope("loop"), said=Judged(labels, choice), arranged=arranged)
            assert set(chosen) == works
    pages = await graph_of(store, Scope("loop", works=False), said=Judged(labels, "in"))
    assert set(pages) == {ZH, EN}
