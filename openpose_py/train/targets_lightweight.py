"""What Lightweight OpenPose and GCCPM shall put out: their own Gaussians and limbs.

Unlike OpenPose's (targets.py): Gaussians of several people are added up to at most 1 and end at a
whole cell about four sigmas away; of limbs that cross the later person's direction stands.
GCCPM for COCO has one Gaussian a joint, moved to the nearest cell.
"""

import numpy as np

from openpose_py.train.targets import CENTRE, SMALLEST_EXPONENT, STRIDE, Drawing, Targets

REACH = 4.0  # sigmas
ROUNDED_SIGMA, ROUNDED_REACH = 3.0, 9  # cells: GCCPM for COCO


def lightweight_targets(
    points: np.ndarray, drawing: Drawing, heat_weights: np.ndarray, paf_weights: np.ndarray
) -> Targets:
    """points: float32 (people, parts, 3): x, y in crop pixels, weight of the label. heat_weights,
    paf_weights: float32 (channels, h, w); they stay as they are."""
    heat, paf = np.zeros_like(heat_weights), np.zeros_like(paf_weights)
    for person in points:
        for part in np.flatnonzero(person[:, 2] > 0):
            add_gaussian(heat[part], person[part, :2], float(drawing.sigmas[part]))
        for (a, b), field in zip(drawing.limbs, drawing.fields, strict=True):
            if person[a, 2] > 0 and person[b, 2] > 0:
                ends = person[[a, b], :2].astype(np.float64)
                draw_limb(paf[field : field + 2], ends, drawing.limb_width)
    return Targets(np.minimum(heat, 1, out=heat), paf, heat_weights, paf_weights)


def add_gaussian(heat: np.ndarray, place: np.ndarray, sigma: float) -> None:
    """Adds one to `heat`, float32 (h, w). place: x, y in crop pixels."""
    rows, columns = (
        np.arange(*_cells(centre, REACH * sigma, side))
        for centre, side in zip(place[::-1].tolist(), heat.shape, strict=True)
    )
    dx, dy = (CENTRE + STRIDE * cells - at for cells, at in zip((columns, rows), place.tolist(),
                                                               strict=True))  # fmt: skip
    exponents = (dx[None] ** 2 + dy[:, None] ** 2) / (2 * sigma**2)
    values = np.where(exponents > SMALLEST_EXPONENT, 0, np.exp(-exponents))
    heat[np.ix_(rows, columns)] += values.astype(np.float32)


def draw_limb(paf: np.ndarray, ends: np.ndarray, width: float) -> None:
    """Puts a unit vector on all cells near a line into `paf`, float32 (2, h, w).

    ends: float64 (2, 2), x and y in crop pixels. width: cells to each side.
    """
    (ax, ay), (bx, by) = (ends / STRIDE).tolist()
    length = float(np.hypot(bx - ax, by - ay))
    if length == 0:
        return
    dx, dy = (bx - ax) / length, (by - ay) / length
    rows, columns = (
        np.arange(int(max(min(a, b) - width, 0)), int(min(max(a, b) + width, side)))
        for a, b, side in ((ay, by, paf.shape[1]), (ax, bx, paf.shape[2]))
    )
    apart = np.abs((columns[None] - ax) * dy - (rows[:, None] - ay) * dx)
    near = apart <= width
    for channel, value in zip(paf, (dx, dy), strict=True):
        inside = channel[np.ix_(rows, columns)]
        channel[np.ix_(rows, columns)] = np.where(near, np.float32(value), inside)


def rounded_gaussians(points: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """points: float32 (joints, 3): x, y in crop pixels, weight. shape: height, width in cells.

    Returns float32 (joints, h, w), and float32 (joints,): the weights, 0 for joints so far outside
    that nothing of them is seen.
    """
    heat = np.zeros((len(points), *shape), np.float32)
    weights = points[:, 2].astype(np.float32)
    side = np.arange(-ROUNDED_REACH, ROUNDED_REACH + 1)
    patch = np.exp(-(side[None] ** 2 + side[:, None] ** 2) / (2 * ROUNDED_SIGMA**2))
    for joint in np.flatnonzero(weights > 0):
        x, y = (int(value / STRIDE + 0.5) for value in points[joint, :2].tolist())
        rows, columns = (
            side[(side + at >= 0) & (side + at < limit)]
            for at, limit in ((y, shape[0]), (x, shape[1]))
        )
        if not len(rows) or not len(columns):
            weights[joint] = 0
            continue
        inside = patch[np.ix_(rows + ROUNDED_REACH, columns + ROUNDED_REACH)]
        heat[joint][np.ix_(rows + y, columns + x)] = inside
    return heat, weights


def _cells(centre: float, reach: float, cells: int) -> tuple[int, int]:
    """The first and behind the last cell along one axis."""
    first = max(int(centre - reach), 0) // STRIDE
    return first, max(first, min(int(centre + reach), cells * STRIDE) // STRIDE)
