"""Stage 3 of 5: maps -> people. One person a crop: each joint is where its map says.

Ways of reading a map (AlphaPose's transforms.py): "heat", its highest cell, moved a quarter of a
cell to the higher neighbour; "integral", the mean place under its sigmoid; "combined", the body by
the first, face and hands by the second. GCCPM reads them "plain": the highest cell.
"""

import numpy as np

from openpose_py.errors import UsageError

DECODINGS = ("heat", "integral", "combined", "plain")
INTEGRAL_TAIL = {68: 42, 133: 110, 136: 110}  # joints -> how many at the end are face and hands
QUARTER = 0.25  # of a cell
SURE = 0.2


def joints_of_maps(
    maps: np.ndarray, shown: np.ndarray, decoding: str, mirrored: np.ndarray | None = None
) -> np.ndarray:
    """maps: float32 (n, joints, height, width), a crop a row. shown: float32 (n, 4), the boxes
    x, y, width, height that the crops show, frame pixels. mirrored: as `maps`, of the mirrored
    crops and turned back; heat maps are averaged, integral joints found in both and averaged.

    Returns float32 (n, joints, 3): x and y in frame pixels, score (of heat the value, of an
    integral the highest sigmoid).
    """
    first_integral = _first_integral(maps.shape[1], decoding)
    heat, integral = maps[:, :first_integral], maps[:, first_integral:]
    if mirrored is not None:
        heat = (heat + mirrored[:, :first_integral]) / 2
    joints = [_highest(heat, move=decoding != "plain"), _mean_place(integral)]
    if mirrored is not None:
        joints[1] = (joints[1] + _mean_place(mirrored[:, first_integral:])) / 2
    found = np.concatenate(joints, axis=1)
    found[..., :2] = _in_frame(found[..., :2], shown, maps.shape[2:])
    return found.astype(np.float32)


def turned_back(mirrored_maps: np.ndarray, opposite: np.ndarray) -> np.ndarray:
    """The maps of mirrored crops, (n, joints, height, width), as if of the crops themselves.

    opposite: int64 (joints,), each joint's counterpart. The result is one cell to the right,
    because networks of stride 4 see the mirrored picture shifted; column 0 stays.
    """
    back = mirrored_maps[:, opposite, :, ::-1]
    return np.concatenate([back[..., :1], back[..., :-1]], axis=3)


def _first_integral(joints: int, decoding: str) -> int:
    if decoding == "combined":
        if joints not in INTEGRAL_TAIL:
            known = ", ".join(map(str, INTEGRAL_TAIL))
            what = f"a model of {joints} joints cannot be decoded as combined"
            raise UsageError(what, where="decoding", hint=f"those of {known} joints can")
        return joints - INTEGRAL_TAIL[joints]
    return 0 if decoding == "integral" else joints


def person_scores(scores: np.ndarray) -> np.ndarray:
    """float32 (n, joints), values of plain maps -> (n,): the mean of those above 0.2, of all where
    there is none; how GCCPM's people are ranked."""
    good = scores > SURE
    weights = np.where(good.any(axis=1, keepdims=True), good, True)
    return np.average(scores, axis=1, weights=weights).astype(np.float32)


def _highest(maps: np.ndarray, move: bool) -> np.ndarray:
    """float64 (n, joints, 3): x, y in cells, value. Of equal cells the first in raster order; where
    cells are moved, a map without a positive value has its joint at 0, 0."""
    n, joints, height, width = maps.shape
    flat = maps.reshape(n, joints, height * width)
    best = flat.argmax(axis=2)
    score = np.take_along_axis(flat, best[..., None], axis=2)[..., 0]
    y, x = np.divmod(np.where((score > 0) | (not move), best, 0), width)
    place = np.stack([x, y], axis=-1).astype(np.float64)
    if move:
        inside = (x > 1) & (x < width - 1) & (y > 1) & (y < height - 1)
        place += np.where(inside[..., None], QUARTER * _slope_signs(flat, x, y, maps.shape), 0)
    return np.concatenate([place, score[..., None]], axis=2)


def _slope_signs(
    flat: np.ndarray, x: np.ndarray, y: np.ndarray, shape: tuple[int, ...]
) -> np.ndarray:
    """(n, joints, 2): the sign of the slope along x and y; at the rim without meaning."""
    height, width = shape[2:]
    inner_x, inner_y = np.clip(x, 1, width - 2), np.clip(y, 1, height - 2)
    at = inner_y * width + inner_x

    def value(steps: int) -> np.ndarray:
        return np.take_along_axis(flat, (at + steps)[..., None], axis=2)[..., 0]

    return np.sign(np.stack([value(1) - value(-1), value(width) - value(-width)], axis=-1))


def _mean_place(maps: np.ndarray) -> np.ndarray:
    """float64 (n, joints, 3): x, y in cells, highest sigmoid."""
    n, joints, height, width = maps.shape
    with np.errstate(over="ignore"):  # a sigmoid of a very low value is 0
        shares = 1 / (1 + np.exp(-maps))
    score = shares.reshape(n, joints, height * width).max(axis=2, initial=0)
    total = shares.sum(axis=(2, 3), dtype=np.float64)
    total = np.where(total > 0, total, 1)
    x = shares.sum(axis=2, dtype=np.float64) @ np.arange(width) / total
    y = shares.sum(axis=3, dtype=np.float64) @ np.arange(height) / total
    return np.stack([x, y, score], axis=-1)


def _in_frame(places: np.ndarray, shown: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Cells (n, joints, 2) -> frame pixels; a cell is as high as it is wide."""
    height, width = shape
    boxes = shown.astype(np.float64)[:, None]
    centre = boxes[..., :2] + boxes[..., 2:] / 2
    return centre + (places - (width / 2, height / 2)) * (boxes[..., 2:3] / width)
