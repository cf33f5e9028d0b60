"""Pairs with the largest sum of gains, against trying everything."""

import itertools

import numpy as np
import pytest

from openpose_py.stages.people.assign import assign


def best_sum(gain: np.ndarray) -> float:
    """By trying every way to pair the shorter side."""
    if gain.shape[0] > gain.shape[1]:
        gain = gain.T
    rows = range(gain.shape[0])
    ways = itertools.permutations(range(gain.shape[1]), gain.shape[0])
    return max(sum(max(gain[row, way[row]], 0) for row in rows) for way in ways)


@pytest.mark.parametrize("seed", range(300))
def test_no_other_pairs_have_a_larger_sum(seed):
    draw = np.random.default_rng(seed)
    rows, columns = draw.integers(1, 6, 2)
    gain = draw.uniform(-0.5, 1, (rows, columns)) * (draw.random((rows, columns)) < draw.random())
    if seed % 3 == 0:
        gain = np.round(gain, 1)  # equal sums
    pairs = assign(gain)
    assert sum(gain[pair] for pair in pairs) == pytest.approx(best_sum(gain))
    assert all(gain[pair] > 0 for pair in pairs)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)


def test_a_good_pair_is_not_given_up_for_two_that_are_worse_together():
    assert assign(np.array([[0.7, 0.3], [0.3, 0.0]])) == [(0, 0)]
    assert assign(np.array([[0.5, 0.4], [0.4, 0.0]])) == [(0, 1), (1, 0)]


def test_nobody_to_pair_gives_no_pairs():
    assert assign(np.zeros((0, 3))) == assign(np.zeros((3, 0))) == assign(np.zeros((2, 2))) == []
