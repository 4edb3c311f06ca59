import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.graph.works import Member, find_works

START = dt.datetime(2025, 2, 5, tzinfo=dt.UTC)


def member(name, hours=0, story_key=None, **fields):
    return Member(
        id=name,
        story_key=story_key or f"key of {name}",
        first_seen_at=START + dt.timedelta(hours=hours),
        **fields,
    )


CASES = [
    ("apart", [member("a"), member("b")], [], [], {"a": "a", "b": "b"}),
    ("a translation link", [member("a"), member("b", 1)], [("b", "a")], [], {"a": "ab"}),
    ("translation_of", [member("a"), member("b", 1, translation_of="a")], [], [], {"a": "ab"}),
    ("translations", [member("a", translations=("b", "c")), member("b"), member("c")], [], [], {"a": "abc"}),
    ("variants", [member("a", 1, story_key="k"), member("b", story_key="k")], [], [], {"b": "ba"}),
    ("a redirect", [member("a"), member("b", 1, redirects_to="a")], [], [], {"a": "ab"}),
    ("a chain", [member("c"), member("b"), member("a")], [("c", "b"), ("b", "a")], [], {"a": "abc"}),
    ("leading out", [member("a", translation_of="x", redirects_to="y")], [("a", "z")], [], {"a": "a"}),
    ("evidence of itself", [member("a", translation_of="a")], [("a", "a")], [], {"a": "a"}),
    ("a known work keeps its id", [member("a"), member("b", 1)], [("a", "b")], ["b"], {"b": "ab"}),
    ("of two known works the elder", [member("a", 1), member("b")], [("a", "b")], ["a", "b"], {"b": "ba"}),
    ("a work that came apart", [member("a"), member("b", 1)], [], ["a"], {"a": "a", "b": "b"}),
    ("seen together: by URL", [member("b"), member("a")], [("a", "b")], [], {"a": "ab"}),
    ("never seen comes last", [Member(id="a", story_key="a"), member("b", 9)], [("a", "b")], [], {"b": "ba"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "members", "translations", "known", "expected"), CASES)
def test_which_pages_are_one_work(name, members, translations, known, expected):
    """Works are connected over evidence, are named by their first member and keep that name."""
    works = find_works(members, translations, set(known))
    assert {work.id: "".join(work.members) for work in works} == expected, name


def test_a_likeness_of_slugs_is_no_evidence():
    """Two articles called alike on two days are two works."""
    pages = [
        member("https://cn.nytimes.com/opinion/20240101/cartoon/"),
        member("https://cn.nytimes.com/opinion/20250101/cartoon/"),
    ]
    assert len(find_works(pages, [], set())) == 2


def test_what_a_work_tells():
    """One headline and date per language, of its first page seen; the earliest date; the evidence."""
    pages = [
        member("a", 0, story_key="k", headline="简", published_on="2025-02-06", in_language="zh-Hans"),
        member("b", 1, story_key="k", headline="簡", published_on="2025-02-06", in_language="zh-Hant"),
        member("c", 2, headline="Plain", published_on="2025-02-05", in_language="en"),
        member("d", 3, story_key="k", headline="简二", published_on="2025-02-07", in_language="zh-Hans"),
        member("e", 4, story_key="k"),
    ]
    (work,) = find_works(pages, [("a", "c")], set())
    assert work.headlines == {"zh-Hans": "简", "zh-Hant": "簡", "en": "Plain"}
    assert work.published_on == {"zh-Hans": "2025-02-06", "zh-Hant": "2025-02-06", "en": "2025-02-05"}
    assert work.first_published_on == "2025-02-05"
    pairs = [("a", "b", "variant"), ("a", "c", "translation"), ("a", "d", "variant"), ("a", "e", "variant")]
    assert list(work.evidence) == pairs


def test_merged_works():
    """The works that a merger ends are named."""
    pages = [member("a"), member("b", 1), member("c", 2)]
    (work,) = find_works(pages, [("a", "b"), ("b", "c")], {"b", "c", "other"})
    assert (work.id, work.absorbed) == ("b", ("c",))


names = st.sampled_from("abcdefgh")


@given(st.lists(st.tuples(names, names)), st.sets(names), st.randoms())
def test_order_does_not_matter(pairs, known, random):
    """Every page is in one work, linked pages in the same, whatever the order in which they come."""
    pages = [member(name, ord(name)) for name in "abcdefgh"]
    works = find_works(pages, pairs, known)
    assert sorted(name for work in works for name in work.members) == list("abcdefgh")
    home = {name: work.id for work in works for name in work.members}
    assert all(home[a] == home[b] for a, b in pairs)
    random.shuffle(pages)
    random.shuffle(pairs)
    assert sorted(find_works(pages, pairs, known), key=lambda work: work.id) == sorted(
        works, key=lambda work: work.id
    )
    again = find_works(pages, pairs, {work.id for work in works})
    assert {work.id for work in again} == {work.id for work in works}
