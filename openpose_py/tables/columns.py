"""A part of a table: what its writers take."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """values: (rows,), numbers, or places in `labels`. missing: bool (rows,), cells that are empty;
    None: there are none."""

    values: np.ndarray
    labels: tuple[str, ...] | None = None
    missing: np.ndarray | None = None


Table = dict[str, Column]
EMPTY = -1  # the frame of a picture, the person of a frame without people, ...
LARGEST_ID = 2.0**53


def or_missing(values: np.ndarray, labels: tuple[str, ...] | None = None) -> Column:
    """A column in which EMPTY is an empty cell."""
    missing = values == EMPTY
    return Column(values, labels, missing if missing.any() else None)
