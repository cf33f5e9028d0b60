"""Stage 3 of 5: maps -> people. Face and hand points: the highest pixel of each map, compiled.

The upsampled maps are never built. A block is the pixels between the same 4 x 4 cells. Those at the
highest cell give a first value; then only blocks are computed that have a cell high enough to beat
it. `argmax_reference` is the definition; the answers are the same to the last bit.
"""

import functools
from typing import NamedTuple

import numpy as np

from openpose_py.compiled import compiled, inlined
from openpose_py.stages.people.argmax_reference import STRIDE
from openpose_py.upsampling.axes import as_float32, axis_taps
from openpose_py.upsampling.channels import cubic

# A pixel is at most ABOVE times the highest of its cells, and BELOW times the depth of the lowest.
# The positive weights of one axis sum to at most 1.138 and the negative ones to -0.138, both where
# the cubic is extrapolated, a little rounded up here: values are rounded, too.
ABOVE, BELOW = np.float32(1.32), np.float32(0.32)
ZERO, INFINITY = np.float32(0), np.float32(np.inf)


class Axis(NamedTuple):
    """starts: int64 (cells + 1,), the first pixel of each block. ways: see `axis_taps`."""

    starts: np.ndarray
    ways: np.ndarray


class Best(NamedTuple):
    value: np.float32
    y: int
    x: int


def highest_points(maps: np.ndarray, parts: int) -> np.ndarray:
    """maps: float32 (n, channels, height, width), a crop a row, the first `parts` channels its
    parts. Returns float32 (n, parts, 3): x, y in crop pixels, score."""
    points = np.zeros((len(maps), parts, 3), np.float32)
    _find_highest(as_float32(maps), _axis(maps.shape[3]), _axis(maps.shape[2]), points)
    return points


def best_of_scales(points: np.ndarray) -> np.ndarray:
    """points: (n, scales, parts, 3) -> (n, parts, 3): of each row the scale with the highest mean
    score; of equal ones the first."""
    totals = np.cumsum(points[..., 2], axis=2, dtype=np.float32)[..., -1]
    best: np.ndarray = points[np.arange(len(points)), totals.argmax(axis=1)]
    return best


@functools.lru_cache(maxsize=16)
def _axis(cells: int) -> Axis:
    before, ways = axis_taps(cells * STRIDE, cells, np.float32(STRIDE))
    return Axis(np.searchsorted(before, np.arange(cells + 1)), ways)


@compiled
def _find_highest(maps: np.ndarray, columns: Axis, rows: Axis, points: np.ndarray) -> None:
    """Fills `points`, which is all zero when given."""
    worth = np.empty(maps.shape[2:], np.bool_)
    lines = np.empty((4, 2 * STRIDE), np.float32)
    for crop in range(len(points)):
        for part in range(points.shape[1]):
            cells = maps[crop, part]
            best = Best(-INFINITY, 0, 0)
            y, x, lowest = _extremes(cells)
            for row in range(max(y - 1, 0), y + 1):
                for column in range(max(x - 1, 0), x + 1):
                    best = _highest_of_block(cells, row, column, columns, rows, lines, best)
            _mark(cells, (best.value + BELOW * lowest) / ABOVE, worth)
            for row in range(len(cells)):
                for column in range(cells.shape[1]):
                    if worth[row, column]:
                        best = _highest_of_block(cells, row, column, columns, rows, lines, best)
            if best.value > -INFINITY:
                point = points[crop, part]
                point[0], point[1], point[2] = best.x, best.y, best.value


@compiled
def _extremes(cells: np.ndarray) -> tuple[int, int, np.float32]:
    """Row and column of the highest cell, and the value of the lowest, 0 at most; -inf if some cell
    is not finite."""
    highest, lowest = -INFINITY, ZERO
    at_y = at_x = 0
    for y in range(cells.shape[0]):
        for x in range(cells.shape[1]):
            value = cells[y, x]
            if value > highest:
                highest, at_y, at_x = value, y, x
            lowest = min(lowest, value)
            if not abs(value) < INFINITY:
                return at_y, at_x, -INFINITY
    return at_y, at_x, lowest


@compiled
def _mark(cells: np.ndarray, least: np.float32, worth: np.ndarray) -> None:
    """worth: bool (rows, columns), set for the blocks that have a cell of at least `least`."""
    height, width = cells.shape
    worth[:] = not least > 0
    if not least > 0:
        return
    for y in range(height):
        for x in range(width):
            if cells[y, x] >= least:
                worth[max(y - 2, 0) : y + 2, max(x - 2, 0) : x + 2] = True


@compiled
def _highest_of_block(
    cells: np.ndarray,
    row: int,
    column: int,
    columns: Axis,
    rows: Axis,
    lines: np.ndarray,
    best: Best,
) -> Best:
    """The highest pixel of a block, or the best so far; of equal ones the first in raster order.
    lines: scratch (4, 16)."""
    first, last = columns.starts[column], columns.starts[column + 1]
    ways = columns.ways[first:last]
    for tap in range(4):
        line = cells[min(max(row + tap - 1, 0), len(cells) - 1)]
        v0, v1, v2, v3 = _taps(line, column)
        for x in range(len(ways)):
            lines[tap, x] = cubic(v0, v1, v2, v3, ways[x])
    value, best_y, best_x = best
    for y in range(rows.starts[row], rows.starts[row + 1]):
        way = rows.ways[y]
        for x in range(len(ways)):
            here = cubic(lines[0, x], lines[1, x], lines[2, x], lines[3, x], way)
            earlier = y < best_y or (y == best_y and first + x < best_x)
            if (here > value or (here == value and earlier)) and here < INFINITY:
                value, best_y, best_x = here, y, first + x
    return Best(value, best_y, best_x)


@inlined
def _taps(line: np.ndarray, cell: int) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    """The four cells round a block, the outermost ones repeated at the borders."""
    last = len(line) - 1
    after = min(cell + 1, last)
    return line[max(cell - 1, 0)], line[cell], line[after], line[min(after + 1, last)]
