"""Drawn people and their labels, from which a network can learn in a minute."""

import json
from pathlib import Path

import cv2
import numpy as np

from openpose_py.zoo.skeletons import read_skeleton

SIDE = 128  # pixels of a picture
LEFT, RIGHT = (230, 120, 40), (40, 120, 230)  # B G R: sides must be told apart

# x and y of BODY_25B's parts, the person's height is 1; its own left is on the picture's right
FIGURE = {
    "Nose": (0, 0.1), "LEye": (0.03, 0.08), "REye": (-0.03, 0.08), "LEar": (0.06, 0.09),
    "REar": (-0.06, 0.09), "LShoulder": (0.13, 0.22), "RShoulder": (-0.13, 0.22),
    "LElbow": (0.2, 0.36), "RElbow": (-0.2, 0.36), "LWrist": (0.24, 0.5), "RWrist": (-0.24, 0.5),
    "LHip": (0.08, 0.52), "RHip": (-0.08, 0.52), "LKnee": (0.1, 0.72), "RKnee": (-0.1, 0.72),
    "LAnkle": (0.11, 0.92), "RAnkle": (-0.11, 0.92), "Neck": (0, 0.19), "HeadTop": (0, 0),
    "LBigToe": (0.16, 0.97), "LSmallToe": (0.19, 0.96), "LHeel": (0.1, 0.97),
    "RBigToe": (-0.16, 0.97), "RSmallToe": (-0.19, 0.96), "RHeel": (-0.1, 0.97),
}  # fmt: skip
PARTS = read_skeleton("BODY_25B").parts


def stick_person(height: float, left: float, top: float) -> np.ndarray:
    """float32 (25, 2): the figure `height` pixels high at that place."""
    return np.array([FIGURE[part] for part in PARTS], np.float32) * height + (left, top)


def draw(people: list[np.ndarray], side: int = SIDE) -> np.ndarray:
    """uint8 (side, side, 3): people on grey."""
    picture = np.full((side, side, 3), 128, np.uint8)
    skeleton = read_skeleton("BODY_25B")
    for points in people:
        for a, b in skeleton.draw:
            name = PARTS[b]
            colour = LEFT if name[0] == "L" else RIGHT if name[0] == "R" else (40, 200, 40)
            ends = [tuple(map(int, np.round(points[n]))) for n in (a, b)]
            cv2.line(picture, *ends, colour, 2, cv2.LINE_AA)
        for x, y in points:
            cv2.circle(picture, (round(float(x)), round(float(y))), 1, (255, 255, 255), -1)
    return picture


def write_pack(folder: Path, pictures: list[list[np.ndarray]], side: int = SIDE) -> None:
    """people.jsonl and pictures/: one picture for each list of people."""
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    lines = []
    for number, people in enumerate(pictures):
        cv2.imwrite(str(folder / "pictures" / f"{number}.png"), draw(people, side))
        rows = [
            {
                "bbox": [*low.tolist(), *(high - low).tolist()],
                "kp": [[x, y, 1.0] for x, y in points.tolist()],
                "origin": "h" * len(points),
            }
            for points in people
            for low, high in [(points.min(0), points.max(0))]
        ]
        lines.append(json.dumps({"file": f"{number}.png", "people": rows, "ignore": []}))
    (folder / "people.jsonl").write_text("\n".join(lines) + "\n")


def four_people(side: int = SIDE) -> list[list[np.ndarray]]:
    """Two pictures of two people each."""
    unit = side / SIDE
    places = [[(100, 34, 12), (80, 94, 36)], [(90, 38, 30), (106, 92, 10)]]
    return [[stick_person(*(unit * n for n in place)) for place in row] for row in places]


TINY_RECIPE = """
name = "tiny"
summary = "Drawn people."
skeleton = "BODY_25B"
network = "body_25b_tiny"
card = "BODY_25B"
licence = "none"
crop = 128
batch = 4
steps = {steps}
[augment]
person_share = 0
scene_size = [1, 1]
shift = 0
rotation = 0
mirror = 0
backgrounds = false
least_fill = 1.0
stay_inside = true
[targets]
centred = true
[loss]
empty = [0.3, 1.0]
[optimizer]
kind = "adamw"
rate = 1e-2
last_rate = 1e-4
schedule = "cosine"
warm_up = 10
weight_decay = 1e-4
average = 0.9
[[data]]
format = "jsonl"
annotations = "people.jsonl"
pictures = "pictures"
"""
