"""Stage 5 of 5: results -> files. Keypoints of the whole run as COCO's evaluation reads them."""

import contextlib
import errno
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from openpose_py.errors import OutputError, UsageError
from openpose_py.records import Frame, Result
from openpose_py.stages.writers.json_people import number_text
from openpose_py.stages.writers.whole_file import (
    cannot_write,
    output_folder,
    remove_quietly,
    temporary_beside,
)
from openpose_py.zoo.coco_orders import CocoOrder, coco_orders, orders_of
from openpose_py.zoo.skeletons import Skeleton, read_skeleton

FLAG = "--write_coco_json_variants"
NOT_FOUND = np.array([-1, -1, 0], np.float32)  # x, y, visibility


class CocoJson:
    """Writes `path`, and `<stem>_foot<ending>` and so on for the further variants: an array of the
    people of all frames, as OpenPose lays it out.

    variants: sum of the bits of `models/coco_orders.toml`; 0 or less: all that the skeleton has.
    Files have temporary names in the same folder until `close()`.
    """

    def __init__(self, path: Path, variants: int, skeleton_name: str) -> None:
        skeleton = read_skeleton(skeleton_name)
        orders = _chosen(variants, skeleton)
        output_folder(str(path.parent))
        self._files: list[_CocoFile] = []
        for order in orders:
            name = path.with_name(f"{path.stem}{order.suffix}{path.suffix}")
            with self._all_or_nothing(name):
                self._files.append(_CocoFile(name, order, skeleton))

    def write(self, result: Result) -> None:
        for file in self._files:
            with self._all_or_nothing(file.path):
                file.add(result)

    def close(self) -> None:
        for file in self._files:
            with self._all_or_nothing(file.path):
                file.complete()
        for file in self._files:
            with self._all_or_nothing(file.path):
                file.publish()
        self._files = []

    def discard(self) -> None:
        """Gives the files up; those that had their names before stay as they were."""
        for file in self._files:
            file.abandon()
        self._files = []

    @contextlib.contextmanager
    def _all_or_nothing(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            self.discard()
            raise cannot_write(path, problem) from problem
        except OutputError:
            self.discard()
            raise


def _chosen(variants: int, skeleton: Skeleton) -> list[CocoOrder]:
    has = orders_of(skeleton)
    names = ", ".join(f"{one.variant} ({one.bit})" for one in has)
    if not has:
        raise UsageError(
            f"{skeleton.name} lacks points of COCO, so there is nothing to compare",
            where="--write_coco_json",
            hint="use another --model_pose, for example BODY_25",
        )
    if variants <= 0:
        return [one for one in has if not one.blocks]
    chosen = [one for one in coco_orders() if variants & one.bit]
    if variants >= 2 * coco_orders()[-1].bit:
        raise UsageError(f"{variants} is no sum of {_bits()}", where=FLAG, hint=f"use {names}")
    for one in chosen:
        if one not in has:
            raise UsageError(
                f"{skeleton.name} has no {one.variant} points ({one.bit})",
                where=FLAG,
                hint=f"it has {names}; 0 writes all of them",
            )
    return chosen


def _bits() -> str:
    return ", ".join(f"{one.bit} ({one.variant})" for one in coco_orders())


class _CocoFile:
    """One array while it grows."""

    def __init__(self, path: Path, order: CocoOrder, skeleton: Skeleton) -> None:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        self.path = path
        self.order = order
        self.columns = order.columns(skeleton)
        self.temporary = temporary_beside(path)
        self.file = self.temporary.open("w", encoding="ascii", newline="\n")
        self.file.write("[")
        self.before_next = "\n\t"

    def add(self, result: Result) -> None:
        image_id = self._image_id(result.frame)
        people = result.people
        for points, score in zip(people.keypoints[:, self.columns], people.scores, strict=True):
            if (points[:, 2] > 0).any():
                person = _person(image_id, points, score, self.order.blocks)
                self.file.write(f"{self.before_next}{person}")
                self.before_next = ",\n\t"

    def complete(self) -> None:
        if self.before_next == "\n\t":
            self.file.write("\n\t")
        self.file.write("\n]\n")
        self.file.close()

    def publish(self) -> None:
        os.replace(self.temporary, self.path)

    def abandon(self) -> None:
        with contextlib.suppress(OSError):
            self.file.close()
        remove_quietly(self.temporary)

    def _image_id(self, frame: Frame) -> int:
        if self.order.image_id == "frame":
            return frame.index
        digits = re.search(r"[0-9]+\Z", frame.name)
        if digits is None:
            raise OutputError(
                f"{frame.name!r} does not end in a number, which COCO needs as image_id",
                where=str(self.path),
                hint="rename the pictures, for example 000000000042.jpg",
            )
        return int(digits[0])


def _person(image_id: int, points: np.ndarray, score: np.float32, blocks: Mapping[str, int]) -> str:
    """points: float32 (points, 3): x, y, score; a point that was found has visibility 1."""
    found = points[:, 2:] > 0
    written = np.where(found, points, NOT_FOUND)
    written[:, 2] = found[:, 0]
    lists, first = "", 0
    for key, count in (blocks or {"keypoints": len(points)}).items():
        numbers = number_text(written[first : first + count])
        lists += f'\t\t"{key}":[\n\t\t\t{numbers}\n\t\t],\n'
        first += count
    return (
        f'{{\n\t\t"image_id":{image_id},\n\t\t"category_id":1,\n{lists}'
        f'\t\t"score":{number_text(np.array([score]))}\n\t}}'
    )
