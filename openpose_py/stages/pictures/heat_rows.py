"""Stage 4 of 5: people -> pictures. Rows of heat maps into colours and onto the picture, compiled.

Colours are float32 (3, pixels), B G R. What each function computes is defined, under the same
names, in `heat_views_reference`.
"""

import numpy as np

from openpose_py.compiled import compiled
from openpose_py.stages.pictures.heat_views_reference import JET_SLOPE, JET_STARTS, JET_STEP, WHEEL

NONE, ONE, TWO, THREE, FULL = map(np.float32, (0, 1, 2, 3, 255))
W4, W6, W11, W13, W15, W21, W36 = map(np.float32, (4, 6, 11, 13, 15, 21, 36))  # wheel steps
PI, HALF_PI = np.float32(np.pi), np.float32(np.pi / 2)
TINY = np.float32(1e-30)  # in place of zero as a divisor
A1, A3, A5, A7 = map(np.float32, (0.9999993329, -0.3332985605, 0.1994653599, -0.1390853351))
A9, A11, A13, A15 = map(np.float32, (0.0964200441, -0.0559098861, 0.0218612288, -0.0040540580))


# Loops run over all of a slice: only those are vectorised; indices that may be negative are not.


@compiled
def add_part(heat: np.ndarray, colour: np.ndarray, sums: np.ndarray) -> None:
    """Adds the colour of one part, times the map's values cut to 0..1."""
    for channel in range(3):
        total, full = sums[channel], colour[channel]
        for n in range(len(total)):
            total[n] += min(max(heat[n], NONE), ONE) * full


@compiled
def jet(heat: np.ndarray, colours: np.ndarray) -> None:
    for channel in range(3):
        start, total = JET_STARTS[channel], colours[channel]
        flat, falls, end = start + JET_STEP, start + TWO * JET_STEP, start + THREE * JET_STEP
        for n in range(len(total)):
            v = min(max(heat[n], NONE), ONE)
            rising, falling = JET_SLOPE * (v - start), JET_SLOPE * (end - v)
            value = rising if v < flat else FULL if v < falls else falling
            total[n] = max(value, NONE)


@compiled
def add_wheel(x: np.ndarray, y: np.ndarray, sums: np.ndarray) -> None:
    hue, length = np.empty(len(x), np.float32), np.empty(len(x), np.float32)
    _polar(x, y, hue, length)
    blue, green, red = sums[0], sums[1], sums[2]
    for n in range(len(hue)):
        falls, rises = (W21 - hue[n]) / W6, (hue[n] - W36) / W13
        red[n] += FULL * min(max(max(falls, rises), NONE), ONE) * length[n]
    for n in range(len(hue)):
        rises, falls = hue[n] / W15, (W36 - hue[n]) / W11
        green[n] += FULL * min(max(min(rises, falls), NONE), ONE) * length[n]
    for n in range(len(hue)):
        rises, falls = (hue[n] - W21) / W4, (WHEEL - hue[n]) / W6
        blue[n] += FULL * min(max(min(rises, falls), NONE), ONE) * length[n]


@compiled
def _polar(x: np.ndarray, y: np.ndarray, hue: np.ndarray, length: np.ndarray) -> None:
    """Direction, in steps of the colour wheel, and length, at most 1, of vectors."""
    for n in range(len(hue)):
        hue[n] = WHEEL * ((_angle(-y[n], -x[n]) / PI + ONE) / TWO)
    for n in range(len(length)):
        length[n] = min(np.sqrt(x[n] * x[n] + y[n] * y[n]), ONE)


@compiled
def _angle(y: np.float32, x: np.float32) -> np.float32:
    """arctan2 without branches: Abramowitz and Stegun 4.4.49, off by less than 1e-6 in float32,
    0.001 grey levels of the wheel."""
    wide, high = abs(x), abs(y)
    ratio = min(wide, high) / max(max(wide, high), TINY)
    s = ratio * ratio
    odd = A9 + s * (A11 + s * (A13 + s * A15))
    angle = ratio * (A1 + s * (A3 + s * (A5 + s * (A7 + s * odd))))
    angle = HALF_PI - angle if high > wide else angle
    angle = PI - angle if x < NONE else angle
    return -angle if y < NONE else angle


@compiled
def widen_linear(heat: np.ndarray, columns: np.ndarray, ways: np.ndarray) -> np.ndarray:
    """(height, net pixels) -> float32 (height, len(columns)), between neighbours in a row."""
    wide = np.empty((len(heat), len(columns)), np.float32)
    last = heat.shape[1] - 1
    for y in range(len(heat)):
        line, wide_line = heat[y], wide[y]
        for n in range(len(wide_line)):
            after = min(columns[n] + 1, last)
            wide_line[n] = line[columns[n]] * (ONE - ways[n]) + line[after] * ways[n]
    return wide


@compiled
def mix_rows(wide: np.ndarray, row: int, way: np.float32, line: np.ndarray) -> None:
    """Fills `line` with what lies between the rows of `wide` at row + way."""
    upper, lower = wide[row], wide[min(row + 1, len(wide) - 1)]
    for n in range(len(line)):
        line[n] = upper[n] * (ONE - way) + lower[n] * way


@compiled
def blend_row(
    pixels: np.ndarray,
    colours: np.ndarray,
    columns: np.ndarray,
    alpha: np.float32,
    scratch: np.ndarray,
) -> None:
    """pixels: uint8 (3 width,), B G R side by side. columns: which of `colours` each pixel gets.
    scratch: float32 (3 width,). Rounds half to even."""
    blue, green, red = colours[0], colours[1], colours[2]
    for n in range(len(columns)):
        scratch[3 * n] = blue[columns[n]]
        scratch[3 * n + 1] = green[columns[n]]
        scratch[3 * n + 2] = red[columns[n]]
    keep = ONE - alpha
    for n in range(len(pixels)):
        value = np.float32(pixels[n]) * keep + scratch[n] * alpha
        pixels[n] = np.int32(np.rint(min(value, FULL)))
