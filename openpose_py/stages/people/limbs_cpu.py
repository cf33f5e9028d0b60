"""Stage 3 of 5: maps -> people. Limbs between peaks, compiled; `reference_people.score_limbs` is
the definition.

The field is computed tile by tile where a sample falls. A pair is given up when too many of its
samples are bad; the first samples taken are far apart, because a wrong pair is found out there.
"""

from typing import NamedTuple

import numpy as np

from openpose_py.compiled import compiled, inlined
from openpose_py.records import Peaks
from openpose_py.stages.people.grid import TILE, Grid, plane_of
from openpose_py.stages.people.options import DecodeOptions, Links
from openpose_py.stages.people.reference_people import LEAST_SCORE, NEAR, SAMPLES
from openpose_py.stages.people.tiles_cpu import fill_tiles
from openpose_py.zoo.skeletons import Skeleton

FEWEST, MOST = SAMPLES
ROUNDS = ((0, 2), (2, 4), (4, MOST))  # most wrong pairs are gone after two samples
REFUSED = np.float32(-1)
HALF = np.float32(0.5)


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
    then quarters, then eighths."""
    visits = np.zeros((MOST + 1, MOST), np.int64)
    for samples in range(FEWEST, MOST + 1):
        spread = [samples * (2 * n + 1) // 2**d for d in range(1, 6) for n in range(2 ** (d - 1))]
        order = dict.fromkeys([*(k for k in spread if k < samples), *range(samples)])
        visits[samples, :samples] = list(order)
    return visits


VISITS = _visits()


class Limits(NamedTuple):
    least_good: np.ndarray  # see _least_good
    visits: np.ndarray  # see _visits
    limb_sample: np.float32
    near: np.float32  # net pixels; a shorter way needs no limb
    free: np.float32  # and has this score


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
    are left. computed: of which limb a tile of the planes is."""
    computed = np.full((plane_x.shape[0], plane_x.shape[2]), -1, np.int64)
    tiles = np.empty(computed.size, np.int64)
    band = np.empty((grid.band_rows, TILE), np.float32)
    index, scores = np.empty((256, 3), np.int32), np.empty(256, np.float32)
    found = 0
    for limb in range(len(limbs)):
        first, second = limbs[limb, 0], limbs[limb, 1]
        others = table[starts[second] : starts[second + 1]]
        ways, samples, left = _ways(table[starts[first] : starts[first + 1]], others)
        good = np.zeros(len(samples), np.int64)
        for begin, end in ROUNDS:
            new = _missing(
                grid, ways, samples, left, limits.visits, begin, end, computed, limb, tiles
            )
            if new > 0:
                fill_tiles(grid, paf_channels[limb, 0], tiles[:new], plane_x, band)
                fill_tiles(grid, paf_channels[limb, 1], tiles[:new], plane_y, band)
            left = _sample(grid, ways, samples, left, limits, begin, end, good, plane_x, plane_y)
        row = _scores(grid, ways, samples, left, limits, plane_x, plane_y)
        links = np.flatnonzero(row > LEAST_SCORE)
        while found + len(links) > len(scores):
            index = np.concatenate((index, np.empty_like(index)))
            scores = np.concatenate((scores, np.empty_like(scores)))
        for link in links:
            index[found] = limb, link // len(others), link % len(others)
            scores[found] = row[link]
            found += 1
    return index[:found].copy(), scores[:found].copy()


