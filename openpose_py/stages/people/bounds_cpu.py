"""Stage 3 of 5: maps -> people. How high the upsampled maps can rise, without computing them.

A net pixel is a weighted sum of 4 x 4 cells. In one dimension the two weights in the middle are
positive and sum to at most 1.125, the outer two are negative and sum to at least -0.125.
"""

import numpy as np

from openpose_py.compiled import compiled, inlined
from openpose_py.stages.people.grid import TILE, Grid

INSIDE = (1.125, 0.125)  # sums of the middle and of the outer weights, 0 <= way <= 1
ROUNDING = np.float32(1.0001)  # bounds are raised by it, so that rounded values stay below


@compiled
def mark_tiles(
    grid: Grid, channel: int, threshold: np.float32, computed: np.ndarray, tiles: np.ndarray
) -> int:
    """Lists in `tiles`, as row * columns + column, the tiles that can hold a value above the
    threshold; the mean of the scales counts. Returns their number. computed: bool (rows, columns),
    set where a tile is listed."""
    rows, columns = computed.shape
    bounds, hot = _bound_cells(grid, channel, threshold)
    marked = 0
    for row in range(1, rows - 1):
        if not _any_hot(grid, row, hot):
            continue
        for column in range(1, columns - 1):
            if _bound_tile(grid, row, column, bounds) > threshold:
                computed[row, column] = True
                tiles[marked] = row * columns + column
                marked += 1
    return marked


@compiled
def _bound_cells(grid: Grid, channel: int, threshold: np.float32) -> tuple[np.ndarray, np.ndarray]:
    """bounds: float32 (scales, cells), flat: no pixel between a cell and its next neighbours right,
    below and diagonally below has a value above it; infinite where a map is not finite. hot: int64
    (scales, rows): how many of a row are above the threshold."""
    scales, most = len(grid.sizes), 0
    for scale in range(scales):
        most = max(most, grid.sizes[scale, 0] * grid.sizes[scale, 1])
    bounds = np.empty((scales, most), np.float32)
    hot = np.zeros((scales, grid.sizes[:, 0].max()), np.int64)
    for scale in range(scales):
        height, width = grid.sizes[scale, 0], grid.sizes[scale, 1]
        start = grid.starts[scale] + channel * height * width
        cells = grid.cells[start : start + height * width]
        if _all_finite(cells):
            _bound_scale(cells, width, grid.sums[scale], bounds[scale])
        else:
            bounds[scale] = np.inf
        for y in range(height):
            hot[scale, y] = _count_above(bounds[scale, y * width : y * width + width], threshold)
    return bounds, hot


@compiled
def _all_finite(cells: np.ndarray) -> bool:
    wrong = 0
    for value in cells:
        wrong += not abs(value) < np.float32(np.inf)
    return wrong == 0


@compiled
def _count_above(line: np.ndarray, threshold: np.float32) -> int:
    above = 0
    for value in line:
        above += value > threshold
    return above


