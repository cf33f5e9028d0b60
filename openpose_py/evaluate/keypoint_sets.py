"""Keypoint sets: which points are compared, how strictly, and which of our parts they are.

A set is one file of `models/keypoint_sets/`. Everything is matched by name: the points of a set
with those of a ground truth, and with the parts of a skeleton.
"""

import dataclasses
import functools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from openpose_py.errors import ModelFileError
from openpose_py.zoo.folder import models_folder
from openpose_py.zoo.toml_rows import check_keys, read_toml

# in the order in which figures are shown
NAMES = (
    "coco17", "foot6", "face68", "lefthand21", "righthand21", "wholebody133",
    "lsp14", "mpii16", "lip16",
)  # fmt: skip
SIDES = {"left": "l", "right": "r", "b": ""}  # LIP calls the points in the middle b_...


@dataclasses.dataclass(frozen=True)
class Length:
    """A yardstick of PCK: a point is right within `share` of it.

    ends: two points of the set, "a+b" is the middle of a and b. head_box: factor on the diagonal
    of the annotated head box, used instead where there is a box. not_in_total: points that the
    convention leaves out of its total. columns: name -> points, what is published beside the total;
    a column is the mean of its points' shares. pooled: columns that count their points together.
    """

    name: str
    share: float
    ends: tuple[str, str]
    head_box: float = 0.0
    not_in_total: tuple[str, ...] = ()
    columns: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    pooled: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class SetFile:
    """The keys of `models/keypoint_sets/*.toml`. joins: sets of which this one is put together."""

    name: str
    title: str
    joins: list[str] = dataclasses.field(default_factory=list)
    block: str = ""
    points: list[str] = dataclasses.field(default_factory=list)
    parts: list[str] = dataclasses.field(default_factory=list)
    sigmas: list[float] = dataclasses.field(default_factory=list)
    lengths: list[dict] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class KeypointSet:
    """points: names as published. parts: our names for each, see `in_set`.

    block: key of COCO-WholeBody's files with these points, "keypoints" for the body.
    sigmas: float64 (points,), None where no OKS is defined.
    """

    name: str
    title: str
    block: str
    points: tuple[str, ...]
    parts: tuple[str, ...]
    sigmas: np.ndarray | None
    lengths: tuple[Length, ...]

    @property
    def first_parts(self) -> tuple[str, ...]:
        """One part of ours a point, for results that come in this order."""
        return tuple(one.split("|")[0] for one in self.parts)


@functools.cache
def all_sets() -> dict[str, KeypointSet]:
    return {name: read_set(models_folder() / "keypoint_sets" / f"{name}.toml") for name in NAMES}


def read_set(path: Path) -> KeypointSet:
    table = read_toml(path)
    check_keys(table, SetFile, path)
    file = SetFile(**table)
    joined = [read_set(path.with_name(f"{name}.toml")) for name in file.joins]
    points = tuple(file.points) + tuple(point for one in joined for point in one.points)
    parts = tuple(file.parts) + tuple(part for one in joined for part in one.parts)
    sigmas = [*file.sigmas, *(s for one in joined if one.sigmas is not None for s in one.sigmas)]
    if len(points) != len(parts) or len(sigmas) not in (0, len(points)):
        raise ModelFileError("one part and one sigma a point are wanted", where=str(path))
    lengths = tuple(_length(row, points, path) for row in file.lengths)
    return KeypointSet(
        file.name, file.title, file.block or "keypoints", points, parts,
        np.array(sigmas) if sigmas else None, lengths,
    )  # fmt: skip


def _length(row: dict, points: tuple[str, ...], path: Path) -> Length:
    check_keys(row, Length, path)
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
    length = Length(**fields)
    used = {name for end in length.ends for name in end.split("+")} | set(length.not_in_total)
    used.update(name for points in length.columns.values() for name in points)
    unknown = used - set(points)
    if unknown:
        raise ModelFileError(f"unknown points {sorted(unknown)} in lengths", where=str(path))
    return length


def plain_name(name: str) -> str:
    """left_shoulder, l_shoulder, L-Shoulder and LShoulder are one name: lshoulder."""
    first, *rest = re.split(r"[_\- ]+", name.strip())
    if not rest:
        return first.lower()
    side = SIDES.get(first.lower(), first.lower())
    return side + "".join(rest).lower()


def sets_in(points: Sequence[str]) -> list[KeypointSet]:
    """The sets all of whose points a ground truth with these points has."""
    known = {plain_name(point) for point in points}
    return [one for one in all_sets().values() if known.issuperset(map(plain_name, one.points))]


def columns_of(points: Sequence[str], wanted: KeypointSet) -> list[int]:
    """Where the points of a set stand among `points`."""
    number = {plain_name(point): column for column, point in enumerate(points)}
    return [number[plain_name(point)] for point in wanted.points]


def in_set(keypoints: np.ndarray, parts: Sequence[str], wanted: KeypointSet) -> np.ndarray:
    """(people, parts, 3) of x, y, score -> float64 (people, points, 3) in the set's order.

    A point whose part the model lacks, or which was not found, is 0, 0, 0. Of a point's parts
    "A|B+C" the first counts that the model has: A, else the middle of B and C.
    """
    out = np.zeros((len(keypoints), len(wanted.points), 3))
    for point, columns in enumerate(_columns(parts, wanted)):
        if columns:
            used = keypoints[:, columns].astype(np.float64)
            found = (used[..., 2] > 0).all(1)
            out[found, point, :2] = used[found][..., :2].mean(1)
            out[found, point, 2] = used[found][..., 2].min(1)
    return out


def lacking(parts: Sequence[str], wanted: KeypointSet) -> list[str]:
    """Points of the set that no part of this model can give."""
    pairs = zip(wanted.points, _columns(parts, wanted), strict=True)
    return [point for point, columns in pairs if not columns]


def _columns(parts: Sequence[str], wanted: KeypointSet) -> list[list[int]]:
    """For each point the columns of the parts it is made of; empty: the model lacks it."""
    number = {part: column for column, part in enumerate(parts)}
    found = []
    for choice in wanted.parts:
        options = [one.split("+") for one in choice.split("|")]
        usable = [names for names in options if all(name in number for name in names)]
        found.append([number[name] for name in usable[0]] if usable else [])
    return found