@compiled
def _ways(peaks: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ways: float32 (7, pairs), from each peak to each of the others: its begin in x and y, its
    direction, the step between samples, its length. samples: int64 (pairs,). left: int64, the
    pairs whose ends are apart."""
    count = len(others)
    ways = np.empty((7, len(peaks) * count), np.float32)
    samples = np.empty(ways.shape[1], np.int64)
    for a in range(len(peaks)):
        x, y = peaks[a, 0], peaks[a, 1]
        here = slice(a * count, a * count + count)
        ways[0, here], ways[1, here] = x, y
        along_x, along_y, length = ways[2, here], ways[3, here], ways[6, here]
        step_x, step_y, number = ways[4, here], ways[5, here], samples[here]
        for b in range(count):
            dx, dy = others[b, 0] - x, others[b, 1] - y
            length[b] = np.sqrt(dx * dx + dy * dy)
            along_x[b], along_y[b] = dx / length[b], dy / length[b]
            root = np.floor(np.sqrt(np.float32(5) * max(abs(dx), abs(dy))) + HALF)
            steps = min(max(root, np.float32(FEWEST)), np.float32(MOST))
            step_x[b], step_y[b] = dx / steps, dy / steps
            number[b] = np.int64(steps)
    left = np.flatnonzero((ways[6] > LEAST_SCORE) & (ways[6] < np.float32(np.inf)))
    return ways, samples, left


@compiled
def _missing(
    grid: Grid,
    ways: np.ndarray,
    samples: np.ndarray,
    left: np.ndarray,
    visits: np.ndarray,
    begin: int,
    end: int,
    computed: np.ndarray,
    limb: int,
    tiles: np.ndarray,
) -> int:
    """Lists the tiles that samples begin..end of the pairs need and that are not yet computed."""
    width, height, shift_x, shift_y = grid.width, grid.height, grid.shift_x, grid.shift_y
    new = 0
    for pair in left:
        for visit in range(begin, min(end, samples[pair])):
            k = np.float32(visits[samples[pair], visit])
            x = _pixel(ways[0, pair] + k * ways[4, pair], width) + shift_x
            y = _pixel(ways[1, pair] + k * ways[5, pair], height) + shift_y
            row, column = y // TILE, x // TILE
            if computed[row, column] != limb:
                computed[row, column] = limb
                tiles[new] = row * computed.shape[1] + column
                new += 1
    return new


@compiled
def _sample(
    grid: Grid,
    ways: np.ndarray,
    samples: np.ndarray,
    left: np.ndarray,
    limits: Limits,
    begin: int,
    end: int,
    good: np.ndarray,
    plane_x: np.ndarray,
    plane_y: np.ndarray,
) -> np.ndarray:
    """Takes samples begin..end of the pairs that are left; returns those that still can win."""
    width, height, shift_x, shift_y = grid.width, grid.height, grid.shift_x, grid.shift_y
    visits, least_good, limb_sample = limits.visits, limits.least_good, limits.limb_sample
    still = np.empty_like(left)
    count = 0
    for pair in left:
        number = samples[pair]
        for visit in range(begin, min(end, number)):
            k = np.float32(visits[number, visit])
            x = _pixel(ways[0, pair] + k * ways[4, pair], width) + shift_x
            y = _pixel(ways[1, pair] + k * ways[5, pair], height) + shift_y
            value = ways[2, pair] * plane_x[y // TILE, y % TILE, x // TILE, x % TILE]
            value += ways[3, pair] * plane_y[y // TILE, y % TILE, x // TILE, x % TILE]
            good[pair] += value > limb_sample
        if good[pair] + max(number - end, 0) >= least_good[number]:
            still[count] = pair
            count += 1
    return still[:count]


@compiled
def _scores(
    grid: Grid,
    ways: np.ndarray,
    samples: np.ndarray,
    left: np.ndarray,
    limits: Limits,
    plane_x: np.ndarray,
    plane_y: np.ndarray,
) -> np.ndarray:
    """float32 (pairs,): the mean of the field over the good samples, in their order along the way,
    of the pairs that are left; `free` for the others that are near; else -1."""
    width, height, shift_x, shift_y = grid.width, grid.height, grid.shift_x, grid.shift_y
    scores = np.full(len(samples), REFUSED, np.float32)
    for pair in range(len(scores)):
        if LEAST_SCORE < ways[6, pair] < limits.near:
            scores[pair] = limits.free
    for pair in left:
        total, good = np.float32(0), 0
        for visit in range(samples[pair]):
            k = np.float32(visit)
            x = _pixel(ways[0, pair] + k * ways[4, pair], width) + shift_x
            y = _pixel(ways[1, pair] + k * ways[5, pair], height) + shift_y
            value = ways[2, pair] * plane_x[y // TILE, y % TILE, x // TILE, x % TILE]
            value += ways[3, pair] * plane_y[y // TILE, y % TILE, x // TILE, x % TILE]
            if value > limits.limb_sample:
                total += value
                good += 1
        scores[pair] = total / np.float32(good)
    return scores


@inlined
def _pixel(place: np.float32, size: int) -> int:
    return min(size - 1, max(0, int(place + HALF)))
