"""People with known motion for the smoothers, and what is measured of their answers."""

import numpy as np
from drawn.moving_people import SKELETON, STANDING

from openpose_py.records import Frame, People, Result

HEIGHT = 300.0  # pixels of the person
FLYING = ("RWrist", "RElbow")  # wave


def standing(frames: int) -> np.ndarray:
    """float64 (frames, parts, 2): nobody moves."""
    return np.tile(STANDING * HEIGHT + (400, 100), (frames, 1, 1))


def walking(frames: int, fps: float) -> np.ndarray:
    """The same: 0.6 heights a second, legs and arms swinging once a second, one arm waving."""
    poses = standing(frames)
    seconds = np.arange(frames) / fps
    poses[..., 0] += (0.6 * HEIGHT * seconds)[:, None]
    for n, part in enumerate(SKELETON.parts):
        side = 1 if part.startswith("L") else -1
        far = {"Ankle": 0.12, "Heel": 0.12, "Toe": 0.12, "Knee": 0.05, "Wrist": -0.09}
        swing = next((size for name, size in far.items() if part.endswith(name)), 0.0)
        poses[:, n, 0] += side * swing * HEIGHT * np.sin(2 * np.pi * seconds)
        if part in FLYING:
            poses[:, n, 1] += 0.15 * HEIGHT * np.sin(3 * np.pi * seconds)
    return poses


def results(
    poses: np.ndarray, fps: float, noise: float = 0.01, lost: float = 0.0, seed: int = 0
) -> list[Result]:
    """Results of person 7. noise: in heights. lost: share of points that are not found."""
    draw = np.random.default_rng(seed)
    pixels = np.zeros((720, 2400, 3), np.uint8)
    made = []
    for index, pose in enumerate(poses):
        keypoints = np.zeros((1, len(pose), 3), np.float32)
        keypoints[0, :, :2] = pose + draw.normal(0, noise * HEIGHT, pose.shape)
        keypoints[0, :, 2] = draw.uniform(0.4, 0.9, len(pose))
        keypoints[0, draw.random(len(pose)) < lost] = 0
        people = People(keypoints, np.ones(1, np.float32))
        frame = Frame(pixels, index, str(index), index / fps, "drawn")
        made.append(Result(frame, people, person_ids=np.array([7])))
    return made


def points(smoothed: list[Result]) -> np.ndarray:
    """(frames, parts, 2) of the first person."""
    return np.stack([result.people.keypoints[0, :, :2] for result in smoothed]).astype(np.float64)


def jitter(tracks: np.ndarray, fps: float) -> float:
    """Mean acceleration, pixels / s^2. tracks: (frames, parts, 2)."""
    return float(np.linalg.norm(np.diff(tracks, 2, axis=0), axis=2).mean() * fps**2)


def lag(tracks: np.ndarray, truth: np.ndarray, fps: float) -> float:
    """Seconds by which the truth must be delayed to fit best; tracks, truth: (frames, parts, 2)."""
    times = np.arange(len(truth)) / fps
    inner = slice(int(fps * 0.5), len(truth) - int(fps * 0.5))
    delays = np.arange(-100, 101) / 1000
    errors = []
    for delay in delays:
        late = np.stack(
            [np.interp(times - delay, times, one) for one in truth.reshape(len(truth), -1).T], 1
        )
        errors.append(((late.reshape(truth.shape) - tracks)[inner] ** 2).mean())
    best = int(np.argmin(errors))
    return float(delays[best])
