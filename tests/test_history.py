"""What changed between two versions, as pieces, as a person reads them, and as JSON."""

import datetime as dt
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from crawler.history import Kind, as_json, compare, compare_links, quiet_links, show_history, versions
from crawler.wording import tokens

DAY = dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC)
LINK = {"role": "citation", "target": "https://a.example/x", "anchor_text": "引文"}


def marked(before, after):
    marks = {Kind.SAME: "{}", Kind.GONE: "[-{}-]", Kind.NEW: "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in compare(before, after))


def version(number, text, links=(), **fields):
    page = {"revision": number, "held_since": DAY + dt.timedelta(days=number), "display_title": "题"}
    return page | {"headline": None, "body": text, "posts": [], "links": list(links)} | fields


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("同样的话。", "同样的话。", "同样的话。"),
        ("顺差为1万亿美元。", "顺差逾7万亿元。", "顺差[-为1万亿美-]{+逾7万亿+}元。"),
        ("他去了北京开会。", "他没有去北京开会。", "他[-去了-]{+没有去+}北京开会。"),
        (
            "The bank said it will not pay.",
            "The bank said it will pay.",
            "The bank said it will [-not -]pay.",
        ),
        ("It cost $1.5 million then.", "It cost $2.5 million then.", "It cost $[-1.5-]{+2.5+} million then."),
        ("甲段。\n\n乙段。", "甲段。\n\n丙的新段落。\n\n乙段。", "甲段。\n\n{+丙的新段落。\n\n+}乙段。"),
        ("甲段。\n\n乙段。", "甲段。", "甲段。[-\n\n乙段。-]"),
        ("", "全新。", "{+全新。+}"),
        ("没了。", "", "[-没了。-]"),
    ],
)
def test_words_that_changed(before, after, expected):
    """Chinese by characters, English by words; specks between two changes belong to them."""
    assert marked(before, after) == expected


TEXT = st.text(alphabet="中国经济好的。，ab c\n1", max_size=60)


@given(TEXT, TEXT)
def test_both_texts_can_be_read_from_the_pieces(before, after):
    """Nothing is lost or made up, whatever the texts."""
    pieces = compare(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind is not Kind.NEW) == before
    assert "".join(piece.text for piece in pieces if piece.kind is not Kind.GONE) == after


@given(st.text())
def test_tokens_join_to_the_text(text):
    """No character is dropped between two tokens."""
    assert "".join(tokens(text)) == text


def test_a_long_passage_that_changed_is_compared_in_no_time():
    """Two bodies of one paragraph of 100,000 characters have nothing to wait for."""
    assert len(compare("甲" * 100_000, "乙" * 100_000)) == 2


def test_links_that_came_and_went():
    """By role, target and words; a second one like it counts too."""
    other = LINK | {"anchor_text": "别的话"}
    assert compare_links([LINK, LINK], [LINK]) == [(Kind.GONE, *LINK.values())]
    assert [change.kind for change in compare_links([LINK], [other])] == [Kind.GONE, Kind.NEW]


def test_links_that_went_while_the_words_stayed():
    """They make no version, and are told from the links' own history."""
    held = versions([version(0, "话。", [LINK]), version(1, "话，新。", [LINK])])
    at_first = LINK | {"first_seen_at": DAY, "active": True}
    later = LINK | {
        "target": "https://a.example/y",
        "first_seen_at": DAY + dt.timedelta(days=3),
        "active": True,
    }
    gone = LINK | {"target": "https://a.example/z", "first_seen_at": DAY, "active": False}
    found = [(change.kind, change.target) for change in quiet_links(held, [at_first, later, gone])]
    assert found == [(Kind.NEW, later["target"]), (Kind.GONE, gone["target"])]


def shown(held, **options):
    console = Console(file=io.StringIO(), width=200, highlight=False, **options)
    show_history(console, "https://a.example/", held, [])
    return console.file.getvalue()


def test_what_a_person_reads():
    """Marks where there are no colours, colours and no marks on a terminal; nothing of the page is markup."""
    held = versions(
        [version(0, "旧" * 200 + "话[red]。", [LINK]), version(1, "旧" * 200 + "句\x1b[31m[red]。")]
    )
    plain = shown(held)
    assert "[-话-]{+句" in plain
    assert "- citation “引文” https://a.example/x" in plain
    assert "version 1, held since 2026-01-02 08:00  words -1 +2, links -1 +0" in plain
    assert plain.count("旧") < 100
    assert "\x1b" not in plain
    coloured = shown(held, force_terminal=True, color_system="standard")
    assert "\x1b[" in coloured
    assert "[-" not in coloured


def test_json():
    """The same, for programs."""
    held = versions([version(0, "a b"), version(1, "a c")])
    told = json.loads(as_json("https://a.example/", held, []))
    assert told["versions"][1]["text"] == [
        {"kind": "same", "text": "a "},
        {"kind": "gone", "text": "b"},
        {"kind": "new", "text": "c"},
    ]
