"""Stage 3 of 5: people -> people. From the skeleton of one model to that of another, by names."""

import numpy as np

from openpose_py.records import People
from openpose_py.zoo.skeletons import Skeleton

# parts that are the middle of two others where the first skeleton does not know them as such
MIDDLES = {"Neck": ("LShoulder", "RShoulder"), "MidHip": ("LHip", "RHip")}


def map_parts(people: People, source: Skeleton, target: Skeleton) -> People:
    """The same people with the parts of `target`; parts that `source` lacks are 0, 0, 0."""
    keypoints = np.zeros((len(people), len(target.parts), 3), np.float32)
    for number, part in enumerate(target.parts):
        if part in MIDDLES:
            first, second = (people.keypoints[:, source.parts.index(p)] for p in MIDDLES[part])
            keypoints[:, number] = _middle(first, second)
        elif part in source.parts:
            keypoints[:, number] = people.keypoints[:, source.parts.index(part)]
    return People(keypoints, people.scores)


def _middle(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """first, second: (people, 3). Where one is missing there is no middle."""
    middle = (first + second) / 2
    middle[:, 2] = np.minimum(first[:, 2], second[:, 2])
    middle[middle[:, 2] == 0] = 0
    return middle
