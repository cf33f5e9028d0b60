"""Stage 3 of 5: maps -> people. Single tiles of the upsampled maps, compiled; never whole maps.

Peaks and limbs ask for the few tiles that they need. A tile is computed operation by operation as
`reference_maps.upsample` does it, so its values are the same to the last bit.
"""

import numpy as np

from openpose_py.compiled import compiled, inlined
from openpose_py.stages.people.grid import TILE, Grid
from openpose_py.upsampling.channels import cubic

Eight = tuple[np.float32, ...]  # a row of a tile, written out for that vectoriser


@compiled
def fill_tiles(
    grid: Grid, channel: int, tiles: np.ndarray, plane: np.ndarray, band: np.ndarray
) -> None:
    """Computes tiles of a channel, given as row * columns + column. plane: float32 (rows, 8,
    columns, 8). band: float32 (grid.band_rows, 8), scratch."""
    if grid.copies:
        _copy_tiles(grid, channel, tiles, plane)
        return
    for scale in range(len(grid.starts)):
        _fill_scale(grid, scale, channel, tiles, plane, band)
    if len(grid.starts) > 1:
        columns = plane.shape[2]
        for tile in tiles:
            for y in range(TILE):
                for x in range(TILE):
                    plane[tile // columns, y, tile % columns, x] /= np.float32(len(grid.starts))


@compiled
def _fill_scale(
    grid: Grid, scale: int, channel: int, tiles: np.ndarray, plane: np.ndarray, band: np.ndarray
) -> None:
    """Puts the values of one scale; adds them from the second scale on. All arrays are fetched
    before the loop: numba counts references to what it fetches from a tuple."""
    columns = plane.shape[2]
    height, width = grid.sizes[scale, 0], grid.sizes[scale, 1]
    start = grid.starts[scale] + channel * height * width
    cells = grid.cells[start : start + height * width]
    column_cells, column_ways = grid.column_cells[scale], grid.column_ways[scale]
    row_cells, row_ways = grid.row_cells[scale], grid.row_ways[scale]
    for tile in tiles:
        row, column = tile // columns, tile % columns
        top, left = row * TILE, column * TILE
        first = max(row_cells[top] - 1, 0)
        last = min(row_cells[top + TILE - 1] + 2, height - 1)
        for y in range(first, last + 1):
            values = _along(cells, y * width, width - 1, column_cells, column_ways, left)
            _store(band[y - first], values)
        four = _four(band, row_cells[top], first, height - 1)
        for y in range(TILE):
            if row_cells[top + y] != row_cells[top]:
                four = _four(band, row_cells[top + y], first, height - 1)
            values = _cubics(*four, same(row_ways[top + y]))
            if scale == 0:
                _store(plane[row, y, column], values)
            else:
                _add(plane[row, y, column], values)


@inlined
def _along(
    cells: np.ndarray, line: int, last: int, at: np.ndarray, ways: np.ndarray, left: int
) -> Eight:
    """Catmull-Rom along the row of cells that begins at `line`, at 8 pixels from column `left`."""
    way = load(ways, left)
    if at[left] == at[left + TILE - 1]:
        taps = _taps(cells, line, at[left], last)
        return _cubics(same(taps[0]), same(taps[1]), same(taps[2]), same(taps[3]), way)
    return (
        cubic(*_taps(cells, line, at[left], last), way[0]),
        cubic(*_taps(cells, line, at[left + 1], last), way[1]),
        cubic(*_taps(cells, line, at[left + 2], last), way[2]),
        cubic(*_taps(cells, line, at[left + 3], last), way[3]),
        cubic(*_taps(cells, line, at[left + 4], last), way[4]),
        cubic(*_taps(cells, line, at[left + 5], last), way[5]),
        cubic(*_taps(cells, line, at[left + 6], last), way[6]),
        cubic(*_taps(cells, line, at[left + 7], last), way[7]),
    )


@inlined
def _four(band: np.ndarray, cell: int, first: int, last: int) -> tuple[Eight, ...]:
    """The rows of the band round a row of pixels; its first row is row `first` of the cells."""
    after = min(cell + 1, last)
    return (
        load_row(band, max(cell - 1, 0) - first, 0),
        load_row(band, cell - first, 0),
        load_row(band, after - first, 0),
        load_row(band, min(after + 1, last) - first, 0),
    )


@inlined
def _taps(cells: np.ndarray, line: int, cell: int, last: int) -> tuple[np.float32, ...]:
    """The four cells round a pixel, the outermost ones repeated at the borders."""
    after = min(cell + 1, last)
    before = max(cell - 1, 0)
    return (
        cells[line + before],
        cells[line + cell],
        cells[line + after],
        cells[line + min(after + 1, last)],
    )


@inlined
def _cubics(v0: Eight, v1: Eight, v2: Eight, v3: Eight, way: Eight) -> Eight:
    return (
        cubic(v0[0], v1[0], v2[0], v3[0], way[0]),
        cubic(v0[1], v1[1], v2[1], v3[1], way[1]),
        cubic(v0[2], v1[2], v2[2], v3[2], way[2]),
        cubic(v0[3], v1[3], v2[3], v3[3], way[3]),
        cubic(v0[4], v1[4], v2[4], v3[4], way[4]),
        cubic(v0[5], v1[5], v2[5], v3[5], way[5]),
        cubic(v0[6], v1[6], v2[6], v3[6], way[6]),
        cubic(v0[7], v1[7], v2[7], v3[7], way[7]),
    )


@inlined
def same(v: np.float32) -> Eight:
    return v, v, v, v, v, v, v, v


@inlined
def load(line: np.ndarray, x: int) -> Eight:
    """Eight values from x on. Of a slice, the compiler knows that they lie side by side."""
    v = line[x : x + TILE]
    return v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]


@inlined
def load_row(rows: np.ndarray, y: int, x: int) -> Eight:
    v = rows[y, x : x + TILE]
    return v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]


@inlined
def _store(line: np.ndarray, v: Eight) -> None:
    line[0] = v[0]
    line[1] = v[1]
    line[2] = v[2]
    line[3] = v[3]
    line[4] = v[4]
    line[5] = v[5]
    line[6] = v[6]
    line[7] = v[7]


@inlined
def _add(line: np.ndarray, v: Eight) -> None:
    for x in range(TILE):
        line[x] += v[x]


@compiled
def _copy_tiles(grid: Grid, channel: int, tiles: np.ndarray, plane: np.ndarray) -> None:
    height, width, columns = grid.sizes[0, 0], grid.sizes[0, 1], plane.shape[2]
    for tile in tiles:
        row, column = tile // columns, tile % columns
        for y in range(TILE):
            start = (channel * height + grid.row_cells[0, row * TILE + y]) * width
            for x in range(TILE):
                cell = grid.column_cells[0, column * TILE + x]
                plane[row, y, column, x] = grid.cells[start + cell]
