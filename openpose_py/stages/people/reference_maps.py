"""Stage 3 of 5: maps -> people. The definition, first half: upsampled maps and their peaks.

Plain float32, every operation rounded by itself (no fused multiply-add), in the order written
here; the other backends answer the same. It follows OpenPose's CUDA build
(net/resizeAndMergeBase.cu, net/nmsBase.cu), which clamps the taps at the borders but not the
offset: left of the first sample the cubic is extrapolated.
"""

import numpy as np

from openpose_py.records import Maps, Peaks
from openpose_py.upsampling.axes import as_float32, axis_taps, target_size, upsampling_factors

WINDOW = 3  # pixels to each side that move a peak to its centre of mass; net/nmsBase.cu


@np.errstate(all="ignore")
def upsample(maps: Maps, upsampling_ratio: float = 0) -> np.ndarray:
    """float32 (channels, height, width) in net pixels: the mean over the scales."""
    width, height = target_size(maps, upsampling_ratio)
    scales = [as_float32(scale) for scale in maps.scales]
    if len(scales) == 1 and scales[0].shape[1:] == (height, width):
        return scales[0].copy()
    total = np.zeros((len(scales[0]), height, width), np.float32)
    factors = upsampling_factors(maps, (width, height))
    for cells, (factor_x, factor_y) in zip(scales, factors, strict=True):
        columns = axis_taps(width, cells.shape[2], factor_x)
        rows = axis_taps(height, cells.shape[1], factor_y)
        for channel, heat in enumerate(cells):
            total[channel] += _interpolate(_interpolate(heat, *columns).T, *rows).T
    if len(scales) > 1:
        total /= np.float32(len(scales))
    return total


def _interpolate(maps: np.ndarray, before: np.ndarray, way: np.ndarray) -> np.ndarray:
    """Catmull-Rom along the last axis of (lines, cells)."""
    last = maps.shape[1] - 1
    after = np.minimum(before + 1, last)
    v0 = maps[:, np.maximum(before - 1, 0)]
    v1 = maps[:, before]
    v2 = maps[:, after]
    v3 = maps[:, np.minimum(after + 1, last)]
    half, two = np.float32(0.5), np.float32(2)
    three_halves, five_halves = np.float32(1.5), np.float32(2.5)
    cube = -half * v0 + three_halves * v1 - three_halves * v2 + half * v3
    square = v0 - five_halves * v1 + two * v2 - half * v3
    return cube * way * way * way + square * way * way - half * (v0 - v2) * way + v1


@np.errstate(all="ignore")
def find_peaks(upsampled: np.ndarray, threshold: float, max_peaks: int, offset: float) -> Peaks:
    """upsampled: the maps of the parts, (parts, height, width).

    A peak is above `threshold` and strictly above its 8 neighbours; the outer ring of pixels never
    wins. Raster order; the first `max_peaks` of a part stay (0: all). A peak moves to the centre of
    mass of the positive values round it, plus `offset` net pixels. A peak whose place is not
    finite, out of maps that are not, is left out.
    """
    tables = []
    for heat in upsampled:
        inner = heat[1:-1, 1:-1]
        wins = inner > np.float32(threshold)
        for dy in (0, 1, 2):
            for dx in (0, 1, 2):
                if (dy, dx) != (1, 1):
                    wins &= inner > heat[dy : dy + inner.shape[0], dx : dx + inner.shape[1]]
        places = np.argwhere(wins) + 1
        rows = [_centre(heat, x, y, offset) for y, x in places[: max_peaks or None]]
        table = np.array(rows, np.float32).reshape(-1, 3)
        tables.append(table[np.isfinite(table).all(axis=1)])
    starts = np.cumsum([0, *map(len, tables)], dtype=np.int64)
    return Peaks(np.concatenate([np.zeros((0, 3), np.float32), *tables]), starts)


def _centre(heat: np.ndarray, x: int, y: int, offset: float) -> tuple[np.float32, ...]:
    """x, y, score of the peak at pixel x, y."""
    height, width = heat.shape
    sum_x = sum_y = total = np.float32(0)
    for row in range(max(0, y - WINDOW), min(height, y + WINDOW + 1)):
        for column in range(max(0, x - WINDOW), min(width, x + WINDOW + 1)):
            value = heat[row, column]
            if value > 0:
                sum_x += np.float32(column) * value
                sum_y += np.float32(row) * value
                total += value
    shift = np.float32(offset)
    return sum_x / total + shift, sum_y / total + shift, heat[y, x]
