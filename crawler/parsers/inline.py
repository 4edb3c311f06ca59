"""Inline text as it comes from a tree: folded on the way, with the anchors in it by their offsets."""

import re
from dataclasses import dataclass, replace

from crawler.parsers.text import fold, joint


@dataclass(frozen=True, slots=True)
class Anchor:
    """An `<a href>` in a block's text, by its offsets."""

    href: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """Folded text, and the anchors in it."""

    text: str
    anchors: tuple[Anchor, ...] = ()

    def without(self, pattern: re.Pattern[str]) -> "Block":
        """The block with the first match cut out, and the anchors that stood in it."""
        match = pattern.search(self.text)
        if match is None:
            return self
        start, end = match.span()
        before = tuple(anchor for anchor in self.anchors if anchor.end <= start)
        after = (anchor for anchor in self.anchors if anchor.start >= end)
        moved = tuple(replace(a, start=a.start - (end - start), end=a.end - (end - start)) for a in after)
        return Block(self.text[:start] + self.text[end:], before + moved)


NOTHING = Block("")


class Run:
    """Inline text as it comes, folded on the way so that offsets are final."""

    def __init__(self) -> None:
        self.open: str | None = None
        self._clear()

    def _clear(self) -> None:
        self.parts: list[str] = []
        self.anchors: list[Anchor] = []
        self.length = 0
        self.gap = ""
        self.last = ""
        self.start: int | None = None
        self.adjoins = False
        self.after_break = False

    def write(self, text: str) -> None:
        """Adds a text node."""
        core = fold(text)
        if not core:
            self.widen(text)
            return
        if text[0] != core[0]:
            self.widen(text[: len(text) - len(text.lstrip())])
        space = joint(self.last, self.gap, core[0]) if self.length else ""
        if self.open is not None and self.start is None:
            self.start = self.length + len(space)
            self.adjoins = bool(self.anchors) and self.anchors[-1].end == self.length
        self.parts += (space, core)
        self.length += len(space) + len(core)
        self.last, self.gap, self.after_break = core[-1], "", False
        if text[-1] != core[-1]:
            self.widen(text[len(text.rstrip()) :])

    def widen(self, white: str) -> None:
        """Notes white space; a line break in it outweighs a space."""
        if "\n" in white or self.gap == "\n":
            self.gap = "\n"
        elif white.isspace():
            self.gap = " "

    def break_line(self) -> None:
        """Notes a `<br>`."""
        self.widen("\n")
        self.after_break = True

    def open_anchor(self, href: str | None) -> None:
        """Begins an anchor; None for an `<a>` without href."""
        self.open, self.start = href, None

    def close_anchor(self) -> None:
        """Ends the open anchor; next to one with the same href it is one with that."""
        if self.open is not None and self.start is not None:
            if self.adjoins and self.anchors[-1].href == self.open:
                self.anchors[-1] = replace(self.anchors[-1], end=self.length)
            else:
                self.anchors.append(Anchor(self.open, self.start, self.length))
        self.open, self.start = None, None

    def take(self) -> Block:
        """The block so far; an anchor that is still open goes on in the next."""
        href = self.open
        self.close_anchor()
        block = Block("".join(self.parts), tuple(self.anchors))
        self._clear()
        self.open = href
        return block