@compiled
def _bound_scale(cells: np.ndarray, width: int, sums: np.ndarray, bounds: np.ndarray) -> None:
    """Flat arrays, with a row of zeros before and two behind; what a row takes from the next one
    across its end only raises the bound. Steps work on whole slices of arrays made one by one: only
    then does the compiler see that they do not overlap, and makes vectors of them."""
    count = len(cells)
    up_two = np.zeros(count + 3 * width, np.float32)
    down_two = np.zeros(count + 3 * width, np.float32)
    up_four = np.zeros(count + 3 * width, np.float32)
    down_four = np.zeros(count + 3 * width, np.float32)
    _two(cells[:-1], cells[1:], up_two[width:], down_two[width:])
    for end, value in ((width - 1, cells[0]), (width + count - 1, cells[-1])):
        up_two[end], down_two[end] = max(value, np.float32(0)), max(-value, np.float32(0))
    _four(up_two[:-2], up_two[2:], up_four[1:])
    _four(down_two[:-2], down_two[2:], down_four[1:])
    bounds = bounds[:count]
    centre = np.float32(INSIDE[0] * INSIDE[0]) * ROUNDING
    _highest_of_two(up_two[width:], up_two[2 * width :], centre, bounds)
    corners = np.float32(INSIDE[1] * INSIDE[1]) * ROUNDING
    _add_highest_of_four(up_four, width, corners, bounds)
    edges = np.float32(2 * INSIDE[0] * INSIDE[1]) * ROUNDING
    _add_highest_of_four(down_four, width, edges, bounds)
    above = (sums[0] * sums[0] + sums[1] * sums[1]) * ROUNDING
    below = np.float32(2) * sums[0] * sums[1] * ROUNDING
    for first in (0, count - width):
        row = bounds[first : first + width]
        row[:] = 0
        _add_highest_of_four(up_four[first:], width, above, row)
        _add_highest_of_four(down_four[first:], width, below, row)
    for first in range(width, count - width, width):
        for cell in (first, first + width - 1):
            highest = above * _highest_at(up_four, cell, width)
            bounds[cell] = highest + below * _highest_at(down_four, cell, width)


@compiled
def _two(left: np.ndarray, right: np.ndarray, up: np.ndarray, down: np.ndarray) -> None:
    """How far two neighbours rise above 0 and fall below it."""
    zero = np.float32(0)
    for cell in range(len(left)):
        a, b = left[cell], right[cell]
        up[cell] = larger(larger(a, b), zero)
        down[cell] = larger(larger(-a, -b), zero)


@compiled
def _four(left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
    for cell in range(len(left)):
        out[cell] = larger(left[cell], right[cell])


@compiled
def _highest_of_two(
    here: np.ndarray, below: np.ndarray, weight: np.float32, out: np.ndarray
) -> None:
    for cell in range(len(out)):
        out[cell] = weight * larger(here[cell], below[cell])


@compiled
def _add_highest_of_four(four: np.ndarray, width: int, weight: np.float32, out: np.ndarray) -> None:
    """Of the row before, the own row, and two rows behind."""
    b, c, d = four[width:], four[2 * width :], four[3 * width :]
    for cell in range(len(out)):
        highest = larger(larger(four[cell], b[cell]), larger(c[cell], d[cell]))
        out[cell] += weight * highest


@inlined
def _highest_at(four: np.ndarray, cell: int, width: int) -> np.float32:
    before = larger(four[cell], four[cell + width])
    return larger(before, larger(four[cell + 2 * width], four[cell + 3 * width]))


@inlined
def larger(a: np.float32, b: np.float32) -> np.float32:
    return a if a > b else b


@inlined
def _any_hot(grid: Grid, row: int, hot: np.ndarray) -> bool:
    """A mean above the threshold needs one scale above it."""
    for scale in range(len(grid.sizes)):
        first = grid.row_cells[scale, row * TILE]
        last = grid.row_cells[scale, row * TILE + TILE - 1]
        for y in range(first, last + 1):
            if hot[scale, y] > 0:
                return True
    return False


@inlined
def _bound_tile(grid: Grid, row: int, column: int, bounds: np.ndarray) -> np.float32:
    """The mean over the scales of the highest bound under a tile."""
    total = np.float32(0)
    for scale in range(len(grid.sizes)):
        width = grid.sizes[scale, 1]
        first_x = grid.column_cells[scale, column * TILE]
        last_x = grid.column_cells[scale, column * TILE + TILE - 1]
        first_y = grid.row_cells[scale, row * TILE]
        last_y = grid.row_cells[scale, row * TILE + TILE - 1]
        most = bounds[scale, first_y * width + first_x]
        for y in range(first_y, last_y + 1):
            for x in range(first_x, last_x + 1):
                most = larger(most, bounds[scale, y * width + x])
        total += most
    return total / np.float32(len(grid.sizes))
