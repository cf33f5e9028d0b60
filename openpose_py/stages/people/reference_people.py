"""Stage 3 of 5: maps -> people. The definition, second half: peaks into links, links into people.

Plain float32 in the order written here, after OpenPose's CUDA build
(net/bodyPartConnectorBase.cu and .cpp).
"""

import dataclasses

import numpy as np

from openpose_py.records import Peaks
from openpose_py.stages.people.options import DecodeOptions, Groups, Links
from openpose_py.zoo.skeletons import Skeleton

LEAST_SCORE = np.float32(1e-6)  # a link counts above it; net/bodyPartConnectorBase.cpp
SAMPLES = (5, 25)  # fewest and most points at which a limb is probed
NEAR = 150  # peaks nearer than sqrt(width * height) / NEAR need no limb between them


def score_limbs(
    upsampled: np.ndarray, peaks: Peaks, skeleton: Skeleton, options: DecodeOptions
) -> Links:
    """upsampled: all channels of the network, (channels, height, width)."""
    index, scores = [np.zeros((0, 3), np.int32)], [np.zeros(0, np.float32)]
    for limb, (first, second) in enumerate(skeleton.limbs):
        paf = upsampled[skeleton.paf_channels[limb]]
        table = pair_scores(paf, peaks.of(first), peaks.of(second), options)
        pairs = np.argwhere(table > LEAST_SCORE)
        index.append(np.insert(pairs, 0, limb, axis=1).astype(np.int32))
        scores.append(table[table > LEAST_SCORE])
    return Links(np.concatenate(index), np.concatenate(scores))


def pair_scores(
    paf: np.ndarray, peaks_a: np.ndarray, peaks_b: np.ndarray, options: DecodeOptions
) -> np.ndarray:
    """float32 (peaks a, peaks b): the mean of the field along the way from a to b over the samples
    that are good; -1 where too few are. paf: (2, height, width), x and y; peaks: x, y, score."""
    height, width = paf.shape[1:]
    ax, ay = peaks_a[:, None, 0], peaks_a[:, None, 1]
    dx, dy = peaks_b[None, :, 0] - ax, peaks_b[None, :, 1] - ay
    samples = sample_count(np.maximum(np.abs(dx), np.abs(dy)))
    with np.errstate(all="ignore"):
        length = np.sqrt(dx * dx + dy * dy)
        apart = (length > LEAST_SCORE) & (length < np.inf)
        along_x, along_y = dx / length, dy / length
        step_x, step_y = dx / samples, dy / samples
        total, good = np.zeros_like(dx), np.zeros_like(dx)
        for k in range(SAMPLES[1]):
            x = _pixel(ax + np.float32(k) * step_x, apart, width)
            y = _pixel(ay + np.float32(k) * step_y, apart, height)
            value = along_x * paf[0, y, x] + along_y * paf[1, y, x]
            counts = (value > np.float32(options.limb_sample)) & (k < samples)
            total = np.where(counts, total + value, total)
            good += counts
        enough = good / samples > np.float32(options.limb_share)
        mean = total / good
    near = length < np.sqrt(np.float32(width * height)) / np.float32(NEAR)
    free = np.where(near, np.float32(options.peak_threshold) + LEAST_SCORE, np.float32(-1))
    return np.where(apart, np.where(enough, mean, free), np.float32(-1))


def sample_count(reach: np.ndarray) -> np.ndarray:
    """reach: the longer sides of the ways between two peaks, in net pixels. Whole float32."""
    return np.clip(np.floor(np.sqrt(np.float32(5) * reach) + np.float32(0.5)), *SAMPLES)


def _pixel(place: np.ndarray, apart: np.ndarray, size: int) -> np.ndarray:
    """The nearest pixel, halves upwards; 0 where the ends are not apart and nothing is asked."""
    nearest = np.clip(np.floor(place + np.float32(0.5)), 0, size - 1)
    return np.where(apart, nearest, 0).astype(np.int64)


def assemble(peaks: Peaks, links: Links, skeleton: Skeleton) -> Groups:
    """All groups of peaks that links hold together, in the order of their first link."""
    owner = [[-1] * len(peaks.of(part)) for part in range(peaks.parts)]
    people: list[_Person] = []
    for link in link_order(peaks, links, skeleton):
        limb, a, b = (int(value) for value in links.index[link])
        ends = [(int(skeleton.limbs[limb, 0]), a), (int(skeleton.limbs[limb, 1]), b)]
        owners = [owner[part][peak] for part, peak in ends]
        scores = [peaks.of(part)[peak, 2] for part, peak in ends]
        if max(owners) < 0:
            people.append(_Person([-1] * peaks.parts, scores[0] + scores[1] + links.scores[link]))
            for part, peak in ends:
                people[-1].peaks[part] = peak
                owner[part][peak] = len(people) - 1
        elif min(owners) < 0:
            missing = owners.index(-1)
            (part, peak), person = ends[missing], people[max(owners)]
            if person.peaks[part] < 0:
                person.peaks[part] = peak
                owner[part][peak] = max(owners)
                person.score += scores[missing] + links.scores[link]
        elif owners[0] == owners[1]:
            people[owners[0]].score += links.scores[link]
        else:
            _merge(people, owner, min(owners), max(owners), links.scores[link])
    left = [person for person in people if not person.merged]
    return Groups(
        np.array([person.peaks for person in left], np.int32).reshape(-1, peaks.parts),
        np.array([person.score for person in left], np.float32),
    )


@dataclasses.dataclass
class _Person:
    peaks: list[int]
    score: np.float32
    merged: bool = False


def link_order(peaks: Peaks, links: Links, skeleton: Skeleton) -> np.ndarray:
    """Numbers of the links, best first: by score with a tenth of both peaks' scores, then by
    score; of equals the later one in the order of `Links` comes first."""
    limb, a, b = links.index.T
    tenth = np.float32(0.1)
    score_a = peaks.table[peaks.starts[skeleton.limbs[limb, 0]] + a, 2]
    score_b = peaks.table[peaks.starts[skeleton.limbs[limb, 1]] + b, 2]
    key = links.scores + tenth * score_a + tenth * score_b
    return np.lexsort((links.scores, key))[::-1]


def _merge(
    people: list[_Person], owner: list[list[int]], low: int, high: int, score: np.float32
) -> None:
    """Person `high` joins person `low`, unless both have one and the same part."""
    keep, gone = people[low], people[high]
    if any(p >= 0 and q >= 0 for p, q in zip(keep.peaks, gone.peaks, strict=True)):
        return
    for part, peak in enumerate(gone.peaks):
        if peak >= 0:
            keep.peaks[part] = peak
            owner[part][peak] = low
    keep.score += gone.score + score
    gone.merged = True
