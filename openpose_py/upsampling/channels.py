"""Chosen channels of the maps, upsampled: equal to the last bit to the decoder's reference."""

import numpy as np

from openpose_py.compiled import compiled, inlined
from openpose_py.records import Maps
from openpose_py.upsampling.axes import as_float32, axis_taps, target_size, upsampling_factors

HALF, TWO = np.float32(0.5), np.float32(2)
THREE_HALVES, FIVE_HALVES = np.float32(1.5), np.float32(2.5)


def upsample_channels(maps: Maps, channels: np.ndarray, upsampling_ratio: float = 0) -> np.ndarray:
    """float32 (len(channels), height, width) in net pixels: the mean over the scales."""
    width, height = target_size(maps, upsampling_ratio)
    scales = [as_float32(scale[channels]) for scale in maps.scales]
    if len(scales) == 1 and scales[0].shape[1:] == (height, width):
        return scales[0]
    total = np.zeros((len(channels), height, width), np.float32)
    factors = upsampling_factors(maps, (width, height))
    for cells, (factor_x, factor_y) in zip(scales, factors, strict=True):
        columns = axis_taps(width, cells.shape[2], factor_x)
        rows = axis_taps(height, cells.shape[1], factor_y)
        _add_cubic(cells, *columns, *rows, total)
    if len(scales) > 1:
        total /= np.float32(len(scales))
    return total


@compiled
def _add_cubic(
    maps: np.ndarray,
    columns: np.ndarray,
    column_ways: np.ndarray,
    rows: np.ndarray,
    row_ways: np.ndarray,
    total: np.ndarray,
) -> None:
    """Interpolates (channels, height, width) and adds the result to `total`, float32 (channels,
    len(rows), len(columns)). columns, rows and their ways: see `axis_taps`."""
    for channel in range(len(maps)):
        wide = widen(maps[channel], columns, column_ways)
        for y in range(len(rows)):
            add_row(wide, rows[y], row_ways[y], total[channel, y])


@compiled
def widen(heat: np.ndarray, columns: np.ndarray, ways: np.ndarray) -> np.ndarray:
    """(height, cells) -> float32 (height, len(columns)), interpolated along the rows."""
    wide = np.empty((len(heat), len(columns)), np.float32)
    for y in range(len(heat)):
        _along(heat[y], columns, ways, wide[y])
    return wide


@compiled
def add_row(wide: np.ndarray, row: int, way: np.float32, total: np.ndarray) -> None:
    """Interpolates between the rows of `wide` at row + way, and adds that to `total`."""
    last = len(wide) - 1
    after = min(row + 1, last)
    _add_across(
        wide[max(row - 1, 0)], wide[row], wide[after], wide[min(after + 1, last)], way, total
    )


# Loops over all of a slice: only those are vectorised; indices that might be negative are not.


@compiled
def _along(line: np.ndarray, columns: np.ndarray, ways: np.ndarray, wide: np.ndarray) -> None:
    last = len(line) - 1
    for x in range(len(wide)):
        column = columns[x]
        after = min(column + 1, last)
        wide[x] = cubic(
            line[max(column - 1, 0)], line[column], line[after], line[min(after + 1, last)], ways[x]
        )


@compiled
def _add_across(
    v0: np.ndarray,
    v1: np.ndarray,
    v2: np.ndarray,
    v3: np.ndarray,
    way: np.float32,
    total: np.ndarray,
) -> None:
    for x in range(len(total)):
        total[x] += cubic(v0[x], v1[x], v2[x], v3[x], way)


@inlined
def cubic(
    v0: np.float32, v1: np.float32, v2: np.float32, v3: np.float32, way: np.float32
) -> np.float32:
    """Catmull-Rom at `way` after v1, operation by operation in OpenPose's order."""
    cube = -HALF * v0 + THREE_HALVES * v1 - THREE_HALVES * v2 + HALF * v3
    square = v0 - FIVE_HALVES * v1 + TWO * v2 - HALF * v3
    return cube * way * way * way + square * way * way - HALF * (v0 - v2) * way + v1
