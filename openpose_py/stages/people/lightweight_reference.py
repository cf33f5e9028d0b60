"""Stage 3 of 5: maps -> people. The decoder of Lightweight OpenPose, as its definition.

After the project's modules/keypoints.py. Plain numpy in the order written here. It differs from
OpenPose's: peaks are whole pixels that suppress their right-hand neighbours, links join peaks limb
after limb, and the groups that arise are never joined.
"""

import dataclasses
import functools
from typing import NamedTuple

import numpy as np

from openpose_py.records import Maps, Peaks, People
from openpose_py.stages.people.reference_maps import as_float32
from openpose_py.zoo.skeletons import Skeleton

UPSAMPLING = 4  # pixels a map cell
CUBIC = -0.75  # the kernel's parameter
PEAK, LIMB_SAMPLE, LIMB_SHARE = 0.1, 0.05, 0.8  # peaks and samples below, or links up to, are none
DISTANCE = 6  # pixels: a peak suppresses those after it that are nearer
SAMPLES = 10  # of the field along a limb, both ends included
MIN_PARTS, MIN_MEAN = 3, 0.2  # of a person: counted parts, score a counted part
FREE_LIMBS = 2  # the last limbs, from shoulder to ear, add parts but no score
TINY = 1e-6


@dataclasses.dataclass(frozen=True)
class Poses:
    """peaks: int32 (people, parts), rows of the table of peaks, or -1. scores: float32 (people,),
    sums over peaks and links. counts: int64 (people,), how often a part was set."""

    peaks: np.ndarray
    scores: np.ndarray
    counts: np.ndarray


class Link(NamedTuple):
    """a, b: rows of the table of peaks."""

    a: int
    b: int
    score: np.float32


def decode_lightweight(maps: Maps, skeleton: Skeleton) -> tuple[People, Peaks]:
    """People in frame pixels, scores summed as in `Poses`; peaks in net pixels. One scale."""
    upsampled = upsample(as_float32(maps.scales[0]))
    peaks = find_peaks(upsampled[: len(skeleton.parts)])
    poses = group(upsampled, peaks, skeleton)
    table = peaks.table.copy()
    table[:, :2] *= np.float32(maps.stride / UPSAMPLING)
    keypoints = np.concatenate([table, np.zeros((1, 3), np.float32)])[poses.peaks]
    keypoints[..., :2] *= np.float32(maps.geometry.net_to_frame)
    return People(keypoints, poses.scores), Peaks(table, peaks.starts)


def upsample(cells: np.ndarray) -> np.ndarray:
    """float32 (channels, height, width) times four: cubic, beyond the edges the outermost cells."""
    wide = _upsampled_rows(cells.transpose(0, 2, 1))
    return np.ascontiguousarray(_upsampled_rows(wide.transpose(0, 2, 1)))


def _upsampled_rows(maps: np.ndarray) -> np.ndarray:
    """(channels, rows, columns): four rows for each."""
    cells = maps.shape[1]
    place = (np.arange(UPSAMPLING * cells) + 0.5) / UPSAMPLING - 0.5
    before = np.floor(place).astype(np.int64)
    result = np.zeros((len(maps), len(place), maps.shape[2]), np.float32)
    for tap in range(-1, 3):
        weight = cubic(np.abs(place - before - tap)).astype(np.float32)
        result += weight[:, None] * maps[:, np.clip(before + tap, 0, cells - 1)]
    return result


def cubic(distance: np.ndarray) -> np.ndarray:
    """The weight of a cell at `distance` cells, at most 2; imgproc/src/resize.cpp of OpenCV."""
    a = CUBIC
    near = ((a + 2) * distance - (a + 3)) * distance * distance + 1
    far = ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
    return np.where(distance <= 1, near, far)


def find_peaks(upsampled: np.ndarray) -> Peaks:
    """upsampled: the maps of the parts. Whole pixels, within a part from left to right.

    A peak is above its four neighbours, where the outside and all below 0.1 counts as nothing. From
    left to right, in a column from top to bottom, each that is left removes the later ones nearby.
    """
    tables = []
    for heat in upsampled:
        kept = np.where(heat < PEAK, np.float32(0), heat)
        wide = np.pad(kept, 1)
        wins = kept > wide[:-2, 1:-1]
        for neighbour in (wide[2:, 1:-1], wide[1:-1, :-2], wide[1:-1, 2:]):
            wins &= kept > neighbour
        x, y = np.nonzero(wins.T)
        left = np.ones(len(x), np.bool_)
        for n in range(len(x)):
            if left[n]:
                near = np.hypot(x[n + 1 :] - x[n], y[n + 1 :] - y[n]) < DISTANCE
                left[n + 1 :] &= ~near
        x, y = x[left], y[left]
        tables.append(np.stack([x, y, heat[y, x]], axis=1).astype(np.float32))
    starts = np.cumsum([0, *map(len, tables)], dtype=np.int64)
    return Peaks(np.concatenate(tables), starts)


