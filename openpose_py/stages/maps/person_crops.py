"""Stage 2 of 5: frame -> maps. Upright crops of single persons as inputs of top-down networks.

A box x, y, width, height is brought to the network's proportions about its centre and enlarged by
a quarter; the crop shows that larger box (AlphaPose's simple_transform.py, bbox.py). It is given
back, because points are found relative to it.
"""

import dataclasses

import cv2
import numpy as np

from openpose_py.records import Size

ENLARGED = np.float32(1.25)
SMALLEST = 1.0  # pixels of a box's side


@dataclasses.dataclass(frozen=True)
class CropRule:
    """size: of the crop. Values become value / divisors - means, each for R, G, B."""

    size: Size
    divisors: tuple[float, float, float]
    means: tuple[float, float, float]


# AlphaPose takes off the means of B, G, R from R, G, B, and 0.480; its networks learned it so.
ALPHAPOSE = CropRule((192, 256), (255, 255, 255), (0.406, 0.457, 0.480))
GCCPM_COCO = CropRule(
    (288, 384), (58.395, 57.12, 57.375), (123.675 / 58.395, 116.28 / 57.12, 103.53 / 57.375)
)


def person_crops(
    frame_pixels: np.ndarray, boxes: np.ndarray, rule: CropRule
) -> tuple[np.ndarray, np.ndarray]:
    """frame_pixels: uint8 (height, width, 3), B G R. boxes: float32 (n, 4), frame pixels, which
    may reach beyond the frame.

    Returns float32 (n, 3, height, width) of the crops, R G B, black where there is no frame; and
    the boxes that they show, float32 (n, 4).
    """
    width, height = rule.size
    shown = shown_boxes(boxes, rule.size)
    crops = np.empty((len(boxes), 3, height, width), np.float32)
    factors = (1 / np.array(rule.divisors)).astype(np.float32)[:, None, None]
    for crop, box in zip(crops, shown, strict=True):
        pixels = cv2.warpAffine(frame_pixels, _to_crop(box, rule.size), rule.size)
        np.multiply(pixels[..., ::-1].transpose(2, 0, 1), factors, out=crop)
    crops -= np.array(rule.means, np.float32)[:, None, None]
    return crops, shown


def shown_boxes(boxes: np.ndarray, size: Size) -> np.ndarray:
    """float32 (n, 4) -> the boxes that crops of this size show, float32 (n, 4)."""
    boxes = np.asarray(boxes, np.float32).reshape(-1, 4)
    sides = np.maximum(boxes[:, 2:].astype(np.float64), SMALLEST)
    centres = (boxes[:, :2] + 0.5 * boxes[:, 2:].astype(np.float64)).astype(np.float32)
    aspect = size[0] / size[1]
    widths = np.maximum(sides[:, 0], sides[:, 1] * aspect)
    shown = np.column_stack([widths, widths / aspect]).astype(np.float32) * ENLARGED
    return np.column_stack([centres - shown * np.float32(0.5), shown])


def boxes_inside(boxes: np.ndarray, frame_size: Size) -> np.ndarray:
    """float32 (n, 4), cut as the COCO model of GCCPM wants them: a box's last pixel belongs to it.

    A box wholly outside stays as it is.
    """
    boxes = np.asarray(boxes, np.float32).reshape(-1, 4)
    first = np.maximum(boxes[:, :2], 0)
    reach = np.maximum(boxes[:, 2:] - 1, 0)
    last = np.minimum(np.array(frame_size, np.float32) - 1, first + reach)
    is_seen = (last >= first).all(axis=1)[:, None]
    return np.where(is_seen, np.column_stack([first, last - first]), boxes)


def _to_crop(shown: np.ndarray, size: Size) -> np.ndarray:
    """float64 (2, 3): from frame pixels to crop pixels, the middle of the box to that of the crop.

    Worked out from three points as upstream does, which shows in the last digit.
    """
    x, y, width, height = shown
    half, middle = width * np.float32(0.5), np.array([x + width / 2, y + height / 2], np.float32)
    source = middle + np.array([[0, 0], [0, -half], [-half, -half]], np.float32)
    across, down = size[0] / 2, size[1] / 2
    target = np.array([[across, down], [across, down - across], [0, down - across]], np.float32)
    matrix: np.ndarray = cv2.getAffineTransform(source.astype(np.float32), target)
    return matrix
