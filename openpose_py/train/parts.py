"""Keypoints by name: which points of a data set become which parts of a skeleton, and who mirrors
whom. Data sets that annotate other points than a skeleton has differ by names alone."""

import re

import numpy as np

from openpose_py.zoo.skeletons import Skeleton, read_skeleton

HAND_AND_FACE = slice(25, 135)  # of BODY_135
FACE = slice(65, 135)

# Parts of a skeleton that are the mean of points of a data set.
SHOULDERS, HIPS = ("LShoulder", "RShoulder"), ("LHip", "RHip")
COMPOSED: dict[str, dict[str, tuple[str, ...]]] = {
    "BODY_25": {"Neck": SHOULDERS, "MidHip": HIPS},
    "COCO": {"Neck": SHOULDERS},
    "BODY_25B": {"Neck": ("UpperNeck",)},  # that of MPII, above the shoulders
    "LIP_16": {"MidHip": ("Pelvis",), "Thorax": ("Spine",)},
}

# Parts that a data set of faces shows, if it has no point of that name.
NOSE = (
    *("NoseUpper0", "NoseUpper1", "NoseUpper2", "NoseUpper3"),
    *("NoseLower0", "NoseLower1", "NoseLower3", "NoseLower4"),
)
LEFT_EYE, RIGHT_EYE = (tuple(f"{side}Eye{n}" for n in range(6)) for side in "LR")
FROM_FACE = {
    "Nose": NOSE,
    "LEye": LEFT_EYE,
    "REye": RIGHT_EYE,
    "LPupil": LEFT_EYE,
    "RPupil": RIGHT_EYE,
}

# Numbered points run round the face or a ring of it: point n mirrors point (turn - n) mod ring.
MIRRORED_RINGS = {
    "FaceContour": (16, 17),
    "NoseLower": (4, 5),
    "OMouth": (6, 12),
    "IMouth": (4, 8),
    "Eye": (3, 6),
}
NUMBERED = re.compile(r"([LR]?)(FaceContour|NoseLower|OMouth|IMouth|Eye)(\d+)")


def sources_of(skeleton: Skeleton, points: tuple[str, ...]) -> list[tuple[int, ...]]:
    """For each part, the numbers of the points whose mean it is; none if it is not annotated."""
    number = {name: n for n, name in enumerate(points)}
    found = []
    for part in skeleton.parts:
        names = COMPOSED.get(skeleton.name, {}).get(part, (part,))
        if part not in number and not all(name in number for name in names):
            names = FROM_FACE.get(part, names)
        known = all(name in number for name in names)
        found.append(tuple(number[name] for name in names) if known else ())
    return found


def onto_parts(points: np.ndarray, sources: list[tuple[int, ...]]) -> np.ndarray:
    """points: float32 (people, points, 3), weight 0 for none -> (people, parts, 3).

    A mean has a position only if all its points have, and the smallest of their weights.
    """
    mapped = np.zeros((len(points), len(sources), 3), np.float32)
    for part, numbers in enumerate(sources):
        if not numbers:
            continue
        chosen = points[:, list(numbers)]
        weight = chosen[..., 2].min(axis=1)
        mapped[:, part, :2] = chosen[..., :2].mean(axis=1) * (weight > 0)[:, None]
        mapped[:, part, 2] = weight
    return mapped


def unknown_onto_parts(
    points: np.ndarray, unknown: np.ndarray, sources: list[tuple[int, ...]]
) -> np.ndarray:
    """unknown: bool (people, points) -> (people, parts): a part is unknown if one of its points is,
    or if it is the mean of points of which some have a position and some have none."""
    mapped = np.zeros((len(unknown), len(sources)), bool)
    for part, numbers in enumerate(sources):
        if numbers:
            there = points[:, list(numbers), 2] > 0
            mapped[:, part] = unknown[:, list(numbers)].any(axis=1) & ~there.all(axis=1)
            mapped[:, part] |= there.any(axis=1) & ~there.all(axis=1)
    return mapped


def inside_picture(points: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """points: float32 (people, points, 3) without those outside a picture of that width and
    height; a label cannot mean them."""
    limits = np.array(size, np.float32)
    inside = ((points[..., :2] >= 0) & (points[..., :2] < limits)).all(axis=-1, keepdims=True)
    return np.where(inside, points, 0).astype(np.float32)


def mirror_of(parts: tuple[str, ...]) -> np.ndarray:
    """int64 (parts,): the part that each one becomes in a mirrored picture."""
    number = {name: n for n, name in enumerate(parts)}
    return np.array([number.get(_mirrored(name), n) for n, name in enumerate(parts)])


def _mirrored(name: str) -> str:
    other = {"L": "R", "R": "L"}
    ring = NUMBERED.fullmatch(name)
    if ring:
        side, kind, n = ring.groups()
        turn, length = MIRRORED_RINGS[kind]
        return f"{other.get(side, side)}{kind}{(turn - int(n)) % length}"
    return other.get(name[0], name[0]) + name[1:]


def small_parts(skeleton: Skeleton) -> np.ndarray:
    """bool (parts,): points of hands and faces, which have a smaller Gaussian."""
    small = set(read_skeleton("BODY_135").parts[HAND_AND_FACE])
    return np.array([part in small for part in skeleton.parts])
