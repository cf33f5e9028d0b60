"""Stage 4 of 5: people -> pictures. The picture that people are drawn on."""

import cv2
import numpy as np

from openpose_py.records import Geometry


def output_canvas(frame_pixels: np.ndarray, geometry: Geometry) -> np.ndarray:
    """uint8 (height, width, 3) in frame pixels -> the same in output pixels, always a new array.

    Letter box: the frame at the top left, times `geometry.frame_to_output`, the rest black.
    Output pixel (x, y) samples the frame at (x / factor, y / factor), without half-pixel shift.
    """
    factor, size = geometry.frame_to_output, geometry.output_size
    height, width = frame_pixels.shape[:2]
    if factor == 1 and size == (width, height):
        return frame_pixels.copy()
    forward = np.array([[factor, 0, 0], [0, factor, 0]], np.float64)
    cubic_or_linear = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_LINEAR
    return cv2.warpAffine(frame_pixels, forward, size, flags=cubic_or_linear)
