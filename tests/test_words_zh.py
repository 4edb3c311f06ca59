"""Reasons in Chinese: each kind has its sentence, as each has in English."""

import pytest

from crawler.graph.evidence import Evidence, Kind
from crawler.graph.facts import Tie
from crawler.graph.words import Speaker
from crawler.graph.words_zh import ChineseSpeaker

SEED, WORK = "https://e.org/seed", "https://e.org/work"


def tie(source, target, paragraph, context="一句\x1b引文"):
    return Tie(source=source, target=target, role="citation", paragraph=paragraph, context=context)


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (
            Evidence(Kind.CITED_BY_SEED, ties=(tie(SEED, WORK, 2), tie(SEED, WORK, 5, ""))),
            "被引于起点第 2 段：“一句引文”；第 5 段",
        ),
        (
            Evidence(Kind.CITES_SEED, ties=tuple(tie(WORK, SEED, n, "") for n in (None, 1, 2, 3))),
            "引用了起点，正文之外；第 1 段；第 2 段；另有 1 处",
        ),
        (Evidence(Kind.RECOMMENDED), "编辑将两篇并列推荐"),
        (Evidence(Kind.CITED_TOGETHER, via=("a",)), "同被引用于《a》"),
        (
            Evidence(Kind.SAME_CITATIONS, via=("a", "b", "c", "d")),
            "引用了相同的 4 篇：《a》、《b》、《c》等 4 篇",
        ),
        (Evidence(Kind.CITED_BY_CITED, via=("a",)), "被起点所引用的文章引用：《a》"),
        (Evidence(Kind.CITES_CITING, via=("a",)), "引用了引用起点的文章：《a》"),
        (Evidence(Kind.SAME_LABEL, words=("袁莉", "新新世界")), "同一专栏或作者：袁莉、新新世界"),
        (Evidence(Kind.SAME_WORDS, words=("芯片",)), "用词相同：芯片"),
    ],
    ids=lambda value: str(value.kind) if isinstance(value, Evidence) else "",
)
def test_every_kind_of_reason(evidence, said):
    """As a sentence; text from the web without control characters."""
    assert ChineseSpeaker({}, [SEED], "zh").say(evidence) == said
    assert Speaker({}, [SEED], "en").say(evidence)


def test_of_several_seeds_the_one_meant_is_named():
    """By its title."""
    evidence = Evidence(Kind.CITED_BY_SEED, ties=(tie(SEED, WORK, 2, ""),))
    assert ChineseSpeaker({}, [SEED, "https://e.org/2"], "zh").say(evidence) == f"被引于《{SEED}》第 2 段"
