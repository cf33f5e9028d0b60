"""Stage 3 of 5: maps -> people. Where the face and the hands of each person are.

A box is x, y, width, height in frame pixels, float32; all zero where there is none. The rules are
OpenPose's (face/faceDetector.cpp, hand/handDetector.cpp), worked out in float32 like there.
"""

import numpy as np

from openpose_py.errors import UsageError
from openpose_py.zoo.skeletons import Skeleton

FACE_THRESHOLD = np.float32(0.25)  # a part above it is seen
HAND_THRESHOLD = np.float32(0.03)
FACE_PARTS = ("Neck", "Nose", "LEye", "REye", "LEar", "REar")
HAND_PARTS = tuple(side + part for side in "LR" for part in ("Wrist", "Elbow", "Shoulder"))
OWN_FACE_AND_HANDS = ("BODY_135",)


def face_boxes(keypoints: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """keypoints: float32 (people, parts, 3) in frame pixels -> squares, float32 (people, 4)."""
    seen = _Seen(keypoints, skeleton, FACE_THRESHOLD)
    if "Nose" not in skeleton.parts:
        centre, side, count = _from_head(seen)
    else:
        terms = (_from_neck_and_nose(seen), _from_pair(seen, "Eye", 3), _from_pair(seen, "Ear", 2))
        centre, side, count = (a + b + c for a, b, c in zip(*terms, strict=True))
    count = np.maximum(count, np.float32(1))
    return _squares(centre / count[:, np.newaxis], side / count)


def hand_boxes(keypoints: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """keypoints: float32 (people, parts, 3) in frame pixels -> squares, float32 (people, 2, 4),
    left first."""
    seen = _Seen(keypoints, skeleton, HAND_THRESHOLD)
    return np.stack([_hand(seen, side) for side in "LR"], axis=1)


def check_face(skeleton: Skeleton) -> None:
    """Raises where faces cannot be found by the parts of the body."""
    _check(skeleton, FACE_PARTS if "Nose" in skeleton.parts else ("Neck", "Head"), "--face")


def check_hand(skeleton: Skeleton) -> None:
    """Raises where hands cannot be found by the parts of the body."""
    _check(skeleton, HAND_PARTS, "--hand")


def hand_scales(boxes: np.ndarray, number: int, spread: float) -> np.ndarray:
    """Squares (boxes, 4) -> (boxes, number, 4): the same centres, sides from 1 - spread / 2 to
    1 + spread / 2 of the given ones, cut to even numbers of pixels. One scale: the boxes as given.
    """
    if number == 1:
        return boxes[:, np.newaxis]
    span, steps = np.float32(spread), np.arange(number, dtype=np.float32)
    factors = np.float32(1) - span / np.float32(2) + span * steps / np.float32(number - 1)
    rounded = np.floor(boxes[:, 2:3] * factors + np.float32(0.5))
    sides = np.float32(2) * np.trunc(rounded / np.float32(2))
    centres = boxes[:, :2] + boxes[:, 2:] / np.float32(2)
    return np.stack([_squares(centres, side) for side in sides.T], axis=1)


class _Seen:
    """Parts of all people by name."""

    def __init__(self, keypoints: np.ndarray, skeleton: Skeleton, threshold: np.float32) -> None:
        self._number = {part: n for n, part in enumerate(skeleton.parts)}
        self._keypoints, self._threshold = keypoints, threshold

    def at(self, part: str) -> np.ndarray:
        """x, y of a part, float32 (people, 2)."""
        return self._keypoints[:, self._number[part], :2]

    def has(self, *parts: str) -> np.ndarray:
        """Who shows all these parts, bool (people,)."""
        numbers = [self._number[part] for part in parts]
        scores = self._keypoints[:, numbers, 2]
        return np.asarray((scores > self._threshold).all(axis=1))

    def between(self, one: str, other: str) -> np.ndarray:
        """The distance of two parts, float32 (people,)."""
        way = self.at(one) - self.at(other)
        length: np.ndarray = np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])
        return length


# Centre (people, 2), side (people,), and 1 where the rule applies; all zero where it does not.
Term = tuple[np.ndarray, np.ndarray, np.ndarray]


def _from_head(seen: _Seen) -> Term:
    side = np.float32(1.33) * seen.between("Neck", "Head")
    return _where(seen.has("Neck", "Head"), seen.at("Head"), side)


def _from_neck_and_nose(seen: _Seen) -> Term:
    """A profile is a face of which the eye and the ear of one side alone are seen."""
    neck_to_nose = seen.between("Neck", "Nose")
    centre = (seen.at("Neck") + seen.at("Nose")) / np.float32(2)
    side = np.float32(2) * neck_to_nose
    left, right = (seen.has(f"{letter}Eye", f"{letter}Ear") for letter in "LR")
    agree = (seen.has("LEye") == seen.has("LEar")) & (seen.has("REye") == seen.has("REar"))
    for letter, profile in (("L", agree & left & ~right), ("R", agree & right & ~left)):
        eye, ear = f"{letter}Eye", f"{letter}Ear"
        third = (seen.at(eye) + seen.at(ear) + seen.at("Nose")) / np.float32(3)
        way = seen.between("Nose", eye) + seen.between("Nose", ear) + neck_to_nose
        centre = np.where(profile[:, np.newaxis], third, centre)
        side = np.where(profile, np.float32(0.85) * way, side)
    return _where(seen.has("Neck", "Nose"), centre, side)


def _from_pair(seen: _Seen, part: str, factor: float) -> Term:
    left, right = f"L{part}", f"R{part}"
    centre = (seen.at(left) + seen.at(right)) / np.float32(2)
    return _where(seen.has(left, right), centre, np.float32(factor) * seen.between(left, right))


def _where(applies: np.ndarray, centre: np.ndarray, side: np.ndarray) -> Term:
    return centre * applies[:, np.newaxis], side * applies, applies.astype(np.float32)


def _hand(seen: _Seen, letter: str) -> np.ndarray:
    """The boxes of one side, float32 (people, 4)."""
    wrist, elbow, shoulder = (letter + part for part in ("Wrist", "Elbow", "Shoulder"))
    centre = seen.at(wrist) + np.float32(0.33) * (seen.at(wrist) - seen.at(elbow))
    upper_arm = np.float32(0.9) * seen.between(elbow, shoulder)
    side = np.float32(1.5) * np.maximum(seen.between(wrist, elbow), upper_arm)
    return _squares(centre, side) * seen.has(wrist, elbow, shoulder)[:, np.newaxis]


def _squares(centres: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Boxes (n, 4) round centres (n, 2)."""
    corners = centres - (sides / np.float32(2))[:, np.newaxis]
    return np.column_stack([corners, sides, sides])


def _check(skeleton: Skeleton, wanted: tuple[str, ...], flag: str) -> None:
    if skeleton.name in OWN_FACE_AND_HANDS:
        raise UsageError(
            f"{skeleton.name} finds the points of faces and hands itself, without further networks",
            where=flag, hint="leave it out",
        )  # fmt: skip
    missing = [part for part in wanted if part not in skeleton.parts]
    if missing:
        raise UsageError(
            f"{skeleton.name} has no {', '.join(missing)} to find it by", where=flag,
            hint="use --model_pose BODY_25",
        )  # fmt: skip
