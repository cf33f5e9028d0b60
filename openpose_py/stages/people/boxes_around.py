"""Stage 3 of 5: people -> boxes. Where a top-down model is to look at people that were found."""

import numpy as np

from openpose_py.records import Size

MARGIN = 0.15  # of a side, on each side: joints end before the body does
SMALLEST = 8.0  # pixels of a side


def boxes_around(keypoints: np.ndarray, frame_size: Size) -> np.ndarray:
    """keypoints: float32 (people, parts, 3), frame pixels; a score of 0: not found.

    Returns float32 (people, 4), x, y, width, height, inside the frame.
    """
    found = np.zeros((len(keypoints), 4), np.float32)
    for box, person in zip(found, keypoints, strict=True):
        points = person[person[:, 2] > 0, :2]
        if len(points) == 0:
            continue
        first, last = points.min(axis=0), points.max(axis=0)
        margin = MARGIN * np.maximum(last - first, SMALLEST)
        first = np.maximum(first - margin, 0)
        last = np.minimum(last + margin, np.array(frame_size) - 1)
        box[:2], box[2:] = first, np.maximum(last - first, 1)
    return found
