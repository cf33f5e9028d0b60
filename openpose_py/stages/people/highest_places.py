"""Stage 3 of 5: maps -> people. GCCPM's LIP model: each joint is the highest pixel of the frame."""

from collections.abc import Sequence

import cv2
import numpy as np

from openpose_py.records import Size

STRIDE = 8


def highest_places(mean: np.ndarray, joints: int) -> np.ndarray:
    """mean: float32 (height, width, channels), frame pixels, see `mean_in_frame`.

    Returns float32 (joints, 3): x, y in frame pixels, value; of equal ones the first in raster
    order. The channels behind the joints do not count.
    """
    flat = mean[..., :joints].reshape(-1, joints)
    best = flat.argmax(axis=0)
    y, x = np.divmod(best, mean.shape[1])
    return np.column_stack([x, y, flat[best, np.arange(joints)]]).astype(np.float32)


def mean_in_frame(
    scales: Sequence[np.ndarray], corners: Sequence[Size], sizes: Sequence[Size], frame_size: Size
) -> np.ndarray:
    """scales: float32 (channels, h, w), the maps of each scale. corners, sizes: where the frame
    lies in each scale's input, net pixels.

    Returns float32 (height, width, channels): the mean over scales at the frame's size.
    """
    total = None
    for maps, (left, top), (width, height) in zip(scales, corners, sizes, strict=True):
        cells = np.ascontiguousarray(maps.transpose(1, 2, 0))
        large = cv2.resize(cells, None, fx=STRIDE, fy=STRIDE, interpolation=cv2.INTER_CUBIC)
        inside = large[top : top + height, left : left + width]
        whole = cv2.resize(inside, frame_size, interpolation=cv2.INTER_CUBIC)
        total = whole if total is None else total + whole
    if total is None:
        raise ValueError("no scales are given")
    result: np.ndarray = total / np.float32(len(scales))
    return result
