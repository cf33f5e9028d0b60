"""Skeletons: which parts a model finds, which limbs join them, and how they are drawn."""

import dataclasses
import functools
from pathlib import Path

import numpy as np

from openpose_py.errors import ModelFileError
from openpose_py.zoo.folder import models_folder
from openpose_py.zoo.toml_rows import check_keys, read_toml


@dataclasses.dataclass(frozen=True)
class SkeletonFile:
    """The keys of `models/skeletons/*.toml`. Models that see one person a crop need no limbs."""

    name: str
    background: bool
    parts: list[str]
    draw: list[tuple[str, str]]
    colours: list[tuple[int, int, int]]
    limbs: list[tuple[str, str, int, int]] = dataclasses.field(default_factory=list)
    scales: list[float] | None = None


@dataclasses.dataclass(frozen=True)
class Skeleton:
    """limbs: int64 (limbs, 2), part numbers. paf_channels: int64 (limbs, 2), channels of x and y
    in the network's output. draw: int64 (lines, 2). colours: uint8 (parts, 3), R G B.
    scales: float32 (parts,), size when drawn."""

    name: str
    background: bool
    parts: tuple[str, ...]
    limbs: np.ndarray
    paf_channels: np.ndarray
    draw: np.ndarray
    colours: np.ndarray
    scales: np.ndarray

    @property
    def channels(self) -> int:
        """Maps that a network for this skeleton puts out: parts, background, PAFs."""
        return int(self.paf_channels.max(initial=self.first_paf - 1)) + 1

    @property
    def first_paf(self) -> int:
        return len(self.parts) + int(self.background)


@functools.cache
def read_skeleton(name: str) -> Skeleton:
    """The skeleton of `models/skeletons/<name>.toml`."""
    return _read(models_folder() / "skeletons" / f"{name}.toml")


def _read(path: Path) -> Skeleton:
    table = read_toml(path)
    check_keys(table, SkeletonFile, path)
    file = SkeletonFile(**table)
    number = {part: n for n, part in enumerate(file.parts)}
    try:
        limbs = _pairs([(number[a], number[b]) for a, b, _, _ in file.limbs])
        draw = _pairs([(number[a], number[b]) for a, b in file.draw])
    except KeyError as problem:
        raise ModelFileError(f"unknown part {problem}", where=str(path)) from problem
    first_paf = len(file.parts) + int(file.background)
    scales = file.scales or [1.0] * len(file.parts)
    if not len(file.colours) == len(scales) == len(file.parts):
        raise ModelFileError("one colour and one scale a part are wanted", where=str(path))
    return Skeleton(
        name=file.name,
        background=file.background,
        parts=tuple(file.parts),
        limbs=limbs,
        paf_channels=_pairs([(x, y) for _, _, x, y in file.limbs]) + first_paf,
        draw=draw,
        colours=np.array(file.colours, np.uint8),
        scales=np.array(scales, np.float32),
    )


def _pairs(rows: list[tuple[int, int]]) -> np.ndarray:
    """int64 (rows, 2)."""
    return np.array(rows, np.int64).reshape(-1, 2)
