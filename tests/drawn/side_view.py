"""A body seen from the side, with angles that are wished for."""

import numpy as np

from openpose_py.tables.angles import ANGLES
from openpose_py.zoo.skeletons import read_skeleton

TRUNK, UPPER, LOWER = 100.0, 50.0, 45.0  # pixels
STANDING = dict.fromkeys(ANGLES, 0.0)


def towards(start: np.ndarray, degrees: float, length: float, facing: int) -> np.ndarray:
    """From `start`, y down: 0 downwards, positive forwards."""
    turned = np.radians(degrees)
    return start + length * np.array([facing * np.sin(turned), np.cos(turned)])


def body(
    wished: dict[str, float] | None = None, facing: int = 1, name: str = "BODY_25"
) -> np.ndarray:
    """float32 (1, parts, 3); facing: 1 to the right of the picture, -1 to the left."""
    angle = {**STANDING, **(wished or {})}
    parts = read_skeleton(name).parts
    hips = np.array([300.0, 300.0])
    neck = towards(hips, 180 - angle["Trunk"], TRUNK, facing)
    down = -angle["Trunk"]  # from neck to hips
    place = {"MidHip": hips, "Neck": neck, "Nose": neck + np.array([facing * 20, -20])}
    for side in "RL":
        place[f"{side}Hip"], place[f"{side}Shoulder"] = hips, neck
        swing = down + angle[f"{side}Hip"]
        knee = place[f"{side}Knee"] = towards(hips, swing, UPPER, facing)
        ankle = towards(knee, swing - angle[f"{side}Knee"], LOWER, facing)
        place[f"{side}Heel"] = place[f"{side}Ankle"] = ankle
        place[f"{side}BigToe"] = ankle + np.array([facing * 25, 5])
        swing = down + angle[f"{side}Shoulder"]
        elbow = place[f"{side}Elbow"] = towards(neck, swing, UPPER, facing)
        place[f"{side}Wrist"] = towards(elbow, swing + angle[f"{side}Elbow"], LOWER, facing)
    points = np.zeros((1, len(parts), 3), np.float32)
    for number, part in enumerate(parts):
        if part in place:
            points[0, number] = *place[part], 0.5 + number / 100
    return points
