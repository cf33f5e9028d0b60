"""People to be measured with: points of standing figures, and maps as a good network makes them."""

import math

import numpy as np

from openpose_py.records import Geometry, Maps, Size
from openpose_py.stages.maps.sizes import SizeWishes, geometry_of
from openpose_py.train.targets import Drawing, background_of, draw_targets
from openpose_py.zoo.skeletons import Skeleton

# x and y of a standing figure's parts; it is 1 high, its left side is on the right
STANDING = {
    "Nose": (0, 0.08), "Neck": (0, 0.18), "MidHip": (0, 0.5), "Head": (0, 0.12),
    "Eye": (0.03, 0.05), "Ear": (0.06, 0.07), "Shoulder": (0.13, 0.19), "Elbow": (0.18, 0.35),
    "Wrist": (0.22, 0.49), "Hip": (0.08, 0.51), "Knee": (0.1, 0.73), "Ankle": (0.1, 0.94),
    "BigToe": (0.15, 0.99), "SmallToe": (0.19, 0.97), "Heel": (0.07, 0.98),
    "Chest": (0, 0.34), "UpperNeck": (0, 0.15), "HeadTop": (0, 0),
}  # fmt: skip
FOOTPRINT = 0.55  # width of a figure's place, of its height
FILLED = 0.85  # of its place
SIGMA = 7.0  # pixels, of a part's Gaussian
LIMB_WIDTH = 1.0  # cells


def crowd(skeleton: Skeleton, people: int, size: Size, seed: int = 0) -> np.ndarray:
    """float32 (people, parts, 3), pixels: figures in rows that fill `size`, a little astray."""
    width, height = size
    columns = max(1, math.ceil(math.sqrt(people * width / height / FOOTPRINT)))
    rows = max(1, math.ceil(people / columns))
    tall = FILLED * min(height / rows, width / columns / FOOTPRINT)
    unit = np.array([_place(part) for part in skeleton.parts], np.float32)
    astray = np.random.default_rng(seed).uniform(-0.03, 0.03, (people, 2)) * tall
    points = np.ones((people, len(unit), 3), np.float32)
    for number in range(people):
        row, column = divmod(number, columns)
        corner = (column + 0.5) * width / columns, (row + 0.5) * height / rows - tall / 2
        points[number, :, :2] = unit * tall + corner + astray[number]
    return points


def crowd_maps(
    skeleton: Skeleton, people: int, size: Size, scales: int = 1, ratio: float = 0
) -> Maps:
    """Maps of that crowd for a network input of `size`; further scales are of smaller inputs."""
    wishes = SizeWishes(net_resolution=size, scale_number=scales, upsampling_ratio=ratio)
    geometry = geometry_of(size, wishes)
    points = crowd(skeleton, people, size)
    return Maps(tuple(_maps(skeleton, points, geometry, n) for n in range(scales)), geometry)


def _place(part: str) -> tuple[float, float]:
    if part in STANDING:
        return STANDING[part]
    x, y = STANDING[part[1:]]
    return (x, y) if part[0] == "L" else (-x, y)


def _maps(skeleton: Skeleton, points: np.ndarray, geometry: Geometry, scale: int) -> np.ndarray:
    width, height = (side // 8 for side in geometry.net_sizes[scale])
    points = points * np.array([geometry.frame_to_net[scale]] * 2 + [1], np.float32)
    parts, fields = len(skeleton.parts), skeleton.paf_channels[:, 0] - skeleton.first_paf
    drawing = Drawing(
        np.full(parts, SIGMA), np.ones(parts, np.float32), skeleton.limbs.astype(np.int64),
        fields.astype(np.int64), LIMB_WIDTH, True,
    )  # fmt: skip
    heat = np.zeros((parts, height, width), np.float32)
    paf = np.zeros((skeleton.channels - skeleton.first_paf, height, width), np.float32)
    drawn = draw_targets(points, drawing, heat, paf)
    background = background_of(drawn.heat)[None][: int(skeleton.background)]
    return np.concatenate([drawn.heat, background, drawn.paf]).astype(np.float32)
