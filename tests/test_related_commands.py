"""`scrapy related`, `why` and `find` as a person runs them, on the sample archive."""

import csv
import io
import json
from pathlib import Path

import pytest
from crawling import PROJECT

from crawler import called
from crawler.seeds import named_seed

SEED = "https://cn.nytimes.com/technology/20250205/deepseek-china-reaction/"
CHIPS = "https://cn.nytimes.com/technology/20250124/deepseek-china-ai-chips/"
COSTS = "https://cn.nytimes.com/technology/20250213/deepseek-ai-chip-costs/"


@pytest.fixture
def ask(sample):
    """Runs a command, which has to succeed, and gives what it printed."""

    def ask(*arguments):
        run = sample.scrapy(*arguments, timeout=300)
        assert run.returncode == 0, run.stderr
        assert "SAMPLE" in run.stderr
        return run.stdout

    return ask


def test_related_to_the_seed(ask):
    """By default the seed's: what it cites first, in words, in groups, with dates and addresses."""
    text = ask("related")
    assert text.startswith("Related to 改变国运的突破？DeepSeek引爆中国社交媒体")
    assert "Background (before)" in text
    assert "cited by the seed in paragraph 2: «" in text
    assert f"{CHIPS}  0." in text
    assert "never fetched" not in text


def test_the_readme_shows_what_comes_out(ask):
    """Its example, but for the score: that depends on what else is held."""
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    _, example = readme.split("`scrapy related` says for instance:\n\n")
    shown = [line[4:] for line in example.split("\n\n")[0].splitlines()]
    text = ask("related")
    for line in shown:
        assert line.rstrip(".0123456789") in text


def test_related_to_another_seed(ask):
    """Where that one starts."""
    (start,) = json.loads(ask("related", "--seed", "newsroom", "-n", "1", "--format", "json"))["seeds"]
    assert start["url"] in named_seed("newsroom").urls


def test_the_other_deepseek_articles_come_early(ask):
    """All of the file's that are held are among the first twenty; two of them cite what the seed cites."""
    works = json.loads(ask("related", "--format", "json"))["related"]
    named = [work for work in works if "deepseek" in work["url"] and "cn.nytimes.com" in work["url"]]
    assert len(named) == 7
    same = [work for work in named if any("cites the same" in reason for reason in work["reasons"])]
    assert {COSTS, "https://cn.nytimes.com/china/20250205/deepseek-china-ai-censorship/"} <= {
        work["url"] for work in same
    }


def test_stubs_and_outside_sources_are_there_for_whoever_asks(ask):
    """Each in its place, and -n holds."""
    text = ask("related", SEED.partition("//")[2] + "zh-hant", "--external", "--include-stubs", "-n", "40")
    assert "Outside sources" in text
    assert "x.com" in text
    assert "never fetched" in text
    assert len(list(csv.DictReader(io.StringIO(ask("related", "-n", "3", "--format", "csv"))))) == 3


def test_an_empty_list_says_what_is_left_out(ask):
    """There are links, only not to what was asked for."""
    assert "related works are left out by --label in. --include-stubs" in ask("related", "--label", "in")
    since = ask("related", "--since", "20990101", "--external", "--include-stubs")
    assert since.endswith("related works are left out by --since 2099-01-01.\n")


def test_the_reader_s_language(ask):
    """English first for who reads English; the twin stays beside it."""
    text = ask("related", CHIPS, "--language", "en")
    assert "deepseek china ai chips / 中国AI初创公司DeepSeek是如何与硅谷巨头竞争的" in text


def test_references_for_zotero(ask):
    """With the twin and the day it was seen."""
    (first,) = json.loads(ask("related", "-n", "1", "--format", "csl-json"))
    assert first["URL"].startswith("https://cn.nytimes.com/")
    assert first["accessed"]
    cited = ask("related", "-n", "2", "--format", "bibtex")
    assert "author = {Metz, Cade and Tobin, Meaghan}" in cited
    assert (cited.count("urldate"), cited.count("translator = ")) == (2, 2)
    original = ask("related", "-n", "1", "--language", "en", "--format", "bibtex")
    assert "language = {en}" in original
    assert "translator" not in original
    assert "Translation of" not in original
    assert ask("related", "-n", "2", "--format", "ris").count("\nER  -") == 2


