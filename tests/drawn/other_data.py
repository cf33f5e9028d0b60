"""Drawn people with the labels of Look Into Person and of COCO, one person a picture."""

import json
from pathlib import Path

import cv2
import numpy as np
from drawn.stick_people import PARTS, draw, stick_person

MIDDLES = {"Pelvis": ("LHip", "RHip"), "Spine": ("LShoulder", "RShoulder"),
           "UpperNeck": ("Neck", "Neck")}  # fmt: skip
LIP = (
    *("RAnkle", "RKnee", "RHip", "LHip", "LKnee", "LAnkle", "Pelvis", "Spine", "UpperNeck"),
    *("HeadTop", "RWrist", "RElbow", "RShoulder", "LShoulder", "LElbow", "LWrist"),
)


def lone_people(side: int) -> list[np.ndarray]:
    """float32 (25, 2) each: BODY_25B's parts of one person a picture."""
    places = [(0.78, 0.4, 0.1), (0.7, 0.6, 0.2)]
    return [stick_person(*(side * n for n in place)) for place in places]


def lip_points(person: np.ndarray) -> np.ndarray:
    """float32 (16, 2), in LIP's order."""
    ends = [MIDDLES.get(name, (name, name)) for name in LIP]
    return np.array([(person[PARTS.index(a)] + person[PARTS.index(b)]) / 2 for a, b in ends])


def write_pictures(folder: Path, side: int) -> list[np.ndarray]:
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    people = lone_people(side)
    for number, person in enumerate(people):
        cv2.imwrite(str(folder / f"pictures/{number}.png"), draw([person], side))
    return people


def write_lip(folder: Path, side: int) -> None:
    """lip.csv and pictures/."""
    lines = []
    for number, person in enumerate(write_pictures(folder, side)):
        points = ",".join(f"{x:.1f},{y:.1f},0" for x, y in lip_points(person).tolist())
        lines.append(f"{number}.png,{points}\n")
    (folder / "lip.csv").write_text("".join(lines))


def write_coco(folder: Path, side: int) -> None:
    """coco.json and pictures/."""
    rows = []
    for number, person in enumerate(write_pictures(folder, side)):
        low, high = person.min(axis=0), person.max(axis=0)
        values = [value for x, y in person[:17].tolist() for value in (x, y, 2)]
        rows.append({
            "id": number, "image_id": number, "category_id": 1, "iscrowd": 0, "num_keypoints": 17,
            "keypoints": values, "area": 3000, "bbox": [*low.tolist(), *(high - low).tolist()],
        })  # fmt: skip
    images = [{"id": n, "file_name": f"{n}.png", "width": side, "height": side} for n in range(2)]
    category = {"id": 1, "name": "person", "keypoints": []}
    table = {"images": images, "annotations": rows, "categories": [category]}
    (folder / "coco.json").write_text(json.dumps(table))
