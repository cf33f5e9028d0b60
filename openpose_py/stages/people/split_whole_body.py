"""Stage 3 of 5: people -> people. A whole body's points, shared out to body, face and hands."""

import functools
import re

import numpy as np

from openpose_py.zoo.skeletons import Skeleton

FACE = re.compile(r"(FaceContour|[LR]EyeBrow|Nose(Upper|Lower)|[LR]Eye|[OI]Mouth)\d+|[LR]Pupil")
ROOTS = ("HandRoot", "Wrist")  # of a hand, where a skeleton has several: the first
FINGERS = ("Thumb", "Index", "Middle", "Ring", "Pinky")


def has_faces_and_hands(skeleton: Skeleton) -> bool:
    """Whether there are points for all three."""
    return all(len(columns) for columns in shares_of(skeleton.parts)[1:])


def split_whole_body(
    keypoints: np.ndarray, skeleton: Skeleton
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(people, parts, values) -> body, face, left hand, right hand, (people, ..., values) each;
    values and coordinates stay.

    Face and hands come in the order of OpenPose's face and hand models, as far as the skeleton has
    their points. Where the root of a hand is the body's wrist, it appears twice.
    """
    if keypoints.ndim != 3 or keypoints.shape[1] != len(skeleton.parts):
        raise ValueError(
            f"keypoints must be (people, {len(skeleton.parts)}, values), got {keypoints.shape}"
        )
    body, face, left, right = (keypoints[:, columns] for columns in shares_of(skeleton.parts))
    return body, face, left, right


@functools.cache
def shares_of(parts: tuple[str, ...]) -> tuple[list[int], list[int], list[int], list[int]]:
    """The columns of body, face, left and right hand."""
    number = {part: n for n, part in enumerate(parts)}
    face = [n for part, n in number.items() if FACE.fullmatch(part)]
    left, right = (_hand(number, side) for side in "LR")
    elsewhere = {*face, *left, *right} - {number.get(f"{side}Wrist", -1) for side in "LR"}
    body = [n for n in range(len(parts)) if n not in elsewhere]
    return body, face, left, right


def _hand(number: dict[str, int], side: str) -> list[int]:
    fingers = [
        n for part, n in number.items() if part.startswith(tuple(f"{side}{one}" for one in FINGERS))
    ]
    root = next((number[f"{side}{one}"] for one in ROOTS if f"{side}{one}" in number), None)
    return [root, *fingers] if fingers and root is not None else []
