"""A person of known depth before drawn cameras."""

from pathlib import Path

import cv2
import numpy as np

SIZE = (1280, 720)  # width, height of every camera's picture
DISTANCE = 4.0  # metres from the cameras to the middle of the scene


def person_in_space(parts: int, seed: int = 0) -> np.ndarray:
    """(parts, 3) in metres: points within an upright box of 0.8 x 1.8 x 0.5 around 0."""
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (parts, 3)) * (0.8, 1.8, 0.5)


def cameras(views: int) -> tuple[np.ndarray, np.ndarray]:
    """intrinsics (views, 3, 3) and extrinsics (views, 3, 4) of cameras on an arc, looking at 0."""
    intrinsics = np.array([[900.0, 0, SIZE[0] / 2], [0, 900.0, SIZE[1] / 2], [0, 0, 1]])
    extrinsics = [_extrinsics(angle) for angle in np.linspace(-0.8, 0.8, views)]
    return np.repeat(intrinsics[None], views, axis=0), np.stack(extrinsics)


def projections(views: int) -> np.ndarray:
    """(views, 3, 4)."""
    intrinsics, extrinsics = cameras(views)
    return intrinsics @ extrinsics


def seen_by(cameras: np.ndarray, xyz: np.ndarray, score: float = 0.9) -> np.ndarray:
    """float32 (views, parts, 3): x, y in the pictures of projections (views, 3, 4), score."""
    along = np.einsum("vij,nj->vni", cameras[..., :3], xyz) + cameras[:, None, :, 3]
    xy = along[..., :2] / along[..., 2:]
    return np.concatenate([xy, np.full((*xy.shape[:2], 1), score)], axis=2).astype(np.float32)


def camera_folder(folder: Path, views: int, bent: int = -1) -> str:
    """Camera files without distortion, but for one view."""
    folder.mkdir(exist_ok=True)
    intrinsics, extrinsics = cameras(views)
    for view in range(views):
        storage = cv2.FileStorage(str(folder / f"cam{view}.xml"), cv2.FileStorage_WRITE)
        storage.write("CameraMatrix", extrinsics[view])
        storage.write("Intrinsics", intrinsics[view])
        storage.write("Distortion", np.full((4, 1), 0.1 if view == bent else 0.0))
        storage.release()
    return str(folder)


def _extrinsics(angle: float) -> np.ndarray:
    """(3, 4): turned about the upright axis, `DISTANCE` away."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0, s, 0], [0, 1, 0, 0], [-s, 0, c, DISTANCE]])
