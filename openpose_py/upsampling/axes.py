"""Where net pixels lie among map cells, along each axis and at each scale."""

import functools
import math
from typing import Any

import numpy as np

from openpose_py.records import Maps, Size


def target_size(maps: Maps, upsampling_ratio: float = 0) -> Size:
    """Width and height of the upsampled maps, from the first scale."""
    height, width = maps.scales[0].shape[1:]
    ratio = upsampling_ratio if upsampling_ratio > 0 else maps.stride
    return _round(width * ratio - 1) + 1, _round(height * ratio - 1) + 1


def upsampling_factors(maps: Maps, size: Size) -> list[tuple[np.float32, np.float32]]:
    """Net pixels a map cell in x and y, one pair a scale. The true factors of the scales count,
    not the ratio of their sizes, so that a person lies at the same place in all of them."""
    height, width = maps.scales[0].shape[1:]
    first = np.float32(size[0]) / np.float32(width), np.float32(size[1]) / np.float32(height)
    if len(maps.scales) == 1:
        return [first]
    shares = np.asarray(maps.geometry.frame_to_net, np.float32)
    shares = shares / shares[0]
    return [(first[0] / share, first[1] / share) for share in shares]


def axis_taps(pixels: int, cells: int, factor: np.float32) -> tuple[np.ndarray, np.ndarray]:
    """Along one axis, for every net pixel: the map cell before it, int32, and the way from there
    to the pixel in cells, float32; negative before the first cell. Not to be written to."""
    return _axis_taps(pixels, cells, float(factor))


@functools.lru_cache(maxsize=64)
def _axis_taps(pixels: int, cells: int, factor: float) -> tuple[np.ndarray, np.ndarray]:
    return taps_at(axis_places(pixels, factor), cells)


def axis_places(pixels: int, factor: float) -> np.ndarray:
    """float32 (pixels,): where fine pixels lie among coarse ones, `factor` times as large."""
    half = np.float32(0.5)
    return (np.arange(pixels, dtype=np.float32) + half) / np.float32(factor) - half


def taps_at(places: np.ndarray, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Along one axis: the cell before each place, int32, and the way from there, float32."""
    before = np.clip(np.floor(places).astype(np.int32), 0, cells - 1).astype(np.int32)
    return before, places - before.astype(np.float32)


def as_float32(scale: Any) -> np.ndarray:
    """One scale's maps, which may be a torch tensor, as a plain float32 array. Writable: kernels
    would be compiled once more for arrays that are not."""
    if not isinstance(scale, np.ndarray):
        scale = scale.detach().cpu().numpy()
    return np.require(scale, np.float32, ["C", "A", "W"])


def _round(value: float) -> int:
    return math.floor(value + 0.5)
