"""Stage 3 of 5: maps -> people. Boxes of people out of a detector's maps (AlphaPose's yolo_api.py).

A box's score is its objectness alone.
"""

from collections.abc import Sequence

import numpy as np

from openpose_py.records import Size

ANCHORS = (  # width, height in net pixels, of the maps of stride 32, 16, 8
    ((116, 90), (156, 198), (373, 326)),
    ((30, 61), (62, 45), (59, 119)),
    ((10, 13), (16, 30), (33, 23)),
)
PERSON = 0  # of the classes
CONFIDENCE, OVERLAP = 0.1, 0.6
MOST, LOWER = 100, 0.05  # with more boxes the overlap may be this much less
LARGEST = 20.0  # of a logarithm of a size; a trained network stays far below


def detected_boxes(
    heads: Sequence[np.ndarray], side: int, factor: float, frame_size: Size,
    confidence: float = CONFIDENCE, overlap: float = OVERLAP,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """heads: float32 (255, g, g) for each stride, the coarsest first. side: of the detector's
    input. factor: net pixels a frame pixel; the frame lies in the middle.

    Returns boxes, float32 (n, 4): x, y, width, height in frame pixels, inside the frame; and
    scores, float32 (n,), falling.
    """
    rows = [_people(head, side, anchors, confidence) for head, anchors in
            zip(heads, ANCHORS, strict=True)]  # fmt: skip
    corners, scores = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    order = np.argsort(-scores, kind="stable")
    corners, scores = corners[order], scores[order]
    kept = _best(corners, overlap)
    if len(kept) > MOST:
        kept = _best(corners, overlap - LOWER)
    size = np.array(frame_size, np.float32)
    border = (side - np.float32(factor) * size) / 2
    inside = (corners[kept].reshape(-1, 2, 2) - border) / np.float32(factor)
    first, last = np.clip(inside, 0, size).transpose(1, 0, 2)
    return np.column_stack([first, last - first]).astype(np.float32), scores[kept]


def _people(
    head: np.ndarray, side: int, anchors: Sequence[Size], confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Corners in net pixels, float32 (n, 4), and objectness; cell after cell, then anchors."""
    rows, columns = head.shape[1:]
    table = head.reshape(len(anchors), -1, rows, columns).transpose(2, 3, 0, 1)
    with np.errstate(over="ignore"):
        objectness = 1 / (1 + np.exp(-table[..., 4]))
    is_person = table[..., 5:].argmax(axis=3) == PERSON
    y, x, anchor = np.nonzero((objectness > confidence) & is_person)
    found = table[y, x, anchor].astype(np.float32)
    stride = side // rows
    with np.errstate(over="ignore"):
        place = 1 / (1 + np.exp(-found[:, :2])) + np.column_stack([x, y])
    centre = place.astype(np.float32) * stride
    size = np.exp(np.minimum(found[:, 2:4], LARGEST)) * np.array(anchors, np.float32)[anchor]
    corners = np.column_stack([centre - size / 2, centre + size / 2])
    return corners.astype(np.float32), objectness[y, x, anchor].astype(np.float32)


def _best(corners: np.ndarray, overlap: float) -> np.ndarray:
    """Row numbers of boxes that no better box covers; corners: the best first, whose last pixels
    count."""
    sides = corners[:, 2:] - corners[:, :2] + 1
    areas = sides[:, 0] * sides[:, 1]
    left, kept = np.arange(len(corners)), list[int]()
    while len(left):
        best, left = left[0], left[1:]
        kept.append(int(best))
        first = np.maximum(corners[best, :2], corners[left, :2])
        common = np.minimum(corners[best, 2:], corners[left, 2:]) - first + 1
        both = np.maximum(common, 0).prod(axis=1)
        left = left[both / (areas[best] + areas[left] - both) < overlap]
    return np.array(kept, np.int64)
