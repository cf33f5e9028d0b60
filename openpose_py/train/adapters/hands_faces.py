"""Single hands (MPII hands, the dome's) and faces (`.pts` files, as FRGC, MultiPIE and 300-W)."""

from pathlib import Path

import numpy as np

from openpose_py.errors import InputError
from openpose_py.train.adapters.build import Builder, Labels, box_round, read_json
from openpose_py.train.pictures import ENDINGS, Picture, PictureFile, PicturePlace

HAND_MARGIN, DOME_MARGIN, FACE_MARGIN = 0.1, 10.0, 0.05  # of the points' extent, a side
HAND_POINTS, FACE_POINTS = 21, 68


def read_mpii_hands(annotations: Path, builder: Builder) -> list[Picture]:
    """A folder of NAME.json with "hand_pts" and "is_left", each beside NAME.jpg, one hand a file.

    The 42 points are the left hand's, then the right's; the hand that is not labelled is unknown.
    """
    found = []
    for path in sorted(annotations.glob("*.json")):
        file = _picture_beside(path)
        table = read_json(path)
        try:
            hand = np.array(table["hand_pts"], np.float32).reshape(HAND_POINTS, 3)
            left = bool(table["is_left"])
        except (KeyError, TypeError, ValueError) as problem:
            raise InputError(f"is no labelled hand: {problem}", where=str(path)) from problem
        if file and (hand[:, 2] > 0).any():
            labels = _one(_both(hand, left), _other_side(left), HAND_MARGIN)
            found.append(builder.picture(path.stem, file, labels))
    return found


def read_dome_hands(annotations: Path, place: PicturePlace, builder: Builder) -> list[Picture]:
    """{"root": [{"img_paths", "joint_self": 21 x [x, y, 1]}]}, one right hand a picture."""
    found = []
    try:
        for row in read_json(annotations)["root"]:
            file = place.file(row["img_paths"])
            hand = np.array(row["joint_self"], np.float32).reshape(HAND_POINTS, 3)
            if file and (hand[:, 2] > 0).any():
                labels = _one(_clean(hand), np.zeros(HAND_POINTS, bool), DOME_MARGIN)
                found.append(builder.picture(row["img_paths"], file, labels))
    except (KeyError, TypeError, ValueError) as problem:
        raise InputError(f"is no list of hands: {problem}", where=str(annotations)) from problem
    return found


def read_pts(annotations: Path, builder: Builder) -> list[Picture]:
    """A folder of NAME.pts, 68 points counted from 1, each beside its picture."""
    found = []
    for path in sorted(annotations.rglob("*.pts")):
        file = _picture_beside(path)
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
            numbers = text.partition("{")[2].partition("}")[0].split()
            xy = np.array(numbers, np.float32).reshape(FACE_POINTS, 2) - 1
        except (OSError, ValueError) as problem:
            raise InputError(f"has no 68 points: {problem}", where=str(path)) from problem
        if file:
            face = np.column_stack([xy, np.ones(FACE_POINTS, np.float32)])
            labels = _one(face, np.zeros(FACE_POINTS, bool), FACE_MARGIN)
            found.append(builder.picture(path.stem, file, labels))
    return found


def _one(points: np.ndarray, unknown: np.ndarray, margin: float) -> Labels:
    return Labels(points[None], unknown[None], box_round(points, margin)[None])


def _clean(points: np.ndarray) -> np.ndarray:
    return points * (points[:, 2:] > 0)


def _both(hand: np.ndarray, left: bool) -> np.ndarray:
    nothing = np.zeros_like(hand)
    return np.concatenate([_clean(hand), nothing] if left else [nothing, _clean(hand)])


def _other_side(left: bool) -> np.ndarray:
    return np.repeat([not left, left], HAND_POINTS)


def _picture_beside(path: Path) -> PictureFile | None:
    found = (path.with_suffix(ending) for ending in ENDINGS)
    return next((PictureFile(str(file)) for file in found if file.is_file()), None)
