"""Stage 2 of 5: frame -> maps. The whole frame as one person, for GCCPM's LIP model.

Each scale's longer side becomes 256 pixels times the scale; grey fills it up to a square
(GCCPM's val.py).
"""

import dataclasses
from collections.abc import Sequence

import cv2
import numpy as np

from openpose_py.records import Size

SIDE = 256
GREY = 128
SCALES = (0.75, 1.0, 1.25)  # of --multiscale; 1.0 alone without


@dataclasses.dataclass(frozen=True, slots=True)
class SquareInput:
    """tensor: float32 (1, 3, side, side), B G R, (value - 128) / 256. corner, size: where the frame
    lies in it, net pixels."""

    tensor: np.ndarray
    corner: tuple[int, int]
    size: Size


def square_inputs(frame_pixels: np.ndarray, scales: Sequence[float] = (1.0,)) -> list[SquareInput]:
    """frame_pixels: uint8 (height, width, 3), B G R -> one input a scale."""
    return [_square(frame_pixels, scale) for scale in scales]


def _square(frame_pixels: np.ndarray, scale: float) -> SquareInput:
    ratio = scale * SIDE / max(frame_pixels.shape[:2])
    size = [round(side * ratio) for side in frame_pixels.shape[1::-1]]
    # The ratio, not the rounded size, decides where pixels are taken from, if any are left.
    small = cv2.resize(
        frame_pixels, [max(1, side) for side in size] if 0 in size else None,
        fx=ratio, fy=ratio, interpolation=cv2.INTER_LINEAR,
    )  # fmt: skip
    height, width = small.shape[:2]
    side = max(width, height)
    left, top = (side - width) // 2, (side - height) // 2
    square = np.full((side, side, 3), GREY, np.uint8)
    square[top : top + height, left : left + width] = small
    tensor = (square.transpose(2, 0, 1)[None].astype(np.float32) - GREY) / 256
    return SquareInput(tensor, (left, top), (width, height))
