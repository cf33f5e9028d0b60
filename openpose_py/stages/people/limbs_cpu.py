"""Stage 3 of 5: maps -> people. Limbs between peaks, compiled; `reference_people.score_limbs` is
the definition.

The field is computed tile by tile where a sample falls; everywhere at once if there are more pairs
than tiles. A pair is given up when too many of its samples are bad; the first samples taken are far
apart, because a wrong pair is found out there.
"""

import numpy as np

from openpose_py.compiled import compiled
from openpose_py.records import Peaks
from openpose_py.stages.people.field_cpu import begin_limb, room_for_field
from openpose_py.stages.people.grid import Grid, plane_of
from openpose_py.stages.people.options import DecodeOptions, Links
from openpose_py.stages.people.reference_people import LEAST_SCORE, NEAR, SAMPLES
from openpose_py.stages.people.rounds_cpu import (
    Limits,
    final_scores,
    first_round,
    next_round,
    room_for_pairs,
)
from openpose_py.zoo.skeletons import Skeleton

FEWEST, MOST = SAMPLES
ROUNDS = ((2, 4), (4, 8), (8, MOST))  # most wrong pairs are gone after the first two samples
REFUSED = np.float32(-1)


def score_limbs(grid: Grid, peaks: Peaks, skeleton: Skeleton, options: DecodeOptions) -> Links:
    """The links of all limbs; see `reference_people.score_limbs`."""
    limits = Limits(
        _least_good(options.limb_share),
        VISITS,
        np.float32(options.limb_sample),
        np.sqrt(np.float32(grid.width * grid.height)) / np.float32(NEAR),
        np.float32(options.peak_threshold) + LEAST_SCORE,
    )
    index, scores = _score_limbs(
        grid,
        peaks.table,
        peaks.starts,
        skeleton.limbs,
        skeleton.paf_channels,
        limits,
        plane_of(grid, "paf x"),
        plane_of(grid, "paf y"),
    )
    return Links(index, scores)


def _least_good(share: float) -> np.ndarray:
    """int64 (MOST + 1,): of so many samples, how many at least must be good; may be one more."""
    good = np.arange(MOST + 1, dtype=np.float32)
    least = np.zeros(MOST + 1, np.int64)
    for samples in range(FEWEST, MOST + 1):
        enough = good[: samples + 1] / np.float32(samples) > np.float32(share)
        least[samples] = samples + 1 - enough.sum()
    return least


def _visits() -> np.ndarray:
    """int64 (MOST + 1, MOST): for so many samples, the order in which to take them; halves first,
    then quarters, then eighths. The first two are those of `pairs_cpu`."""
    visits = np.zeros((MOST + 1, MOST), np.int64)
    for samples in range(FEWEST, MOST + 1):
        spread = [samples * (2 * n + 1) // 2**d for d in range(1, 6) for n in range(2 ** (d - 1))]
        order = dict.fromkeys([*(k for k in spread if k < samples), *range(samples)])
        visits[samples, :samples] = list(order)
    return visits


VISITS = _visits()


@compiled
def _score_limbs(
    grid: Grid,
    table: np.ndarray,
    starts: np.ndarray,
    limbs: np.ndarray,
    paf_channels: np.ndarray,
    limits: Limits,
    plane_x: np.ndarray,
    plane_y: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Limb after limb, all its pairs at once: a few samples of each, then a few more of those that
    are left."""
    field = room_for_field(grid, plane_x, plane_y)
    left = room_for_pairs(starts, limbs)
    index, scores = np.empty((256, 3), np.int32), np.empty(256, np.float32)
    found = 0
    for limb in range(len(limbs)):
        first, second = limbs[limb, 0], limbs[limb, 1]
        peaks = table[starts[first] : starts[first + 1]]
        others = table[starts[second] : starts[second + 1]]
        row = np.full(len(peaks) * len(others), REFUSED, np.float32)
        begin_limb(grid, limb, paf_channels[limb], limits.limb_sample, len(row), field)
        count = first_round(grid, peaks, others, limits, field, left, row)
        for begin, end in ROUNDS:
            if count == 0:
                break
            count = next_round(grid, left, count, limits, begin, end, field)
        final_scores(left, count, limits, field, row)
        links = np.flatnonzero(row > LEAST_SCORE)
        while found + len(links) > len(scores):
            index = np.concatenate((index, np.empty_like(index)))
            scores = np.concatenate((scores, np.empty_like(scores)))
        for link in links:
            index[found] = limb, link // len(others), link % len(others)
            scores[found] = row[link]
            found += 1
    return index[:found].copy(), scores[:found].copy()
