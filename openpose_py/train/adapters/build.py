"""From the points of a data set to a `Picture` of a skeleton."""

import dataclasses
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from openpose_py.errors import InputError
from openpose_py.train.parts import onto_parts, sources_of, unknown_onto_parts
from openpose_py.train.pictures import Picture, PictureFile
from openpose_py.zoo.skeletons import Skeleton


@dataclasses.dataclass(frozen=True)
class Labels:
    """One picture as its data set has it.

    points: float32 (people, points, 3): x, y, weight. unknown: bool (people, points). boxes:
    float32 (people, 4): x, y, w, h. The rest: as in `Picture`.
    """

    points: np.ndarray
    unknown: np.ndarray
    boxes: np.ndarray
    unlabelled: Sequence[np.ndarray] = ()
    labelled: Sequence[np.ndarray] = ()
    areas: np.ndarray | None = None
    labelled_points: np.ndarray | None = None


class Builder:
    """points: the names of the data set's points. only: the parts to train from it, or empty.
    positive: parts of which labels may be missing."""

    def __init__(
        self, skeleton: Skeleton, points: tuple[str, ...], only: tuple[str, ...] = (),
        positive: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self._sources = [
            source if not only or part in only else ()
            for part, source in zip(skeleton.parts, sources_of(skeleton, points), strict=True)
        ]
        self.silent = np.array(
            [
                not source or part in positive
                for part, source in zip(skeleton.parts, self._sources, strict=True)
            ]
        )

    def picture(self, name: str, file: PictureFile, labels: Labels) -> Picture:
        return Picture(
            name=name,
            file=file,
            points=onto_parts(labels.points, self._sources),
            unknown=unknown_onto_parts(labels.points, labels.unknown, self._sources),
            boxes=np.asarray(labels.boxes, np.float32).reshape(-1, 4),
            unlabelled=tuple(labels.unlabelled),
            labelled=tuple(labels.labelled),
            silent=self.silent,
            areas=labels.areas,
            labelled_points=labels.labelled_points,
        )


def read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise InputError(f"cannot be read: {problem}", where=str(path)) from problem


def polygon_of(box: Iterable[float]) -> np.ndarray:
    """x, y, w, h -> float32 (4, 2)."""
    x, y, w, h = box
    return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32)


def box_round(points: np.ndarray, margin: float) -> np.ndarray:
    """points: (n, 3) -> x, y, w, h of those with a weight, `margin` of its size more a side."""
    seen = points[points[:, 2] > 0, :2]
    low, high = seen.min(axis=0), seen.max(axis=0)
    grown = margin * (high - low)
    return np.concatenate([low - grown, high - low + 2 * grown]).astype(np.float32)
