"""Incidence: the sums of a matrix of which most is empty, judged by numpy's own of the whole matrix."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.graph.incidence import FEW, incidence, ranges

HEIGHT, WIDTH = 40, 7
PAIRS = st.lists(st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1)), max_size=60)


def columns(pairs):
    """Rows and columns of these pairs."""
    return np.array(pairs, dtype=np.int64).reshape(-1, 2).T


@given(PAIRS, st.integers(0, HEIGHT), st.booleans())
def test_both_sums_are_those_of_the_whole_matrix(pairs, weighing, valued):
    """Whether few rows weigh anything or all, whatever stands at each pair, and however often it came."""
    made = incidence(*columns(pairs), HEIGHT, WIDTH)
    whole = np.zeros((HEIGHT, WIDTH))
    whole[*columns(pairs)] = 1.0
    if valued:
        values = np.random.default_rng(1).random(len(made.columns))
        made = dataclasses.replace(made, values=values)
        whole[made.rows, made.columns] = values
    weights = np.random.default_rng(2).random(HEIGHT) * (np.arange(HEIGHT) < weighing)
    for found, expected in (
        (made.spread(weights), weights @ whole),
        (made.collect(np.arange(WIDTH)), whole @ np.arange(WIDTH)),
    ):
        assert found == pytest.approx(expected)
        assert found.dtype == float


def test_few_rows_give_what_all_do():
    """The same sums to the last bit: a row without weight adds nothing."""
    chance = np.random.default_rng(3)
    made = incidence(*chance.integers(0, 200, (2, 3000)), 200, 200)
    weights = np.zeros(200)
    weights[chance.integers(0, 200, int(200 * FEW) - 1)] = chance.random(int(200 * FEW) - 1)
    assert np.array_equal(made.spread(weights), np.bincount(made.columns, weights[made.rows], 200))


@pytest.mark.parametrize(("height", "width"), [(0, 0), (3, 0), (0, 3), (2, 2)])
def test_nothing_has_nothing(height, width):
    """No pair, no row or no column: sums of nothing, as floats."""
    made = incidence(*columns([]), height, width)
    assert (made.height, made.width, len(made.frequency)) == (height, width, width)
    assert made.spread(np.ones(height)).tolist() == [0.0] * width
    assert made.collect(np.ones(width)).tolist() == [0.0] * height
    assert made.spread(np.zeros(height)).dtype == float


def test_lengths_and_frequency():
    """How many columns each row has, and how many rows each column; each pair once, in order."""
    made = incidence(*columns([(2, 1), (0, 1), (2, 0), (2, 1)]), 3, 2)
    assert made.rows.tolist() == [0, 2, 2]
    assert made.columns.tolist() == [1, 0, 1]
    assert made.lengths.tolist() == [1, 0, 2]
    assert made.frequency.tolist() == [1, 2]


def test_ranges_name_their_owner():
    """Row 2 first, then row 0; row 1 has none."""
    numbers, owners = ranges(np.array([0, 2, 2, 5]), np.array([2, 1, 0]))
    assert numbers.tolist() == [2, 3, 4, 0, 1]
    assert owners.tolist() == [0, 0, 0, 2, 2]
