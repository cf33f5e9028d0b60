"""Where a crop teaches nothing: unlabelled people, and parts that nobody labelled.

Weights of squared errors, before anything is drawn: 1 where it is known that nothing is there.
"""

import cv2
import numpy as np

from openpose_py.train.targets import STRIDE
from openpose_py.zoo.skeletons import Skeleton

GROWN = 0.15  # of an unknown part's person box, each side; downwards twice, for feet
ANKLES = (("LKnee", "LAnkle", "LBigToe"), ("RKnee", "RAnkle", "RBigToe"))
FOOT_REACH, FOOT_SHIFT = 0.8, 0.15  # of the shin: half a square round a foot, and its shift


def known_cells(unlabelled: list[np.ndarray], labelled: list[np.ndarray], side: int) -> np.ndarray:
    """Polygons in crop pixels -> float32 (cells, cells): share of known pixels, squared, for the
    share weighs both the output and the target in OpenPose's loss."""
    cells = side // STRIDE
    if not unlabelled:
        return np.ones((cells, cells), np.float32)
    mask = np.full((side, side), 255, np.uint8)
    for polygons, value in ((unlabelled, 0), (labelled, 255)):
        for polygon in polygons:
            cv2.fillPoly(mask, [np.clip(np.round(polygon), -30000, 30000).astype(np.int32)], value)
    share = cv2.resize(mask, (cells, cells), interpolation=cv2.INTER_AREA)
    return (share.astype(np.float32) / 255) ** 2


def part_weights(
    known: np.ndarray, silent: np.ndarray, unknown: np.ndarray, boxes: list[np.ndarray]
) -> np.ndarray:
    """float32 (parts, cells, cells). silent: bool (parts,). unknown: bool (people, parts), each
    within its person's box, a polygon in crop pixels."""
    weights = np.repeat(known[None], len(silent), axis=0)
    weights[silent] = 0
    for person, box in enumerate(boxes):
        if unknown[person].any():
            weights[unknown[person]] *= 1 - _inside(box, known.shape)
    return weights


def limb_weights(weights: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """(parts, h, w) -> (PAF channels, h, w): a limb is known where both its parts are."""
    a, b = skeleton.limbs.T
    both = np.minimum(weights[a], weights[b])
    limbs = np.zeros((skeleton.channels - skeleton.first_paf, *weights.shape[1:]), np.float32)
    for axis in range(2):
        limbs[skeleton.paf_channels[:, axis] - skeleton.first_paf] = both
    return limbs


def background_weights(
    known: np.ndarray, points: np.ndarray, silent: np.ndarray, unknown: np.ndarray,
    boxes: list[np.ndarray], skeleton: Skeleton,
) -> np.ndarray:  # fmt: skip
    """float32 (cells, cells): 0 where an unlabelled part may be. points: (people, parts, 3)."""
    weights = known.copy()
    for person, box in enumerate(boxes):
        if unknown[person].any():
            weights *= 1 - _inside(box, known.shape)
    for knee, ankle, toe in ANKLES:
        if toe in skeleton.parts and silent[skeleton.parts.index(toe)]:
            numbers = [skeleton.parts.index(knee), skeleton.parts.index(ankle)]
            for person in points[:, numbers]:
                if (person[:, 2] > 0).all():
                    _blank_foot(weights, *person[:, :2])
    return weights


def grown(box: np.ndarray) -> np.ndarray:
    """x, y, w, h -> the polygon, float32 (4, 2), of a box in which an unknown part must lie."""
    x, y, w, h = box
    left, right, top, bottom = x - GROWN * w, x + (1 + GROWN) * w, y - GROWN * h, y + h
    bottom += 2 * GROWN * h
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def _inside(polygon: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Crop pixels -> float32 (h, w): 1 in cells of the polygon."""
    mask = np.zeros(shape, np.uint8)
    cells = np.clip(np.round((polygon + 0.5) / STRIDE - 0.5), -30000, 30000)
    cv2.fillPoly(mask, [cells.astype(np.int32)], 1)
    return mask.astype(np.float32)


def _blank_foot(weights: np.ndarray, knee: np.ndarray, ankle: np.ndarray) -> None:
    shin = (ankle - knee) / STRIDE
    half = round(FOOT_REACH * float(np.hypot(*shin)))
    x, y = (round(float(v)) for v in ankle / STRIDE + np.round(FOOT_SHIFT * shin))
    rows = slice(max(0, y - half), max(0, y + half))
    weights[rows, max(0, x - half) : max(0, x + half)] = 0
