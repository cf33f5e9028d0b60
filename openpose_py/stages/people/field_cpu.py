"""Stage 3 of 5: maps -> people. The field of one limb in tiles, compiled.

Where the cells say that no sample can count, a tile is 0 instead of being computed.
"""

from typing import NamedTuple

import numpy as np

from openpose_py.compiled import compiled, inlined
from openpose_py.stages.people.bounds_cpu import ROUNDING, larger
from openpose_py.stages.people.grid import TILE, Grid
from openpose_py.stages.people.tiles_cpu import fill_tiles

LEAST = np.float32(1e-18)  # squares of smaller values are lost
HALF = np.float32(0.5)


class Field(NamedTuple):
    """The field of the limb that is looked at. x, y: planes of a channel each. computed: int64
    (rows, columns), of which limb a tile is. now: int64 (4,): the limb, its two channels, and 1 if
    all tiles are computed. quiet: see `quiet_tiles`. tiles, band: scratch. The rest: where the
    picture lies in a plane."""

    x: np.ndarray
    y: np.ndarray
    computed: np.ndarray
    now: np.ndarray
    quiet: np.ndarray
    tiles: np.ndarray
    band: np.ndarray
    width: int  # net pixels
    height: int
    shift_x: int
    shift_y: int


@compiled
def room_for_field(grid: Grid, plane_x: np.ndarray, plane_y: np.ndarray) -> Field:
    rows, columns = plane_x.shape[0], plane_x.shape[2]
    return Field(
        plane_x,
        plane_y,
        np.full((rows, columns), -1, np.int64),
        np.zeros(4, np.int64),
        np.empty((rows, columns), np.bool_),
        np.empty(rows * columns, np.int64),
        np.empty((grid.band_rows, TILE), np.float32),
        grid.width,
        grid.height,
        grid.shift_x,
        grid.shift_y,
    )


@compiled
def begin_limb(
    grid: Grid,
    limb: int,
    channels: np.ndarray,
    limb_sample: np.float32,
    pairs: int,
    field: Field,
) -> None:
    """Computes all tiles at once if there are so many pairs that they need nearly all of them."""
    rows, columns = field.computed.shape
    field.now[0], field.now[1], field.now[2] = limb, channels[0], channels[1]
    field.now[3] = pairs > rows * columns
    if field.now[3]:
        quiet_tiles(grid, channels, limb_sample, field.quiet)
        new = 0
        for row in range(1, rows - 1):
            for column in range(1, columns - 1):
                new = ask_for(field, row * TILE, column * TILE, new)
        fill_asked(grid, field, new)


@inlined
def ask_for(field: Field, row: int, column: int, new: int) -> int:
    """Lists the tile of a pixel of the planes as number `new`, unless it is computed or listed;
    returns the length of the list."""
    row, column = row // TILE, column // TILE
    if field.computed[row, column] == field.now[0]:
        return new
    field.computed[row, column] = field.now[0]
    field.tiles[new] = row * field.computed.shape[1] + column
    return new + 1


@compiled
def fill_asked(grid: Grid, field: Field, new: int) -> None:
    """Computes the tiles that `ask_for` has listed, and forgets the list."""
    columns, count = field.computed.shape[1], new
    if field.now[3]:  # of a few tiles, to look which are quiet takes longer than to compute them
        count = 0
        for tile in field.tiles[:new]:
            row, column = tile // columns, tile % columns
            if field.quiet[row, column]:
                _silence(field.x, row, column)
                _silence(field.y, row, column)
            else:
                field.tiles[count] = tile
                count += 1
    for axis, plane in enumerate((field.x, field.y)):
        fill_tiles(grid, field.now[1 + axis], field.tiles[:count], plane, field.band)


@inlined
def _silence(plane: np.ndarray, row: int, column: int) -> None:
    for y in range(TILE):
        for x in range(TILE):
            plane[row, y, column, x] = 0


@inlined
def pixel(place: np.float32, size: int) -> int:
    """The nearest pixel, halves upwards."""
    return min(size - 1, max(0, int(place + HALF)))


@compiled
def quiet_tiles(
    grid: Grid, channels: np.ndarray, limb_sample: np.float32, quiet: np.ndarray
) -> None:
    """Sets in `quiet`, bool (rows, columns), the tiles in which no sample in any direction can be
    above `limb_sample`: a vector of the field is at most as long as the longest of its cells, times
    their weights without signs."""
    total = np.zeros(quiet.shape, np.float32)
    for scale in range(len(grid.starts)):
        height, width = grid.sizes[scale, 0], grid.sizes[scale, 1]
        squares = np.empty(height * width, np.float32)
        begin_x = grid.starts[scale] + channels[0] * height * width
        begin_y = grid.starts[scale] + channels[1] * height * width
        _squares(
            grid.cells[begin_x : begin_x + height * width],
            grid.cells[begin_y : begin_y + height * width],
            squares,
        )
        _add_longest(grid, scale, squares, total)
    for row in range(quiet.shape[0]):
        for column in range(quiet.shape[1]):
            quiet[row, column] = total[row, column] / np.float32(len(grid.starts)) <= limb_sample


@compiled
def _squares(x: np.ndarray, y: np.ndarray, squares: np.ndarray) -> None:
    """Infinite where a value is not finite."""
    for cell in range(len(squares)):
        square = x[cell] * x[cell] + y[cell] * y[cell]
        squares[cell] = square if square < np.float32(np.inf) else np.float32(np.inf)


@compiled
def _add_longest(grid: Grid, scale: int, squares: np.ndarray, total: np.ndarray) -> None:
    """total: float32 (rows, columns), how long vectors can be in each tile."""
    height, width = grid.sizes[scale, 0], grid.sizes[scale, 1]
    weights = (grid.sums[scale, 0] + grid.sums[scale, 1]) ** 2 * ROUNDING
    line = np.empty(width, np.float32)
    across, down = grid.column_cells[scale], grid.row_cells[scale]
    for row in range(total.shape[0]):
        first = max(down[row * TILE] - 1, 0)
        last = min(down[row * TILE + TILE - 1] + 2, height - 1)
        line[:] = 0
        for y in range(first, last + 1):
            _raise(squares[y * width : y * width + width], line)
        for column in range(total.shape[1]):
            most = np.float32(0)
            last = min(across[column * TILE + TILE - 1] + 2, width - 1)
            for x in range(max(across[column * TILE] - 1, 0), last + 1):
                most = larger(line[x], most)
            total[row, column] += weights * (np.sqrt(most) + LEAST)


@compiled
def _raise(values: np.ndarray, line: np.ndarray) -> None:
    for x in range(len(line)):
        line[x] = larger(values[x], line[x])
