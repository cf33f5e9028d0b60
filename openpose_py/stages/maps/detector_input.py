"""Stage 2 of 5: frame -> maps. The whole frame as input of a detector of people."""

import dataclasses

import cv2
import numpy as np

from openpose_py.records import Size

SIDE = 608
GREY = 128


@dataclasses.dataclass(frozen=True, slots=True)
class DetectorInput:
    """tensor: float32 (1, 3, side, side), R G B, value / 255; the frame in its middle, grey around.
    factor: net pixels a frame pixel."""

    tensor: np.ndarray
    factor: float
    frame_size: Size


def detector_input(frame_pixels: np.ndarray, side: int = SIDE) -> DetectorInput:
    """frame_pixels: uint8 (height, width, 3), B G R. side: a multiple of 32."""
    height, width = frame_pixels.shape[:2]
    factor = min(side / width, side / height)
    size = max(1, int(width * factor)), max(1, int(height * factor))
    small = cv2.resize(frame_pixels, size, interpolation=cv2.INTER_CUBIC)
    canvas = np.full((side, side, 3), GREY, np.uint8)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    canvas[top : top + size[1], left : left + size[0]] = small
    tensor = canvas[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255
    return DetectorInput(tensor, factor, (width, height))
