"""Stage 3 of 5: people -> people. From one skeleton's parts to another's, by their names."""

import functools

import numpy as np

from openpose_py.errors import UsageError, nearest
from openpose_py.records import People
from openpose_py.zoo.folder import models_folder
from openpose_py.zoo.skeletons import Skeleton, read_skeleton

# Part of the target -> parts of the source, the first choice that it has; a+b: the middle of both.
# Necks differ: BODY_25's and COCO's is the middle of the shoulders, BODY_25B's stands above it.
CHOICES: dict[str, tuple[str, ...]] = {
    "Neck": ("LShoulder+RShoulder", "Neck"),
    "UpperNeck": ("UpperNeck", "Neck", "LShoulder+RShoulder"),
    "Thorax": ("Thorax", "LShoulder+RShoulder"),
    "MidHip": ("LHip+RHip", "MidHip"),
    "HeadTop": ("HeadTop", "Head"),
    "Head": ("Head", "HeadTop"),
    "LHandRoot": ("LHandRoot", "LWrist"),
    "RHandRoot": ("RHandRoot", "RWrist"),
}
UPPER_NECKS = {"BODY_25B"}  # skeletons whose Neck is the upper one
PARTS_OF_BODIES = {"face", "hand"}  # skeletons of crops of a person


def map_parts(people: People, source: Skeleton, target: Skeleton) -> People:
    """The same people with the parts of `target`; parts that `source` lacks are 0, 0, 0."""
    keypoints = np.zeros((len(people), len(target.parts), 3), np.float32)
    for number, columns in enumerate(_sources(source, target)):
        if len(columns) == 2:
            keypoints[:, number] = _middle(*(people.keypoints[:, column] for column in columns))
        elif columns:
            keypoints[:, number] = people.keypoints[:, columns[0]]
    return People(keypoints, people.scores)


def skeleton_wanted(name: str, source: Skeleton) -> Skeleton:
    """The skeleton of --keypoints; a mistake if there is none, or if nothing can become of it."""
    folder = models_folder() / "skeletons"
    known = sorted({path.stem for path in folder.glob("*.toml")} - PARTS_OF_BODIES)
    if name not in known:
        hint = nearest(name, known) or f"skeletons: {', '.join(known)}"
        raise UsageError(f"there is no skeleton {name!r}", where="--keypoints", hint=hint)
    target = read_skeleton(name)
    if not any(_sources(source, target)):
        what = f"no keypoint of {name} can be made of those of {source.name}"
        raise UsageError(what, where="--keypoints")
    return target


@functools.cache
def _choices(part: str, target: str) -> tuple[str, ...]:
    if part == "Neck" and target in UPPER_NECKS:
        return CHOICES["UpperNeck"]
    return CHOICES.get(part, (part,))


def _sources(source: Skeleton, target: Skeleton) -> list[list[int]]:
    """For each part of the target one or two columns of the source, or none."""
    number = {part: n for n, part in enumerate(source.parts)}
    found = []
    for part in target.parts:
        names = (choice.split("+") for choice in _choices(part, target.name))
        usable = [one for one in names if all(name in number for name in one)]
        found.append([number[name] for name in usable[0]] if usable else [])
    return found


def _middle(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """first, second: (people, 3). Where one is missing there is no middle."""
    middle = (first + second) / 2
    middle[:, 2] = np.minimum(first[:, 2], second[:, 2])
    middle[middle[:, 2] == 0] = 0
    return middle
