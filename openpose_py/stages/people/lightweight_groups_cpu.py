"""Stage 3 of 5: maps -> people. Lightweight OpenPose's links and groups, compiled;
`lightweight_reference.group` is the definition.

A pair of peaks is given up when too many of its samples are bad.
"""

import numpy as np

from openpose_py.compiled import compiled, inlined
from openpose_py.records import Peaks
from openpose_py.stages.people.groups_in_making import Found, most_links
from openpose_py.stages.people.lightweight_reference import (
    FREE_LIMBS,
    LIMB_SAMPLE,
    LIMB_SHARE,
    MIN_MEAN,
    MIN_PARTS,
    SAMPLES,
    TINY,
)
from openpose_py.stages.people.lightweight_taps import TAPS, pixel_of
from openpose_py.zoo.skeletons import Skeleton

MOST_BAD = sum(good / SAMPLES > LIMB_SHARE for good in range(SAMPLES))  # samples of a link
STEPS = SAMPLES - 1
REFUSED = 0.0  # a score that no link has


def group(cells: np.ndarray, peaks: Peaks, skeleton: Skeleton) -> tuple[np.ndarray, np.ndarray]:
    """cells: all channels, not upsampled. Returns int64 (people, parts), rows of the table of peaks
    or -1, and float32 (people,), summed scores; in the order in which the groups arose."""
    return _group(cells, peaks.table, peaks.starts, skeleton.limbs, skeleton.paf_channels, TAPS)


@compiled
def _group(
    cells: np.ndarray,
    table: np.ndarray,
    starts: np.ndarray,
    limbs: np.ndarray,
    paf_channels: np.ndarray,
    taps: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    room, parts = most_links(starts, limbs), len(starts) - 1
    found = Found(np.full((room, parts), -1), np.zeros(room), np.zeros(room, np.int64))
    used = np.zeros(len(table), np.bool_)
    groups = 0
    for limb in range(len(limbs)):
        first, second = limbs[limb, 0], limbs[limb, 1]
        begin, middle = starts[first], starts[second]
        peaks, others = table[begin : starts[first + 1]], table[middle : starts[second + 1]]
        scores = _score_pairs(cells, peaks, others, paf_channels[limb], taps)
        pairs = np.flatnonzero(scores > REFUSED)
        for place in pairs[np.argsort(scores[pairs], kind="mergesort")[::-1]]:
            a, b = begin + place % len(peaks), middle + place // len(peaks)
            if used[a] or used[b]:
                continue
            used[a] = used[b] = True
            if limb >= len(limbs) - FREE_LIMBS:
                _add_freely(found, groups, first, second, a, b)
            else:
                begins = limb == 0
                score = np.float32(scores[place])
                groups = _add(found, groups, table, first, second, a, b, score, begins)
        used[:] = False
    return _kept(found, groups)


@compiled
def _score_pairs(
    cells: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    channels: np.ndarray,
    taps: np.ndarray,
) -> np.ndarray:
    """float64 (peaks b * peaks a,): of links above 0, of no links 0."""
    scores = np.full(len(second) * len(first), REFUSED)
    field_x, field_y = cells[channels[0]], cells[channels[1]]
    for b in range(len(second)):
        for a in range(len(first)):
            start_x, start_y = np.float64(first[a, 0]), np.float64(first[a, 1])
            way_x, way_y = np.float64(second[b, 0]) - start_x, np.float64(second[b, 1]) - start_y
            length = np.sqrt(way_x * way_x + way_y * way_y) + TINY
            along_x, along_y = way_x / length, way_y / length
            total, good = 0.0, 0
            for n in range(SAMPLES):
                x = int(np.rint(start_x + n * (way_x / STEPS)))
                y = int(np.rint(start_y + n * (way_y / STEPS)))
                share = (
                    np.float64(pixel_of(field_x, taps, y, x)) * along_x
                    + np.float64(pixel_of(field_y, taps, y, x)) * along_y
                )
                if share > LIMB_SAMPLE:
                    total += share
                    good += 1
                elif n + 1 - good > MOST_BAD:
                    break
            score = total / (good + TINY)
            if score > 0 and good >= SAMPLES - MOST_BAD:
                scores[b * len(first) + a] = score
    return scores


@compiled
def _add(
    found: Found,
    groups: int,
    table: np.ndarray,
    part_a: int,
    part_b: int,
    a: int,
    b: int,
    score: np.float32,
    begins: bool,
) -> int:
    """Puts a link into every group that has its first peak, or begins one; returns how many there
    are. begins: whether a link always begins one."""
    owned = False
    for g in range(0 if begins else groups):
        if found.peaks[g, part_a] == a:
            owned = True
            found.peaks[g, part_b] = b
            found.counts[g] += 1
            found.scores[g] += np.float64(table[b, 2] + score)
    if owned:
        return groups
    found.peaks[groups] = -1
    found.peaks[groups, part_a], found.peaks[groups, part_b] = a, b
    found.scores[groups] = np.float64(table[a, 2] + table[b, 2] + score)
    found.counts[groups] = 2
    return groups + 1


@inlined
def _add_freely(found: Found, groups: int, part_a: int, part_b: int, a: int, b: int) -> None:
    for g in range(groups):
        if found.peaks[g, part_a] == a and found.peaks[g, part_b] < 0:
            found.peaks[g, part_b] = b
        elif found.peaks[g, part_b] == b and found.peaks[g, part_a] < 0:
            found.peaks[g, part_a] = a


@compiled
def _kept(found: Found, groups: int) -> tuple[np.ndarray, np.ndarray]:
    rows, scores = np.empty((groups, found.peaks.shape[1]), np.int64), np.empty(groups, np.float32)
    kept = 0
    for g in range(groups):
        if found.counts[g] >= MIN_PARTS and found.scores[g] / found.counts[g] >= MIN_MEAN:
            rows[kept], scores[kept] = found.peaks[g], np.float32(found.scores[g])
            kept += 1
    return rows[:kept].copy(), scores[:kept].copy()
