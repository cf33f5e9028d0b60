"""Ground truth files: COCO's format (also with COCO-WholeBody's blocks), and lists of joints."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from openpose_py.errors import InputError
from openpose_py.evaluate.keypoint_sets import KeypointSet, all_sets
from openpose_py.evaluate.lip_csv import ENDING, read_lip_truth
from openpose_py.evaluate.people import GroundTruth, TruePeople, TruePicture

NAMELESS = {17: "coco17", 133: "wholebody133"}  # sets of categories that do not name their points
DAMAGED = (KeyError, TypeError, ValueError, AttributeError, IndexError)


def read_ground_truth(path: Path) -> GroundTruth:
    """A COCO annotation file, {"joint_names", "images": [{"file", "joints"}]}, or LIP's CSV.

    An annotation may hold a head box, `head_box`: x1, y1, x2, y2, as MPII has it.
    """
    if path.suffix == ENDING:
        return read_lip_truth(path)
    table = read_json_file(path)
    if not isinstance(table, dict) or "images" not in table:
        raise InputError("is not a ground truth: it has no list of images", where=str(path),
                         hint="wanted: COCO's annotation format")  # fmt: skip
    try:
        if "joint_names" in table:
            return _joint_lists(table, str(path))
        return _coco(table, str(path))
    except DAMAGED as problem:
        what = f"is damaged or of another format: {type(problem).__name__}: {problem}"
        raise InputError(what, where=str(path)) from problem


def read_json_file(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=str(path)) from problem
    except ValueError as problem:
        raise InputError(f"is not JSON: {problem}", where=str(path)) from problem


def _coco(table: dict[str, Any], where: str) -> GroundTruth:
    category, named = _people_category(table)
    rows = [row for row in table.get("annotations", []) if row.get("category_id", 1) == category]
    blocks = [one for one in all_sets().values() if any(one.block in row for row in rows)]
    blocks = [one for one in blocks if one.block != "keypoints"]
    listed = named or _by_count(rows, where)
    points = (*listed, *(point for one in blocks for point in one.points))
    by_picture: dict[Any, list[dict]] = {image["id"]: [] for image in table["images"]}
    for row in rows:
        if row["image_id"] not in by_picture:
            raise InputError(f"annotation {row.get('id')} is of a picture that is not listed",
                             where=where)  # fmt: skip
        by_picture[row["image_id"]].append(row)
    pictures = [
        TruePicture(
            image["id"], image["file_name"], (int(image["width"]), int(image["height"]))
            if "width" in image else None, _people(by_picture[image["id"]], len(listed), blocks),
        )
        for image in sorted(table["images"], key=lambda image: image["id"])
    ]  # fmt: skip
    return GroundTruth(tuple(pictures), points, len(listed), where)


def _people_category(table: dict[str, Any]) -> tuple[int, tuple[str, ...]]:
    """Number of the category with people, and the names of its points, if it has any."""
    for row in table.get("categories", []):
        if row["name"] == "person" or len(table["categories"]) == 1:
            return row["id"], tuple(row.get("keypoints", ()))
    return 1, ()


def _by_count(rows: list[dict], where: str) -> tuple[str, ...]:
    counts = {len(row["keypoints"]) // 3 for row in rows} or {17}
    count = counts.pop()
    if counts or count not in NAMELESS:
        raise InputError("its category does not name the keypoints", where=where,
                         hint='wanted: "categories": [{"keypoints": [names], ...}]')  # fmt: skip
    return all_sets()[NAMELESS[count]].points


def _people(rows: list[dict], listed: int, blocks: list[KeypointSet]) -> TruePeople:
    points = listed + sum(len(one.points) for one in blocks)
    keypoints = np.zeros((len(rows), points, 3))
    for number, row in enumerate(rows):
        values = list(row.get("keypoints", [0] * 3 * listed))
        for one in blocks:
            values += row.get(one.block) or [0] * 3 * len(one.points)
        keypoints[number] = np.array(values, np.float64).reshape(points, 3)
    boxes = [row.get("bbox") or _box(keypoints[number]) for number, row in enumerate(rows)]
    areas = [row.get("area", box[2] * box[3]) for row, box in zip(rows, boxes, strict=True)]
    return TruePeople(
        keypoints=keypoints,
        boxes=np.array(boxes, np.float64).reshape(len(rows), 4),
        areas=np.array(areas, np.float64),
        crowd=np.array([bool(row.get("iscrowd", 0)) for row in rows], bool),
        labelled=np.array([row.get("num_keypoints", -1) for row in rows], np.int64),
        heads=np.array([_head(row) for row in rows], np.float64),
    )


def _box(keypoints: np.ndarray) -> list[float]:
    """x, y, width, height around the labelled points."""
    labelled = keypoints[keypoints[:, 2] > 0, :2]
    if not len(labelled):
        return [0.0, 0.0, 0.0, 0.0]
    low, high = labelled.min(0), labelled.max(0)
    return [*low.tolist(), *(high - low).tolist()]


def _head(row: dict) -> float:
    """Diagonal of the head box, NaN without one."""
    if not row.get("head_box"):
        return float("nan")
    x1, y1, x2, y2 = row["head_box"]
    return float(np.hypot(x2 - x1, y2 - y1))


def _joint_lists(table: dict[str, Any], where: str) -> GroundTruth:
    """One person a picture: joints of x, y and 1 for labelled, else 0."""
    points = tuple(table["joint_names"])
    pictures = []
    for image in table["images"]:
        row = {"keypoints": [value for joint in image["joints"] for value in joint]}
        size = (int(image["width"]), int(image["height"]))
        people = _people([row], len(points), [])
        pictures.append(TruePicture(image["file"], image["file"], size, people))
    return GroundTruth(tuple(pictures), points, len(points), where)
