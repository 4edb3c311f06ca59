"""Paths of up to three links between two works, against a search by networkx."""

import networkx
from hypothesis import given
from hypothesis import strategies as st

from crawler.graph import paths
from crawler.graph.facts import Tie
from crawler.graph.pieces import Piece, Version

LETTERS = st.sampled_from("abcdefgh")


def cites(source, target, paragraph=1, context="", role="citation"):
    return Tie(source, target, role, paragraph, "words", context)


def told(*ties, start="a", end="b"):
    return [list(paths.sentences(path, {}, "zh")) for path in paths.find(ties, start, end)]


def test_each_link_of_a_path_is_a_sentence():
    """Whichever way it points, with its place and its words."""
    assert told(cites("a", "x", 2, "Here."), cites("b", "x", 5, "There.")) == [
        ["«a» cites «x» in paragraph 2: «Here.»", "«b» cites «x» in paragraph 5: «There.»"]
    ]


def test_several_links_of_one_step_are_one_path():
    """Three are told, the others counted; that of the first work's own comes first."""
    ties = [cites("b", "a", 1, "back"), *(cites("a", "b", number) for number in range(1, 5))]
    (path,) = told(*ties)
    assert path[0] == "«a» cites «b» in paragraph 1: «words»"
    assert path[-1] == "and 2 links more between these two"


def test_authors_topics_and_recommendations_make_paths_and_footers_none():
    """Each with its own verb."""
    found = told(
        cites("a", "t", role="topic"),
        cites("b", "t", role="topic"),
        cites("a", "f", role="footer"),
        cites("f", "b", role="footer"),
        cites("a", "b", role="related"),
    )
    assert found == [["«a» recommends «b»"], ["«a» stands in «t»", "«b» stands in «t»"]]


def test_authors_are_named_as_the_articles_name_them_and_each_link_is_told_once():
    """A page links to its author by name and by "more about her", and may be known by its address only."""
    author = {"role": "author", "paragraph": None}
    ties = [cites(source, "by/li", context=str(n), **author) for source in "ab" for n in range(2)]
    titles = {"a": "A", "b": "B", "by/li": "li"}
    pieces = {
        work: Piece(
            work=work,
            versions=(Version(url=work, language="zh", title=title, is_headline=True),),
            labels={} if work == "by/li" else {"by/li": "袁莉"},
        )
        for work, title in titles.items()
    }
    (path,) = paths.find(ties, "a", "b")
    assert list(paths.sentences(path, pieces, "zh")) == ["«A» is by «袁莉»", "«B» is by «袁莉»"]


@given(st.lists(st.tuples(LETTERS, LETTERS), max_size=25))
def test_all_paths_are_found_and_none_twice(pairs):
    """The simple paths of three links at most, the shortest first: as networkx finds them."""
    judge = networkx.Graph([pair for pair in pairs if pair[0] != pair[1]])
    judge.add_nodes_from("ab")
    expected = sorted(
        map(tuple, networkx.all_simple_paths(judge, "a", "b", cutoff=3)), key=lambda p: (len(p), p)
    )
    found = [path.works for path in paths.find([cites(*pair) for pair in pairs], "a", "b")]
    assert found == expected
