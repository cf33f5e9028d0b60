"""What the network shall put out: Gaussians on parts, unit vectors along limbs.

As openpose_caffe_train's oPDataTransformer.cpp draws them: a heat map's cell (X, Y) stands for the
pixel (3.5 + 8 X, 3.5 + 8 Y); a part affinity field's for the pixel (8 X, 8 Y) unless `centred`.
"""

import dataclasses
import math

import numpy as np

from openpose_py.compiled import compiled

STRIDE = 8  # pixels a cell
CENTRE = STRIDE / 2 - 0.5  # of a cell, pixels from its corner
SMALLEST_EXPONENT = 4.6052  # Gaussians end where they fall to one per cent
CORE = 0.3  # of a Gaussian's height: from here on its own label's weight counts
BACKGROUND_KNOWN = 0.85  # where the background map is below, it is trained in any case


@dataclasses.dataclass(frozen=True)
class Drawing:
    """How a skeleton is drawn. sigmas: float64 (parts,), pixels. part_weights: float32 (parts,),
    factors of the labels' weights. limbs: int64 (limbs, 2). fields: int64 (limbs,), the first of
    each limb's two channels, counted from the first PAF channel. limb_width: cells."""

    sigmas: np.ndarray
    part_weights: np.ndarray
    limbs: np.ndarray
    fields: np.ndarray
    limb_width: float
    centred: bool


@dataclasses.dataclass(frozen=True)
class Targets:
    """heat: float32 (parts, h, w). paf: float32 (2 limbs, h, w). heat_weights, paf_weights: the
    weight of each value's squared error, in the same shapes."""

    heat: np.ndarray
    paf: np.ndarray
    heat_weights: np.ndarray
    paf_weights: np.ndarray


def draw_targets(
    points: np.ndarray, drawing: Drawing, heat_weights: np.ndarray, paf_weights: np.ndarray
) -> Targets:
    """points: float32 (people, parts, 3): x, y in crop pixels, weight of the label.

    The given weights, those of places without anything, are changed where something is drawn.
    """
    heat, paf = np.zeros_like(heat_weights), np.zeros_like(paf_weights)
    points = np.ascontiguousarray(points, np.float32)
    _draw_parts(points, drawing.sigmas, drawing.part_weights, heat, heat_weights)
    offset = -CENTRE if drawing.centred else 0.0
    shape = (len(drawing.limbs), *paf.shape[1:])
    _draw_limbs(
        points, drawing.limbs, drawing.fields, offset, drawing.limb_width,
        paf, paf_weights, np.zeros(shape, np.int32),
    )  # fmt: skip
    return Targets(heat, paf, heat_weights, paf_weights)


def background_of(heat: np.ndarray) -> np.ndarray:
    """(parts, h, w) -> (h, w): what is left to one of the highest part."""
    return np.maximum(0, 1 - heat.max(axis=0))


@compiled
def _draw_parts(
    points: np.ndarray, sigmas: np.ndarray, part_weights: np.ndarray,
    heat: np.ndarray, weights: np.ndarray,
) -> None:  # fmt: skip
    people, parts = points.shape[:2]
    height, width = heat.shape[1:]
    for person in range(people):
        for part in range(parts):
            if points[person, part, 2] <= 0:
                continue
            x, y = float(points[person, part, 0]), float(points[person, part, 1])
            weight, twice = points[person, part, 2] * part_weights[part], 2 * sigmas[part] ** 2
            reach = math.sqrt(SMALLEST_EXPONENT * twice)
            first_row = max(0, math.ceil((y - reach - CENTRE) / STRIDE))
            last_row = min(height - 1, math.floor((y + reach - CENTRE) / STRIDE))
            first = max(0, math.ceil((x - reach - CENTRE) / STRIDE))
            last = min(width - 1, math.floor((x + reach - CENTRE) / STRIDE))
            for row in range(first_row, last_row + 1):
                for column in range(first, last + 1):
                    dx, dy = CENTRE + STRIDE * column - x, CENTRE + STRIDE * row - y
                    exponent = (dx * dx + dy * dy) / twice
                    if exponent > SMALLEST_EXPONENT:
                        continue
                    value = math.exp(-exponent)
                    heat[part, row, column] = max(heat[part, row, column], value)
                    if value > CORE:
                        weights[part, row, column] = weight
                    else:
                        weights[part, row, column] = max(weights[part, row, column], weight)


@compiled
def _draw_limbs(
    points: np.ndarray, limbs: np.ndarray, fields: np.ndarray, offset: float, limb_width: float,
    paf: np.ndarray, weights: np.ndarray, count: np.ndarray,
) -> None:  # fmt: skip
    """Where several people's limbs cross, the mean of their directions; it is not renormalised."""
    height, width = paf.shape[1:]
    for person in range(points.shape[0]):
        for limb in range(limbs.shape[0]):
            a, b = points[person, limbs[limb, 0]], points[person, limbs[limb, 1]]
            weight = min(a[2], b[2])
            ax, ay = (a[0] + offset) / STRIDE, (a[1] + offset) / STRIDE
            bx, by = (b[0] + offset) / STRIDE, (b[1] + offset) / STRIDE
            length = math.sqrt((bx - ax) ** 2 + (by - ay) ** 2)
            if weight <= 0 or length == 0:
                continue
            dx, dy = (bx - ax) / length, (by - ay) / length
            x, y = fields[limb], fields[limb] + 1
            stop_row = min(height, _rounded(max(ay, by) + limb_width))
            stop = min(width, _rounded(max(ax, bx) + limb_width))
            for row in range(max(0, _rounded(min(ay, by) - limb_width)), stop_row):
                for column in range(max(0, _rounded(min(ax, bx) - limb_width)), stop):
                    if abs((column - ax) * dy - (row - ay) * dx) > limb_width:
                        continue
                    n = count[limb, row, column]
                    paf[x, row, column] = (paf[x, row, column] * n + dx) / (n + 1)
                    paf[y, row, column] = (paf[y, row, column] * n + dy) / (n + 1)
                    count[limb, row, column] = n + 1
                    weights[x, row, column] = weight
                    weights[y, row, column] = weight


@compiled
def _rounded(value: float) -> int:
    """Halves away from zero, as C's round."""
    return math.floor(value + 0.5) if value >= 0 else -math.floor(0.5 - value)
