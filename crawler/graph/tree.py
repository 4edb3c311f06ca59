"""The links around an article as a tree, two steps deep, each way. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from crawler.graph.facts import Neighbourhood, Tie
from crawler.graph.pieces import Piece, heading, unknown
from crawler.graph.words import words_of

SECOND = 4
"""Branches shown of each branch."""
QUOTED = 2
"""Sentences shown of each branch."""
CELLS = 116
"""A sentence's width on a terminal, where a Chinese letter takes two cells."""


class Branch(NamedTuple):
    """A work, the links that lead to it from the one above, and what lies beyond."""

    work: str
    ties: tuple[Tie, ...]
    branches: tuple["Branch", ...] = ()
    more: int = 0
    """How many branches are not shown."""


class Grown(NamedTuple):
    """What an article links to, and what links to it."""

    work: str
    out: Branch
    into: Branch

    def works(self) -> list[str]:
        """All works that are shown."""
        return list(dict.fromkeys([self.work, *_works(self.out), *_works(self.into)]))


def _works(branch: Branch) -> Iterator[str]:
    yield branch.work
    for further in branch.branches:
        yield from _works(further)


def grow(read: Neighbourhood, limit: int) -> Grown:
    """The tree around the first seed; `limit` branches each way are shown, in the order of the text."""
    work = read.seeds[0]
    made: dict[str, list[Tie]] = defaultdict(list)
    received: dict[str, list[Tie]] = defaultdict(list)
    for tie in read.ties:
        made[tie.source].append(tie)
        received[tie.target].append(tie)
    hubs = {name for name, facts in read.works.items() if facts.is_hub}
    out = _branch(work, (), made, Tie._fields.index("target"), (limit, SECOND), {work}, hubs)
    into = _branch(work, (), received, Tie._fields.index("source"), (limit, SECOND), {work}, hubs)
    return Grown(work, out, into)


def _branch(
    work: str,
    ties: tuple[Tie, ...],
    links: Mapping[str, Sequence[Tie]],
    end: int,
    limits: Sequence[int],
    above: Collection[str],
    hubs: Collection[str],
) -> Branch:
    """Follows links to their `end`, a level for each limit; never back to what is `above`, nor to hubs."""
    if not limits:
        return Branch(work, ties)
    beyond: dict[str, list[Tie]] = defaultdict(list)
    for tie in sorted(links.get(work, ()), key=_place):
        if tie[end] not in above and tie[end] not in hubs:
            beyond[str(tie[end])].append(tie)
    limit, *rest = limits
    branches = tuple(
        _branch(other, tuple(through), links, end, rest, {*above, other}, hubs)
        for other, through in list(beyond.items())[:limit]
    )
    return Branch(work, ties, branches, len(beyond) - len(branches))


def _place(tie: Tie) -> tuple[bool, int, str, str]:
    return tie.paragraph is None, tie.paragraph or 0, tie.source, tie.target


def draw(grown: Grown, pieces: Mapping[str, Piece], language: str) -> RenderableType:
    """For a terminal of any width; titles and sentences never count as markup."""
    root = Tree(Text(_name(grown.work, pieces, language), style="bold"), guide_style="dim")
    for title, branch in (("links to", grown.out), ("linked from", grown.into)):
        count = len(branch.branches) + branch.more
        if count:
            _hang(root.add(Text(f"{title} {count}", style="cyan")), branch, pieces, language)
    if not root.children:
        root.add(Text("it cites nothing, or was never read, and no article that was read cites it"))
    return root


def _hang(tree: Tree, branch: Branch, pieces: Mapping[str, Piece], language: str) -> None:
    for further in branch.branches:
        _hang(tree.add(_label(further, pieces, language)), further, pieces, language)
    if branch.more:
        tree.add(Text(f"and {branch.more} more", style="dim"))


def _name(work: str, pieces: Mapping[str, Piece], language: str) -> str:
    return heading(pieces.get(work, unknown(work)), language)


def _label(branch: Branch, pieces: Mapping[str, Piece], language: str) -> Text:
    """Headline, date and site; where it is linked; the sentences, each on a line of its own."""
    places = [f"¶{tie.paragraph}" for tie in branch.ties if tie.paragraph is not None]
    roles = [tie.role for tie in branch.ties if tie.paragraph is None]
    where = ", ".join(dict.fromkeys([*places, *roles]))
    label = Text(_name(branch.work, pieces, language)).append(f"  {where}", style="green")
    for words in _sentences(branch, pieces)[:QUOTED]:
        quote = Text(words, style="dim")
        quote.truncate(CELLS - 2, overflow="ellipsis")
        label.append("\n").append_text(Text.assemble("«", quote, "»", style="dim"))
    return label


def _sentences(branch: Branch, pieces: Mapping[str, Piece]) -> list[str]:
    """Each once; a list of recommendations only repeats the headline."""
    ends = {end for tie in branch.ties for end in (tie.source, tie.target) if end in pieces}
    titles = {version.title for end in ends for version in pieces[end].versions}
    return [words for words in dict.fromkeys(map(words_of, branch.ties)) if words and words not in titles]
