"""Exported graphs are read back by networkx, valid by schema, and whole whatever the text in them."""

import csv
import io
import json
import math
from dataclasses import replace
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from crawler.graph.exports import WRITERS, About, Placed, pieces
from crawler.graph.exports.writer import NODE_COLUMNS
from crawler.graph.layout import rings, spiral
from crawler.graph.network import Edge, Node, Occurrence, PageFacts, join, page_node, work_node

SCHEMAS = Path(__file__).parent / "schemas"
ABOUT = About(title="The test's graph", made_on="2026-11-25")
ZH = Node(
    id="https://cn.nytimes.com/a/?x=1&y=2",
    headline="改变国运的突破？DeepSeek引爆中国社交媒体，一个很长的标题",
    twin='What a <b>"start-up"</b> & all',
    date="2025-02-05",
    language="zh+en",
    site="cn.nytimes.com",
    page_type="article",
    status="fetched",
    provenance="live",
    depth=0,
    in_degree=3,
    out_degree=2,
)
EN = Node(id="https://www.nytimes.com/b.html", headline="=1+1", date="2025-01-27", language="en", depth=1)
STUB = Node(id="https://e.org/c", headline="e.org: c", depth=1)
NODES = [ZH, EN, STUB]
EDGES = [
    Edge(source=ZH.id, target=EN.id, role="citation", weight=2, quotes=("甲", "乙 & <丙>"), paragraph=2),
    Edge(source=ZH.id, target=EN.id, role="related", weight=1),
    Edge(source=EN.id, target=ZH.id, role="citation", weight=1, quotes=("a cycle",), paragraph=1),
    Edge(source=EN.id, target=EN.id, role="citation", weight=1, quotes=("of itself",), paragraph=3),
]


def exported(suffix, nodes=NODES, edges=EDGES, about=ABOUT):
    places = rings(nodes, edges)
    placed = [Placed(node, *places[node.id]) for node in nodes]
    return "".join(pieces(WRITERS[suffix](about), placed, edges))


def read_back(suffix, text):
    """By networkx, as a user would."""
    if suffix == ".gexf":
        return nx.read_gexf(io.BytesIO(text.encode()), version="1.3")
    if suffix == ".graphml":
        return nx.read_graphml(io.BytesIO(text.encode()), force_multigraph=True)
    return nx.node_link_graph(json.loads(text))


def check_schema(suffix, text):
    schema = etree.RelaxNG(etree.parse(SCHEMAS / f"{suffix[1:]}.rng"))
    schema.assertValid(etree.fromstring(text.encode()))


READABLE = (".gexf", ".graphml", ".json")


@pytest.mark.parametrize("suffix", READABLE)
def test_networkx_reads_it_back(suffix):
    """Every node and edge with every column, typed; roles between two nodes are kept apart."""
    graph = read_back(suffix, exported(suffix))
    assert graph.is_directed()
    assert set(graph) == {node.id for node in NODES}
    for node in NODES:
        found = graph.nodes[node.id]
        assert {name: found[name] for name in NODE_COLUMNS} == {
            name: getattr(node, name) for name in NODE_COLUMNS
        }
        assert found["label"] == node.label
    edges = sorted(
        (a, b, data["role"], data["weight"], data["quotes"]) for a, b, data in graph.edges(data=True)
    )
    assert edges == sorted((e.source, e.target, e.role, e.weight, " | ".join(e.quotes)) for e in EDGES)


@pytest.mark.parametrize("suffix", [".gexf", ".graphml"])
@pytest.mark.parametrize("size", [0, 1, 3])
def test_it_is_valid_by_schema(suffix, size):
    """An empty graph and one of one node, too."""
    nodes = NODES[:size]
    edges = [edge for edge in EDGES if {edge.source, edge.target} <= {node.id for node in nodes}]
    text = exported(suffix, nodes, edges)
    check_schema(suffix, text)
    assert len(read_back(suffix, text)) == size


def test_gephi_finds_what_it_looks_for():
    """Dates for the timeline, also of edges; colours by language; sizes, positions and kinds of edges."""
    root = etree.fromstring(exported(".gexf").encode())
    space = {"g": "http://gexf.net/1.3", "v": "http://gexf.net/1.3/viz"}
    starts = [node.get("start") for node in root.iterfind(".//g:node", space)]
    assert starts == ["2025-02-05", "2025-01-27", None]
    edges = root.findall(".//g:edge", space)
    assert [(edge.get("kind"), edge.get("start")) for edge in edges[:2]] == [
        ("citation", "2025-02-05"),
        ("related", "2025-02-05"),
    ]
    colours = {tuple(colour.values()) for colour in root.iterfind(".//v:color", space)}
    assert len(colours) == 3
    places = [tuple(map(float, place.values()))[:2] for place in root.iterfind(".//v:position", space)]
    assert places[0] == (0.0, 0.0)
    assert len(set(places)) == 3
    assert all(float(size.get("value")) > 0 for size in root.iterfind(".//v:size", space))


