"""Stage 3 of 5: maps -> people. Peaks, compiled; `reference_maps.find_peaks` is the definition.

Only tiles that can hold a value above the threshold are computed, and those round a peak.
"""

import numpy as np

from openpose_py.compiled import compiled, inlined
from openpose_py.records import Peaks
from openpose_py.stages.people.bounds_cpu import larger, mark_tiles
from openpose_py.stages.people.grid import TILE, Grid, plane_of
from openpose_py.stages.people.reference_maps import WINDOW
from openpose_py.stages.people.tiles_cpu import Eight, fill_tiles, load_row, same

NOTHING = np.float32(-np.inf)  # what a plane holds where no tile is computed


def find_peaks(grid: Grid, parts: int, threshold: float, max_peaks: int, offset: float) -> Peaks:
    """Peaks of the first `parts` channels; see `reference_maps.find_peaks`."""
    table, starts = _find_peaks(
        grid,
        parts,
        np.float32(threshold),
        max_peaks,
        np.float32(offset),
        plane_of(grid, "peaks"),
    )
    return Peaks(table, starts)


@compiled
def _find_peaks(
    grid: Grid,
    parts: int,
    threshold: np.float32,
    max_peaks: int,
    offset: np.float32,
    plane: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Part after part: bound, mark, compute, search, refine, and leave the plane empty again."""
    rows, columns = plane.shape[0], plane.shape[2]
    pixels = plane.reshape(rows * TILE, columns * TILE)
    band = np.empty((grid.band_rows, TILE), np.float32)
    computed = np.zeros((rows, columns), np.bool_)
    tiles = np.empty(rows * columns, np.int64)
    table = np.empty((256, 3), np.float32)
    starts = np.zeros(parts + 1, np.int64)
    found = 0
    for part in range(parts):
        marked = mark_tiles(grid, part, threshold, computed, tiles)
        fill_tiles(grid, part, tiles[:marked], plane, band)
        places = _maxima(grid, tiles[:marked], pixels, columns, threshold)
        count = len(places) if max_peaks <= 0 else min(max_peaks, len(places))
        marked = _fill_round(grid, part, places[:count], plane, band, computed, tiles, marked)
        while found + count > len(table):
            table = np.concatenate((table, np.empty_like(table)))
        for place in places[:count]:
            y, x = place // grid.width, place % grid.width
            found += _centre(grid, pixels, x, y, offset, table[found])
        for tile in tiles[:marked]:
            _clear_tile(plane, tile // columns, tile % columns)
            computed[tile // columns, tile % columns] = False
        starts[part + 1] = found
    return table[:found].copy(), starts


@compiled
def _maxima(
    grid: Grid, tiles: np.ndarray, pixels: np.ndarray, columns: int, threshold: np.float32
) -> np.ndarray:
    """int64: y * width + x of the net pixels that win, in raster order."""
    places = np.empty(64, np.int64)
    found = 0
    for tile in tiles:
        top, left = tile // columns * TILE, tile % columns * TILE
        if not _may_win(pixels, top, left, threshold):
            continue
        for row in range(top, top + TILE):
            for column in range(left, left + TILE):
                x, y = column - grid.shift_x, row - grid.shift_y
                inside = 0 < x < grid.width - 1 and 0 < y < grid.height - 1
                if inside and _wins(pixels, row, column, threshold):
                    if found == len(places):
                        places = np.concatenate((places, np.empty_like(places)))
                    places[found] = y * grid.width + x
                    found += 1
    places = places[:found]
    places.sort()
    return places


@inlined
def _may_win(pixels: np.ndarray, top: int, left: int, threshold: np.float32) -> bool:
    """Whether some pixel of a tile is above the threshold and its neighbours. A row at a time; a
    pixel's neighbours above and below are taken from the rows' own highest of three."""
    most = same(threshold)
    rise = same(NOTHING)
    sides = _highest(load_row(pixels, top - 1, left - 1), load_row(pixels, top - 1, left + 1))
    above = _highest(load_row(pixels, top - 1, left), sides)
    here = load_row(pixels, top, left)
    sides = _highest(load_row(pixels, top, left - 1), load_row(pixels, top, left + 1))
    for row in range(top + 1, top + TILE + 1):
        next_here = load_row(pixels, row, left)
        next_sides = _highest(load_row(pixels, row, left - 1), load_row(pixels, row, left + 1))
        below = _highest(next_here, next_sides)
        around = _highest(_highest(above, below), _highest(sides, most))
        rise = _highest(rise, _above(here, around))
        above = _highest(here, sides)
        here, sides = next_here, next_sides
    four = larger(rise[0], rise[1]), larger(rise[2], rise[3])
    last = larger(rise[4], rise[5]), larger(rise[6], rise[7])
    return larger(larger(four[0], four[1]), larger(last[0], last[1])) > 0


@inlined
def _highest(a: Eight, b: Eight) -> Eight:
    return (
        larger(a[0], b[0]),
        larger(a[1], b[1]),
        larger(a[2], b[2]),
        larger(a[3], b[3]),
        larger(a[4], b[4]),
        larger(a[5], b[5]),
        larger(a[6], b[6]),
        larger(a[7], b[7]),
    )


@inlined
def _above(a: Eight, b: Eight) -> Eight:
    """How far a is above b; what is not a number counts as not above."""
    return (
        larger(a[0] - b[0], NOTHING),
        larger(a[1] - b[1], NOTHING),
        larger(a[2] - b[2], NOTHING),
        larger(a[3] - b[3], NOTHING),
        larger(a[4] - b[4], NOTHING),
        larger(a[5] - b[5], NOTHING),
        larger(a[6] - b[6], NOTHING),
        larger(a[7] - b[7], NOTHING),
    )


@inlined
def _wins(pixels: np.ndarray, row: int, column: int, threshold: np.float32) -> bool:
    value = pixels[row, column]
    if not value > threshold:
        return False
    for y in range(row - 1, row + 2):
        for x in range(column - 1, column + 2):
            if (y != row or x != column) and not value > pixels[y, x]:
                return False
    return True


@compiled
def _fill_round(
    grid: Grid,
    part: int,
    places: np.ndarray,
    plane: np.ndarray,
    band: np.ndarray,
    computed: np.ndarray,
    tiles: np.ndarray,
    marked: int,
) -> int:
    """Computes what is missing in the windows round the peaks; returns the number of tiles now."""
    columns, before = computed.shape[1], marked
    for place in places:
        y, x = place // grid.width, place % grid.width
        top, bottom = max(y - WINDOW, 0), min(y + WINDOW, grid.height - 1)
        left, right = max(x - WINDOW, 0), min(x + WINDOW, grid.width - 1)
        for row in range((top + grid.shift_y) // TILE, (bottom + grid.shift_y) // TILE + 1):
            for column in range((left + grid.shift_x) // TILE, (right + grid.shift_x) // TILE + 1):
                if not computed[row, column]:
                    computed[row, column] = True
                    tiles[marked] = row * columns + column
                    marked += 1
    fill_tiles(grid, part, tiles[before:marked], plane, band)
    return marked


@compiled
def _centre(
    grid: Grid, pixels: np.ndarray, x: int, y: int, offset: np.float32, peak: np.ndarray
) -> int:
    """Writes x, y, score of a peak; returns 1, or 0 if its place is not finite."""
    sum_x = sum_y = total = np.float32(0)
    for row in range(max(0, y - WINDOW), min(grid.height, y + WINDOW + 1)):
        for column in range(max(0, x - WINDOW), min(grid.width, x + WINDOW + 1)):
            value = pixels[row + grid.shift_y, column + grid.shift_x]
            if value > 0:
                sum_x += np.float32(column) * value
                sum_y += np.float32(row) * value
                total += value
    peak[0], peak[1] = sum_x / total + offset, sum_y / total + offset
    peak[2] = pixels[y + grid.shift_y, x + grid.shift_x]
    return 1 if np.isfinite(peak[0]) and np.isfinite(peak[1]) and np.isfinite(peak[2]) else 0


@inlined
def _clear_tile(plane: np.ndarray, row: int, column: int) -> None:
    for y in range(TILE):
        for x in range(TILE):
            plane[row, y, column, x] = NOTHING
