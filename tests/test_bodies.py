"""How much of a text is kept, and what a page says to that."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.bodies import EXCERPT, BodyPolicy, as_kept, excerpt
from crawler.items import Post, Via
from crawler.wording import SKETCH, resemblance, shingles, words_in

URL = "https://cn.nytimes.com/world/20250101/x/"
WORD_OR_NUMBER = re.compile(r"[^\W_]+(?:['’.\-,][^\W_]+)*")
BODY = "第一句话到此为止。第二句话也到此为止。" * 40


@pytest.mark.parametrize(
    ("policy", "asks", "via", "kept"),
    [
        (BodyPolicy.FULL, None, Via.HTTP, BODY),
        (BodyPolicy.EXCERPT, None, Via.HTTP, excerpt(BODY)),
        (BodyPolicy.NONE, None, Via.HTTP, None),
        (BodyPolicy.FULL, "noarchive", Via.HTTP, excerpt(BODY)),
        (BodyPolicy.NONE, "noarchive", Via.HTTP, None),
        (BodyPolicy.FULL, "noarchive", Via.IMPORT, BODY),  # a copy somebody had
        (BodyPolicy.EXCERPT, "noarchive", Via.IMPORT, excerpt(BODY)),
    ],
)
def test_what_is_kept_of_a_text(make_page, policy, asks, via, kept):
    """Hash, counts and shingles are the same under each; links and headline are never cut."""
    page = make_page(URL, body=BODY, archive_policy=asks, fetched_via=via, posts=(Post(slug="a", body="条"),))
    stored = as_kept(page, policy)
    assert stored.body == kept
    assert stored.posts[0].body == ("条" if kept == BODY else "")
    assert (stored.text_length, stored.content_hash) == (len(BODY) + 1, page.content_hash)
    assert stored.shingles == shingles(BODY + "条")
    assert as_kept(stored, BodyPolicy.FULL).headline == page.headline


@given(st.text(alphabet="句子 a.。\n", max_size=900))
def test_an_excerpt_is_a_beginning(text):
    """Never longer than the limit, and never other words than the text's."""
    found = excerpt(text)
    assert len(found) <= EXCERPT + 1
    assert text.startswith(found.removesuffix("…"))


def test_a_sketch_stays_the_same():
    """Databases hold sketches of texts that nobody has any more: they can't be made again."""
    assert shingles("The state said: it's 1,000 times 的中国 U.S.") == (
        *(1868596281588678603, 2438760602486846638, 3132789726804765637, 3726981582904587990),
        *(4054408263290361585, 6163730102328548366, 7335604360285480212),
    )


@given(st.text(alphabet="aB9é'’.-, \n_中ァ“½İß٣"))
def test_plain_words_are_those_that_the_pattern_finds(text):
    """What is a word and nothing else is told without it."""
    assert words_in(text, WORD_OR_NUMBER) == WORD_OR_NUMBER.findall(text)


def test_shingles_tell_how_far_two_texts_are_the_same():
    """In Chinese and English, without the texts themselves."""
    chinese = "".join(chr(0x4E00 + number * 7 % 20_000) for number in range(3_000))
    half = chinese[:1_500] + chinese[1_500:][::-1]
    english = " ".join(f"word{number}" for number in range(3_000))
    for text in (chinese, english):
        assert resemblance(shingles(text), shingles(text)) == 1.0
        assert len(shingles(text)) == SKETCH
    assert resemblance(shingles(chinese), shingles(english)) == 0.0
    assert 0.15 < resemblance(shingles(chinese), shingles(half)) < 0.55  # a third, give or take
    assert shingles("") == ()
    assert resemblance((), ()) == 0.0
    assert len(shingles("一")) == 1


def test_a_shorter_body_never_takes_the_place_of_an_excerpt(make_page):
    """What counts is how much came, not how much of it is kept."""
    from crawler.items import to_document
    from crawler.store.decisions import Effect, decide, held_from

    held = as_kept(make_page(URL, body=BODY), BodyPolicy.NONE)
    document = to_document(held)
    page = as_kept(
        replace(make_page(URL, at=held.fetched_at.replace(hour=13)), body=BODY[:100]), BodyPolicy.NONE
    )
    decision = decide(page, held_from(document))
    assert decision.effect is Effect.ATTEMPT
    assert f"100 of {len(BODY)} characters" in decision.reason
