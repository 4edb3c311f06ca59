"""The work graph, its signals and their weights: small graphs worked out by hand, and networkx as a judge."""

import networkx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.graph import ranking, signals
from crawler.graph.facts import is_hub
from crawler.graph.workgraph import Citation, Node, build, from_arrays

EDGES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 9)), max_size=30)


def graph(*citations, hubs=(), recommended=(), **facts):
    """Works named by letters: `ab3` is a cites b in paragraph 3; facts are given as name=Node fields."""
    names = sorted({letter for citation in citations for letter in citation[:2]} | facts.keys() | set(hubs))
    nodes = [Node(id=name, is_hub=name in hubs, **facts.get(name, {})) for name in names]
    return build(nodes, [Citation(c[0], c[1], int(c[2:] or 1)) for c in citations], recommended)


def values(signal, made, seed="a"):
    """{work: value} of what is not 0."""
    found = signal(made, np.array([made.number[seed]]))
    return {work: pytest.approx(value) for work, value in zip(made.works, found, strict=True) if value}


def order(made, seed="a"):
    """Works by their score, those without any left out."""
    score, _ = ranking.rank(made, np.array([made.number[seed]]))
    return [made.works[place] for place in np.argsort(-score, kind="stable") if score[place] > 0]


def test_citations_count_each_mention_and_the_early_ones_more():
    """Either way."""
    made = graph("ab1", "ab3", "ac7", "da1")
    assert values(signals.citation, made) == {"b": 1.5, "c": 1 / 3}
    assert values(signals.cited_by, made) == {"d": 1}


def test_co_citation_is_nearness_in_the_text_of_a_third_work():
    """Same paragraph, next one, far off; what the third cites besides takes away."""
    found = signals.co_citation(graph("xa2", "xb2", "xc3", "xd9"), np.array([0]))
    assert found[1] == 2 * found[2] == 8 * found[3] > 0


def test_coupling_and_adamic_adar_weigh_the_shared_neighbour_by_how_few_have_it():
    """c is cited by many, so b and a have less in common than d and a."""
    made = graph("ac", "bc", "xc", "yc", "ae", "de")
    coupling = values(signals.bibliographic_coupling, made)
    assert coupling["d"].expected > coupling["b"].expected > 0
    assert values(signals.adamic_adar, graph("ac", "cb"))["b"].expected > 0


def test_nothing_leads_through_a_hub():
    """A topic that all link to makes no two of them related."""
    made = graph("at", "bt", "ct", hubs="t")
    for signal in (signals.bibliographic_coupling, signals.adamic_adar):
        assert set(values(signal, made)) <= {"a"}
    assert "b" not in values(signals.personalized_pagerank, made)
    assert order(made) == []


@pytest.mark.parametrize(
    ("page_type", "degree", "expected"),
    [
        ("topic", 0, True),
        ("author", 1, True),
        ("live", 19, False),
        ("live", 20, True),
        ("article", 999, False),
    ],
)
def test_hubs(page_type, degree, expected):
    """Topics, authors, sections and home always; live pages that are linked with much."""
    assert is_hub(page_type, degree) is expected


@given(EDGES)
def test_pagerank_is_that_of_networkx(edges):
    """On any graph without hubs: cycles, self-links, works without links."""
    made = from_arrays(np.array(edges, dtype=np.int64).reshape(-1, 3), 8)
    judge = networkx.Graph()
    judge.add_nodes_from(range(8))
    judge.add_edges_from((a, b) for a, b, _ in edges if a != b)
    alpha = 1 - signals.RESTART
    expected = networkx.pagerank(
        judge, alpha, personalization={0: 1}, dangling={0: 1}, tol=1e-9, max_iter=500
    )
    found = signals.personalized_pagerank(made, np.array([0]))
    if judge.degree(0):
        assert found == pytest.approx([expected[node] for node in range(8)], abs=2 * alpha**signals.STEPS)


@given(EDGES, st.integers(0, 7))
def test_every_signal_is_finite_and_the_score_is_within_bounds(edges, seed):
    """Whatever the graph; the seed itself is never related to itself."""
    made = from_arrays(np.array(edges, dtype=np.int64).reshape(-1, 3), 8)
    for signal in ranking.SIGNALS.values():
        found = signal(made, np.array([seed]))
        assert found.shape == (8,)
        assert np.isfinite(found).all()
        assert (found >= 0).all()
    score, given_by = ranking.rank(made, np.array([seed]))
    assert score[seed] == 0
    assert ((score >= 0) & (score <= 1 + 1e-9)).all()
    assert given_by.keys() == ranking.WEIGHTS.keys()


def test_a_graph_of_one_work():
    """Nothing is related, nothing raises."""
    assert order(graph(a={})) == []


def test_a_million_citations_of_one_work():
    """Counted, not walked one by one."""
    rows = np.column_stack([np.arange(1, 1_000_001), np.zeros(1_000_000), np.ones(1_000_000)]).astype(
        np.int64
    )
    score, _ = ranking.rank(from_arrays(rows, 1_000_001), np.array([0]))
    assert score.shape == (1_000_001,)


def test_the_words_of_a_seed_are_the_question():
    """Rare words before common ones, and long texts get no more for their length."""
    said = {"a": "芯片 deepseek 中国", "b": "deepseek 芯片", "c": "中国", "d": "中国 经济", "e": "油价"}
    made = graph(**{name: {"terms": tuple(text.split())} for name, text in said.items()})
    assert order(made) == ["b", "c", "d"]


def test_labels_recommendations_and_dates():
    """Signals that were measured and give reasons only."""
    made = graph(
        recommended=[("a", "b")],
        a={"authors": ("li",), "topics": ("new",), "day": 10},
        b={"authors": ("li", "metz"), "day": 10},
        c={"topics": ("new",), "day": 40},
        d={},
    )
    assert values(signals.recommendation, made) == {"b": 1}
    assert "b" in values(signals.shared_author, made)
    assert "c" in values(signals.shared_topic, made)
    assert values(signals.nearness_in_time, made) == {"a": 1, "b": 1, "c": 0.5}


def test_several_seeds_have_one_joint_neighbourhood():
    """What both are linked with comes first."""
    made = graph("ax", "bx", "ay", "bz")
    score, _ = ranking.rank(made, np.array([made.number["a"], made.number["b"]]))
    assert made.works[int(np.argmax(score))] == "x"


def test_the_degree_in_the_whole_graph_counts_where_only_a_part_is_read():
    """A work that a thousand others link to tells less than one that two do."""
    made = graph("ab", "ac", "xb", "yc", b={"degree": 1000})
    assert order(made).index("y") < order(made).index("x")


def test_a_live_page_that_is_asked_for_is_no_dead_end():
    """A hub among the seeds leads to what it cites."""
    assert set(order(graph("ax", "ay", hubs="a"))) == {"x", "y"}
