"""Terms of a text: Chinese by pairs of characters, Latin words and numbers as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.graph.text import BODY_TERMS, distinctive, rarity, terms, title_words

CASES = [
    ("DeepSeek引爆中国", ["deepseek", "引爆", "爆中", "中国"]),
    ("H800芯片", ["h800", "芯片"]),
    ("中", ["中"]),
    ("the Chips of A.I. and GPT-4o", ["chips", "gpt", "4o"]),
    ("特朗普：10%关税", ["特朗", "朗普", "10", "关税"]),
    ("ＤｅｅｐＳｅｅｋ", ["deepseek"]),  # full-width letters
    ("Xi’s visit isn't Xi's", ["xi", "visit", "isn't", "xi"]),
    ("", []),
    ("——《》 … !?", []),
    ("日本語テスト", ["日本", "本語", "テスト"]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_terms(text, expected):
    """Each script in its way."""
    assert list(terms(text)) == expected


@given(st.text())
def test_any_text_has_terms_or_none(text):
    """Nothing raises, no term has a space in it, and no term is said that the text does not say."""
    assert all(term and not any(char.isspace() for char in term) for term in terms(text))


@given(
    st.lists(
        st.sampled_from(["Chips", "chips,", "ＡＢ", "“U.S.", "中国", "的A", "x", "", "Xi’s"]) | st.text()
    )
)
def test_the_terms_of_a_text_are_those_of_its_words(words):
    """In its order; a word that comes again is read but once."""
    assert list(terms(" ".join(words))) == [term for word in words for term in terms(word)]


def test_the_distinctive_terms_are_all_of_the_heading_and_the_most_frequent_of_the_body():
    """In that order and each once."""
    body = "芯片 " * 3 + " ".join(f"word{number}" for number in range(200))
    found = distinctive("DeepSeek 芯片", body)
    assert found[:2] == ("deepseek", "芯片")
    assert len(found) == len(set(found)) == BODY_TERMS + 1


def test_rare_terms_tell_more():
    """What every text says tells almost nothing."""
    assert rarity(1, 100) > rarity(10, 100) > rarity(99, 100) > 0


def test_a_title_made_of_an_address_ends_with_a_date_that_is_no_word_of_it():
    """A year within the title stays."""
    assert title_words("deepseek china ai chips (2025-01-24)") == "deepseek china ai chips"
    assert title_words("made in china 2025") == "made in china 2025"
