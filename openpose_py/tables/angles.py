"""Angles of joints in the picture, in degrees; docs/tables.md draws them."""

import numpy as np

from openpose_py.errors import InputError
from openpose_py.tables.columns import Column, Table
from openpose_py.tables.parse import Batch
from openpose_py.tables.poses import Poses
from openpose_py.tables.rows import Scale, file_columns
from openpose_py.zoo.skeletons import Skeleton

ANGLES = (
    "RKnee", "LKnee", "RHip", "LHip", "RElbow", "LElbow", "RShoulder", "LShoulder", "Trunk",
)  # fmt: skip
MIDDLE = {"Neck": ("RShoulder", "LShoulder"), "MidHip": ("RHip", "LHip")}  # where a model lacks it
SIDEWAYS = 0.1  # of the trunk's length: how far nose and toes point to the side in a side view
UP = np.array([0.0, -1.0])


def angle_rows(batch: Batch, poses: Poses, scale: Scale) -> Table:
    """A row a person and angle; degrees are empty where a point was not found."""
    degrees, confidence = angles_of(poses.points, poses.skeleton)
    each = np.repeat(np.arange(len(poses.file)), len(ANGLES))
    return {
        **file_columns(batch, poses.file[each], scale),
        "person": Column(poses.person[each].astype(np.int32)),
        "person_id": Column(poses.person_id[each]),
        "angle": Column(np.tile(np.arange(len(ANGLES), dtype=np.int32), len(poses.file)), ANGLES),
        "degrees": Column(degrees.ravel(), missing=np.isnan(degrees).ravel()),
        "confidence": Column(confidence.ravel()),
    }


def angles_of(points: np.ndarray, skeleton: Skeleton) -> tuple[np.ndarray, np.ndarray]:
    """points: (people, parts, 3): x, y, score; y down. Returns float32 (people, ANGLES): degrees,
    not a number where unknown, and the lowest confidence of the points that an angle takes."""
    part = {name: _point(points, skeleton, name) for name in _needed()}
    trunk = part["Neck"], part["MidHip"]
    facing = _facing(points, skeleton, *trunk)
    found = {"Trunk": _lean(*trunk, facing)}
    for side in "RL":
        hip, knee, ankle = (part[f"{side}{name}"] for name in ("Hip", "Knee", "Ankle"))
        shoulder, elbow, wrist = (part[f"{side}{name}"] for name in ("Shoulder", "Elbow", "Wrist"))
        found[f"{side}Knee"] = _bend(hip, knee, ankle)
        found[f"{side}Elbow"] = _bend(shoulder, elbow, wrist)
        found[f"{side}Hip"] = _swing(*trunk, hip, knee, facing)
        found[f"{side}Shoulder"] = _swing(*trunk, shoulder, elbow, facing)
    degrees = np.stack([found[name][0] for name in ANGLES], axis=1)
    confidence = np.stack([found[name][1] for name in ANGLES], axis=1)
    degrees[confidence <= 0] = np.nan
    return degrees.astype(np.float32), confidence.astype(np.float32)


def _needed() -> tuple[str, ...]:
    limbs = ("Shoulder", "Elbow", "Wrist", "Hip", "Knee", "Ankle")
    return ("Neck", "MidHip", *(f"{side}{limb}" for side in "RL" for limb in limbs))


def _point(points: np.ndarray, skeleton: Skeleton, name: str) -> np.ndarray:
    """float64 (people, 3)."""
    if name in skeleton.parts:
        return points[:, skeleton.parts.index(name)].astype(np.float64)
    if name not in MIDDLE:
        raise InputError(f"{skeleton.name} has no {name}", hint="angles need a whole body")
    right, left = (_point(points, skeleton, one) for one in MIDDLE[name])
    middle = (right + left) / 2
    middle[:, 2] = np.minimum(right[:, 2], left[:, 2])
    return middle


def _facing(
    points: np.ndarray, skeleton: Skeleton, neck: np.ndarray, hips: np.ndarray
) -> np.ndarray:
    """(people,): 1 to the right of the picture, -1 to the left, 0 towards the camera or away."""
    pairs = [(neck, _point(points, skeleton, "Nose"))] if "Nose" in skeleton.parts else []
    for side in "RL":
        if {f"{side}Heel", f"{side}BigToe"} <= set(skeleton.parts):
            heel, toe = (_point(points, skeleton, f"{side}{one}") for one in ("Heel", "BigToe"))
            pairs.append((heel, toe))
    steps = np.zeros((len(points), 0))
    if pairs:
        steps = np.stack([ahead[:, 0] - behind[:, 0] for behind, ahead in pairs], axis=1)
        seen = np.stack([_lowest(behind, ahead) > 0 for behind, ahead in pairs], axis=1)
        steps = np.where(seen, steps, 0) / np.maximum(seen.sum(axis=1), 1)[:, None]
    step = steps.sum(axis=1)
    length = np.hypot(*(neck - hips)[:, :2].T)
    return np.where(np.abs(step) > SIDEWAYS * length, np.sign(step), 0)


def _bend(upper: np.ndarray, joint: np.ndarray, lower: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """0 where the limb is straight, up to 180."""
    turned = _turn(joint - upper, lower - joint)
    return np.abs(turned), _lowest(upper, joint, lower)


def _swing(
    neck: np.ndarray, hips: np.ndarray, joint: np.ndarray, end: np.ndarray, facing: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """0 where the limb hangs along the trunk, positive forwards; without a side always positive."""
    turned = _turn(hips - neck, end - joint)
    swing = np.where(facing == 0, np.abs(turned), -facing * turned)
    return swing, _lowest(neck, hips, joint, end)


def _lean(neck: np.ndarray, hips: np.ndarray, facing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """0 upright, positive forwards; without a side positive to the right of the picture."""
    up = np.broadcast_to(np.append(UP, 0), neck.shape)
    turned = _turn(up, neck - hips)
    return np.where(facing == 0, turned, facing * turned), _lowest(neck, hips)


def _turn(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Degrees from one direction to another, clockwise as one sees the picture."""
    cross = start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0]
    dot = start[:, 0] * end[:, 0] + start[:, 1] * end[:, 1]
    return np.degrees(np.arctan2(cross, dot))


def _lowest(*points: np.ndarray) -> np.ndarray:
    return np.min([one[:, 2] for one in points], axis=0)
