"""Stage 5 of 5: results -> files. People of the whole run in AlphaPose's three JSON layouts.

Its `cmu` and `open` layouts hold the 18 points of OpenPose's COCO model. AlphaPose puts the neck
behind the last joint and reads it where 17 joints end, so that models with more joints get another
joint for it; here it is the model's own neck, or the middle of the shoulders where it has none.
"""

import contextlib
import errno
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from openpose_py.errors import OutputError, UsageError, nearest
from openpose_py.records import Frame, Result
from openpose_py.stages.writers.whole_file import (
    cannot_write,
    output_folder,
    remove_quietly,
    temporary_beside,
    write_whole,
)
from openpose_py.zoo.skeletons import Skeleton, read_skeleton

FILE, FOLDER = "alphapose-results.json", "sep-json"
VERSION = "AlphaPose v0.3"
PEOPLE_KEYS = {"cmu": ("bodies", "joints"), "open": ("people", "pose_keypoints_2d")}
STYLES = ("default", *PEOPLE_KEYS)
NECK, SHOULDERS = "Neck", ("LShoulder", "RShoulder")
NO_ID = 0.0


class AlphaPoseJson:
    """Writes `<folder>/alphapose-results.json`, and for `cmu` and `open` a file a picture in
    `<folder>/sep-json`. Pictures without people are left out. style: one of STYLES.

    numbered: image ids are the numbers at the end of the names (AlphaPose's --eval).
    """

    def __init__(
        self, folder: Path, style: str, skeleton: Skeleton, numbered: bool = False
    ) -> None:
        if style not in STYLES:
            hint = nearest(style, STYLES) or f"use {', '.join(STYLES)}"
            raise UsageError(f"there is no layout {style!r}", where="AlphaPose's JSON", hint=hint)
        self._path = output_folder(str(folder)) / FILE
        self._style, self._numbered = style, numbered
        self._columns = None
        if style in PEOPLE_KEYS:
            self._columns = _columns(skeleton)
            output_folder(str(folder / FOLDER))
        self._temporary = temporary_beside(self._path)
        self._file = _opened(self._temporary, self._path)
        self._file.write("{" if self._columns else "[")
        self._before_next = ""

    def write(self, result: Result) -> None:
        """Boxes are those round the joints that were found."""
        keypoints = result.people.keypoints
        ids = None if result.person_ids is None else [[float(one)] for one in result.person_ids]
        boxes = np.array([_box(joints) for joints in keypoints]).reshape(-1, 4)
        self.add(_image_name(result.frame), keypoints, result.people.scores, boxes, ids)

    def add(
        self, name: str, keypoints: np.ndarray, scores: np.ndarray, boxes: np.ndarray,
        ids: list[list[float]] | None = None,
    ) -> None:  # fmt: skip
        """The people of one picture. name: of its file, with ending. keypoints: float32 (people,
        joints, 3) and boxes: (people, 4), x, y, width, height, in frame pixels. scores:
        (people,). ids: for each person those of the poses that it was merged of; None: no ids.
        """
        if not len(keypoints):
            return
        image_id: Any = self._number_of(name) if self._numbered else name
        if self._columns is None:
            ids = ids or [[NO_ID]] * len(keypoints)
            rows = zip(keypoints, scores, boxes, ids, strict=True)
            self._append(", ".join(json.dumps(_person(image_id, *row)) for row in rows))
            return
        outer, inner = PEOPLE_KEYS[self._style]
        people = [{inner: self._columns.of(joints)} for joints in keypoints]
        picture = json.dumps({"version": VERSION, outer: people})
        self._append(f"{json.dumps(str(image_id))}: {picture}")
        stem = name.partition(".")[0]
        write_whole(self._path.parent / FOLDER / f"{stem}.json", picture.encode("ascii"))

    def close(self) -> None:
        with self._all_or_nothing():
            self._file.write("}" if self._columns else "]")
            self._file.close()
            os.replace(self._temporary, self._path)

    def discard(self) -> None:
        """Gives the file up; one that had its name before stays as it was."""
        with contextlib.suppress(OSError):
            self._file.close()
        remove_quietly(self._temporary)

    def _append(self, text: str) -> None:
        with self._all_or_nothing():
            self._file.write(f"{self._before_next}{text}")
        self._before_next = ", "

    def _number_of(self, name: str) -> int:
        digits = re.fullmatch(r"(?:.*_)?(\d+)", name.partition(".")[0])
        if digits is None:
            what = f"{name!r} does not end in a number, which is asked for as image_id"
            hint = "rename the pictures, for example 000000000042.jpg"
            raise OutputError(what, where=str(self._path), hint=hint)
        return int(digits[1])

    @contextlib.contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            self.discard()
            raise cannot_write(self._path, problem) from problem


class _Columns:
    """OpenPose's 18 points among the joints of a skeleton."""

    def __init__(self, skeleton: Skeleton, wanted: tuple[str, ...]) -> None:
        self._neck = wanted.index(NECK)
        self._shoulders = [skeleton.parts.index(part) for part in SHOULDERS]
        self._has_neck = NECK in skeleton.parts
        known = [part if part in skeleton.parts else SHOULDERS[0] for part in wanted]
        self._source = [skeleton.parts.index(part) for part in known]

    def of(self, joints: np.ndarray) -> list[float]:
        """joints: float32 (joints, 3) -> 54 numbers, x, y, score of each point."""
        joints = joints.astype(np.float64)
        points = joints[self._source]
        if not self._has_neck:
            points[self._neck] = joints[self._shoulders].mean(axis=0)
        numbers: list[float] = points.ravel().tolist()
        return numbers


def _opened(temporary: Path, path: Path) -> TextIO:
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        return temporary.open("w", encoding="utf-8", newline="\n")
    except OSError as problem:
        raise cannot_write(path, problem) from problem


def _columns(skeleton: Skeleton) -> _Columns:
    wanted = read_skeleton("COCO").parts
    missing = [part for part in wanted if part not in (*skeleton.parts, NECK)]
    if missing:
        what = f"{skeleton.name} lacks {', '.join(missing)}, which this layout holds"
        raise UsageError(what, where="AlphaPose's JSON", hint="use the layout default")
    return _Columns(skeleton, wanted)


def _person(
    image_id: Any, joints: np.ndarray, score: float, box: np.ndarray, ids: list[float]
) -> dict[str, Any]:
    return {
        "image_id": image_id,
        "category_id": 1,
        "keypoints": joints.ravel().tolist(),
        "score": float(score),
        "box": box.tolist(),
        "idx": ids if len(ids) == 1 else [[one] for one in ids],
    }


def _image_name(frame: Frame) -> str:
    """A picture's own name; frames of a video have their numbers."""
    origin = Path(frame.origin)
    return origin.name if origin.stem == frame.name else f"{frame.index}.jpg"


def _box(joints: np.ndarray) -> np.ndarray:
    seen = joints[joints[:, 2] > 0, :2]
    if not len(seen):
        return np.zeros(4, np.float32)
    return np.concatenate([seen.min(axis=0), np.ptp(seen, axis=0)])
