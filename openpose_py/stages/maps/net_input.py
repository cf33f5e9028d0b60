"""Stage 2 of 5: frame -> maps. A frame into the network's inputs: letter box and normalisation."""

import cv2
import numpy as np

from openpose_py.errors import StageError
from openpose_py.records import Frame, NetInput, Size
from openpose_py.stages.maps.sizes import MULTIPLE, SizeWishes, geometry_of


def net_input(frame: Frame, wishes: SizeWishes) -> NetInput:
    """One tensor a scale: the frame at the top left, black below or right of it, normalised."""
    geometry = geometry_of(frame.size, wishes)
    smallest = min(min(size) for size in geometry.net_sizes)
    if smallest < MULTIPLE:
        raise StageError(
            f"the smallest of {wishes.scale_number} scales would be {smallest} pixels",
            where="--scale_number",
            hint="use fewer scales, a smaller --scale_gap, or a larger --net_resolution",
        )
    boxes = (
        letter_box(frame.pixels, factor, size)
        for factor, size in zip(geometry.frame_to_net, geometry.net_sizes, strict=True)
    )
    return NetInput(tuple(normalised(box) for box in boxes), geometry)


def letter_box(pixels: np.ndarray, factor: float, size: Size) -> np.ndarray:
    """uint8 (height, width, 3) of `size`: the picture times `factor`, cut or padded with black.

    As OpenPose's: no half-pixel shift, cubic when enlarging, bilinear without a low-pass filter
    when shrinking, rounded to 8 bits.
    """
    if factor == 1.0 and size == (pixels.shape[1], pixels.shape[0]):
        return pixels
    matrix = np.array([[factor, 0, 0], [0, factor, 0]], np.float64)
    interpolation = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_LINEAR
    return cv2.warpAffine(pixels, matrix, size, flags=interpolation)


def normalised(pixels: np.ndarray) -> np.ndarray:
    """uint8 (height, width, 3) to float32 (1, 3, height, width): value / 256 - 0.5."""
    planes = pixels.transpose(2, 0, 1)[np.newaxis]
    return np.ascontiguousarray(planes, np.float32) * np.float32(1 / 256) - np.float32(0.5)
