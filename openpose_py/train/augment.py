"""Crops of pictures: where a crop lies, what stands around the picture, how its pixels change."""

import dataclasses
import math

import cv2
import numpy as np

from openpose_py.train.pictures import Picture
from openpose_py.train.recipe import AugmentRow, Range

GREY = (124, 127, 128)  # around a picture if no background picture is at hand
SHORTEST_PERSON = 12.0  # pixels; smaller ones count as so large when a crop is scaled
FULL_SIZE = 0.6  # of the crop: OpenPose's size of a person at scale 1
STRONG, VERY_STRONG = 1.3 * FULL_SIZE, 2.0 * FULL_SIZE  # enlargements that may centre on one part
STRONG_SHARE, VERY_STRONG_SHARE = 0.5, 0.95


@dataclasses.dataclass(frozen=True)
class Placement:
    """matrix: float64 (2, 3), picture pixels -> crop pixels. scale: crop pixels a picture pixel.
    person: the one the crop was placed on, or -1; size: that one's height over the crop's."""

    matrix: np.ndarray
    scale: float
    mirrored: bool
    person: int
    size: float

    def moved(self, xy: np.ndarray) -> np.ndarray:
        """(..., 2), picture pixels -> crop pixels."""
        return xy @ self.matrix[:, :2].T + self.matrix[:, 2]


def place_crop(
    picture: Picture, picture_size: tuple[int, int], side: int, options: AugmentRow,
    centre_parts: tuple[int, ...], rng: np.random.Generator,
) -> Placement:  # fmt: skip
    """A random crop of `side` pixels. picture_size: width, height."""
    width, height = picture_size
    person, share = -1, 0.0
    if len(picture.boxes) and rng.random() < options.person_share:
        person = int(rng.integers(len(picture.boxes if picture.placed is None else picture.placed)))
        if picture.placed is not None:
            person = picture.placed[person]
        x, y, w, h = picture.boxes[person].tolist()
        length = max(w, h) if options.size_of == "longer" else h
        share = _size(options.person_size, options.size_law, rng)
        scale = min(share * side / max(length, SHORTEST_PERSON), options.largest_scale)
        centre = _centre(picture.points[person], (x + w / 2, y + h / 2), share, centre_parts, rng)
    else:
        scale = side / max(width, height) * _size(options.scene_size, "log", rng)
        centre = (rng.uniform(0.2, 0.8) * width, rng.uniform(0.2, 0.8) * height)
    scale = max(scale, options.least_fill * side / max(width, height))
    shift = rng.uniform(-options.shift, options.shift, 2) * side / scale
    centre = (centre[0] + shift[0], centre[1] + shift[1])
    if options.stay_inside:
        half = side / 2 / scale
        centre = (_within(centre[0], half, width), _within(centre[1], half, height))
    matrix, mirrored = _matrix(scale, centre, side, options, rng)
    return Placement(matrix, scale, mirrored, person, share)


def warp(pixels: np.ndarray, placement: Placement, backdrop: np.ndarray) -> np.ndarray:
    """uint8 (h, w, 3) -> the crop over `backdrop`, (side, side, 3), which is changed."""
    matrix, scale = placement.matrix.copy(), placement.scale
    while scale < 0.5:  # warpAffine does not average: halve first
        pixels = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        matrix[:, 2] += matrix[:, :2] @ np.array([0.5, 0.5])
        matrix[:, :2] *= 2
        scale *= 2
    side = len(backdrop)
    return cv2.warpAffine(
        pixels, matrix, (side, side), dst=backdrop, flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_TRANSPARENT,
    )  # fmt: skip


def plain_backdrop(side: int) -> np.ndarray:
    return np.full((side, side, 3), GREY, np.uint8)


