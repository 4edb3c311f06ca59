"""What changed from one version of a page to the next, in words and in links. Pure."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple

from crawler.wording import is_word, tokens

LONGEST = 2_000
"""Tokens of a passage that are compared one by one; a longer one that changed is shown as a whole."""
SPECK = 2
"""So few words between two changes are read as part of the change."""

MOMENT = dt.timedelta(minutes=1)
"""A page and its links are stamped one after the other."""


class Kind(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


class Piece(NamedTuple):
    """A stretch of text with one fate."""

    kind: Kind
    text: str


class LinkChange(NamedTuple):
    """A link that came, went, or is worded otherwise."""

    kind: Kind
    role: str
    target: str
    anchor_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a page, and what the step from the one before it changed."""

    revision: int
    held_since: dt.datetime | None
    headline: str
    text: tuple[Piece, ...] = ()
    links: tuple[LinkChange, ...] = ()
    is_whole: bool = True
    """Whether all of the text is kept; else only what is can be compared."""

    def words(self, kind: Kind) -> int:
        """How many words, or Chinese characters, went or came."""
        return sum(
            is_word(token) for piece in self.text if piece.kind is kind for token in tokens(piece.text)
        )


def versions(documents: Sequence[Mapping[str, Any]]) -> list[Version]:
    """The versions of a page, from documents of `revisions` and `pages`, the oldest first."""
    first, *_ = documents
    return [_version(first)] + [_version(after, before) for before, after in pairwise(documents)]


def _version(after: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> Version:
    return Version(
        revision=after["revision"],
        held_since=after.get("held_since") or after.get("fetched_at"),
        headline=after["display_title"],
        text=tuple(compare(text_of(before), text_of(after))) if before else (),
        links=tuple(compare_links(before["links"], after["links"])) if before else (),
        is_whole=_is_whole(after),
    )


def _is_whole(document: Mapping[str, Any]) -> bool:
    kept = len(document.get("body") or "") + sum(len(post["body"]) for post in document.get("posts") or ())
    return kept >= (document.get("text_length") or 0)


def text_of(document: Mapping[str, Any]) -> str:
    """Headline, body and posts, parted by blank lines."""
    posts = [part for post in document.get("posts") or () for part in (post["headline"], post["body"])]
    parts = [document.get("headline"), document.get("body"), *posts]
    return "\n\n".join(part for part in parts if part)


def compare(before: str, after: str) -> list[Piece]:
    """Both texts in one row of pieces: what stayed, went and came, in reading order.

    Pieces that are not new join to `before`, those that are not gone to `after`.
    """
    old, new = _passages(before), _passages(after)
    pieces: list[Piece] = []
    for fate, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if fate == "equal":
            pieces.append(Piece(Kind.SAME, "".join(old[i:j])))
        else:
            pieces += _compare_passage("".join(old[i:j]), "".join(new[k:m]))
    return _joined(pieces)


def _passages(text: str) -> list[str]:
    """Paragraphs, each with the blank line after it."""
    parts = text.split("\n\n")
    return [part + "\n\n" for part in parts[:-1]] + parts[-1:]


def _compare_passage(before: str, after: str) -> Iterator[Piece]:
    old, new = tokens(before), tokens(after)
    if len(old) > LONGEST or len(new) > LONGEST:
        yield from _changed(before, after)
        return
    gone, came = "", ""
    for fate, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        words = sum(map(is_word, old[i:j]))
        amid = i > 0 and j < len(old)
        if fate == "equal" and not (words <= SPECK and amid and (gone or came)):
            yield from _changed(gone, came)
            yield Piece(Kind.SAME, "".join(old[i:j]))
            gone, came = "", ""
        else:
            gone += "".join(old[i:j])
            came += "".join(new[k:m])
    yield from _changed(gone, came)


def _changed(gone: str, came: str) -> Iterator[Piece]:
    if gone:
        yield Piece(Kind.GONE, gone)
    if came:
        yield Piece(Kind.NEW, came)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """The same with neighbours of one kind as one."""
    joined: list[Piece] = []
    for piece in pieces:
        if piece.text and joined and joined[-1].kind is piece.kind:
            joined[-1] = Piece(piece.kind, joined[-1].text + piece.text)
        elif piece.text:
            joined.append(piece)
    return joined


def compare_links(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[LinkChange]:
    """Links that went, then those that came, in reading order; one with other words is both."""
    old, new = Counter(map(_link, before)), Counter(map(_link, after))
    went = [LinkChange(Kind.GONE, *link) for link in (old - new).elements()]
    return went + [LinkChange(Kind.NEW, *link) for link in (new - old).elements()]


def _link(link: Mapping[str, Any]) -> tuple[str, str, str]:
    return link["role"], link["target"], link["anchor_text"]


def quiet_links(held: Sequence[Version], links: Sequence[Mapping[str, Any]]) -> list[LinkChange]:
    """Links that came or went while the words stayed: documents of `links` that no version's change tells of.

    What came with the first version came with it, and is no change.
    """
    told = {change for version in held for change in version.links}
    began = held[0].held_since
    quiet = []
    for link in links:
        came = began is not None and link["first_seen_at"] - began > MOMENT
        new, gone = (LinkChange(kind, *_link(link)) for kind in (Kind.NEW, Kind.GONE))
        quiet += [new] if came and new not in told else []
        quiet += [gone] if not link["active"] and gone not in told else []
    return quiet
