"""A batch of files as a part of one tidy table: a row a keypoint."""

import dataclasses

import numpy as np

from openpose_py.tables.columns import EMPTY, Column, Table, or_missing
from openpose_py.tables.keypoint_names import FIRST_3D, VALUES, names_of
from openpose_py.tables.parse import Batch

MICROSECOND = 6  # digits of a time


@dataclasses.dataclass(frozen=True, slots=True)
class Scale:
    """frames_a_second: 0 where unknown: no times then. length: what a pixel counts, 1 or metres."""

    frames_a_second: float = 0.0
    length: float = 1.0


def rows_of(batch: Batch, scale: Scale, model: str) -> Table:
    """x, y: pixels of the picture, y down, times the scale; z is empty there. Rows with a z are
    points in space, their confidence is 1 or 0. A frame without people, and a person without
    points, is one row without keypoint. model: a --model_pose, where several have as many points.
    """
    kind, count = batch.fields[:, 3], batch.fields[:, 4]
    values = np.where(kind == EMPTY, 0, np.array(VALUES)[kind])
    sizes = np.where(kind == EMPTY, 1, count // np.maximum(values, 1))
    field = np.repeat(np.arange(len(kind)), sizes)
    within = np.arange(len(field)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    at = batch.starts[field] + within * values[field]
    in_space = (kind >= FIRST_3D)[field]
    keypoints, first = _names(kind, sizes, model)
    numbers = np.append(batch.numbers, np.zeros(4, np.float32))
    length = np.where(in_space, np.float32(1), np.float32(scale.length))
    nothing = (kind == EMPTY)[field] if EMPTY in kind else None
    return {
        **file_columns(batch, batch.fields[field, 0], scale),
        "person": or_missing(batch.fields[field, 1].astype(np.int32)),
        "person_id": Column(batch.fields[field, 2], missing=_nobody(batch)[field]),
        "keypoint": Column((first[field] + within).astype(np.int32), keypoints, nothing),
        "x": Column(numbers[at] * length, missing=nothing),
        "y": Column(numbers[at + 1] * length, missing=nothing),
        "z": Column(numbers[at + 2], missing=~in_space),
        "confidence": Column(numbers[at + 2 + in_space], missing=nothing),
    }


def _names(kind: np.ndarray, sizes: np.ndarray, model: str) -> tuple[tuple[str, ...], np.ndarray]:
    """All names that occur, and for each field where its own begin."""
    names: list[str] = []
    first = np.zeros(len(kind), np.int64)
    flat = np.where(kind == EMPTY, EMPTY, kind % FIRST_3D)
    for one, size in sorted(set(zip(flat.tolist(), sizes.tolist(), strict=True))):
        if one != EMPTY:
            first[(flat == one) & (sizes == size)] = len(names)
            names += names_of(one, size, model)
    return tuple(names), first


def _nobody(batch: Batch) -> np.ndarray:
    """bool (fields,): where there is no person who could have an id."""
    return batch.fields[:, 1] == EMPTY


def file_columns(batch: Batch, file: np.ndarray, scale: Scale) -> Table:
    """video, frame and time of rows; file: int64 (rows,), places in `batch.files`."""
    place: dict[str, int] = {}
    video = [place.setdefault(one.video, len(place)) for one in batch.files]
    frame = np.array([EMPTY if one.frame is None else one.frame for one in batch.files])
    unknown = frame == EMPTY
    time = np.zeros(len(frame))
    if scale.frames_a_second:
        time = np.round(frame / scale.frames_a_second, MICROSECOND)
    else:
        unknown = np.ones(len(frame), bool)
    return {
        "video": Column(np.array(video, np.int32)[file], tuple(place)),
        "frame": or_missing(frame[file]),
        "time": Column(time[file], missing=unknown[file]),
    }
