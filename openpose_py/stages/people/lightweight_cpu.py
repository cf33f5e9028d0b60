"""Stage 3 of 5: maps -> people. The decoder of Lightweight OpenPose, compiled;
`lightweight_reference` is the definition.

Heat maps are upsampled only where a cell is high enough for a peak nearby, affinity fields only at
the samples of a limb.
"""

import numpy as np

from openpose_py.compiled import compiled, inlined
from openpose_py.records import Maps, Peaks, People
from openpose_py.stages.people.lightweight_groups_cpu import group
from openpose_py.stages.people.lightweight_reference import DISTANCE, PEAK, UPSAMPLING
from openpose_py.stages.people.lightweight_taps import MOST, TAPS, upsampled_row
from openpose_py.upsampling.axes import as_float32
from openpose_py.zoo.skeletons import Skeleton

LOW = np.float32(PEAK)
SURELY_LOW = np.float32(0.999 * PEAK / MOST)
REACH = 2  # cells: what a pixel is computed from lies so near
NEAR = DISTANCE * DISTANCE


def decode_lightweight(maps: Maps, skeleton: Skeleton) -> tuple[People, Peaks]:
    """See `lightweight_reference.decode_lightweight`."""
    cells = np.ascontiguousarray(as_float32(maps.scales[0]))
    peaks = find_peaks(cells[: len(skeleton.parts)])
    rows, scores = group(cells, peaks, skeleton)
    table = peaks.table.copy()
    table[:, :2] *= np.float32(maps.stride / UPSAMPLING)
    keypoints = np.concatenate([table, np.zeros((1, 3), np.float32)])[rows]
    keypoints[..., :2] *= np.float32(maps.geometry.net_to_frame)
    return People(keypoints, scores), Peaks(table, peaks.starts)


def find_peaks(cells: np.ndarray) -> Peaks:
    """cells: of the parts; see `lightweight_reference.find_peaks`, which is given pixels."""
    return Peaks(*_find_peaks(cells, TAPS))


@compiled
def _find_peaks(cells: np.ndarray, taps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    parts, rows, columns = cells.shape
    height, width = rows * UPSAMPLING, columns * UPSAMPLING
    heat = np.zeros((height + 2, width + 2), np.float32)  # with a border of one pixel
    wide = np.empty((rows, width), np.float32)
    high = np.empty((rows, columns), np.bool_)
    table, starts = np.empty((256, 3), np.float32), np.zeros(parts + 1, np.int64)
    found = 0
    for part in range(parts):
        if _mark(cells[part], high):
            _fill(cells[part], high, taps, wide, heat)
            places = _maxima(heat, high)
            for place in _apart(places, height):
                if found == len(table):
                    table = np.concatenate((table, np.empty_like(table)))
                x, y = place // height, place % height
                table[found, 0], table[found, 1], table[found, 2] = x, y, heat[y + 1, x + 1]
                found += 1
            _clear(heat, high)
        starts[part + 1] = found
    return table[:found].copy(), starts


@compiled
def _mark(cells: np.ndarray, high: np.ndarray) -> bool:
    """high: whether pixels of a cell can be high, for each cell; returns whether any can."""
    high[:] = False
    some = False
    rows, columns = cells.shape
    for row in range(rows):
        for column in range(columns):
            if not abs(cells[row, column]) <= SURELY_LOW:  # also what is not a number
                some = True
                top, left = max(row - REACH, 0), max(column - REACH, 0)
                high[top : row + REACH + 1, left : column + REACH + 1] = True
    return some


@compiled
def _fill(
    cells: np.ndarray, high: np.ndarray, taps: np.ndarray, wide: np.ndarray, heat: np.ndarray
) -> None:
    """The pixels of all high cells, behind heat's border; what is below a peak is 0."""
    rows, columns = cells.shape
    for row in range(rows):
        upsampled_row(cells[row], taps, wide[row])
    for row in range(rows):
        for column in range(columns):
            if not high[row, column]:
                continue
            for y in range(row * UPSAMPLING, (row + 1) * UPSAMPLING):
                for x in range(column * UPSAMPLING, (column + 1) * UPSAMPLING):
                    value = _vertical(wide, taps, y, x)
                    heat[y + 1, x + 1] = np.float32(0) if value < LOW else value


@inlined
def _vertical(wide: np.ndarray, taps: np.ndarray, y: int, x: int) -> np.float32:
    phase = y % UPSAMPLING
    first = y // UPSAMPLING - (2 if phase < UPSAMPLING // 2 else 1)
    last = len(wide) - 1
    total = np.float32(0)
    for n in range(4):
        total += taps[phase, n] * wide[min(max(first + n, 0), last), x]
    return total


@compiled
def _maxima(heat: np.ndarray, high: np.ndarray) -> np.ndarray:
    """int64: x * height + y of the pixels above their four neighbours, in this order."""
    places, found = np.empty(64, np.int64), 0
    height = heat.shape[0] - 2
    for row in range(high.shape[0]):
        for column in range(high.shape[1]):
            if not high[row, column]:
                continue
            for y in range(row * UPSAMPLING + 1, (row + 1) * UPSAMPLING + 1):
                for x in range(column * UPSAMPLING + 1, (column + 1) * UPSAMPLING + 1):
                    value = heat[y, x]
                    if (
                        value > heat[y - 1, x]
                        and value > heat[y + 1, x]
                        and value > heat[y, x - 1]
                        and value > heat[y, x + 1]
                    ):
                        if found == len(places):
                            places = np.concatenate((places, np.empty_like(places)))
                        places[found] = (x - 1) * height + y - 1
                        found += 1
    places = places[:found]
    places.sort()
    return places


@compiled
def _apart(places: np.ndarray, height: int) -> np.ndarray:
    """What is left when each, from left to right, has removed the later ones nearby."""
    left = np.ones(len(places), np.bool_)
    for n in range(len(places)):
        if not left[n]:
            continue
        x, y = places[n] // height, places[n] % height
        for m in range(n + 1, len(places)):
            dx, dy = places[m] // height - x, places[m] % height - y
            if dx >= DISTANCE:
                break
            if dx * dx + dy * dy < NEAR:
                left[m] = False
    return places[left]


@inlined
def _clear(heat: np.ndarray, high: np.ndarray) -> None:
    for row in range(high.shape[0]):
        for column in range(high.shape[1]):
            if high[row, column]:
                y, x = row * UPSAMPLING + 1, column * UPSAMPLING + 1
                heat[y : y + UPSAMPLING, x : x + UPSAMPLING] = 0
