"""Which works answer a few words, and in which order."""

import pytest

from crawler.graph.search import Candidate, rank

WORKS = [
    Candidate(work="headline", headings=("DeepSeek引爆中国",), bodies=("别的",)),
    Candidate(work="body", headings=("别的",), bodies=("在中国，DeepSeek的芯片很多。" * 2,)),
    Candidate(work="author", headings=("别的", "Keith Bradsher")),
    Candidate(work="none", headings=("油价",), bodies=("油价上涨。",)),
]
ANSWERS = [
    ("DeepSeek", ["headline", "body"]),
    ("deepseek 芯片", ["body", "headline"]),  # who says all goes before who says some
    ("Bradsher", ["author"]),
    ("bradsher’s", ["author"]),
    ("中国", ["headline", "body"]),
    ("上涨", ["none"]),
    ("没有的话", []),
    ("爆", ["headline"]),  # a character by itself, of which all texts say pairs only
    ("芯 DeepSeek", ["body", "headline"]),
    ("龘", []),
]


@pytest.mark.parametrize(("words", "expected"), ANSWERS)
def test_answers(words, expected):
    """Headline before body, all words before some."""
    assert [hit.work for hit in rank(words, WORKS, {}, 10)] == expected


def test_the_words_around_are_shown_on_one_line():
    """From the first body that says them."""
    (hit,) = rank("芯片", [Candidate(work="x", headings=(), bodies=("一" * 50 + "芯片\n很多",))], {}, 10)
    assert hit.snippet == "…" + "一" * 30 + "芯片 很多"


def test_not_more_than_asked_for():
    """The best of them."""
    assert len(rank("别的", WORKS, {}, 2)) == 2