def group(upsampled: np.ndarray, peaks: Peaks, skeleton: Skeleton) -> Poses:
    """upsampled: all channels. Poses in the order in which they arose."""
    found: list[_Pose] = []
    for limb, (part_a, part_b) in enumerate(skeleton.limbs):
        links = find_links(upsampled[skeleton.paf_channels[limb]], peaks, part_a, part_b)
        if limb == 0:
            found += [_new(peaks, part_a, part_b, link) for link in links]
        elif limb >= len(skeleton.limbs) - FREE_LIMBS:
            _add_freely(found, part_a, part_b, links)
        else:
            _add(found, peaks, part_a, part_b, links)
    kept = [one for one in found if one.count >= MIN_PARTS and one.score / one.count >= MIN_MEAN]
    return Poses(
        np.array([one.peaks for one in kept], np.int32).reshape(-1, peaks.parts),
        np.array([one.score for one in kept], np.float32),
        np.array([one.count for one in kept], np.int64),
    )


def find_links(field: np.ndarray, peaks: Peaks, part_a: int, part_b: int) -> list[Link]:
    """field: (2, height, width), x and y. The best link first; each peak is in one at most."""
    first, second = peaks.of(part_a).astype(np.float64), peaks.of(part_b).astype(np.float64)
    if not len(first) or not len(second):
        return []
    way = second[:, None, :2] - first[None, :, :2]  # (peaks b, peaks a, 2)
    along = way / (np.linalg.norm(way, axis=-1, keepdims=True) + TINY)
    steps = np.arange(SAMPLES).reshape(-1, 1, 1, 1)
    places = np.rint(first[None, None, :, :2] + steps * (way / (SAMPLES - 1))).astype(np.int64)
    values = field[:, places[..., 1], places[..., 0]]
    share = values[0] * along[..., 0] + values[1] * along[..., 1]
    good = share > LIMB_SAMPLE
    number = good.sum(axis=0)
    score = functools.reduce(np.add, share * good) / (number + TINY)  # in the order of samples
    kept = (score > 0) & (number / SAMPLES > LIMB_SHARE)
    b, a = np.nonzero(kept)
    links, used = list[Link](), set[int]()
    for n in np.argsort(score[kept], kind="stable")[::-1]:
        row_a, row_b = int(peaks.starts[part_a] + a[n]), int(peaks.starts[part_b] + b[n])
        if not {row_a, row_b} & used:
            used |= {row_a, row_b}
            links.append(Link(row_a, row_b, np.float32(score[b[n], a[n]])))
    return links


@dataclasses.dataclass
class _Pose:
    peaks: list[int]
    score: float
    count: int = 2


def _new(peaks: Peaks, part_a: int, part_b: int, link: Link) -> _Pose:
    pose = _Pose([-1] * peaks.parts, float(peaks.table[[link.a, link.b], 2].sum() + link.score))
    pose.peaks[part_a], pose.peaks[part_b] = link.a, link.b
    return pose


def _add(found: list[_Pose], peaks: Peaks, part_a: int, part_b: int, links: list[Link]) -> None:
    """Every pose that has a link's first peak takes its second, in the place of another too."""
    for link in links:
        owners = [pose for pose in found if pose.peaks[part_a] == link.a]
        for pose in owners:
            pose.peaks[part_b] = link.b
            pose.count += 1
            pose.score += float(peaks.table[link.b, 2] + link.score)
        if not owners:
            found.append(_new(peaks, part_a, part_b, link))


def _add_freely(found: list[_Pose], part_a: int, part_b: int, links: list[Link]) -> None:
    for link in links:
        for pose in found:
            if pose.peaks[part_a] == link.a and pose.peaks[part_b] < 0:
                pose.peaks[part_b] = link.b
            elif pose.peaks[part_b] == link.b and pose.peaks[part_a] < 0:
                pose.peaks[part_a] = link.a
