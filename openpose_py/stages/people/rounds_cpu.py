"""Stage 3 of 5: maps -> people. Samples of all pairs of one limb, compiled, in rounds: after each
round only those pairs go on that still can win."""

from typing import NamedTuple

import numpy as np

from openpose_py.compiled import compiled, inlined
from openpose_py.stages.people.field_cpu import Field, ask_for, fill_asked, pixel
from openpose_py.stages.people.grid import TILE, Grid
from openpose_py.stages.people.pairs_cpu import Ways, take_first_two, ways_between
from openpose_py.stages.people.reference_people import LEAST_SCORE

CHUNK = 1024  # ways that are looked at together: they stay in the nearest cache


class Limits(NamedTuple):
    least_good: np.ndarray  # int64 (26,): of so many samples, how many at least must be good
    visits: np.ndarray  # int64 (26, 25): for so many samples, the order in which to take them
    limb_sample: np.float32
    near: np.float32  # net pixels; a shorter way needs no limb
    free: np.float32  # and has this score


class Left(NamedTuple):
    """Pairs that still can win, in their order. numbers: int32 (3, pairs): which pair it is, its
    number of samples, how many so far are good. ways: float32 (6, pairs): begin x, y, direction x,
    y, step x, y."""

    numbers: np.ndarray
    ways: np.ndarray


@compiled
def room_for_pairs(starts: np.ndarray, limbs: np.ndarray) -> Left:
    most = 0
    for first, second in limbs:
        pairs = (starts[first + 1] - starts[first]) * (starts[second + 1] - starts[second])
        most = max(most, pairs)
    return Left(np.empty((3, most), np.int32), np.empty((6, most), np.float32))


@compiled
def first_round(
    grid: Grid,
    peaks: np.ndarray,
    others: np.ndarray,
    limits: Limits,
    field: Field,
    left: Left,
    row: np.ndarray,
) -> int:
    """Two samples of all pairs; returns how many pairs are left. row: the pairs' scores, of which
    those of the near ones are set."""
    at_once = len(peaks) if not field.now[3] else max(1, CHUNK // max(len(others), 1))
    count = 0
    for begin in range(0, len(peaks), max(at_once, 1)):
        ways = ways_between(peaks[begin : begin + at_once], others, field)
        if not field.now[3]:
            fill_asked(grid, field, _ask_for_places(field, ways))
        take_first_two(ways, field, limits.limb_sample)
        pair = begin * len(others)
        _free_the_near(ways.length, limits, row[pair : pair + len(ways.length)])
        count = _keep(pair, ways, limits.least_good, left, count)
    return count


@compiled
def next_round(
    grid: Grid, left: Left, count: int, limits: Limits, begin: int, end: int, field: Field
) -> int:
    """Samples begin..end of the pairs that are left; returns how many are left then."""
    if not field.now[3]:
        _fill_for(grid, left, count, limits.visits, begin, end, field)
    pairs, numbers, goods = left.numbers
    visits, least_good, limb_sample = limits.visits, limits.least_good, limits.limb_sample
    still = 0
    for pair in range(count):
        number, good = numbers[pair], goods[pair]
        for visit in range(begin, min(end, number)):
            good += _value(left, pair, visits[number, visit], field) > limb_sample
        if good + max(number - end, 0) >= least_good[number]:
            pairs[still], numbers[still], goods[still] = pairs[pair], number, good
            for value in range(len(left.ways)):
                left.ways[value, still] = left.ways[value, pair]
            still += 1
    return still


@compiled
def final_scores(left: Left, count: int, limits: Limits, field: Field, row: np.ndarray) -> None:
    """Of the pairs that are left: the mean of the field over the good samples, in their order along
    the way. row: float32, the scores of all pairs."""
    for pair in range(count):
        total, good = np.float32(0), 0
        for k in range(left.numbers[1, pair]):
            value = _value(left, pair, k, field)
            if value > limits.limb_sample:
                total += value
                good += 1
        row[left.numbers[0, pair]] = total / np.float32(good)


@compiled
def _ask_for_places(field: Field, ways: Ways) -> int:
    """The tiles under the first two samples; returns their number."""
    stride, new = field.x.shape[2] * TILE, 0
    for way in range(len(ways.first)):
        first, second = ways.first[way], ways.second[way]
        new = ask_for(field, first // stride, first % stride, new)
        new = ask_for(field, second // stride, second % stride, new)
    return new


@compiled
def _free_the_near(length: np.ndarray, limits: Limits, row: np.ndarray) -> None:
    near = 0
    for way in range(len(length)):
        near += length[way] < limits.near
    if near > 0:
        for way in range(len(length)):
            if LEAST_SCORE < length[way] < limits.near:
                row[way] = limits.free


@compiled
def _keep(pair: int, ways: Ways, least_good: np.ndarray, left: Left, count: int) -> int:
    """Writes those ways behind the first `count` pairs that still can win. pair: the first one's
    number."""
    kept = np.empty(len(ways.good), np.int64)
    more = 0
    for way in range(len(kept)):
        number = np.int32(ways.steps[way])
        kept[more] = way  # stays if it can win: a branch here would often be guessed wrong
        more += ways.good[way] + number - 2 >= least_good[number]
    numbers, values = left.numbers, left.ways
    for way in kept[:more]:
        numbers[0, count], numbers[1, count] = pair + way, np.int32(ways.steps[way])
        numbers[2, count] = ways.good[way]
        values[0, count], values[1, count] = ways.begin_x[way], ways.begin_y[way]
        values[2, count], values[3, count] = ways.along_x[way], ways.along_y[way]
        values[4, count], values[5, count] = ways.step_x[way], ways.step_y[way]
        count += 1
    return count


@compiled
def _fill_for(
    grid: Grid, left: Left, count: int, visits: np.ndarray, begin: int, end: int, field: Field
) -> None:
    """Computes the tiles that samples begin..end need and that are not yet computed."""
    new = 0
    for pair in range(count):
        number = left.numbers[1, pair]
        for visit in range(begin, min(end, number)):
            x, y = _pixel_of(left, pair, visits[number, visit], field)
            new = ask_for(field, y, x, new)
    fill_asked(grid, field, new)


@inlined
def _value(left: Left, pair: int, k: int, field: Field) -> np.float32:
    """The field along the way at sample k."""
    x, y = _pixel_of(left, pair, k, field)
    row, column = y // TILE, x // TILE
    value = left.ways[2, pair] * field.x[row, y % TILE, column, x % TILE]
    value += left.ways[3, pair] * field.y[row, y % TILE, column, x % TILE]
    return value


@inlined
def _pixel_of(left: Left, pair: int, k: int, field: Field) -> tuple[int, int]:
    """Column and row in the planes."""
    x = pixel(left.ways[0, pair] + np.float32(k) * left.ways[4, pair], field.width)
    y = pixel(left.ways[1, pair] + np.float32(k) * left.ways[5, pair], field.height)
    return x + field.shift_x, y + field.shift_y
