"""The small public functions beside the `Estimator`."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from openpose_py.errors import InputError
from openpose_py.records import People
from openpose_py.stages.pictures.keypoints_cpu import draw_people
from openpose_py.stages.writers.json_people import ENDING
from openpose_py.zoo.cards import card_named
from openpose_py.zoo.skeletons import read_skeleton


def draw(
    picture: np.ndarray, people: People, model_pose: str = "BODY_25", threshold: float = 0.05
) -> np.ndarray:
    """A copy of `picture` (uint8, height x width x 3, B G R) with skeletons in OpenPose's look."""
    skeleton = read_skeleton(card_named(model_pose).skeleton)
    return draw_people(picture.copy(), people.keypoints, skeleton, threshold)


def read_json(folder: str | Path) -> Iterator[tuple[str, np.ndarray]]:
    """Frame names and keypoints (people, parts, 3) of a folder that --write_json filled.

    In the order of the names; OpenPose's own folders are read as well.
    """
    paths = sorted(Path(folder).glob(f"*{ENDING}"))
    if not paths:
        raise InputError(f"has no file *{ENDING}", where=str(folder))
    for path in paths:
        try:
            people = json.loads(path.read_text(encoding="utf-8"))["people"]
            rows = [person["pose_keypoints_2d"] for person in people]
            parts = len(rows[0]) // 3 if rows else 0
            keypoints = np.array(rows, np.float32).reshape(len(rows), parts, 3)
        except (ValueError, KeyError, TypeError, OSError) as problem:
            raise InputError("is not a file of OpenPose keypoints", where=str(path)) from problem
        yield path.name.removesuffix(ENDING), keypoints
