"""One person an entry: MPII, Leeds Sports Pose (and its extension), Look Into Person."""

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np

from openpose_py.errors import InputError
from openpose_py.train.adapters.build import Builder, Labels, box_round, polygon_of, read_json
from openpose_py.train.adapters.mat_file import read_mat
from openpose_py.train.pictures import Picture, PicturePlace

MARGIN = 0.1  # of the points' extent, a side
MPII_WIDEST = 0.3  # of a person's height: the strip in which nobody unlabelled is expected
FAR = 1e5  # pixels, beyond every picture


def read_mpii(annotations: Path, place: PicturePlace, builder: Builder) -> list[Picture]:
    """The JSON list of {"image", "joints": 16 x [x, y], "joints_vis"}, counted from 1.

    Many people of MPII are not labelled: outside of a strip round each labelled one nothing is
    learnt (openpose_train does the same).
    """
    people = defaultdict(list)
    try:
        for row in read_json(annotations):
            xy = np.array(row["joints"], np.float32).reshape(16, 2) - 1
            there = np.array(row["joints_vis"], np.float32).reshape(16, 1) > 0
            people[row["image"]].append(np.hstack([xy, np.ones_like(xy[:, :1])]) * there)
    except (KeyError, TypeError, ValueError) as problem:
        raise InputError(f"is not the JSON of MPII: {problem}", where=str(annotations)) from problem
    whole = polygon_of((-FAR, -FAR, 2 * FAR, 2 * FAR))
    return _pictures(people, place, builder, unlabelled=[whole])


def read_lsp(annotations: Path, place: PicturePlace, builder: Builder) -> list[Picture]:
    """joints.mat: (3, 14, n) with flag 1 for occluded points, or the extension's (14, 3, n) with
    flag 1 for labelled ones; pictures im0001.jpg or im00001.jpg, points counted from 1."""
    joints = read_mat(annotations, "joints").astype(np.float32)
    extension = joints.shape[:2] == (14, 3)
    if not extension and joints.shape[:2] != (3, 14):
        raise InputError(f"holds joints of shape {joints.shape}", where=str(annotations))
    table = joints.transpose(2, 0, 1) if extension else joints.transpose(2, 1, 0)
    people = {}
    for number, points in enumerate(table, start=1):
        there = points[:, 2:] > 0 if extension else np.ones((14, 1), bool)
        points = np.hstack([points[:, :2] - 1, np.ones((14, 1), np.float32)]) * there
        people[f"im{number:0{5 if extension else 4}}.jpg"] = [points]
    return _pictures(people, place, builder, unlabelled=[])


def read_lip(annotations: Path, place: PicturePlace, builder: Builder) -> list[Picture]:
    """CSV: file name, then x, y, flag of 16 points; a point without a position is nan."""
    people = {}
    try:
        with annotations.open(newline="", encoding="utf-8") as lines:
            for row in csv.reader(lines):
                values = [float(text or "nan") for text in row[1:49]]
                points = np.array(values, np.float32).reshape(16, 3)
                there = np.isfinite(points[:, :2]).all(axis=1, keepdims=True)
                people[row[0]] = [np.where(there, np.column_stack([points[:, :2], there]), 0)]
    except (OSError, IndexError, ValueError) as problem:
        raise InputError(f"is not the CSV of LIP: {problem}", where=str(annotations)) from problem
    return _pictures(people, place, builder, unlabelled=[])


def _pictures(
    people: dict[str, list[np.ndarray]], place: PicturePlace, builder: Builder,
    unlabelled: list[np.ndarray],
) -> list[Picture]:  # fmt: skip
    found = []
    for name, persons in people.items():
        file = place.file(name)
        persons = [points for points in persons if (points[:, 2] > 0).any()]
        if not file or not persons:
            continue
        points = np.array(persons, np.float32)
        boxes = np.array([box_round(one, MARGIN) for one in points])
        labels = Labels(
            points, np.zeros(points.shape[:2], bool), boxes, unlabelled,
            [polygon_of(_strip(box)) for box in boxes] if unlabelled else [],
        )  # fmt: skip
        found.append(builder.picture(name, file, labels))
    return found


def _strip(box: np.ndarray) -> tuple[float, float, float, float]:
    x, y, w, h = box.tolist()
    width = min(w, MPII_WIDEST * h)
    return x + (w - width) / 2, y, width, h
