"""Versions as a person reads them: coloured on a terminal, in plain marks elsewhere, or as JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from crawler.history.changes import Kind, LinkChange, Piece, Version
from crawler.plain import plain, shortened

AROUND = 30
"""Characters of unchanged text that are shown on either side of a change."""
TITLE = 80

STYLES = {Kind.SAME: "", Kind.GONE: "red strike", Kind.NEW: "green bold"}
MARKS = {Kind.SAME: "{}", Kind.GONE: "[-{}-]", Kind.NEW: "{{+{}+}}"}
"""As `wdiff` marks them, where there are no colours."""
SIGNS = {Kind.GONE: "-", Kind.NEW: "+"}


def show_history(
    console: Console, url: str, held: Sequence[Version], quiet_links: Sequence[LinkChange]
) -> None:
    """Prints each version with what it changed, the oldest first.

    `quiet_links` are links that came or went while the words stayed as they were.
    """
    console.print(Text(url, style="bold"), soft_wrap=True)
    for version in held:
        console.print(_heading(version), soft_wrap=True)
        if version.text:
            console.print(_text(console, version.text), soft_wrap=True)
        for change in version.links:
            console.print(_link(change), soft_wrap=True)
    if quiet_links:
        console.print(Text("\nlinks that came or went while the words stayed", style="bold"))
        for change in quiet_links:
            console.print(_link(change), soft_wrap=True)


def show_revised(console: Console, pages: Mapping[str, Sequence[Version]]) -> None:
    """Prints one line for each page that changed, and its address: what the last change came to."""
    for url, held in pages.items():
        line = Text(f"{_when(held[-1])}  ")
        line.append(shortened(plain(held[-1].headline), TITLE), style="bold")
        line.append(f"  {_sums(held[-1])}", style="cyan")
        console.print(line, soft_wrap=True)
        console.print(Text(f"                  {url}"), soft_wrap=True)
    console.print("`scrapy history URL` shows what changed.")


def _heading(version: Version) -> Text:
    heading = Text(f"\nversion {version.revision}, held since {_when(version)}", style="bold")
    heading.append(f"  {_sums(version)}" if version.text or version.links else "", style="not bold cyan")
    heading.append(f"\n  {plain(version.headline)}", style="not bold")
    if not version.is_whole:
        heading.append("\n  (not all of its text is kept: what is, is compared)", style="not bold dim")
    return heading


def _when(version: Version) -> str:
    return f"{version.held_since:%Y-%m-%d %H:%M}" if version.held_since else "unknown"


def _sums(version: Version) -> str:
    """`words -12 +14, links -1 +1`; what did not change is left out."""
    words = (version.words(Kind.GONE), version.words(Kind.NEW))
    links = tuple(sum(change.kind is kind for change in version.links) for kind in SIGNS)
    told = (("words", words), ("links", links))
    return ", ".join(f"{name} -{gone} +{came}" for name, (gone, came) in told if gone or came)


def _text(console: Console, pieces: Sequence[Piece]) -> Text:
    """The changes, each amid the words around it."""
    coloured = console.color_system is not None
    shown = Text("  ")
    for number, piece in enumerate(pieces):
        if piece.kind is Kind.SAME:
            shown.append(_around(piece.text, is_first=number == 0, is_last=number == len(pieces) - 1))
        elif coloured:
            shown.append(_one_line(piece.text), style=STYLES[piece.kind])
        else:
            shown.append(MARKS[piece.kind].format(_one_line(piece.text)))
    return shown


def _around(text: str, *, is_first: bool, is_last: bool) -> str:
    """As much of unchanged text as stands next to a change; what is left out breaks the line."""
    if is_first:
        return _one_line(text) if len(text) <= AROUND else "…" + _one_line(text[-AROUND:])
    if is_last:
        return _one_line(text) if len(text) <= AROUND else _one_line(text[:AROUND]) + "…"
    if len(text) <= 3 * AROUND:
        return _one_line(text)
    return f"{_one_line(text[:AROUND])}…\n  …{_one_line(text[-AROUND:])}"


def _one_line(text: str) -> str:
    """Text from the web on one line, its spaces at both ends kept; a new paragraph is a pilcrow."""
    parts = [" ".join(plain(word) for word in part.split(" ")) for part in text.split("\n\n")]
    return " ¶ ".join(parts)


def _link(change: LinkChange) -> Text:
    style = STYLES[change.kind]
    words = f" “{plain(change.anchor_text)}”" if change.anchor_text else ""
    return Text(f"  {SIGNS[change.kind]} {change.role}{words} {plain(change.target)}", style=style)


def as_json(url: str, held: Sequence[Version], quiet_links: Sequence[LinkChange]) -> str:
    """All versions of a page as one JSON object, indented."""
    told: dict[str, Any] = {
        "url": url,
        "versions": [
            {
                "revision": version.revision,
                "held_since": version.held_since and version.held_since.isoformat(),
                "headline": version.headline,
                "text": [piece._asdict() for piece in version.text],
                "links": [change._asdict() for change in version.links],
            }
            for version in held
        ],
        "quiet_links": [change._asdict() for change in quiet_links],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)
