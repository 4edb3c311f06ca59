"""CSS selectors on a page that has been walked once.

A layout asks for dozens of names that pages of its years may have; this page has few of them. So one walk
notes where each tag and each attribute stands, and a selector is looked up in these notes. The values of an
attribute are read when one of them is asked for: of most none ever is.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import count

import cssselect
from cssselect import parser as css
from lxml import etree

Element = etree._Element
Positions = list[int]
"""Places in the order of the document, ascending."""

_WORD = "~="
_PARTS: dict[str, Callable[[str, str], bool]] = {
    "^=": str.startswith,
    "$=": str.endswith,
    "*=": str.__contains__,
}


@dataclass(frozen=True, slots=True)
class _Test:
    """What an attribute must be: `[name operator value]`."""

    name: str
    operator: str
    value: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """What one element must be: `tag.class[name=value]:not(.other)`, and how it stands to the step before."""

    tag: str | None
    tests: tuple[_Test, ...] = ()
    unlike: tuple["_Step", ...] = ()
    combinator: str = ""


@cache
def _parse(selector: str) -> tuple[tuple[_Step, ...], ...]:
    """The alternatives of a selector, each as its steps from left to right."""
    return tuple(tuple(_steps(part.parsed_tree)) for part in cssselect.parse(selector))


def _steps(tree: css.Tree) -> Iterator[_Step]:
    if isinstance(tree, css.CombinedSelector):
        yield from _steps(tree.selector)
        yield replace(_step(tree.subselector), combinator=tree.combinator)
    else:
        yield _step(tree)


def _step(tree: css.Tree) -> _Step:
    if isinstance(tree, css.Element):
        return _Step(tree.element)
    if isinstance(tree, css.Negation):
        step = _step(tree.selector)
        return replace(step, unlike=(*step.unlike, _step(tree.subselector)))
    if not isinstance(tree, css.Class | css.Hash | css.Attrib):
        raise ValueError(f"a selector that is not read here: {tree!r}")
    step = _step(tree.selector)
    return replace(step, tests=(*step.tests, _test(tree)))


def _test(tree: css.Class | css.Hash | css.Attrib) -> _Test:
    if isinstance(tree, css.Class):
        return _Test("class", _WORD, tree.class_name)
    if isinstance(tree, css.Hash):
        return _Test("id", "=", tree.id)
    return _Test(tree.attrib, tree.operator, (tree.value and tree.value.value) or "")


class Index:
    """Where all is in a tree, as the tree was when this was made."""

    def __init__(self, root: Element) -> None:
        self._elements = list(root.iter("*"))
        self._order = dict(zip(self._elements, count()))
        self._tags: defaultdict[object, Positions] = defaultdict(list)
        self._names: defaultdict[str, Positions] = defaultdict(list)
        self._ends: dict[int, int] = {}
        self._values: dict[str, dict[str, Positions]] = {}
        self._words: dict[str, dict[str, Positions]] = {}
        self._found: dict[_Step, Positions] = {}
        tags, names = self._tags, self._names
        for position, element in enumerate(self._elements):
            tags[element.tag].append(position)
            for name in element.keys():  # noqa: SIM118  # no mapping
                names[name].append(position)

    def select(self, selector: str, scope: Element) -> list[Element]:
        """What matches in `scope`, itself included, in order; every step is looked for there only."""
        low = self._order[scope]
        high = self._end(low)
        found: set[int] = set()
        for steps in _parse(selector):
            positions: Positions = []
            for step in steps:
                here = self._all(step)
                here = here[bisect_left(here, low) : bisect_left(here, high)] if here else here
                positions = self._joined(positions, step.combinator, here)
                if not positions:
                    break
            found.update(positions)
        return [self._elements[position] for position in sorted(found)]

    def _end(self, position: int) -> int:
        """The position after all that stands in an element."""
        if position not in self._ends:
            last = self._elements[position]
            while len(last):
                last = last[-1]
            self._ends[position] = self._order[last] + 1
        return self._ends[position]

    def _all(self, step: _Step) -> Positions:
        """Where a step's elements stand in the whole page."""
        if step not in self._found:
            self._found[step] = sorted(self._matching(step))
        return self._found[step]

    def _matching(self, step: _Step) -> set[int]:
        asked = [self._with(test) for test in step.tests]
        if step.tag is not None:
            asked.append(self._tags.get(step.tag, []))
        if not all(asked):
            return set()
        found = set(asked[0]).intersection(*asked[1:]) if asked else set(range(len(self._elements)))
        return found.difference(*map(self._matching, step.unlike))

    def _with(self, test: _Test) -> Positions:
        """Where an attribute is as a test asks; in no order."""
        match test.operator:
            case "exists":
                return self._names.get(test.name, [])
            case "=":
                return self._values_of(test.name).get(test.value, [])
            case "~=":
                return self._words_of(test.name).get(test.value, [])
        fits = _PARTS[test.operator]
        values = self._values_of(test.name).items()
        return [position for value, where in values if fits(value, test.value) for position in where]

    def _values_of(self, name: str) -> dict[str, Positions]:
        """Where each value of an attribute stands."""
        if name not in self._values:
            values, elements = defaultdict(list), self._elements
            for position in self._names.get(name, ()):
                values[elements[position].get(name, "")].append(position)
            self._values[name] = values
        return self._values[name]

    def _words_of(self, name: str) -> dict[str, Positions]:
        """Where each word stands in an attribute that is a list of words."""
        if name not in self._words:
            words = self._words[name] = {}
            for value, where in self._values_of(name).items():
                for word in value.split():
                    words.setdefault(word, []).extend(where)
        return self._words[name]

    def _joined(self, before: Positions, combinator: str, here: Positions) -> Positions:
        """Those of `here` that stand to one of `before` as a combinator asks."""
        match combinator:
            case "":
                return here
            case " ":
                return list(self._below(before, here))
            case ">":
                return self._beside(before, here, Element.getparent)
            case "+":
                return self._beside(before, here, Element.getprevious)
            case "~":
                return list(self._after(before, here))
        raise ValueError(f"a combinator that is not read here: {combinator}")

    def _below(self, outer: Positions, inner: Positions) -> Iterator[int]:
        end = 0
        for position in outer:
            if position >= end:  # else it stands in the one before, and so does all that is below it
                end = self._end(position)
                yield from inner[bisect_right(inner, position) : bisect_left(inner, end)]

    def _beside(
        self, before: Iterable[int], here: Positions, neighbour: Callable[[Element], Element | None]
    ) -> Positions:
        near = {self._elements[position] for position in before}
        return [position for position in here if neighbour(self._elements[position]) in near]

    def _after(self, before: Positions, here: Positions) -> Iterator[int]:
        """Those with one of `before` among the siblings in front of them."""
        earliest = {self._elements[position].getparent(): position for position in reversed(before)}
        for position in here:
            if earliest.get(self._elements[position].getparent(), position) < position:
                yield position
