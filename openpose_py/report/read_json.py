"""OpenPose's JSON -> people, frame by frame: a folder of files, or one file."""

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from openpose_py.errors import InputError
from openpose_py.stages.writers.json_people import ENDING, KEYS

NUMBERED = re.compile(r"(.*)_(\d{12})")  # how frames of a video are named
FIELDS = tuple(key for key in KEYS if key.endswith("_2d"))
WRONG = "is not a file of OpenPose keypoints"


@dataclasses.dataclass(frozen=True, slots=True)
class FramePeople:
    """people: (person_id, points) each; -1: no id. points: float32 (parts * 3,), x, y, score of
    the body's parts, then of face and hands if there are such; zeros where nothing was found.
    number: of the frame in its video, else the position. time: seconds; None: by the number."""

    number: int
    time: float | None
    people: list[tuple[int, np.ndarray]]


@dataclasses.dataclass(frozen=True, slots=True)
class People2D:
    """A recording that can be read once more at any time.

    points: how many each of FIELDS has, 0 where it is empty. names: one a frame where the frames
    are pictures, empty for a video's. title: the video's name, or that of the folder.
    """

    title: str
    points: tuple[int, ...]
    names: tuple[str, ...]
    fps: float | None
    _frames: Sequence[Any]

    def __len__(self) -> int:
        return len(self._frames)

    def frames(self) -> Iterator[FramePeople]:
        for position, frame in enumerate(self._frames):
            number, time, people = _raw(frame, position, not self.names)
            found = [_person(one, self.points, frame) for one in people]
            yield FramePeople(number, time, found)


def read_people(path: Path) -> People2D:
    """A folder that --write_json filled, one of its files, or the JSON that a page gives."""
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise InputError("there is no such file or folder", where=str(path))
    table = _read(path)
    if "frames" not in table:
        return _of_files(path.stem.removesuffix("_keypoints"), [path])
    frames = table["frames"]
    if not isinstance(frames, list) or not frames:
        raise InputError("has no frames", where=str(path))
    names = tuple(table["names"]) if isinstance(table.get("names"), list) else ()
    rate = table.get("fps")
    fps = float(rate) if isinstance(rate, int | float) and rate > 0 else None
    title = str(table.get("title") or path.stem)
    return People2D(title, _points(frames, path), names, fps, frames)


def _folder(folder: Path) -> People2D:
    paths = sorted(folder.glob(f"*{ENDING}"), key=lambda path: _natural(path.name))
    if not paths:
        inside = sorted({path.parent for path in folder.glob(f"*/*{ENDING}")})
        hint = f"one folder at a time: {inside[0]}" if inside else "--write_json makes such files"
        raise InputError(f"has no file *{ENDING}", where=str(folder), hint=hint)
    return _of_files(folder.resolve().name, paths)


def _of_files(title: str, paths: list[Path]) -> People2D:
    stems = [path.name.removesuffix(ENDING) for path in paths]
    found = [NUMBERED.fullmatch(stem) for stem in stems]
    videos = sorted({match[1] for match in found if match})
    if len(videos) > 1 and all(found):
        raise InputError(
            f"holds frames of {len(videos)} videos: {', '.join(videos[:3])}",
            where=str(paths[0].parent), hint="one folder a video, please",
        )  # fmt: skip
    of_video = all(found)
    names = () if of_video else tuple(stems)
    title = videos[0] if of_video else title
    return People2D(title, _points(paths, paths[0].parent), names, None, paths)


def _natural(name: str) -> list[tuple[int, str]]:
    """Numbers by value, before letters."""
    tokens = re.findall(r"\d+|\D+", name)
    return [(int(t), "") if t.isdigit() else (1 << 62, t.lower()) for t in tokens]


def _points(frames: Iterable[Any], where: Path) -> tuple[int, ...]:
    """Of the first frame with people; the widest person counts."""
    for position, frame in enumerate(frames):
        people = _raw(frame, position, True)[2]
        if people:
            lengths = [max(len(_values(one, key, frame)) for one in people) for key in FIELDS]
            if any(length % 3 for length in lengths):
                raise InputError(f"{WRONG}: triples are wanted", where=_where(frame))
            return tuple(length // 3 for length in lengths)
    raise InputError("has no people: there is nothing to show", where=str(where))


def _raw(frame: Any, position: int, by_number: bool) -> tuple[int, float | None, list[Any]]:
    """Number, time and people of a file, or of an entry of "frames"."""
    if isinstance(frame, Path):
        match = NUMBERED.fullmatch(frame.name.removesuffix(ENDING))
        number = int(match[2]) if match and by_number else position
        table, time = _read(frame), None
    else:
        table = frame if isinstance(frame, dict) else {}
        number, time = table.get("frame", position), table.get("time")
    people = table.get("people")
    numbers = isinstance(number, int) and isinstance(time, int | float | None)
    if not isinstance(people, list) or not numbers:
        raise InputError(WRONG, where=_where(frame))
    return number, time, people


def _person(person: dict[str, Any], points: tuple[int, ...], frame: Any) -> tuple[int, np.ndarray]:
    values = np.zeros(3 * sum(points), np.float32)
    start = 0
    try:
        for key, count in zip(FIELDS, points, strict=True):
            row = _values(person, key, frame)
            if row and count:
                values[start : start + 3 * count] = row
            start += 3 * count
        identity = person.get("person_id") or [-1]
        known = int(identity[0] if isinstance(identity, list) else identity)
    except (ValueError, TypeError) as problem:
        raise InputError(f"{WRONG}: {problem}", where=_where(frame)) from problem
    return known, np.nan_to_num(values)


def _values(person: Any, key: str, frame: Any) -> list[float]:
    values = person.get(key, []) if isinstance(person, dict) else None
    if not isinstance(values, list):
        raise InputError(WRONG, where=_where(frame))
    return values


def _where(frame: Any) -> str:
    return str(frame) if isinstance(frame, Path) else "frames"


def _read(path: Path) -> dict[str, Any]:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise InputError(f"{WRONG}: {problem}", where=str(path)) from problem
    if not isinstance(table, dict):
        raise InputError(WRONG, where=str(path))
    return table
