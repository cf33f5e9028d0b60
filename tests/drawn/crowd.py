"""Network maps of drawn people, for every skeleton: what a perfect network would put out."""

import functools
import math

import numpy as np

from openpose_py.zoo.skeletons import Skeleton

STRIDE = 8  # net pixels a map cell
SIGMA = 0.9  # cells
LIMB_WIDTH, LIMB_ENDS = 1.0, 0.5  # cells to each side and beyond the ends
WIDTH = 0.75  # of a person with some room, as a share of the height
MARGIN = 8  # net pixels at the borders, where peaks are seen less surely

# x and y of the parts of all skeletons; the height of a person is 1, its left is on the right
BODY = {
    "Nose": (0, 0.1), "LEye": (0.035, 0.07), "REye": (-0.035, 0.07), "LEar": (0.075, 0.09),
    "REar": (-0.075, 0.09), "Neck": (0, 0.2), "UpperNeck": (0, 0.18), "Head": (0, 0),
    "HeadTop": (0, 0), "LShoulder": (0.14, 0.21), "RShoulder": (-0.14, 0.21),
    "LElbow": (0.21, 0.36), "RElbow": (-0.21, 0.36), "LWrist": (0.26, 0.5),
    "RWrist": (-0.26, 0.5), "MidHip": (0, 0.51), "LHip": (0.09, 0.52), "RHip": (-0.09, 0.52),
    "Chest": (0, 0.36), "Background": (0, 0.36), "LKnee": (0.11, 0.72), "RKnee": (-0.11, 0.72),
    "LAnkle": (0.12, 0.92), "RAnkle": (-0.12, 0.92), "LBigToe": (0.18, 0.98),
    "LSmallToe": (0.22, 0.96), "LHeel": (0.1, 0.98), "RBigToe": (-0.18, 0.98),
    "RSmallToe": (-0.22, 0.96), "RHeel": (-0.1, 0.98),
}  # fmt: skip
FINGERS = ("Thumb", "Index", "Middle", "Ring", "Pinky")
FACE_CENTRE, FACE_RADIUS = (0.0, 0.09), 0.07


def figure(skeleton: Skeleton) -> np.ndarray:
    """float32 (parts, 2): one standing person, 1 high, its middle at x = 0."""
    others = [part for part in skeleton.parts if part not in BODY and not _finger(part)]
    points = []
    for part in skeleton.parts:
        if part in BODY:
            points.append(BODY[part])
        elif _finger(part):
            points.append(_finger_point(part))
        else:
            points.append(_face_point(others.index(part), len(others)))
    return np.array(points, np.float32)


def drawn_maps(
    skeleton: Skeleton, people: int, net_size: tuple[int, int], seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """People on a lattice that fills `net_size` (width, height, net pixels), a little jittered.

    maps: float32 (channels, height / 8, width / 8); keypoints: float32 (people, parts, 3), true
    positions in net pixels with score 1.
    """
    width, height = net_size[0] // STRIDE, net_size[1] // STRIDE
    maps = np.zeros((skeleton.channels, height, width), np.float32)
    keypoints = np.ones((people, len(skeleton.parts), 3), np.float32)
    keypoints[..., :2] = placed(figure(skeleton), people, net_size, np.random.default_rng(seed))
    count = np.zeros((len(skeleton.limbs), height, width), np.int64)
    for person in keypoints:
        cells = (person[:, :2] + 0.5) / STRIDE - 0.5
        for part, (x, y) in enumerate(cells):
            _add_peak(maps[part], x, y)
        for limb, (a, b) in enumerate(skeleton.limbs):
            _add_limb(maps, skeleton.paf_channels[limb], count[limb], cells[a], cells[b])
    for limb, channels in enumerate(skeleton.paf_channels):
        maps[channels] /= np.maximum(count[limb], 1)
    if skeleton.background:
        maps[len(skeleton.parts)] = 1 - maps[: len(skeleton.parts)].max(0)
    return maps, keypoints


def placed(
    unit: np.ndarray, people: int, net_size: tuple[int, int], rng: np.random.Generator
) -> np.ndarray:
    """unit: (parts, 2) -> (people, parts, 2), net pixels: one person in each cell of a lattice."""
    width, height = net_size[0] - 2 * MARGIN, net_size[1] - 2 * MARGIN

    def size(columns: int) -> float:
        rows = max(1, math.ceil(people / columns))
        return min(width / columns / WIDTH, height / rows)

    columns = max(range(1, max(people, 1) + 1), key=size)
    rows = max(1, math.ceil(people / columns))
    tall = 0.8 * size(columns)
    all_ = []
    for number in range(people):
        row, column = divmod(number, columns)
        x = MARGIN + (column + 0.5) * width / columns + rng.uniform(-0.02, 0.02) * tall
        y = MARGIN + (row + 0.5) * height / rows - tall / 2 + rng.uniform(-0.02, 0.02) * tall
        all_.append(unit * tall + (x, y))
    return np.array(all_, np.float32).reshape(people, len(unit), 2)


def _finger(part: str) -> bool:
    return any(finger in part for finger in FINGERS)


def _finger_point(part: str) -> tuple[float, float]:
    """A joint of a finger: five rays from the wrist downwards, four joints a ray."""
    side = 1 if part.startswith("L") else -1
    finger = next(n for n, name in enumerate(FINGERS) if name in part)
    joint = int(next(letter for letter in part if letter.isdigit()))
    angle = math.radians(20 - 25 * finger)
    reach = 0.035 + 0.035 * joint
    x, y = BODY["LWrist"]
    return side * (x - 0.04 + reach * math.sin(angle)), y + reach * math.cos(angle)


def _face_point(number: int, count: int) -> tuple[float, float]:
    """A point of the face: on a spiral around its middle, so that no two are in one place."""
    turn = 2 * math.pi * 5 * number / count
    reach = FACE_RADIUS * (1 - 0.7 * number / count)
    return FACE_CENTRE[0] + reach * math.sin(turn), FACE_CENTRE[1] + reach * math.cos(turn)


def _add_peak(heat: np.ndarray, x: float, y: float) -> None:
    rows, columns = _grid(heat.shape)
    np.maximum(heat, np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * SIGMA**2)), out=heat)


def _add_limb(
    maps: np.ndarray, channels: np.ndarray, count: np.ndarray, a: np.ndarray, b: np.ndarray
) -> None:
    """Adds the unit vector from a to b in a band around the line; a, b: x, y in cells."""
    length = float(np.hypot(*(b - a)))
    if length == 0:
        return
    unit = (b - a) / length
    rows, columns = _grid(count.shape)
    along = (columns - a[0]) * unit[0] + (rows - a[1]) * unit[1]
    beside = np.abs((columns - a[0]) * unit[1] - (rows - a[1]) * unit[0])
    inside = (along > -LIMB_ENDS) & (along < length + LIMB_ENDS) & (beside <= LIMB_WIDTH)
    maps[channels[0]][inside] += unit[0]
    maps[channels[1]][inside] += unit[1]
    count += inside


@functools.cache
def _grid(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of each cell."""
    return tuple(np.mgrid[: shape[0], : shape[1]].astype(np.float32))  # type: ignore[return-value]
