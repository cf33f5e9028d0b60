"""Look Into Person's CSV files: its labels, and detections as GCCPM's val.py writes them.

A line is a picture of one person: its file, then x, y and a flag of each of 16 points in the labels
(flag 1: hidden), x and y alone in detections; "nan" where there is none.
"""

import csv
from pathlib import Path

import numpy as np

from openpose_py.errors import InputError
from openpose_py.evaluate.keypoint_sets import all_sets, in_set
from openpose_py.evaluate.people import (
    Found,
    FoundPeople,
    GroundTruth,
    PictureId,
    TruePeople,
    TruePicture,
)
from openpose_py.stages.writers.whole_file import write_whole

ENDING = ".csv"
LABEL, DETECTION = 3, 2  # numbers a point
MISSING = 1.0  # x and y of a missing point: where GCCPM's script puts it
HIDDEN, SEEN = 1, 2


def read_lip_truth(path: Path) -> GroundTruth:
    wanted = all_sets()["lip16"]
    pictures = []
    for name, values in _rows(path, LABEL):
        there = np.isfinite(values[:, :2]).all(axis=1)
        keypoints = np.zeros((1, *values.shape))
        keypoints[0, there, :2] = values[there, :2]
        keypoints[0, there, 2] = np.where(values[there, 2] == 1, HIDDEN, SEEN)
        pictures.append(TruePicture(name, name, None, _one_person(keypoints)))
    return GroundTruth(tuple(pictures), wanted.points, len(wanted.points), str(path))


def read_lip_detections(path: Path, truth: GroundTruth) -> Found:
    """A missing point, or a negative coordinate, counts as being at 1, as in GCCPM's script."""
    ids = {Path(picture.file).name: picture.id for picture in truth.pictures}
    pictures: dict[PictureId, FoundPeople] = {}
    for name, values in _rows(path, DETECTION):
        if Path(name).name not in ids:
            raise InputError(f"{name} is not in the ground truth", where=str(path))
        places = np.where(values >= 0, values, MISSING)  # nan is not above 0 either
        keypoints = np.column_stack([places, np.ones(len(places))])[None]
        pictures[ids[Path(name).name]] = FoundPeople(keypoints, np.ones(1))
    return Found(path.stem, all_sets()["lip16"].first_parts, pictures)


def write_lip_detections(path: Path, truth: GroundTruth, found: Found) -> None:
    """The surest person of each picture; a picture without one has no line."""
    lines = []
    for picture in truth.pictures:
        people = found.of(picture.id)
        if len(people.scores):
            best = int(np.argmax(people.scores))
            points = in_set(people.keypoints[best : best + 1], found.parts, all_sets()["lip16"])[0]
            cells = ["nan,nan" if s <= 0 else f"{x:.6g},{y:.6g}" for x, y, s in points.tolist()]
            lines.append(f"{picture.file},{','.join(cells)}\n")
    write_whole(path, "".join(lines).encode())


def _rows(path: Path, numbers: int) -> list[tuple[str, np.ndarray]]:
    """File name and float64 (16, numbers) of each line."""
    points = len(all_sets()["lip16"].points)
    try:
        with path.open(newline="", encoding="utf-8") as lines:
            rows = [row for row in csv.reader(lines) if row]
        wide = next((row for row in rows if len(row) != 1 + numbers * points), None)
        if wide:
            raise ValueError(f"a line has {len(wide)} cells, wanted {1 + numbers * points}")
        return [
            (row[0], np.array([float(cell or "nan") for cell in row[1:]]).reshape(points, numbers))
            for row in rows
        ]
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=str(path)) from problem
    except (ValueError, csv.Error) as problem:
        raise InputError(f"is not a CSV file of LIP: {problem}", where=str(path)) from problem


def _one_person(keypoints: np.ndarray) -> TruePeople:
    return TruePeople(
        keypoints=keypoints, boxes=np.zeros((1, 4)), areas=np.zeros(1), crowd=np.zeros(1, bool),
        labelled=np.full(1, -1), heads=np.full(1, np.nan),
    )  # fmt: skip
