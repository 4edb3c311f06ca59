"""Which row has which column: works and the works they cite, works and their terms. In arrays, pure.

A matrix of which nearly all is empty, with no more of its algebra than rankings need.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crawler.arrays import each_once

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FEW = 0.1
"""Where less than this share of the rows weighs anything, it is worth while to look at no others."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Incidence:
    """Pairs of a row and a column, each at most once, ordered by row and column."""

    first: Ints
    """Where in `columns` each row begins, and at last where all end."""
    columns: Ints
    width: int
    """How many columns there are."""
    values: Floats | None = None
    """What stands at each pair; None: 1 everywhere."""

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self.first) - 1

    @cached_property
    def lengths(self) -> Ints:
        """How many columns each row has."""
        return np.diff(self.first)

    @cached_property
    def frequency(self) -> Ints:
        """How many rows have each column."""
        return np.bincount(self.columns, minlength=self.width)

    @cached_property
    def rows(self) -> Ints:
        """The row of each pair, beside `columns`."""
        return np.repeat(np.arange(self.height), self.lengths)

    def collect(self, weights: Floats) -> Floats:
        """For each row the sum of its columns' weights: matrix times vector."""
        given = weights[self.columns]
        return sums(self.rows, self._times(given), self.height)

    def spread(self, weights: Floats) -> Floats:
        """For each column the sum of its rows' weights: transposed matrix times vector."""
        weighing = np.flatnonzero(weights)
        if len(weighing) < FEW * self.height:
            return self._part(weighing).spread(weights[weighing])
        given = np.repeat(weights, self.lengths)
        return sums(self.columns, self._times(given), self.width)

    def _part(self, rows: Ints) -> "Incidence":
        """Of these rows only."""
        pairs, _ = ranges(self.first, rows)
        first = np.concatenate([[0], np.cumsum(self.lengths[rows])])
        values = None if self.values is None else self.values[pairs]
        return Incidence(first=first, columns=self.columns[pairs], width=self.width, values=values)

    def _times(self, weights: Floats) -> Floats:
        return weights if self.values is None else weights * self.values


def incidence(rows: Ints, columns: Ints, height: int, width: int) -> Incidence:
    """Of pairs in any order; what comes twice counts once."""
    row, column = np.divmod(each_once(rows * width + columns), width)
    return Incidence(first=np.searchsorted(row, np.arange(height + 1)), columns=column, width=width)


def ranges(first: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """All numbers from first[row] up to first[row + 1], row after row; and for each the place of its row."""
    lengths = first[rows + 1] - first[rows]
    owners = np.repeat(np.arange(len(rows)), lengths)
    before = np.cumsum(lengths) - lengths
    return np.arange(len(owners)) + (first[rows] - before)[owners], owners


def sums(numbers: Ints, weights: Floats, size: int) -> Floats:
    """For each number below `size` the sum of its weights."""
    return np.bincount(numbers, weights, minlength=size).astype(float, copy=False)  # of nothing: integers
