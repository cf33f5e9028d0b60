"""Sample number k of a training: a crop and what the network shall make of it.

Everything that is random in it comes from (seed, k) alone, so that neither the number of workers
nor an interruption changes what is learnt.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from torch.utils.data import Dataset

from openpose_py.errors import InputError
from openpose_py.train import augment, masks
from openpose_py.train.adapters import read_data
from openpose_py.train.main_people import is_choosy, main_people
from openpose_py.train.parts import mirror_of, small_parts
from openpose_py.train.pictures import Picture, PixelCache
from openpose_py.train.recipe import AugmentRow, DataRow, Recipe
from openpose_py.train.targets import (
    BACKGROUND_KNOWN,
    Drawing,
    Targets,
    background_of,
    draw_targets,
)
from openpose_py.train.targets_lightweight import lightweight_targets
from openpose_py.zoo.skeletons import Skeleton, read_skeleton

CACHE_BYTES = 1 << 30  # of decoded pictures, a process
SALT = 0x5A3D  # keeps the samples' random numbers apart from others of the same seed


@dataclasses.dataclass(frozen=True)
class DataSet:
    """chances: float64 (pictures,), cumulative, the last is 1."""

    pictures: list[Picture]
    chances: np.ndarray
    options: AugmentRow
    centre_parts: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Sample:
    """pixels: uint8 (3, side, side), B G R. targets, weights: float32 (channels, side/8, side/8),
    in the skeleton's channel order; weights are those of squared errors."""

    pixels: np.ndarray
    targets: np.ndarray
    weights: np.ndarray


