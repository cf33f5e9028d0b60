"""Rows of a table back into OpenPose's JSON files, byte for byte as they were."""

import itertools
import operator
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from openpose_py.errors import InputError
from openpose_py.stages.writers.json_people import KEYS, UNKNOWN_ID, number_text
from openpose_py.stages.writers.whole_file import output_folder, write_whole
from openpose_py.tables.file_names import file_name
from openpose_py.tables.keypoint_names import is_whole, kind_of

# what a row must have; `time` follows from the frame
COLUMNS = ("video", "frame", "person", "person_id", "keypoint", "x", "y", "z", "confidence")


class Row(NamedTuple):
    """frame: None for a picture. person, person_id: None for a frame without people. keypoint:
    None where x, y and confidence mean nothing. z: None in a picture."""

    video: str
    frame: int | None
    person: int | None
    person_id: int
    keypoint: str | None
    x: float
    y: float
    z: float | None
    confidence: float


def write_json_files(cells: Iterable[tuple[Any, ...]], folder: Path, where: str) -> int:
    """Writes `folder` as the table was read from; returns the number of files.

    cells: those of COLUMNS, row by row in the order of the table; where: its name, for errors.
    """
    written = 0
    last: tuple[str, int | None] | None = None
    seen: set[str] = set()
    for (video, frame), rows in itertools.groupby(
        _rows(cells, where), operator.attrgetter("video", "frame")
    ):
        if last is not None and not _follows(last, (video, frame), seen):
            raise _out_of_order(f"frame {frame} of {video}", where)
        last = (video, frame)
        seen.add(video)
        path = _path(folder, video, frame, where)
        write_whole(path, _file(list(rows), where))
        written += 1
    return written


def _rows(cells: Iterable[tuple[Any, ...]], where: str) -> Iterator[Row]:
    """Texts of CSV become numbers."""
    for number, row in enumerate(cells, 1):
        video, frame, person, identity, keypoint, x, y, z, confidence = row
        try:
            yield Row(
                str(video),
                None if frame is None else int(frame),
                None if person is None else int(person),
                UNKNOWN_ID if identity is None else int(identity),
                keypoint,
                _float(x),
                _float(y),
                None if z is None else float(z),
                _float(confidence),
            )
        except (ValueError, TypeError) as problem:
            raise InputError(f"row {number} is no row of keypoints", where=where) from problem


def _float(value: Any) -> float:
    return 0.0 if value is None else float(value)


def _follows(last: tuple[str, int | None], this: tuple[str, int | None], seen: set[str]) -> bool:
    """Whether no row of this frame can have come before."""
    (last_video, last_frame), (video, frame) = last, this
    if video != last_video:
        return video not in seen
    return last_frame is not None and frame is not None and frame > last_frame


def _path(folder: Path, video: str, frame: int | None, where: str) -> Path:
    """Videos of sub folders carry these in their names; nothing is written elsewhere."""
    inside = PurePosixPath(file_name(video, frame))
    if inside.is_absolute() or ".." in inside.parts:
        raise InputError(f"the video {video!r} would lie outside of {folder}", where=where)
    path = folder / inside
    return output_folder(str(path.parent)) / path.name if not path.parent.is_dir() else path


def _file(rows: list[Row], where: str) -> bytes:
    people: list[str] = []
    if rows[0].person is not None or len(rows) > 1:
        for person, of_person in itertools.groupby(rows, operator.attrgetter("person")):
            if person != len(people):
                raise _out_of_order(f"person {person} of {_name(rows[0])}", where)
            people.append(_person(list(of_person), where))
    return f'{{"version":1.3,"people":[{",".join(people)}]}}'.encode("ascii")


def _person(rows: list[Row], where: str) -> str:
    texts = dict.fromkeys(KEYS, "")
    kinds: list[int] = []
    for kind, of_kind in itertools.groupby(rows, _kind):
        if kind is not None:
            points = list(of_kind)
            _check(kind, points, kinds, where)
            kinds.append(kind)
            values = [value for row in points for value in (*row[5:7], *_z(row), row.confidence)]
            texts[tuple(KEYS)[kind]] = number_text(np.array(values))
    fields = [f'"{key}":[{text}]' for key, text in texts.items()]
    return f'{{"person_id":[{number_text(np.array([rows[0].person_id]))}],{",".join(fields)}}}'


def _kind(row: Row) -> int | None:
    return None if row.keypoint is None else kind_of(row.keypoint, row.z is not None)


def _z(row: Row) -> tuple[float, ...]:
    return () if row.z is None else (row.z,)


def _check(kind: int, points: list[Row], before: list[int], where: str) -> None:
    names = tuple(str(row.keypoint) for row in points)
    if before and kind <= before[-1]:
        raise _out_of_order(f"{names[0]} of {_name(points[0])}", where)
    if not is_whole(kind, names):
        raise InputError(
            f"person {points[0].person} of {_name(points[0])} has {len(names)} points from "
            f"{names[0]} on that are not those of a model in their order",
            where=where,
            hint="rows are missing or sorted: set the confidence to 0 instead of leaving some out",
        )


def _name(row: Row) -> str:
    return row.video if row.frame is None else f"frame {row.frame} of {row.video}"


def _out_of_order(what: str, where: str) -> InputError:
    return InputError(
        f"{what} is not where it belongs",
        where=where,
        hint="keep the rows in the order in which `openpose-py convert` writes them",
    )