def test_csv_names_both_ends():
    """With headline and date; a headline is no formula."""
    text = exported(".csv")
    assert text.startswith("\ufeffSource,Target,Type,Weight,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == len(EDGES)
    assert rows[0] == {
        "Source": ZH.id,
        "Target": EN.id,
        "Type": "Directed",
        "Weight": "2",
        "role": "citation",
        "quotes": "甲 | 乙 & <丙>",
        "paragraph": "2",
        "source_headline": ZH.headline,
        "source_date": ZH.date,
        "target_headline": "'=1+1",
        "target_date": EN.date,
    }


@pytest.mark.parametrize("suffix", READABLE)
def test_samples_say_so(suffix):
    """In the description."""
    assert "SAMPLE: real addresses" in exported(suffix, about=replace(ABOUT, is_sample=True))
    assert "SAMPLE" not in exported(suffix)


TEXT = st.text(st.characters(codec="utf-8"), max_size=30)


@given(headline=TEXT, quote=TEXT)
def test_whatever_the_text_the_file_is_whole(headline, quote):
    """Markup, right-to-left marks and control characters: valid, one node each, the plain text unchanged."""
    facts = PageFacts(id="https://e.org/", title=headline, site="e.org", page_type="external", status="x")
    node = page_node(facts)
    links = [Occurrence(node.id, node.id, "citation", quote)]
    for suffix in WRITERS:
        text = exported(suffix, [node], join(links))
        if suffix in READABLE:
            assert read_back(suffix, text).nodes[node.id]["headline"] == node.headline
        if suffix in {".gexf", ".graphml"}:
            check_schema(suffix, text)


@given(TEXT)
def test_any_id_can_stand_in_xml(name):
    """URLs hold no control characters; were one to slip through, the file is still well-formed."""
    for suffix in (".gexf", ".graphml"):
        etree.fromstring(exported(suffix, [Node(id=name, headline="x")], []).encode())


def test_links_are_joined_by_ends_and_role():
    """Weight, the quotes in order and once, the first paragraph; bounded."""
    links = [
        Occurrence("a", "b", "citation", "两句", 5),
        Occurrence("a", "b", "citation", "一\x00句\n", 2),
        Occurrence("a", "b", "related", ""),
        Occurrence("a", "b", "citation", "两句"),
        Occurrence("a", "a", "citation", "x" * 500),
    ]
    itself, cited, related = join(links)
    assert (cited.weight, cited.quotes, cited.paragraph) == (3, ("两句", "一句"), 2)
    assert (related.role, related.weight, related.quotes, related.paragraph) == ("related", 1, (), -1)
    assert len(itself.quotes[0]) == 200
    many = [Occurrence("a", "b", "citation", str(number)) for number in range(9)]
    assert join(many)[0].quotes == ("0", "1", "2", "3", "4")


def facts(url, **values):
    given = {"title": "t", "site": "s", "page_type": "article", "status": "fetched"}
    return PageFacts(id=url, **{**given, **values})


def test_a_work_speaks_the_reader_s_language():
    """Simplified Chinese before traditional and English; its date is the first; degrees are added up."""
    hans = facts("https://c/a/", headline="简", in_language="zh-Hans", published_on="2025-02-05", depth=1)
    hant = facts("https://c/a/zh-hant/", headline="繁", in_language="zh-Hant", in_degree=2)
    english = facts(
        "https://w/a.html", headline="E", in_language="en", published_on="2025-01-28", in_degree=1
    )
    node = work_node("https://w/a.html", [english, hant, hans])
    assert (node.headline, node.twin, node.date, node.language) == ("简", "E", "2025-01-28", "zh+en")
    assert (node.depth, node.in_degree) == (1, 3)
    assert node.members == (hans.id, hant.id, english.id)
    alone = work_node(english.id, [english])
    assert (alone.headline, alone.twin, alone.language) == ("E", "", "en")


def test_a_stub_has_a_title_a_date_and_a_language_all_the_same():
    """From its address."""
    stub = page_node(
        facts("https://cn.nytimes.com/china/20190531/tiananmen-square/", title="tiananmen square")
    )
    assert (stub.headline, stub.date, stub.language) == ("tiananmen square", "2019-05-31", "zh")


def test_rings_put_the_seed_in_the_middle_and_nothing_on_top_of_another():
    """A ring for each depth, further out each; neighbours stand near each other."""
    nodes = [Node(id="seed", headline="s", depth=0)]
    nodes += [Node(id=f"n{number}", headline="n", depth=1) for number in range(10)]
    nodes += [Node(id=f"m{number}", headline="m", depth=2) for number in range(40)]
    edges = [Edge(source="seed", target=f"n{number}", role="citation", weight=1) for number in range(10)]
    edges += [
        Edge(source=f"n{number % 10}", target=f"m{number}", role="citation", weight=1) for number in range(40)
    ]
    places = rings(nodes, edges)
    assert places["seed"] == (0.0, 0.0)
    assert max(math.hypot(*places[f"n{n}"]) for n in range(10)) < min(
        math.hypot(*places[f"m{n}"]) for n in range(40)
    )
    assert len({(round(x), round(y)) for x, y in places.values()}) == len(nodes)
    drawn = [math.dist(places[edge.source], places[edge.target]) for edge in edges[10:]]
    radius = math.hypot(*places["m0"])
    assert sum(drawn) / len(drawn) < radius
    assert places == rings(list(reversed(nodes)), edges)


def test_a_spiral_fills_a_disc_without_gaps_and_overlaps():
    """Each place its own, none far from the others."""
    places = [spiral(number) for number in range(300)]
    nearest = [min(math.dist(a, b) for b in places if a != b) for a in places]
    assert min(nearest) > 15
    assert max(nearest) < 90
