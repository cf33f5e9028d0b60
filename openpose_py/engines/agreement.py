"""How far two ways of running one model find the same people."""

from collections.abc import Sequence

import numpy as np

from openpose_py.records import People

CLOSE = 0.05  # of a person's larger side: two points at most so far apart are the same


def agreement(first: Sequence[People], second: Sequence[People]) -> float:
    """Of all parts that either found, the share that both found at the same place; 1: the same.

    One entry a picture. A part counts for both sides, so that a person who is missing on one side
    counts as much as one who is there twice. Nobody on either side: 1.
    """
    both = whole = 0
    for one, other in zip(first, second, strict=True):
        both += 2 * _common(one.keypoints, other.keypoints)
        whole += _count(one.keypoints) + _count(other.keypoints)
    return both / whole if whole else 1.0


def _count(keypoints: np.ndarray) -> int:
    return int((keypoints[..., 2] > 0).sum())


def _common(one: np.ndarray, other: np.ndarray) -> int:
    """Parts in common when every person of `one` is put to at most one of `other`, the pair with
    most parts in common first. Both (people, parts, 3)."""
    table = np.array([[_close(a, b) for b in other] for a in one]).reshape(len(one), len(other))
    total = 0
    while table.size and table.max() > 0:
        row, column = np.unravel_index(table.argmax(), table.shape)
        total += int(table[row, column])
        table[row], table[:, column] = 0, 0
    return total


def _close(one: np.ndarray, other: np.ndarray) -> int:
    """one, other: (parts, 3)."""
    seen = one[:, 2] > 0
    if not seen.any():
        return 0
    side = np.ptp(one[seen, :2], axis=0).max()
    far = np.hypot(*(one - other)[:, :2].T)
    return int((seen & (other[:, 2] > 0) & (far <= CLOSE * side)).sum())
