"""Stage 3 of 5: maps -> people. Lightweight OpenPose's cubic upsampling at single places, compiled;
`lightweight_reference.upsample` is the definition.
"""

import numpy as np

from openpose_py.compiled import compiled, inlined
from openpose_py.stages.people.lightweight_reference import UPSAMPLING, cubic


def _taps() -> np.ndarray:
    """float32 (4, 4): for each pixel of a cell the weights of the four cells that it is between."""
    place = (np.arange(UPSAMPLING) + 0.5) / UPSAMPLING - 0.5
    way = (place - np.floor(place))[:, None]
    return cubic(np.abs(way - np.arange(-1, 3))).astype(np.float32)


TAPS = _taps()
MOST = float(np.abs(TAPS).astype(np.float64).sum(axis=1).max() ** 2)  # a pixel beside its cells


@compiled
def upsampled_row(cells: np.ndarray, taps: np.ndarray, pixels: np.ndarray) -> None:
    """pixels: room for four a cell."""
    last = len(cells) - 1
    for x in range(len(pixels)):
        phase = x % UPSAMPLING
        first = x // UPSAMPLING - (2 if phase < UPSAMPLING // 2 else 1)
        total = np.float32(0)
        for n in range(4):
            total += taps[phase, n] * cells[min(max(first + n, 0), last)]
        pixels[x] = total


@inlined
def pixel_of(cells: np.ndarray, taps: np.ndarray, y: int, x: int) -> np.float32:
    """One pixel of the upsampled map, first along the rows as there."""
    phase_y, phase_x = y % UPSAMPLING, x % UPSAMPLING
    top = y // UPSAMPLING - (2 if phase_y < UPSAMPLING // 2 else 1)
    left = x // UPSAMPLING - (2 if phase_x < UPSAMPLING // 2 else 1)
    bottom, right = cells.shape[0] - 1, cells.shape[1] - 1
    value = np.float32(0)
    for row in range(4):
        line = cells[min(max(top + row, 0), bottom)]
        total = np.float32(0)
        for column in range(4):
            total += taps[phase_x, column] * line[min(max(left + column, 0), right)]
        value += taps[phase_y, row] * total
    return value
