"""Folders of JSON as COCO's results of a body's 17 points: one file a video."""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path, PurePath

import numpy as np

from openpose_py.errors import InputError, OpenPoseError
from openpose_py.records import Frame, People, Result
from openpose_py.stages.writers.coco_json import CocoJson
from openpose_py.tables.file_names import KeypointFile
from openpose_py.tables.parse import Batch
from openpose_py.tables.poses import Poses, poses_of
from openpose_py.zoo.coco_orders import coco_orders, orders_of

NO_PIXELS = np.zeros((0, 0, 3), np.uint8)


def write_coco(batches: Iterable[Batch], folder: Path, model: str) -> list[Path]:
    """Writes `<video>.json` as --write_coco_json does, and returns their names. A person's score is
    the sum of the confidences: OpenPose's own does not stand in its JSON."""
    files = _CocoFiles(folder)
    try:
        for batch in batches:
            poses = poses_of(batch, model)
            if poses is not None:
                for file, people in groupby(range(len(poses.file)), key=poses.file.__getitem__):
                    files.add(batch.files[file], poses, list(people))
    except OpenPoseError:
        files.discard()
        raise
    files.close()
    return files.paths


class _CocoFiles:
    """One file after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths: list[Path] = []
        self._open: CocoJson | None = None
        self._video = ""
        self._skeleton = ""

    def add(self, file: KeypointFile, poses: Poses, people: list[int]) -> None:
        skeleton = poses.skeleton
        if self._open is None or file.video != self._video:
            self.close()
            body = coco_orders()[0]
            if body not in orders_of(skeleton):
                raise InputError(f"{skeleton.name} lacks points of COCO", where=file.path)
            path = self.folder / f"{file.video}.json"
            self._open = CocoJson(path, body.bit, skeleton.name)
            self._video, self._skeleton = file.video, skeleton.name
            self.paths.append(path)
        elif skeleton.name != self._skeleton:
            raise InputError(f"people of {self._skeleton} and {skeleton.name}", where=file.path)
        points = poses.points[people]
        name = PurePath(file.path).name.partition("_keypoints")[0]
        frame = Frame(NO_PIXELS, file.frame or 0, name, 0.0, file.path)
        self._open.write(Result(frame, People(points, points[:, :, 2].sum(axis=1))))

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def discard(self) -> None:
        if self._open is not None:
            self._open.discard()
