"""Stage 3 of 5: people -> people. `--keypoint_scale`: the coordinates that are saved."""

import numpy as np

from openpose_py.records import Geometry

FRAME, NET, OUTPUT, UNIT, SIGNED, UNIT_ONE_SCALE, SIGNED_ONE_SCALE = range(7)


def scale_keypoints(keypoints: np.ndarray, mode: int, geometry: Geometry) -> np.ndarray:
    """keypoints: float32 (..., 3) in frame pixels; the result in the coordinates of `mode`.

    Parts that were not found are moved like all others, as OpenPose does: 0, 0 becomes -1, -1 in
    the modes 4 and 6; their score stays 0.
    """
    if mode == FRAME or keypoints.size == 0:
        return keypoints
    factor, offset = _factor_and_offset(mode, geometry)
    scaled = keypoints.copy()
    scaled[..., :2] = keypoints[..., :2] * np.array(factor, np.float32) + np.float32(offset)
    return scaled


def _factor_and_offset(mode: int, geometry: Geometry) -> tuple[tuple[float, float], float]:
    if mode == NET:
        across = 1 / geometry.net_to_frame
        return (across, across / geometry.stretch), 0.0
    if mode == OUTPUT:
        return (geometry.frame_to_output,) * 2, 0.0
    width, height = geometry.frame_size
    if mode in (UNIT_ONE_SCALE, SIGNED_ONE_SCALE):
        width = height = max(width, height)
    range_ = 2.0 if mode in (SIGNED, SIGNED_ONE_SCALE) else 1.0
    offset = -1.0 if range_ == 2 else 0.0
    return (range_ / max(width - 1, 1), range_ / max(height - 1, 1)), offset
