"""Found people as COCO's results, and as the zip file that COCO's test server takes."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from openpose_py.evaluate.keypoint_sets import KeypointSet, all_sets, in_set, lacking, sets_in
from openpose_py.evaluate.lip_csv import ENDING, write_lip_detections
from openpose_py.evaluate.people import Found, GroundTruth
from openpose_py.stages.writers.whole_file import write_whole

SERVER_NAME = "person_keypoints_test-dev2017_{}_results"


def coco_results(truth: GroundTruth, found: Found) -> list[dict[str, Any]]:
    """One row a person, in the order of the pictures; a missing point is 0, 0, 0.

    keypoints: in the order of the ground truth's first set; feet, face and hands stand in
    COCO-WholeBody's blocks where the ground truth and the model have them.
    """
    main, blocks = _sets(truth, found)
    rows: list[dict[str, Any]] = []
    for picture in truth.pictures:
        people = found.of(picture.id)
        lists = {
            one.block: in_set(people.keypoints, found.parts, one) for one in (main, *blocks)
        }  # fmt: skip
        for number in range(len(people.keypoints)):
            if (lists[main.block][number, :, 2] > 0).any():
                rows.append({
                    "image_id": picture.id, "category_id": 1,
                    **{block: _numbers(values[number]) for block, values in lists.items()},
                    "score": float(people.scores[number]),
                })  # fmt: skip
    return rows


def _sets(truth: GroundTruth, found: Found) -> tuple[KeypointSet, list[KeypointSet]]:
    inside = sets_in(truth.points)
    main = next((one for one in inside if one.block == "keypoints"), all_sets()["coco17"])
    blocks = [
        one for one in inside
        if one.block != "keypoints" and len(lacking(found.parts, one)) < len(one.points) / 2
    ]  # fmt: skip
    return main, blocks


def _numbers(keypoints: np.ndarray) -> list[float]:
    """x, y, score of each point; no more digits than float32 has, so that files stay small."""
    return [float(str(value)) for value in keypoints.astype(np.float32).ravel()]


def write_results(path: Path, truth: GroundTruth, found: Found) -> None:
    """COCO's results, or LIP's detections where the name ends in .csv."""
    if path.suffix == ENDING:
        write_lip_detections(path, truth, found)
        return
    write_whole(path, _as_json(truth, found))


def write_submission(path: Path, truth: GroundTruth, found: Found) -> str:
    """A zip file with the one name inside that the server takes; returns that name.

    NAME of person_keypoints_test-dev2017_NAME_results.json is taken from the file's own name.
    """
    start, end = SERVER_NAME.split("{}")
    name = path.stem.removeprefix(start).removesuffix(end)
    inside = f"{SERVER_NAME.format(re.sub(r'[^A-Za-z0-9.-]+', '-', name))}.json"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(inside, _as_json(truth, found))
    write_whole(path, buffer.getvalue())
    return inside


def _as_json(truth: GroundTruth, found: Found) -> bytes:
    return json.dumps(coco_results(truth, found), separators=(",", ":")).encode()
