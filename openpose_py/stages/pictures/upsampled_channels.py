"""Stage 4 of 5: people -> pictures. Single maps at the size of the network's input, compiled.

The values are those of the maps that people are found in: Catmull-Rom, float32, every operation
rounded by itself, the mean over the scales.
"""

import functools
import math
from typing import Any

import numba
import numpy as np

from openpose_py.records import Maps, Size

HALF, TWO = np.float32(0.5), np.float32(2)
THREE_HALVES, FIVE_HALVES = np.float32(1.5), np.float32(2.5)

compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


def upsample_channels(maps: Maps, channels: np.ndarray, upsampling_ratio: float = 0) -> np.ndarray:
    """float32 (len(channels), height, width) in net pixels."""
    width, height = target_size(maps, upsampling_ratio)
    scales = [_cells(scale, channels) for scale in maps.scales]
    if len(scales) == 1 and scales[0].shape[1:] == (height, width):
        return scales[0]
    total = np.zeros((len(channels), height, width), np.float32)
    factors = _factors(maps, (width, height))
    for cells, (factor_x, factor_y) in zip(scales, factors, strict=True):
        columns = _taps(width, cells.shape[2], float(factor_x))
        rows = _taps(height, cells.shape[1], float(factor_y))
        _add_cubic(cells, *columns, *rows, total)
    if len(scales) > 1:
        total /= np.float32(len(scales))
    return total


def target_size(maps: Maps, upsampling_ratio: float) -> Size:
    """Width and height in net pixels, from the first scale."""
    height, width = maps.scales[0].shape[1:]
    ratio = upsampling_ratio if upsampling_ratio > 0 else maps.stride
    return math.floor(width * ratio - 0.5) + 1, math.floor(height * ratio - 0.5) + 1


def _cells(scale: Any, channels: np.ndarray) -> np.ndarray:
    """Some channels of one scale as a new contiguous float32 array; may be a torch tensor."""
    chosen = scale[channels]
    if not isinstance(chosen, np.ndarray):
        chosen = chosen.detach().cpu().numpy()
    return np.ascontiguousarray(chosen, np.float32)


def _factors(maps: Maps, size: Size) -> list[tuple[np.float32, np.float32]]:
    """Net pixels a map cell in x and y, one pair a scale; by the true factors of the scales, so
    that a person lies at the same place in all of them."""
    height, width = maps.scales[0].shape[1:]
    first_x, first_y = (
        np.float32(size[0]) / np.float32(width),
        np.float32(size[1]) / np.float32(height),
    )
    if len(maps.scales) == 1:
        return [(first_x, first_y)]
    shares = np.asarray(maps.geometry.frame_to_net, np.float32)
    return [(first_x / share, first_y / share) for share in shares / shares[0]]


@functools.lru_cache(maxsize=64)
def _taps(pixels: int, cells: int, factor: float) -> tuple[np.ndarray, np.ndarray]:
    return axis_taps(axis_places(pixels, factor), cells)


def axis_places(pixels: int, factor: float) -> np.ndarray:
    """float32 (pixels,): where fine pixels lie among coarse ones, `factor` times as large."""
    return (np.arange(pixels, dtype=np.float32) + HALF) / np.float32(factor) - HALF


def axis_taps(places: np.ndarray, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Along one axis: the cell before each place, int32, and the way from there to the place in
    cells, float32; negative before the first cell."""
    before = np.clip(np.floor(places), 0, cells - 1).astype(np.int32)
    return before, places - before.astype(np.float32)


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
        wide[x] = _cubic(
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
        total[x] += _cubic(v0[x], v1[x], v2[x], v3[x], way)


@compiled
def _cubic(
    v0: np.float32, v1: np.float32, v2: np.float32, v3: np.float32, way: np.float32
) -> np.float32:
    cube = -HALF * v0 + THREE_HALVES * v1 - THREE_HALVES * v2 + HALF * v3
    square = v0 - FIVE_HALVES * v1 + TWO * v2 - HALF * v3
    return cube * way * way * way + square * way * way - HALF * (v0 - v2) * way + v1
