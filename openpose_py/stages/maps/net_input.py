"""Stage 2 of 5: frame -> maps. A frame into the network's inputs: its size and normalisation."""

from collections.abc import Callable

import cv2
import numpy as np

from openpose_py.errors import StageError
from openpose_py.records import Frame, NetInput, Size
from openpose_py.stages.maps.sizes import MULTIPLE, SizeWishes, geometry_of


def net_input(frame: Frame, wishes: SizeWishes, normalisation: str = "vgg") -> NetInput:
    """One tensor a scale: the frame at the top left, black below or right of it, or stretched to
    fill it; normalised as the model's card says."""
    geometry = geometry_of(frame.size, wishes)
    smallest = min(min(size) for size in geometry.net_sizes)
    if smallest < MULTIPLE:
        raise StageError(
            f"the smallest of {wishes.scale_number} scales would be {smallest} pixels",
            where="--scale_number",
            hint="use fewer scales, a smaller --scale_gap, or a larger --net_resolution",
        )
    pixels = (
        stretched(frame.pixels, size) if wishes.stretched else letter_box(frame.pixels, one, size)
        for one, size in zip(geometry.frame_to_net, geometry.net_sizes, strict=True)
    )
    return NetInput(tuple(NORMALISATIONS[normalisation](one) for one in pixels), geometry)


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


def stretched(pixels: np.ndarray, size: Size) -> np.ndarray:
    """uint8 (height, width, 3) of `size`, as tf-pose makes it."""
    if size == (pixels.shape[1], pixels.shape[0]):
        return pixels
    return cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)


def normalised(pixels: np.ndarray) -> np.ndarray:
    """uint8 (height, width, 3) to float32 (1, 3, height, width): value / 256 - 0.5."""
    return planes(pixels) * np.float32(1 / 256) - np.float32(0.5)


def planes(pixels: np.ndarray) -> np.ndarray:
    """uint8 (height, width, 3) to float32 (1, 3, height, width), the values as they are."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[np.newaxis], np.float32)


# `normalisation` of a model card; (value - 128) / 256 is the same as OpenPose's
NORMALISATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "vgg": normalised,
    "none": planes,
}
