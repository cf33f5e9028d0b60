"""Folders of OpenPose's JSON: people who walk to and fro, with noise, known at any size."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from openpose_py.stages.writers.json_people import JsonFields, people_json

STAND = np.array([
    (0.03, 0.93), (0, 0.82), (-0.11, 0.81), (-0.15, 0.65), (-0.14, 0.5), (0.11, 0.81),
    (0.15, 0.65), (0.14, 0.5), (0, 0.52), (-0.06, 0.52), (-0.06, 0.27), (-0.06, 0.03),
    (0.06, 0.52), (0.06, 0.27), (0.06, 0.03), (0.01, 0.95), (0.05, 0.95), (-0.02, 0.93),
    (0.06, 0.93), (0.11, 0.0), (0.13, 0.01), (0.05, 0.0), (-0.11, 0.0), (-0.13, 0.01),
    (-0.05, 0.0),
])  # fmt: skip
HEIGHT = 300.0  # pixels
SWING = 0.12  # of wrists and ankles, in heights
SWINGING = {4: 1, 7: -1, 11: -1, 14: 1}  # parts and their sense
NOISE = 0.6  # pixels


def walkers(frames: int, people: int, fps: float = 30.0, seed: int = 0) -> Iterator[np.ndarray]:
    """float32 (people, 25, 3) of each frame: x, y, score, in a frame of 1280 x 720."""
    random = np.random.default_rng(seed)
    lanes = np.linspace(150, 1130, people)
    for frame in range(frames):
        time = frame / fps
        points = np.repeat(STAND[None], people, axis=0) * (HEIGHT, -HEIGHT)
        phase = 2 * np.pi * (time + np.arange(people) / people)
        for part, sense in SWINGING.items():
            points[:, part, 0] += sense * SWING * HEIGHT * np.sin(phase)
        points[..., 0] += (lanes + 120 * np.sin(phase / 8))[:, None]
        points[..., 1] += 650
        points += random.normal(0, NOISE, points.shape)
        scores = np.clip(0.75 + random.normal(0, 0.08, points.shape[:2]), 0.06, 1)
        yield np.concatenate([points, scores[..., None]], axis=2).astype(np.float32)


def write_recording(
    folder: Path, frames: int, people: int, *, ids: bool = True, name: str = "walk"
) -> Path:
    """The folder, filled as --write_json fills it; the last person is absent in the first half."""
    folder.mkdir(parents=True, exist_ok=True)
    for frame, points in enumerate(walkers(frames, people)):
        here = points[:-1] if frame < frames / 2 and people > 1 else points
        known = np.arange(len(here)) + 1 if ids else None
        path = folder / f"{name}_{frame:012d}_keypoints.json"
        path.write_bytes(people_json(JsonFields(here, person_ids=known)))
    return folder


def write_long_recording(path: Path, frames: int, people: int) -> Path:
    """One JSON file of many frames, as a page saves it."""
    with path.open("w") as file:
        file.write('{"title":"long","fps":30,"frames":[')
        for number, points in enumerate(walkers(frames, people)):
            rows = points.reshape(people, -1).round(3).tolist()
            found = [{"person_id": [n], "pose_keypoints_2d": row} for n, row in enumerate(rows)]
            file.write("," if number else "")
            json.dump({"frame": number, "people": found}, file)
        file.write("]}")
    return path
