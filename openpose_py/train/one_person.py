"""Samples of single persons, for GCCPM: a whole picture of one person, or the crop of a box.

As `samples.py`, everything random comes from (seed, k) alone. Upstream's augmentation for COCO is
taken as it was meant: its code never shows half bodies, never turns and hardly changes the size.
"""

import math
from pathlib import Path

import cv2
import numpy as np
from torch.utils.data import Dataset

from openpose_py.errors import UsageError
from openpose_py.records import Size
from openpose_py.stages.maps.person_crops import boxes_inside, shown_boxes
from openpose_py.train import augment
from openpose_py.train.adapters import read_data
from openpose_py.train.parts import mirror_of
from openpose_py.train.pictures import Picture, PixelCache
from openpose_py.train.recipe import DataRow, Recipe
from openpose_py.train.samples import CACHE_BYTES, SALT, Sample
from openpose_py.train.targets import STRIDE, background_of
from openpose_py.train.targets_lightweight import add_gaussian, rounded_gaussians
from openpose_py.zoo.cards import card_named
from openpose_py.zoo.skeletons import read_skeleton

WIDEST = 0.3  # of a grey quadrangle's picture, from its middle to a corner
ENLARGED_HALF = 1.5  # the crop of half a body beside the box of its joints
LOWER_BODY = ("LHip", "RHip", "LKnee", "RKnee", "LAnkle", "RAnkle")
FEWEST = 3  # joints of half a body


