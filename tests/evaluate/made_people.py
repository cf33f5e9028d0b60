"""Random crowds of annotated and found people, with everything that makes evaluation hard."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from openpose_py.evaluate.keypoint_sets import all_sets

COCO = all_sets()["coco17"]
CATEGORY = {"id": 1, "name": "person", "keypoints": list(COCO.points)}


def random_truth(random: np.random.Generator, pictures: int) -> dict[str, Any]:
    """COCO annotations: crowds, people without points, twins, sizes around COCO's limits."""
    images = [
        {"id": int(number) * 7 + 1, "file_name": f"{number:06d}.jpg", "width": 640, "height": 480}
        for number in random.permutation(pictures)
    ]
    annotations: list[dict[str, Any]] = []
    for image in images:
        for _ in range(random.integers(0, 5)):
            annotations.append(random_person(random, image["id"], len(annotations) + 1))
            if random.random() < 0.1:
                annotations.append({**annotations[-1], "id": len(annotations) + 1})
    return {"images": images, "annotations": annotations, "categories": [CATEGORY]}


def random_person(random: np.random.Generator, picture: int, number: int) -> dict[str, Any]:
    side = float(random.choice([20.0, 32.0, 60.0, 96.0, 200.0]))
    x, y = random.integers(0, 400, 2).tolist()
    keypoints = np.zeros((17, 3))
    keypoints[:, :2] = random.integers(0, int(side), (17, 2)) + np.array([x, y])
    keypoints[:, 2] = random.choice([0, 1, 2], 17, p=[0.3, 0.2, 0.5])
    crowd = int(random.random() < 0.1)
    if crowd or random.random() < 0.15:
        keypoints[:] = 0
    keypoints[keypoints[:, 2] == 0] = 0
    return {
        "id": number, "image_id": picture, "category_id": 1, "iscrowd": crowd,
        "bbox": [x, y, side, side], "area": side * side * float(random.choice([1.0, 0.7])),
        "num_keypoints": int((keypoints[:, 2] > 0).sum()),
        "keypoints": keypoints.ravel().tolist(),
    }  # fmt: skip


def random_results(random: np.random.Generator, truth: dict[str, Any]) -> list[dict[str, Any]]:
    """Found people near the annotated ones and elsewhere; equal scores are common."""
    results = []
    for person in truth["annotations"]:
        for _ in range(random.choice([0, 1, 1, 2, 9])):
            true = np.array(person["keypoints"]).reshape(17, 3)
            shift = random.normal(0, random.choice([0, 1, 5, 30]), (17, 2))
            keypoints = np.zeros((17, 3))
            keypoints[:, :2] = (true[:, :2] + shift).round(int(random.choice([0, 3])))
            keypoints[:, 2] = 1
            keypoints[random.random(17) < 0.2] = 0
            keypoints[0] = [*person["bbox"][:2], 1]
            results.append({
                "image_id": person["image_id"], "category_id": 1,
                "keypoints": keypoints.ravel().tolist(),
                "score": float(random.choice([0.25, 0.5, 0.75, random.random()])),
            })  # fmt: skip
    return results


def write_json(path: Path, table: Any) -> Path:
    path.write_text(json.dumps(table))
    return path


def as_results(truth: dict[str, Any]) -> list[dict[str, Any]]:
    """The annotated people themselves as results."""
    return [
        {"image_id": row["image_id"], "category_id": 1, "keypoints": row["keypoints"], "score": 1.0}
        for row in truth["annotations"]
        if row["num_keypoints"] and not row["iscrowd"]
    ]
