"""The tree around an article: what hangs where, and that it is readable in a narrow terminal."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from crawler.graph.facts import Neighbourhood, Tie, WorkFacts
from crawler.graph.pieces import Piece, Version
from crawler.graph.tree import draw, grow


def cites(source, target, paragraph=1, context="", role="citation"):
    return Tie(source, target, role, paragraph, "", context)


def read(*ties, hubs=()):
    names = {"seed", *(end for tie in ties for end in tie[:2])}
    works = {
        name: WorkFacts(id=name, page_type="topic" if name in hubs else "article", site="s") for name in names
    }
    return Neighbourhood(seeds=("seed",), works=works, ties=ties)


def shape(branch):
    """`{work: {work: {}}}`."""
    return {further.work: shape(further) for further in branch.branches}


def printed(grown, pieces=None, width=80):
    out = io.StringIO()
    Console(file=out, width=width, color_system=None, highlight=False).print(draw(grown, pieces or {}, "zh"))
    return out.getvalue()


def test_two_steps_each_way():
    """What it links to and what that links to; what links to it and what links to that; no further."""
    grown = grow(
        read(
            cites("seed", "b", 2),
            cites("seed", "a", 1),
            cites("a", "c"),
            cites("c", "d"),
            cites("x", "seed"),
            cites("y", "x"),
            cites("x", "z"),
        ),
        9,
    )
    assert shape(grown.out) == {"a": {"c": {}}, "b": {}}
    assert list(shape(grown.out)) == ["a", "b"]
    assert shape(grown.into) == {"x": {"y": {}}}
    assert set(grown.works()) == {"seed", "a", "b", "c", "x", "y"}


def test_cycles_self_links_and_hubs():
    """Nothing hangs under itself, and a topic page leads nowhere."""
    ties = [cites("seed", "seed"), cites("seed", "a"), cites("a", "seed"), cites("a", "a"), cites("a", "t")]
    grown = grow(read(*ties, cites("seed", "t"), hubs=("t",)), 9)
    assert shape(grown.out) == {"a": {}}
    assert shape(grown.into) == {"a": {}}


def test_long_lists_are_cut_and_say_so():
    """So many each way as asked for, and four of each of those."""
    ties = [cites("seed", f"a{number}", number) for number in range(1, 9)]
    ties += [cites("a1", f"b{number}", number) for number in range(1, 8)]
    text = printed(grow(read(*ties), 3))
    assert "links to 8" in text
    assert "and 5 more" in text
    assert "and 3 more" in text
    assert "a4" not in text


@pytest.mark.parametrize("width", [40, 80])
def test_it_is_readable_in_few_columns(width):
    """No line is wider than the terminal, Chinese counted double; sentences are cut."""
    title = "改变国运的突破？DeepSeek引爆中国社交媒体" * 3
    pieces = {
        "a": Piece(work="a", versions=(Version(url="a", language="zh", title=title, is_headline=True),)),
    }
    text = printed(grow(read(cites("seed", "a", 2, "一句很长的引文，" * 30)), 9), pieces, width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "¶2" in text
    assert text.count("一句很长的引文") < 10
    assert "…»" in text.replace("│", "").replace(" ", "").replace("\n", "")


def test_text_from_the_web_stays_text():
    """Markup and control characters are nothing to the terminal."""
    pieces = {
        "a": Piece(
            work="a",
            versions=(Version(url="a", language="en", title="[bold]x[/] \x1b[31m\u202ey", is_headline=True),),
        )
    }
    text = printed(grow(read(cites("seed", "a", 2, "[red]quote[/red]\x07")), 9), pieces)
    assert "[bold]x[/] [31my" in text
    assert "«[red]quote[/red]»" in text
    assert "\x1b" not in text
    assert "\x07" not in text


def test_a_recommendation_does_not_repeat_the_headline():
    """Its words are the headline itself."""
    pieces = {
        "a": Piece(work="a", versions=(Version(url="a", language="en", title="Head", is_headline=True),))
    }
    text = printed(grow(read(cites("seed", "a", None, "Head", role="related")), 9), pieces)
    assert text.count("Head") == 1
    assert "related" in text


def test_an_article_without_links():
    """It says that there are none."""
    assert "it cites nothing, or was never read" in printed(grow(read(), 9))


CHIPS = "https://cn.nytimes.com/technology/20250124/deepseek-china-ai-chips/"


def test_the_command(sample):
    """By default the seed's; of any version of an article; in eighty columns where nobody says how many."""
    run = sample.scrapy("neighbourhood")
    assert (run.returncode, run.stderr.count("\n")) == (0, 1), run.stderr
    assert run.stdout.startswith("改变国运的突破？DeepSeek引爆中国社交媒体")
    for words in ("├── links to ", "└── linked from ", "中国AI初创公司DeepSeek", "¶2", "«"):
        assert words in run.stdout
    assert max(map(cell_len, run.stdout.splitlines())) <= 80
    newsroom = sample.scrapy("neighbourhood", "--seed", "newsroom", "-n", "1")
    assert newsroom.returncode == 0, newsroom.stderr
    assert "改变国运" not in newsroom.stdout.splitlines()[0]
    other = sample.scrapy("neighbourhood", CHIPS + "zh-hant/", "-n", "1", "--language", "en")
    assert other.stdout.startswith("[Sample headline] deepseek china ai chips")


def test_an_unknown_article(sample):
    """The nearest known are named."""
    run = sample.scrapy("neighbourhood", CHIPS.replace("chips", "ships"))
    assert run.returncode == 2
    assert CHIPS in run.stderr
