"""The JSON of COCO and of the data sets that share its form."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from openpose_py.errors import InputError
from openpose_py.train.adapters.build import Builder, Labels, polygon_of, read_json
from openpose_py.train.pictures import Picture, PicturePlace

NOT_IN_THIS_SET = 3  # a flag that openpose_train adds to COCO's 0, 1 and 2

# lists of points besides "keypoints", each with its own flag (COCO-WholeBody)
WHOLE_BODY_LISTS = (
    ("foot_kpts", "foot_valid"),
    ("face_kpts", "face_valid"),
    ("lefthand_kpts", "lefthand_valid"),
    ("righthand_kpts", "righthand_valid"),
)


def read_coco(
    annotations: Path, place: PicturePlace, count: int, builder: Builder
) -> list[Picture]:
    """count: keypoints a person. Pictures without any person annotation are left out."""
    table = read_json(annotations)
    people = defaultdict(list)
    try:
        for person in table["annotations"]:
            if person.get("category_id", 1) == 1:
                people[person["image_id"]].append(person)
        rows = [(row["id"], row["file_name"]) for row in table["images"] if row["id"] in people]
        labels = [(name, _labels(people[number], count)) for number, name in rows]
    except (KeyError, TypeError, ValueError) as problem:
        what = f"is not the JSON of COCO keypoints: {type(problem).__name__} {problem}"
        raise InputError(what, where=str(annotations)) from problem
    found = ((name, place.file(name), label) for name, label in labels)
    return [builder.picture(name, file, label) for name, file, label in found if file]


def _labels(people: list[dict[str, Any]], count: int) -> Labels:
    named, unlabelled, labelled = [], [], []
    for person in people:
        points, unknown = _points(person, count)
        if person.get("iscrowd") or not (points[:, 2] > 0).any():
            unlabelled += _outline(person)
        else:
            named.append((points, unknown, person))
            labelled += _outline(person)
    return Labels(
        points=np.array([points for points, _, _ in named], np.float32).reshape(-1, count, 3),
        unknown=np.array([unknown for _, unknown, _ in named], bool).reshape(-1, count),
        boxes=np.array([person["bbox"] for _, _, person in named], np.float32),
        unlabelled=unlabelled,
        labelled=labelled,
        areas=np.array([_area(person) for _, _, person in named]),
        labelled_points=np.array([_labelled(points, person) for points, _, person in named]),
    )


def _area(person: dict[str, Any]) -> float:
    _, _, width, height = person["bbox"]
    return float(person.get("area", width * height))


def _labelled(points: np.ndarray, person: dict[str, Any]) -> int:
    return int(person.get("num_keypoints", (points[:, 2] > 0).sum()))


def _points(person: dict[str, Any], count: int) -> tuple[np.ndarray, np.ndarray]:
    """(count, 3): x, y, 1 or 0; and which are unknown."""
    values, invalid = list(person["keypoints"]), []
    for key, valid in WHOLE_BODY_LISTS:
        if key in person and len(values) < 3 * count:
            if not person.get(valid, True):
                invalid.append((len(values) // 3, len(values) // 3 + len(person[key]) // 3))
            values += person[key]
    points = np.array(values, np.float32).reshape(-1, 3)
    if len(points) != count:
        raise ValueError(f"a person with {len(points)} points, wanted {count}")
    unknown = points[:, 2] == NOT_IN_THIS_SET
    for start, stop in invalid:
        unknown[start:stop] = True
    there = (points[:, 2] > 0) & ~unknown
    return np.where(there[:, None], [1, 1, 0], 0) * points + there[:, None] * [0, 0, 1], unknown


def _outline(person: dict[str, Any]) -> list[np.ndarray]:
    """The person's segmentation as polygons, or the box."""
    segmentation = person.get("segmentation")
    if isinstance(segmentation, dict) and isinstance(segmentation.get("counts"), list):
        return _run_lengths(segmentation["counts"], *segmentation["size"])
    if isinstance(segmentation, list) and segmentation:
        return [np.array(ring, np.float32).reshape(-1, 2) for ring in segmentation]
    return [polygon_of(person["bbox"])]


def _run_lengths(counts: list[int], height: int, width: int) -> list[np.ndarray]:
    """Runs of 0 and 1 by turns, column after column, as polygons."""
    values = np.arange(len(counts)) % 2
    mask = np.repeat(values, counts).astype(np.uint8).reshape(width, height).T
    rings, _ = cv2.findContours(
        np.ascontiguousarray(mask), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    return [ring.reshape(-1, 2).astype(np.float32) for ring in rings]
