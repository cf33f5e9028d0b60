"""The bodies of a batch of files: what angles, COCO's and OpenSim's files are made from."""

import dataclasses

import numpy as np

from openpose_py.errors import InputError
from openpose_py.tables.columns import EMPTY
from openpose_py.tables.keypoint_names import FIRST_3D, VALUES, pose_skeleton
from openpose_py.tables.parse import Batch
from openpose_py.zoo.skeletons import Skeleton, read_skeleton


@dataclasses.dataclass(frozen=True, slots=True)
class Poses:
    """People of one skeleton. file: int64 (people,), places in the batch's files; person: their
    places in the file; person_id: EMPTY for none. points: float32 (people, parts, 3): x, y in
    pixels, score; or in space (people, parts, 4): x, y, z, 1 or 0."""

    skeleton: Skeleton
    file: np.ndarray
    person: np.ndarray
    person_id: np.ndarray
    points: np.ndarray

    @property
    def nameless(self) -> bool:
        """Whether there are several people in a frame and only their places tell them apart."""
        return bool(((self.person > 0) & (self.person_id == EMPTY)).any())


def poses_of(batch: Batch, model: str, in_space: bool = False) -> Poses | None:
    """None: nobody has a body there. model: --model_pose, empty: what the number of points says."""
    kind = FIRST_3D if in_space else 0
    chosen = batch.fields[:, 3] == kind
    starts, fields = batch.starts[chosen], batch.fields[chosen]
    if not len(fields):
        return None
    file, person, person_id = fields[:, :3].T
    counts = fields[:, 4]
    sizes, first = np.unique(counts, return_index=True)
    skeletons = [
        pose_skeleton(size // VALUES[kind], model, batch.files[file[place]].path)
        for size, place in zip(sizes.tolist(), first.tolist(), strict=True)
    ]
    if len(skeletons) > 1:
        names = " and ".join(one.name for one in skeletons)
        raise InputError(f"people of {names}", hint="convert one folder at a time")
    numbers = batch.numbers[starts[:, None] + np.arange(counts[0])]
    return Poses(
        skeletons[0], file, person, person_id, numbers.reshape(len(file), -1, VALUES[kind])
    )


def nobody() -> Poses:
    """No people at all."""
    none = np.zeros(0, np.int64)
    skeleton = read_skeleton("BODY_25")
    return Poses(skeleton, none, none, none, np.zeros((0, len(skeleton.parts), 3), np.float32))


def has_space(batch: Batch) -> bool:
    """Whether somebody's pose is known in space."""
    return bool((batch.fields[:, 3] == FIRST_3D).any())
