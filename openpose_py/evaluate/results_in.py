"""Results that somebody stored: a folder of OpenPose's JSON files, or a COCO results file."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from openpose_py.errors import InputError, UsageError
from openpose_py.evaluate.ground_truth import DAMAGED, read_json_file
from openpose_py.evaluate.keypoint_sets import KeypointSet, all_sets, sets_in
from openpose_py.evaluate.people import (
    Found,
    FoundPeople,
    GroundTruth,
    PictureId,
    person_scores,
)
from openpose_py.stages.writers.json_people import ENDING
from openpose_py.zoo.cards import card_named, cards
from openpose_py.zoo.skeletons import read_skeleton

STATED = 1e-9  # confidence of a point with coordinates and the flag 0
FIRST_OF_BODY_135 = {"face": 65, "left": 25, "right": 45}  # where these parts begin
FACE_POINTS, HAND_POINTS = 70, 21


def read_openpose_folder(
    folder: Path, truth: GroundTruth | None, model: str, score: str = "sum"
) -> Found:
    """The files that --write_json made, OpenPose's or ours; parts in the order of `model`.

    Faces and hands are read as well. OpenPose does not store its score of a person, so "pose"
    is read as "sum" (see person_scores).
    """
    paths = sorted(folder.glob(f"*{ENDING}"))
    if not paths:
        raise InputError(f"has no file *{ENDING}", where=str(folder))
    parts = read_skeleton(card_named(model).skeleton).parts
    with_hands = (*parts, *_face_and_hand_parts())
    pictures: dict[PictureId, FoundPeople] = {}
    unknown = 0
    for path in paths:
        picture = _picture_named(path.name.removesuffix(ENDING), truth)
        if picture is None:
            unknown += 1
            continue
        keypoints = _read_people(path, len(parts), model)
        if len(keypoints):
            body = keypoints[:, : len(parts)]
            pictures[picture] = FoundPeople(keypoints, person_scores(body, score))
    notes = _notes(truth, len(paths) - unknown, unknown)
    more = any((one.keypoints[:, len(parts) :, 2] > 0).any() for one in pictures.values())
    if not more:
        pictures = {
            key: FoundPeople(one.keypoints[:, : len(parts)], one.scores)
            for key, one in pictures.items()
        }
    return Found(folder.name, with_hands if more else parts, pictures, notes)


def _notes(truth: GroundTruth | None, read: int, unknown: int) -> tuple[str, ...]:
    notes = []
    if unknown:
        notes.append(f"{unknown} files are of pictures that the ground truth lacks")
    missing = len(truth.pictures) - read if truth else 0
    if missing > 0:
        notes.append(f"{missing} of {read + missing} pictures have no file: nobody found there")
    return tuple(notes)


def _picture_named(name: str, truth: GroundTruth | None) -> PictureId | None:
    """The picture with this file name, or with the last number in it as its id."""
    if truth is None:
        return name
    by_stem = {Path(picture.file).stem: picture.id for picture in truth.pictures}
    if name in by_stem:
        return by_stem[name]
    numbers = re.findall(r"\d+", name)
    ids = {picture.id for picture in truth.pictures}
    return int(numbers[-1]) if numbers and int(numbers[-1]) in ids else None


def _face_and_hand_parts() -> tuple[str, ...]:
    """Names of 70 face points and twice 21 hand points, those of BODY_135 where it has them."""
    whole = read_skeleton("BODY_135").parts
    fingers = HAND_POINTS - 1
    face = whole[FIRST_OF_BODY_135["face"] :][:FACE_POINTS]
    left = whole[FIRST_OF_BODY_135["left"] :][:fingers]
    right = whole[FIRST_OF_BODY_135["right"] :][:fingers]
    return (*face, "LHandRoot", *left, "RHandRoot", *right)


def _read_people(path: Path, parts: int, model: str) -> np.ndarray:
    """(people, parts + face + hands, 3) of one file."""
    table = read_json_file(path)
    counts = {
        "pose_keypoints_2d": parts,
        "face_keypoints_2d": FACE_POINTS,
        "hand_left_keypoints_2d": HAND_POINTS,
        "hand_right_keypoints_2d": HAND_POINTS,
    }
    rows = []
    try:
        for person in table["people"]:
            blocks = [person.get(key) or [0.0] * 3 * count for key, count in counts.items()]
            if len(blocks[0]) != 3 * parts:
                raise _other_model(path, len(blocks[0]) // 3, model)
            rows.append(np.array([value for block in blocks for value in block], np.float32))
        return np.array(rows, np.float32).reshape(len(rows), sum(counts.values()), 3)
    except DAMAGED as problem:
        raise InputError("is not a file of OpenPose keypoints", where=str(path)) from problem


def _other_model(path: Path, count: int, model: str) -> UsageError:
    fitting = [
        name for name, card in cards().items()
        if len(read_skeleton(card.skeleton).parts) == count
    ]  # fmt: skip
    hint = f"use --model_pose {' or '.join(fitting)}" if fitting else "no model has that many"
    return UsageError(f"has {count} points a person, {model} has others", where=str(path),
                      hint=hint)  # fmt: skip


def read_coco_results(path: Path, truth: GroundTruth) -> Found:
    """A list of {"image_id", "keypoints", "score"}; the number of points tells their order.

    COCO-WholeBody's blocks (foot_kpts, ...) may stand beside the keypoints.
    """
    table = read_json_file(path)
    if not isinstance(table, list):
        raise InputError("is not a list of COCO results", where=str(path))
    try:
        return _coco_results(table, truth, path)
    except DAMAGED as problem:
        what = f"is not a list of COCO results: {type(problem).__name__}: {problem}"
        raise InputError(what, where=str(path)) from problem


def _coco_results(table: list[dict], truth: GroundTruth, path: Path) -> Found:
    ids = {picture.id for picture in truth.pictures}
    strange = {row["image_id"] for row in table} - ids
    if strange:
        raise InputError(
            f"{len(strange)} of its pictures are not in the ground truth, such as "
            f"{next(iter(strange))}", where=str(path),
        )  # fmt: skip
    if not table:
        return Found(path.stem, all_sets()["coco17"].first_parts, {})
    sets = _sets_of(table[0], truth, path)
    parts = tuple(part for one in sets for part in one.first_parts)
    by_picture: dict[PictureId, list[dict[str, Any]]] = {}
    for row in table:
        by_picture.setdefault(row["image_id"], []).append(row)
    boxes = bool(table[0].get("bbox"))
    pictures = {key: _stored_people(rows, sets, boxes) for key, rows in by_picture.items()}
    return Found(path.stem, parts, pictures)


def _sets_of(row: dict, truth: GroundTruth, path: Path) -> list[KeypointSet]:
    """The sets whose points stand in a result, in order."""
    count = len(row["keypoints"]) // 3
    fitting = [one for one in sets_in(truth.points) if len(one.points) == count]
    if not fitting:
        raise InputError(f"{count} keypoints a person do not fit the ground truth",
                         where=str(path))  # fmt: skip
    blocks = [one for one in all_sets().values() if one.block != "keypoints" and one.block in row]
    return [fitting[0], *blocks]


def _stored_people(rows: list[dict], sets: Sequence[KeypointSet], boxes: bool) -> FoundPeople:
    keys = ["keypoints", *(one.block for one in sets[1:])]
    values = [[value for key in keys for value in row[key]] for row in rows]
    keypoints = np.array(values, np.float64).reshape(len(rows), -1, 3)
    stated = (keypoints[..., :2] != 0).any(2) & (keypoints[..., 2] <= 0)
    keypoints[..., 2] = np.where(stated, STATED, np.maximum(keypoints[..., 2], 0))
    scores = np.array([row["score"] for row in rows], np.float64)
    areas = np.array([row["bbox"][2] * row["bbox"][3] for row in rows]) if boxes else None
    return FoundPeople(keypoints, scores, areas)
