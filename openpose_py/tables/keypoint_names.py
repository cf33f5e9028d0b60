"""Names of keypoints in a table: those of the skeleton; face and hands carry a prefix."""

import functools

from openpose_py.errors import InputError, UsageError
from openpose_py.zoo.cards import card_named, cards
from openpose_py.zoo.skeletons import Skeleton, read_skeleton

# the number of a kind is the place of its key among the keys of a person in the file
PREFIXES = ("", "face_", "hand_left_", "hand_right_")
FIRST_3D = len(PREFIXES)  # kinds from here on are the same in space
KINDS = 2 * FIRST_3D
PARTS = {"face_": "face", "hand_left_": "hand", "hand_right_": "hand"}
VALUES = (3,) * FIRST_3D + (4,) * FIRST_3D  # x, y, score; x, y, z, 1 or 0


@functools.cache
def names_of(kind: int, count: int, model: str = "") -> tuple[str, ...]:
    """Of `count` points of a kind; numbers where no skeleton has that many.

    model: of several with as many points, a --model_pose; else the first.
    """
    prefix = PREFIXES[kind % FIRST_3D]
    fitting = _fitting(prefix, count, model)
    if fitting is None:
        return tuple(f"{prefix or 'pose_'}{number}" for number in range(count))
    return tuple(f"{prefix}{part}" for part in fitting.parts)


def _fitting(prefix: str, count: int, model: str) -> Skeleton | None:
    if prefix:
        part = read_skeleton(PARTS[prefix])
        return part if len(part.parts) == count else None
    fitting = pose_skeletons(count)
    if model and fitting:
        asked = read_skeleton(card_named(model).skeleton)
        return asked if asked in fitting else fitting[0]
    return fitting[0] if fitting else None


@functools.cache
def pose_skeletons(count: int) -> tuple[Skeleton, ...]:
    """Of the models whose people have so many points, BODY_25 before BODY_25B."""
    found = {card.skeleton: read_skeleton(card.skeleton) for card in cards().values()}
    return tuple(one for _, one in sorted(found.items()) if len(one.parts) == count)


def pose_skeleton(count: int, model: str, where: str) -> Skeleton:
    """The skeleton of people with so many points; raises where it is not the model asked for."""
    fitting = pose_skeletons(count)
    names = [one.name for one in fitting]
    if not fitting:
        raise InputError(f"no model has {count} points a person", where=where)
    if not model:
        return fitting[0]
    asked = read_skeleton(card_named(model).skeleton)
    if asked.name not in names:
        raise UsageError(
            f"has {count} points a person, {model} has {len(asked.parts)}",
            where=where,
            hint=f"use --model_pose {' or '.join(names)}",
        )
    return next(one for one in fitting if one.name == asked.name)


def kind_of(keypoint: str, in_space: bool) -> int:
    """The kind that a keypoint of this name belongs to."""
    flat = next((n for n, prefix in enumerate(PREFIXES) if n and keypoint.startswith(prefix)), 0)
    return flat + FIRST_3D * in_space


def is_whole(kind: int, names: tuple[str, ...]) -> bool:
    """Whether these are all the points of some skeleton, in its order."""
    if names == names_of(kind, len(names)):
        return True
    return kind % FIRST_3D == 0 and any(names == one.parts for one in pose_skeletons(len(names)))