def test_several_articles_have_a_joint_neighbourhood(ask):
    """The quotations say in which of them they stand."""
    text = ask("related", SEED, COSTS, "--include-stubs")
    assert text.count("Related to ") == 2
    assert "«DeepSeek是如何把构建AI的价格“打下来”的» in paragraph" in text


def test_only_what_a_run_did(sample, ask):
    """What it fetched, or linked to for the first time."""
    first, second = (run["_id"] for run in sample.runs())
    by = {
        run: {work["url"] for work in json.loads(ask("related", "--run", run, "--format", "json"))["related"]}
        for run in (first, second)
    }
    assert by[first]
    assert by[second]
    assert by[first] != by[second]


def test_why(ask):
    """Two works that both cite one: two sentences."""
    text = ask("why", SEED, COSTS + "dual/")
    assert "2 links" in text
    assert text.count(f"cites «{'中国AI初创公司DeepSeek是如何与硅谷巨头竞争的'}» in paragraph") >= 2
    told = json.loads(ask("why", SEED, COSTS, "-n", "1", "--format", "json"))
    assert told["count"] > 1
    assert len(told["paths"]) == 1


def test_find(ask):
    """In headlines, and by name."""
    assert "DeepSeek" in ask("find", "DeepSeek", "芯片").splitlines()[0]
    assert "  3. " not in ask("find", "Keith", "Bradsher", "-n", "2")
    assert "Nothing that is held says" in ask("find", "龘鱻麤")


REFUSED = [
    (("related", CHIPS.replace("chips", "chipz")), "the nearest known: "),
    (("related", "nonsense"), "'nonsense' is no web address"),
    (("related", "https://example.org/nonsense"), "is not known: crawl it first"),
    (("related", "-n", "0"), "-n has to be at least 1"),
    (("related", "--since", "soon"), "a date is YYYY-MM-DD"),
    (("related", "--run", "none"), "no run 'none' is known"),
    (("related", "--seed", "nope"), "no page of a seed 'nope' is held: known are deepseek, newsroom"),
    (("related", CHIPS, "--seed", "nope"), "no page of a seed 'nope' is held"),
    (("why", SEED), "name two articles"),
    (("neighbourhood", SEED, "--seed", "newsroom"), "name one article, or the seed"),
    (("neighbourhood", "--seed", "nope"), "no page of a seed 'nope' is held: known are deepseek, newsroom"),
    (("why", SEED, SEED + "dual/"), "both are versions of one work"),
    (("find", "…"), "scrapy: name words to find"),
    (("find", "the", "U.S."), "the U.S. is too short, or stands in any text: name words to find"),
    (("find", "DeepSeek", "--limit", "3"), "no such option: --limit"),
    (("related", "--lanuage", "en"), "no such option: --lanuage"),
    (("find", "\udcff"), "is no text"),
]


@pytest.mark.parametrize(("arguments", "problem"), REFUSED)
def test_a_question_that_can_t_be_answered(sample, arguments, problem):
    """Status 2 and one line that says what to do."""
    run = sample.scrapy(*arguments, timeout=300)
    assert run.returncode == 2
    assert problem in run.stderr
    assert len([line for line in run.stderr.splitlines() if "SAMPLE" not in line]) == 1


def test_words_that_begin_with_a_hyphen():
    """After two of them, as everywhere."""
    assert called.arguments(["x", "--", "--limit", "--"]) == ["x", "--limit", "--"]
    assert called.arguments(["-"]) == ["-"]


@pytest.mark.parametrize("arguments", [("related",), ("find", "DeepSeek"), ("runs",), ("completion", "bash")])
def test_a_full_disk_takes_no_output(sample, arguments):
    """One line, and a status of its own."""
    with Path("/dev/full").open("w") as full:
        run = sample.scrapy(*arguments, timeout=300, stdout=full)
    assert run.returncode == 73
    assert run.stderr.splitlines()[-1] == "scrapy: the output: No space left on device"
    assert "Traceback" not in run.stderr
