"""Stage 3 of 5: maps -> people. `--hand_detector 3`: hand boxes helped by the frame before.

As OpenPose's hand/handDetector.cpp, in float32: a box found by the body's parts moves half way
towards the box round the hand that was found in the frame before, and grows to hold both.
"""

import numpy as np

from openpose_py.stages.people.boxes import hand_boxes
from openpose_py.zoo.skeletons import Skeleton

HAND_SURE = np.float32(0.66667)  # a hand whose mean score is above it is remembered
POINT_SURE = np.float32(0.25)  # points above it span its box
HALF, ONE, TWO = np.float32(0.5), np.float32(1), np.float32(2)

Box = np.ndarray  # float32 (4,): x, y, width, height


class HandTracker:
    """Remembers the hands of one frame for the next."""

    def __init__(self) -> None:
        self._before: tuple[list[Box], list[Box]] = ([], [])
        self._index = 0

    def boxes(self, keypoints: np.ndarray, skeleton: Skeleton) -> np.ndarray:
        """keypoints: float32 (people, parts, 3) in frame pixels -> squares, float32 (people, 2, 4),
        left first; all zero where there is none."""
        found = hand_boxes(keypoints, skeleton)
        for person in found:
            for side, before in enumerate(self._before):
                if person[side, 2] > 0:
                    person[side] = _pulled(person[side], before)
        return found

    def remember(self, hands: np.ndarray, index: int) -> None:
        """hands: float32 (2, people, 21, 3), left first, found in frame `index`.

        Only a later frame than the last counts, and frame 0 never does, as in OpenPose; an earlier
        one begins a new source.
        """
        if index > self._index:
            self._before = _sure_boxes(hands[0]), _sure_boxes(hands[1])
        elif index < self._index:
            self._before = [], []
        self._index = index


def _pulled(box: Box, before: list[Box]) -> Box:
    shares = [_overlap(box, other) for other in before]
    if not shares or max(shares) <= 0:
        return box
    other = before[shares.index(max(shares))]
    side = max((TWO * box[2:] + other[2:]) * HALF)
    corner = HALF * (box[:2] + other[:2] + HALF * (box[2:] + other[2:]) - side)
    return np.array([*corner, side, side], np.float32)


def _overlap(a: Box, b: Box) -> np.float32:
    """The common area as a share of the smaller box, 1 at most."""
    ends = np.minimum(a[:2] + a[2:], b[:2] + b[2:])
    common = np.maximum(np.float32(0), ONE + ends - np.maximum(a[:2], b[:2]))
    share: np.float32 = common[0] * common[1] / min(a[2] * a[3], b[2] * b[3])
    return min(ONE, share)


def _sure_boxes(hands: np.ndarray) -> list[Box]:
    """hands: (people, 21, 3) -> the boxes of the sure ones; they need not be squares."""
    boxes = []
    for hand in hands:
        points = hand[hand[:, 2] > POINT_SURE, :2]
        if hand[:, 2].mean(dtype=np.float32) > HAND_SURE and len(points):
            corner = points.min(axis=0)
            size = points.max(axis=0) - corner
            if size[0] * size[1] > 0:
                boxes.append(np.concatenate([corner, size]))
    return boxes
