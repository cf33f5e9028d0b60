"""Stage 3 of 5: maps -> people. The ways from peaks to others, compiled, and their first two
samples: most pairs are out after those.

Loops work on few arrays at a time, or the compiler does not make vectors of them.
"""

from typing import NamedTuple

import numpy as np

from openpose_py.compiled import compiled
from openpose_py.stages.people.field_cpu import HALF, Field
from openpose_py.stages.people.reference_people import LEAST_SCORE, SAMPLES

FEWEST, MOST = np.float32(SAMPLES[0]), np.float32(SAMPLES[1])
NEVER = np.int32(-100)  # so few good samples that a way is out
FIRST, SECOND = np.float32(0.5), np.float32(0.25)  # of the way: where the first samples lie


class Ways(NamedTuple):
    """From peaks to others, one peak after another, each to all others. float32 (ways,), in net
    pixels; along: the direction; steps: the number of samples; step: from one to the next. first,
    second: int32, where in a plane of the field the first two samples lie. good: int32, how many of
    them count."""

    begin_x: np.ndarray
    begin_y: np.ndarray
    end_x: np.ndarray
    end_y: np.ndarray
    length: np.ndarray
    along_x: np.ndarray
    along_y: np.ndarray
    steps: np.ndarray
    step_x: np.ndarray
    step_y: np.ndarray
    first: np.ndarray
    second: np.ndarray
    good: np.ndarray


@compiled
def ways_between(peaks: np.ndarray, others: np.ndarray, field: Field) -> Ways:
    """All but `good`. peaks, others: float32 (n, 3), of which x and y count."""
    count = len(peaks) * len(others)
    numbers, places = np.empty((10, count), np.float32), np.empty((3, count), np.int32)
    ways = Ways(
        *(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]),
        *(numbers[5], numbers[6], numbers[7], numbers[8], numbers[9]),
        *(places[0], places[1], places[2]),
    )
    _spread(peaks, others, ways)
    _lengths(ways.begin_x, ways.begin_y, ways.end_x, ways.end_y, ways.length)
    _steps(ways.begin_x, ways.begin_y, ways.end_x, ways.end_y, ways.steps)
    _shares(ways.begin_x, ways.end_x, ways.length, ways.along_x)
    _shares(ways.begin_y, ways.end_y, ways.length, ways.along_y)
    _shares(ways.begin_x, ways.end_x, ways.steps, ways.step_x)
    _shares(ways.begin_y, ways.end_y, ways.steps, ways.step_y)
    _places(ways, FIRST, field, ways.first)
    _places(ways, SECOND, field, ways.second)
    return ways


@compiled
def take_first_two(ways: Ways, field: Field, limb_sample: np.float32) -> None:
    """Fills `good`; NEVER where the ends are not apart."""
    field_x, field_y, apart = field.x.reshape(-1), field.y.reshape(-1), ways.length
    good, along_x, along_y = ways.good, ways.along_x, ways.along_y
    for way in range(len(good)):
        first, second = ways.first[way], ways.second[way]
        here = along_x[way] * field_x[first] + along_y[way] * field_y[first]
        there = along_x[way] * field_x[second] + along_y[way] * field_y[second]
        count = np.int32(here > limb_sample) + np.int32(there > limb_sample)
        good[way] = count if LEAST_SCORE < apart[way] < np.float32(np.inf) else NEVER


@compiled
def _spread(peaks: np.ndarray, others: np.ndarray, ways: Ways) -> None:
    count = len(others)
    for peak in range(len(peaks)):
        here = slice(peak * count, peak * count + count)
        ways.begin_x[here], ways.begin_y[here] = peaks[peak, 0], peaks[peak, 1]
        ways.end_x[here], ways.end_y[here] = others[:, 0], others[:, 1]


@compiled
def _lengths(
    begin_x: np.ndarray,
    begin_y: np.ndarray,
    end_x: np.ndarray,
    end_y: np.ndarray,
    length: np.ndarray,
) -> None:
    for way in range(len(length)):
        dx, dy = end_x[way] - begin_x[way], end_y[way] - begin_y[way]
        length[way] = np.sqrt(dx * dx + dy * dy)


@compiled
def _steps(
    begin_x: np.ndarray,
    begin_y: np.ndarray,
    end_x: np.ndarray,
    end_y: np.ndarray,
    steps: np.ndarray,
) -> None:
    for way in range(len(steps)):
        dx, dy = abs(end_x[way] - begin_x[way]), abs(end_y[way] - begin_y[way])
        root = np.floor(np.sqrt(np.float32(5) * (dx if dx > dy else dy)) + HALF)
        root = root if root > FEWEST else FEWEST
        steps[way] = root if root < MOST else MOST


@compiled
def _shares(begin: np.ndarray, end: np.ndarray, by: np.ndarray, shares: np.ndarray) -> None:
    for way in range(len(shares)):
        shares[way] = (end[way] - begin[way]) / by[way]


@compiled
def _places(ways: Ways, part: np.float32, field: Field, places: np.ndarray) -> None:
    begin_x, begin_y, steps = ways.begin_x, ways.begin_y, ways.steps
    step_x, step_y = ways.step_x, ways.step_y
    last_x, last_y = np.int32(field.width - 1), np.int32(field.height - 1)
    stride = np.int32(field.x.shape[2] * field.x.shape[3])
    corner = np.int32(field.shift_y * stride + field.shift_x)
    for way in range(len(places)):
        k = np.floor(steps[way] * part)
        column = np.int32(begin_x[way] + k * step_x[way] + HALF)
        row = np.int32(begin_y[way] + k * step_y[way] + HALF)
        column = column if column > 0 else np.int32(0)
        row = row if row > 0 else np.int32(0)
        column = column if column < last_x else last_x
        row = row if row < last_y else last_y
        places[way] = np.int32(row * stride + column + corner)