def backdrop_of(pixels: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """A piece of a picture without people, uint8 (side, side, 3): scaled down until it covers."""
    height, width = pixels.shape[:2]
    if width > side and height > side:
        factor = side / min(width, height)
        size = (max(side, round(width * factor)), max(side, round(height * factor)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        x, y = (int(rng.integers(length - side + 1)) for length in size)
        piece = pixels[y : y + side, x : x + side]
    else:
        piece = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(piece[:, ::-1] if rng.random() < 0.5 else piece)


def occlude(
    crop: np.ndarray, backdrop: np.ndarray, points: np.ndarray, size: float, most: int,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Covers some parts of one person with pieces of `backdrop`. points: (parts, 3), crop pixels.
    size: of the person over the crop. The sizes are openpose_caffe_train's."""
    seen = np.nonzero(points[:, 2] > 0)[0]
    side = len(crop)
    for _ in range(round(most * rng.random() * len(seen) / len(points))):
        x, y = points[rng.choice(seen), :2]
        w, h = (round(side * size / 2 * (1 + rng.uniform(-0.5, 0.5))) for _ in range(2))
        ratio = 1 + rng.uniform(-1, 1)
        left, top = round(x - w // 2 * ratio), round(y - h // 2 * ratio)
        rows, columns = _span(top, h, side), _span(left, w, side)
        crop[rows, columns] = backdrop[rows, columns]


def recolour(crop: np.ndarray, options: AugmentRow, rng: np.random.Generator) -> np.ndarray:
    """uint8 (side, side, 3) with other light, sharpness and noise."""
    values = crop.astype(np.float32)
    if rng.random() < options.colour:
        values = values * rng.uniform(0.6, 1.35) + rng.uniform(-20, 20)
        mean = values.mean()
        values = (values - mean) * rng.uniform(0.7, 1.3) + mean
        if rng.random() < 0.5:
            values = values * rng.uniform(0.85, 1.15, 3).astype(np.float32)
    if rng.random() < options.grey:
        values = np.repeat(values.mean(axis=2, keepdims=True), 3, axis=2)
    if rng.random() < options.blur:
        values = cv2.GaussianBlur(values, (0, 0), rng.uniform(0.5, 1.4))
    if rng.random() < options.noise:
        values = values + rng.normal(0, rng.uniform(3, 10), values.shape).astype(np.float32)
    if rng.random() < options.cutout:
        length = int(rng.uniform(0.08, 0.25) * len(crop))
        x, y = rng.integers(0, len(crop) - length, 2)
        values[y : y + length, x : x + length] = rng.uniform(0, 255)
    changed = np.clip(values, 0, 255).astype(np.uint8)
    if rng.random() < options.jpeg:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 90))]
        coded = cv2.imencode(".jpg", changed, quality)[1]
        return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return changed


def _size(limits: Range, law: str, rng: np.random.Generator) -> float:
    if law == "log":
        return math.exp(rng.uniform(math.log(limits[0]), math.log(limits[1])))
    return float(rng.uniform(*limits))


def _centre(
    points: np.ndarray, middle: tuple[float, float], size: float, parts: tuple[int, ...],
    rng: np.random.Generator,
) -> tuple[float, float]:  # fmt: skip
    """The person's middle, or one of `parts` if the person is much enlarged."""
    chance = rng.random()
    strong = size > VERY_STRONG and chance < VERY_STRONG_SHARE
    strong |= size > STRONG and chance < STRONG_SHARE
    seen = [part for part in parts if points[part, 2] > 0]
    if not strong or not seen:
        return middle
    x, y, _ = points[seen[int(rng.integers(len(seen)))]].tolist()
    return x, y


def _within(centre: float, half: float, length: int) -> float:
    return min(max(centre, half), length - half) if length > 2 * half else length / 2


def _matrix(
    scale: float, centre: tuple[float, float], side: int, options: AugmentRow,
    rng: np.random.Generator,
) -> tuple[np.ndarray, bool]:  # fmt: skip
    """Turned about `centre`, which comes to the crop's middle; and whether it is mirrored."""
    degrees = 0.0
    if rng.random() < options.rotation_share:
        degrees = rng.uniform(-options.rotation, options.rotation)
    if rng.random() < options.turned:
        degrees += rng.choice([90, -90, 180])
    aspect = math.exp(rng.normal() * options.aspect)
    cos, sin = (scale * f(math.radians(degrees)) for f in (math.cos, math.sin))
    matrix = np.array([[cos * aspect, sin, 0], [-sin * aspect, cos, 0]])
    mirrored = bool(rng.random() < options.mirror)
    if mirrored:
        matrix[0] *= -1
    matrix[:, 2] = (side - 1) / 2 - matrix[:, :2] @ np.array(centre)
    return matrix, mirrored


def _span(start: int, length: int, side: int) -> slice:
    return slice(min(max(start, 0), side), min(max(start + length, 0), side))
