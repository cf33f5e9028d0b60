"""Stage 3 of 5: maps -> people. The grid of tiles in which the compiled backend works.

The upsampled map of one channel is cut into tiles of 8 x 8 net pixels, which lie in a plane: net
pixel (x, y) is row y + shift_y, column x + shift_x of it; round the picture is a margin of at least
one tile.
"""

import functools
import threading
from typing import Any, NamedTuple

import numpy as np

from openpose_py.records import Maps, Size
from openpose_py.upsampling.axes import as_float32, axis_taps, target_size, upsampling_factors

TILE = 8


class Grid(NamedTuple):
    """Where tiles take their values from. All arrays of cells, ways: a row a scale, a column a
    column (or row) of the plane; see `reference_maps.axis_taps`."""

    cells: np.ndarray  # float32, flat: the maps of all scales, one after another
    starts: np.ndarray  # int64 (scales,): where each scale's maps begin
    sizes: np.ndarray  # int64 (scales, 2): height, width in cells
    column_cells: np.ndarray  # int32
    column_ways: np.ndarray  # float32
    row_cells: np.ndarray  # int32
    row_ways: np.ndarray  # float32
    band_rows: int  # most rows of cells under one tile
    width: int  # net pixels
    height: int
    shift_x: int
    shift_y: int
    sums: np.ndarray  # float32 (scales, 2): largest sums of a pixel's positive, negative weights
    copies: bool  # one scale at its own size: no interpolation


def grid_of(maps: Maps, upsampling_ratio: float) -> Grid:
    """The grid of one frame's maps; single-scale maps are not copied."""
    scales = [as_float32(scale) for scale in maps.scales]
    size = target_size(maps, upsampling_ratio)
    factors = tuple((float(x), float(y)) for x, y in upsampling_factors(maps, size))
    flat = [scale.reshape(-1) for scale in scales]
    cells = flat[0] if len(flat) == 1 else np.concatenate(flat)
    starts = np.cumsum([0, *map(len, flat[:-1])], dtype=np.int64)
    return Grid(cells, starts, *_tables(size, tuple(scale.shape[1:] for scale in scales), factors))


@functools.lru_cache(maxsize=16)
def _tables(
    size: Size, shapes: tuple[Size, ...], factors: tuple[tuple[float, float], ...]
) -> tuple[Any, ...]:
    """All of a grid but its values: the same for all frames of a video. shapes: height, width."""
    columns, rows = [
        [
            axis_taps(size[axis], shape[1 - axis], np.float32(factor[axis]))
            for shape, factor in zip(shapes, factors, strict=True)
        ]
        for axis in (0, 1)
    ]
    shift_x, column_cells, column_ways = _in_tiles(columns)
    shift_y, row_cells, row_ways = _in_tiles(rows)
    first, last = row_cells[:, ::TILE], row_cells[:, TILE - 1 :: TILE]
    sums = [weight_sums(np.concatenate(ways)) for ways in zip(column_ways, row_ways, strict=True)]
    return (
        np.array(shapes, np.int64),
        column_cells,
        column_ways,
        row_cells,
        row_ways,
        int((last - first).max()) + 4,
        *size,
        shift_x,
        shift_y,
        np.array(sums, np.float32),
        len(shapes) == 1 and shapes[0] == size[::-1],
    )


def _in_tiles(axes: list[tuple[np.ndarray, np.ndarray]]) -> tuple[int, np.ndarray, np.ndarray]:
    """Shift, cells and ways of one axis, padded to whole tiles by its outermost pixels. The tiles
    begin where the first scale passes from one cell to the next if its factor is a multiple of
    8: then all pixels of a tile lie between the same cells."""
    pixels = len(axes[0][0])
    outside = int((axes[0][1] < 0).sum())  # pixels before the first cell
    shift = TILE + -outside % TILE
    tiles = -(-(shift + pixels) // TILE) + 1
    pixel = np.clip(np.arange(tiles * TILE) - shift, 0, pixels - 1)
    cells, ways = zip(*axes, strict=True)
    # C order whatever the number of scales, or the kernels would be compiled once more
    places, shares = np.stack(cells)[:, pixel], np.stack(ways)[:, pixel]
    return shift, np.ascontiguousarray(places), np.ascontiguousarray(shares)


def weight_sums(ways: np.ndarray) -> tuple[float, float]:
    """The largest sums of positive and of negative Catmull-Rom weights at any of the ways."""
    t = ways.astype(np.float64)
    outer = -0.5 * t**3 + t**2 - 0.5 * t, 0.5 * t**3 - 0.5 * t**2
    middle = 1.5 * t**3 - 2.5 * t**2 + 1, -1.5 * t**3 + 2 * t**2 + 0.5 * t
    weights = np.stack([*outer, *middle])
    return (
        float(np.maximum(weights, 0).sum(axis=0).max()),
        float(np.maximum(-weights, 0).sum(axis=0).max()),
    )


_planes = threading.local()


def plane_of(grid: Grid, purpose: str) -> np.ndarray:
    """float32 (rows, 8, columns, 8) of tiles, all -inf when new, kept by this thread for the next
    frame: most of its pages are never touched."""
    kept: dict[str, np.ndarray] = _planes.__dict__.setdefault("kept", {})
    rows, columns = grid.row_cells.shape[1] // TILE, grid.column_cells.shape[1] // TILE
    if purpose not in kept or kept[purpose].shape[::2] != (rows, columns):
        kept[purpose] = np.full((rows, TILE, columns, TILE), -np.inf, np.float32)
    return kept[purpose]
