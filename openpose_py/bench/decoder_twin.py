"""The usual way to decode on a CPU, to compare with: whole maps by cv2.resize, then numpy.

It is written with care, so that a ratio means something: no loop over pixels, pairs or samples. It
differs from the package in the cubic kernel (OpenCV's) and at the borders, so a few people differ.
"""

import cv2
import numpy as np

from openpose_py.records import Maps, Peaks, People
from openpose_py.stages.people.assemble import assemble
from openpose_py.stages.people.options import DecodeOptions, Links
from openpose_py.stages.people.reject import people_from
from openpose_py.zoo.skeletons import Skeleton

WINDOW = 3
LEAST_SCORE = 1e-6


def decode_whole_maps(
    maps: Maps, skeleton: Skeleton, options: DecodeOptions
) -> tuple[People, Peaks]:
    """People and peaks of single-scale maps."""
    geometry = maps.geometry
    whole = resized(maps)
    peaks = find_peaks(whole[: len(skeleton.parts)], options, geometry.peak_offset)
    links = score_limbs(whole, peaks, skeleton, options)
    groups = assemble(peaks, links, skeleton)
    return people_from(groups, peaks, len(skeleton.limbs), geometry.net_to_frame, options), peaks


def resized(maps: Maps) -> np.ndarray:
    """float32 (channels, height, width) in net pixels."""
    (cells,) = maps.scales
    size = cells.shape[2] * maps.stride, cells.shape[1] * maps.stride
    return np.stack([cv2.resize(heat, size, interpolation=cv2.INTER_CUBIC) for heat in cells])


def find_peaks(whole: np.ndarray, options: DecodeOptions, offset: float) -> Peaks:
    tables = []
    for heat in whole:
        inner = heat[1:-1, 1:-1]
        wins = inner > options.peak_threshold
        for neighbour in (
            *(heat[y : y + inner.shape[0], 1:-1] for y in (0, 2)),
            *(
                heat[y : y + inner.shape[0], x : x + inner.shape[1]]
                for y in (0, 1, 2)
                for x in (0, 2)
            ),
        ):
            wins &= inner > neighbour
        rows, columns = np.nonzero(wins)
        places = np.stack([columns, rows], axis=1)[: options.max_peaks or None] + 1
        tables.append(_refined(heat, places, offset))
    starts = np.cumsum([0, *map(len, tables)], dtype=np.int64)
    return Peaks(np.concatenate(tables), starts)


def _refined(heat: np.ndarray, places: np.ndarray, offset: float) -> np.ndarray:
    """float32 (peaks, 3) of integer places (peaks, 2)."""
    reach = np.arange(-WINDOW, WINDOW + 1)
    x = np.clip(places[:, 0, None, None] + reach[None, None, :], 0, heat.shape[1] - 1)
    y = np.clip(places[:, 1, None, None] + reach[None, :, None], 0, heat.shape[0] - 1)
    weights = np.maximum(heat[y, x], 0)
    total = weights.sum(axis=(1, 2))
    table = np.empty((len(places), 3), np.float32)
    table[:, 0] = (weights * x).sum(axis=(1, 2)) / total + offset
    table[:, 1] = (weights * y).sum(axis=(1, 2)) / total + offset
    table[:, 2] = heat[places[:, 1], places[:, 0]]
    return table


def score_limbs(
    whole: np.ndarray, peaks: Peaks, skeleton: Skeleton, options: DecodeOptions
) -> Links:
    index, scores = [np.zeros((0, 3), np.int32)], [np.zeros(0, np.float32)]
    for limb, (first, second) in enumerate(skeleton.limbs):
        paf = whole[skeleton.paf_channels[limb]]
        table = _pair_scores(paf, peaks.of(first), peaks.of(second), options)
        a, b = np.nonzero(table > LEAST_SCORE)
        index.append(np.stack([np.full_like(a, limb), a, b], axis=1).astype(np.int32))
        scores.append(table[a, b])
    return Links(np.concatenate(index), np.concatenate(scores))


def _pair_scores(
    paf: np.ndarray, peaks_a: np.ndarray, peaks_b: np.ndarray, options: DecodeOptions
) -> np.ndarray:
    """float32 (peaks a, peaks b); -1 where there is no limb."""
    height, width = paf.shape[1:]
    begin = peaks_a[:, None, :2]
    way = peaks_b[None, :, :2] - begin
    length = np.hypot(way[..., 0], way[..., 1])
    samples = np.clip(np.round(np.sqrt(5 * np.abs(way).max(axis=2))), 5, 25)
    share = np.arange(25, dtype=np.float32) / samples[..., None]
    taken = share < 1
    at = begin[:, :, None, :] + way[:, :, None, :] * share[..., None] + 0.5
    x = np.clip(at[..., 0].astype(np.int32), 0, width - 1)
    y = np.clip(at[..., 1].astype(np.int32), 0, height - 1)
    unit = way / np.maximum(length, LEAST_SCORE)[..., None]
    values = unit[..., 0, None] * paf[0, y, x] + unit[..., 1, None] * paf[1, y, x]
    good = taken & (values > options.limb_sample)
    count = good.sum(axis=2)
    mean = (values * good).sum(axis=2) / np.maximum(count, 1)
    near = np.where(length < np.sqrt(width * height) / 150, options.peak_threshold + 1e-6, -1)
    scores = np.where(count / samples > options.limb_share, mean, near)
    return np.where(length > LEAST_SCORE, scores, -1).astype(np.float32)