class Samples(Dataset[Sample]):
    """All samples of a recipe; `validation` takes the rows of that name, without augmentation."""

    def __init__(self, recipe: Recipe, folder: Path, seed: int, rows: tuple[DataRow, ...]) -> None:
        cv2.setNumThreads(1)  # a pool of threads does not survive the fork into workers
        self.recipe, self._seed = recipe, seed
        self.skeleton = read_skeleton(recipe.skeleton)
        self._drawing = drawing_of(self.skeleton, recipe)
        self._mirror = mirror_of(self.skeleton.parts)
        self._cache = PixelCache(CACHE_BYTES)
        self._backgrounds: list[Picture] = []
        self._sets: list[DataSet] = []
        shares = []
        for row in rows:
            pictures = read_data(row, folder, self.skeleton)
            self._backgrounds += [picture for picture in pictures if not _has_people(picture)]
            if row.share > 0:
                self._sets.append(_data_set(row, pictures, recipe.augment, self.skeleton))
                shares.append(row.share)
        self._chances = np.cumsum(shares) / sum(shares)

    @property
    def pictures(self) -> int:
        return sum(len(data.pictures) for data in self._sets)

    def __getitem__(self, k: int) -> Sample:
        rng = np.random.default_rng([SALT, self._seed, k])
        side = self.recipe.crop
        # All quarters of a mosaic come from one set, as a single crop would.
        data = self._sets[int(np.searchsorted(self._chances, rng.random(), side="right"))]
        if side % 32 == 0 and rng.random() < data.options.mosaic:
            return _mosaic([self._crop(data, side // 2, rng) for _ in range(4)])
        return self._crop(data, side, rng)

    def _crop(self, data: DataSet, side: int, rng: np.random.Generator) -> Sample:
        chosen = int(np.searchsorted(data.chances, rng.random(), side="right"))
        picture = data.pictures[min(chosen, len(data.pictures) - 1)]
        pixels = self._cache.pixels(picture)
        height, width = pixels.shape[:2]
        placement = augment.place_crop(
            picture, (width, height), side, data.options, data.centre_parts, rng
        )
        backdrop = self._backdrop(side, data.options, rng)
        crop = augment.warp(pixels, placement, backdrop.copy())
        points, unknown = self._moved(picture, placement)
        if data.options.occlusions and placement.person >= 0 and len(points) == 1:
            one, size = points[placement.person], placement.size
            augment.occlude(crop, backdrop, one, size, data.options.occlusions, rng)
        crop = augment.recolour(crop, data.options, rng)
        targets, weights = self._maps(picture, placement, points, unknown, side)
        return Sample(np.ascontiguousarray(crop.transpose(2, 0, 1)), targets, weights)

    def _backdrop(self, side: int, options: AugmentRow, rng: np.random.Generator) -> np.ndarray:
        if not options.backgrounds or not self._backgrounds:
            return augment.plain_backdrop(side)
        picture = self._backgrounds[int(rng.integers(len(self._backgrounds)))]
        return augment.backdrop_of(self._cache.pixels(picture), side, rng)

    def _moved(
        self, picture: Picture, placement: augment.Placement
    ) -> tuple[np.ndarray, np.ndarray]:
        """The picture's points in crop pixels, and the unknown ones; left and right swapped in a
        mirrored crop."""
        points = picture.points.copy()
        points[..., :2] = placement.moved(points[..., :2])
        if placement.mirrored:
            return points[:, self._mirror], picture.unknown[:, self._mirror]
        return points, picture.unknown

    def _maps(
        self, picture: Picture, placement: augment.Placement, points: np.ndarray,
        unknown: np.ndarray, side: int,
    ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        """Targets and weights, float32 (channels, side/8, side/8)."""
        silent = picture.silent if _has_people(picture) else np.zeros_like(picture.silent)
        if placement.mirrored:
            silent = silent[self._mirror]
        boxes = [placement.moved(masks.grown(box)) for box in picture.boxes]
        hidden, shown = (
            [placement.moved(polygon) for polygon in polygons]
            for polygons in (picture.unlabelled, picture.labelled)
        )
        known = masks.known_cells(hidden, shown, side)
        parts = masks.part_weights(known, silent, unknown, boxes)
        limbs = masks.limb_weights(parts, self.skeleton)
        draw = lightweight_targets if self.recipe.targets.law == "lightweight" else draw_targets
        drawn = draw(points, self._drawing, parts, limbs)
        layers = _layers(drawn)
        if self.skeleton.background:
            empty = masks.background_weights(known, points, silent, unknown, boxes, self.skeleton)
            layers.insert(1, _background(drawn, empty))
        targets, weights = (np.concatenate(one) for one in zip(*layers, strict=True))
        return targets, weights


def drawing_of(skeleton: Skeleton, recipe: Recipe) -> Drawing:
    """Small Gaussians have a larger weight, in proportion, as in openpose_caffe_train."""
    rule = recipe.targets
    sigmas = np.where(small_parts(skeleton), rule.small_sigma, rule.sigma).astype(np.float64)
    return Drawing(
        sigmas=sigmas,
        part_weights=((rule.sigma / sigmas) ** 2).astype(np.float32),
        limbs=skeleton.limbs.astype(np.int64),
        fields=(skeleton.paf_channels[:, 0] - skeleton.first_paf).astype(np.int64),
        limb_width=rule.limb_width,
        centred=rule.centred,
    )


def batch_numbers(start: int, batch: int, rank: int, ranks: int) -> Iterator[list[int]]:
    """The numbers of each step's samples that are one process's, from step `start` on, endless."""
    step = start
    while True:
        yield list(range(step * batch + rank, (step + 1) * batch, ranks))
        step += 1


def _has_people(picture: Picture) -> bool:
    return bool(len(picture.boxes) or picture.unlabelled)


def _data_set(
    row: DataRow, pictures: list[Picture], options: AugmentRow, skeleton: Skeleton
) -> DataSet:
    if row.person_size is not None:
        options = replace(options, person_size=row.person_size)
    if row.occlusions is not None:
        options = replace(options, occlusions=row.occlusions)
    if is_choosy(row):
        pictures = [replace(one, placed=main_people(one, row)) for one in pictures]
        pictures = [one for one in pictures if one.placed]
        if not pictures:
            raise InputError("nobody is large and labelled enough", where=row.annotations)
        weights = np.array([len(one.placed or ()) for one in pictures], np.float64)
    else:
        weights = np.array([1 + row.crowd_weight * min(len(p.boxes), 4) for p in pictures])
    return DataSet(
        pictures=pictures,
        chances=np.cumsum(weights) / weights.sum(),
        options=options,
        centre_parts=tuple(skeleton.parts.index(part) for part in row.centre_parts),
    )


def _layers(drawn: Targets) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(drawn.heat, drawn.heat_weights), (drawn.paf, drawn.paf_weights)]


def _background(drawn: Targets, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    background = background_of(drawn.heat)
    weights = np.where(background < BACKGROUND_KNOWN, 1, weights)
    return background[None], weights[None].astype(np.float32)


def _mosaic(quarters: list[Sample]) -> Sample:
    def joined(arrays: list[np.ndarray]) -> np.ndarray:
        a, b, c, d = arrays
        return np.concatenate([np.concatenate([a, b], 2), np.concatenate([c, d], 2)], 1)

    return Sample(
        joined([quarter.pixels for quarter in quarters]),
        joined([quarter.targets for quarter in quarters]),
        joined([quarter.weights for quarter in quarters]),
    )
