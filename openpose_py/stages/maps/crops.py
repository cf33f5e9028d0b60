"""Stage 2 of 5: frame -> maps. Square boxes of a frame as inputs of the face and hand networks.

Crop pixel (u, v) lies at (k u + x, k v + y) of the frame, where k = side of the box / side of the
crop; in a mirrored crop at (side - k u + x, k v + y). No half-pixel shift, as in OpenPose
(face/faceExtractorCaffe.cpp, hand/handExtractorCaffe.cpp). It divides in double precision for faces
and in single for hands, which shows in the last digit: k has the precision of the boxes given here.
"""

import cv2
import numpy as np

BILINEAR = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


def crop_inputs(
    frame_pixels: np.ndarray, boxes: np.ndarray, net_side: int, mirrored: np.ndarray
) -> np.ndarray:
    """frame_pixels: uint8 (height, width, 3), B G R. boxes: float32 or float64 (n, 4), squares
    x, y, width, height in frame pixels. mirrored: bool (n,), left for right.

    Returns float32 (n, 3, net_side, net_side), B G R, value / 256 - 0.5; black outside the frame.
    """
    crops = np.empty((len(boxes), 3, net_side, net_side), np.float32)
    for crop, matrix in zip(crops, _to_frame(boxes, net_side, mirrored), strict=True):
        pixels = cv2.warpAffine(frame_pixels, matrix, (net_side, net_side), flags=BILINEAR)
        np.multiply(pixels.transpose(2, 0, 1), np.float32(1 / 256), out=crop)
    crops -= np.float32(0.5)
    return crops


def points_in_frame(
    points: np.ndarray, boxes: np.ndarray, net_side: int, mirrored: np.ndarray
) -> np.ndarray:
    """points: float32 (n, points, 3), x, y in crop pixels, score -> the same in frame pixels."""
    matrices = _to_frame(boxes, net_side, mirrored)
    moved = points.copy()
    for axis in (0, 1):
        factor, shift = matrices[:, axis, axis, np.newaxis], matrices[:, axis, 2, np.newaxis]
        moved[..., axis] = factor * points[..., axis] + shift
    return moved


def _to_frame(boxes: np.ndarray, net_side: int, mirrored: np.ndarray) -> np.ndarray:
    """float64 (n, 2, 3): from crop pixels to frame pixels."""
    matrices = np.zeros((len(boxes), 2, 3), np.float64)
    factor = boxes[:, 2] / net_side
    matrices[:, 0, 0] = np.where(mirrored, -factor, factor)
    matrices[:, 0, 2] = np.where(mirrored, boxes[:, 0] + boxes[:, 2], boxes[:, 0])
    matrices[:, 1, 1] = factor
    matrices[:, 1, 2] = boxes[:, 1]
    return matrices