class OnePersonSamples(Dataset[Sample]):
    """All people of a recipe's data sets."""

    def __init__(self, recipe: Recipe, folder: Path, seed: int, rows: tuple[DataRow, ...]) -> None:
        cv2.setNumThreads(1)  # a pool of threads does not survive the fork into workers
        self.recipe, self._seed = recipe, seed
        self.skeleton = read_skeleton(recipe.skeleton)
        self._size = crop_size(recipe)
        self._mirror = mirror_of(self.skeleton.parts)
        self._lower = np.array([part in LOWER_BODY for part in self.skeleton.parts])
        self._cache = PixelCache(CACHE_BYTES)
        used = [row for row in rows if row.share > 0]
        self._sets = [_people(read_data(row, folder, self.skeleton)) for row in used]
        self._chances = np.cumsum([row.share for row in used]) / sum(row.share for row in used)

    @property
    def pictures(self) -> int:
        """How many people there are, each of whom is a picture."""
        return sum(map(len, self._sets))

    def __getitem__(self, k: int) -> Sample:
        rng, options = np.random.default_rng([SALT, self._seed, k]), self.recipe.augment
        people = self._sets[int(np.searchsorted(self._chances, rng.random(), side="right"))]
        picture, person = people[int(rng.integers(len(people)))]
        points = picture.points[person].copy()
        pixels = self._cache.pixels(picture)
        covers = rng.random() < options.masked
        if covers and options.whole:
            pixels = with_grey_piece(pixels, rng)
        matrix, mirrored = self._placed(pixels, picture.boxes[person], points, rng)
        border = (options.border,) * 3
        crop = np.asarray(cv2.warpAffine(pixels, matrix, self._size, borderValue=border), np.uint8)
        if covers and not options.whole:
            crop = with_grey_piece(crop, rng)
        points[:, :2] = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        if mirrored:
            points = points[self._mirror]
        crop = augment.recolour(crop, options, rng)
        if rng.random() < options.channels:
            crop = crop[..., rng.permutation(3)]
        targets, weights = self._maps(points)
        return Sample(np.ascontiguousarray(crop.transpose(2, 0, 1)), targets, weights)

    def _placed(
        self, pixels: np.ndarray, box: np.ndarray, points: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, bool]:
        """float64 (2, 3), picture pixels -> crop pixels; and whether the crop is mirrored."""
        options, frame = self.recipe.augment, (pixels.shape[1], pixels.shape[0])
        turn = math.radians(rng.uniform(-options.rotation, options.rotation))
        turn *= rng.random() < options.rotation_share
        zoom = rng.uniform(*options.zoom) if rng.random() < options.zoom_share else 1.0
        if options.whole:
            matrix = _whole(frame, self._size, turn, zoom)
        else:
            half = rng.random() < options.half_body
            shown = self._half(points, rng) if half else None
            if shown is None:
                (shown,) = shown_boxes(boxes_inside(box[None], frame), self._size)
            matrix = _boxed(shown, self._size, turn, zoom)
        mirrored = bool(rng.random() < options.mirror)
        if mirrored:
            matrix[0] *= -1
            matrix[0, 2] += self._size[0] - 1
        return matrix, mirrored

    def _half(self, points: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
        """The box, x, y, w, h, of the upper or lower half; None where it has too few joints."""
        labelled = points[:, 2] > 0
        seen = points[labelled & (self._lower == (rng.random() < 0.5)), :2]
        if len(seen) < FEWEST:
            return None
        low, high = seen.min(axis=0), seen.max(axis=0)
        aspect, middle = self._size[0] / self._size[1], seen.mean(axis=0)
        wide = ENLARGED_HALF * max(high[0] - low[0], (high[1] - low[1]) * aspect, 1.0)
        return np.array([*(middle - (wide / 2, wide / aspect / 2)), wide, wide / aspect])

    def _maps(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Targets and weights, float32 (channels, h, w)."""
        shape = (self._size[1] // STRIDE, self._size[0] // STRIDE)
        if self.recipe.targets.law == "rounded":
            heat, seen = rounded_gaussians(points, shape)
            weights = seen / heat.size  # upstream's loss is a mean over joints and cells
            return heat, np.broadcast_to(weights[:, None, None], heat.shape).astype(np.float32)
        heat = np.zeros((len(points), *shape), np.float32)
        for part in np.flatnonzero(points[:, 2] > 0):
            add_gaussian(heat[part], points[part, :2], self.recipe.targets.sigma)
        targets = np.concatenate([heat, background_of(heat)[None]])
        return targets, np.ones_like(targets)


def crop_size(recipe: Recipe) -> Size:
    """Width and height: the recipe's `crop` is the height, in the proportions of its card."""
    card = card_named(recipe.card)
    if not card.input or recipe.targets.law == "openpose":
        raise UsageError(f"{card.name} and its targets are not those of one person", where="card",
                         hint="use gccpm_lip with the law lightweight, or gccpm_coco with "
                         "rounded")  # fmt: skip
    height, width = card.input
    return recipe.crop * width // height, recipe.crop


def with_grey_piece(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A copy of uint8 (h, w, 3) with a convex quadrangle of grey."""
    height, width = pixels.shape[:2]
    corners = []
    for right, down in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        reach = [rng.integers(1, max(2, int(WIDEST * side) + 1)) for side in (width, height)]
        corners.append((right * reach[0], down * reach[1]))
    middle = [rng.integers(side // 3, max(side // 3 + 1, side - side // 3))
              for side in (width, height)]  # fmt: skip
    covered = pixels.copy()
    cv2.fillConvexPoly(covered, (np.array(corners) + middle).astype(np.int32), (128, 128, 128))
    return covered


def _people(pictures: list[Picture]) -> list[tuple[Picture, int]]:
    return [(picture, n) for picture in pictures for n in range(len(picture.boxes))]


def _whole(frame: Size, size: Size, turn: float, zoom: float) -> np.ndarray:
    """The turned picture's longer side becomes the crop's."""
    cos, sin = abs(math.cos(turn)), abs(math.sin(turn))
    longer = max(frame[0] * cos + frame[1] * sin, frame[0] * sin + frame[1] * cos)
    middles = [((width - 1) / 2, (height - 1) / 2) for width, height in (frame, size)]
    return _turned(zoom * size[0] / longer, turn, *middles)


def _boxed(shown: np.ndarray, size: Size, turn: float, zoom: float) -> np.ndarray:
    x, y, width, height = shown.tolist()
    middle = (x + width / 2, y + height / 2)
    return _turned(size[0] / (zoom * width), turn, middle, (size[0] / 2, size[1] / 2))


def _turned(
    scale: float, turn: float, middle: tuple[float, float], target: tuple[float, float]
) -> np.ndarray:
    cos, sin = scale * math.cos(turn), scale * math.sin(turn)
    matrix = np.array([[cos, sin, 0.0], [-sin, cos, 0.0]])
    matrix[:, 2] = target - matrix[:, :2] @ np.array(middle)
    return matrix
