"""Stage 3 of 5: maps -> people. Heat maps for export: chosen channels, upsampled and scaled.

Only the chosen channels are computed, operation by operation as `reference_maps.upsample` does it:
the values are the same to the last bit.
"""

import dataclasses

import numpy as np

from openpose_py.errors import UsageError
from openpose_py.records import Maps
from openpose_py.stages.people.reference_maps import (
    as_float32,
    axis_taps,
    target_size,
    upsampling_factors,
)
from openpose_py.stages.people.tiles_cpu import compiled, inlined
from openpose_py.zoo.skeletons import Skeleton

HALF, TWO = np.float32(0.5), np.float32(2)
THREE_HALVES, FIVE_HALVES = np.float32(1.5), np.float32(2.5)
PLUS_MINUS_ONE, ZERO_TO_ONE, BYTES, AS_THEY_ARE = 0, 1, 2, 3  # --heatmaps_scale
SAME_AS = {4: ZERO_TO_ONE, 5: PLUS_MINUS_ONE}  # "fixed aspect" matters to keypoints alone
PARTS_TO_BYTES = np.float32(255)
PAFS_TO_BYTES = np.float32(128.5)  # -1 becomes 0, 1 becomes 257; pose/poseExtractorNet.cpp


@dataclasses.dataclass(frozen=True)
class HeatMapOptions:
    """Which channels are exported, and how: the --heatmaps_ flags."""

    add_parts: bool = False
    add_bkg: bool = False
    add_pafs: bool = False
    scale: int = BYTES
    upsampling_ratio: float = 0  # net pixels a map cell; 0: the network's stride


def export_heat_maps(maps: Maps, skeleton: Skeleton, options: HeatMapOptions) -> np.ndarray:
    """float32 (channels, height, width) in net pixels: parts, background, PAFs, as the network
    orders them, in the range that the scale asks for."""
    channels = chosen_channels(skeleton, options)
    upsampled = upsample_channels(maps, channels, options.upsampling_ratio)
    return scale_heat_maps(upsampled, channels < skeleton.first_paf, options.scale)


def chosen_channels(skeleton: Skeleton, options: HeatMapOptions) -> np.ndarray:
    """int64: numbers of the network's channels, rising."""
    if options.add_bkg and not skeleton.background:
        raise UsageError(
            f"{skeleton.name} has no background map",
            where="--heatmaps_add_bkg",
            hint="leave it out, or use --model_pose BODY_25",
        )
    wanted = np.zeros(skeleton.channels, bool)
    wanted[: len(skeleton.parts)] = options.add_parts
    wanted[len(skeleton.parts) : skeleton.first_paf] = options.add_bkg
    wanted[skeleton.first_paf :] = options.add_pafs
    return np.flatnonzero(wanted)


def upsample_channels(maps: Maps, channels: np.ndarray, upsampling_ratio: float = 0) -> np.ndarray:
    """float32 (channels, height, width) in net pixels: `reference_maps.upsample`, these alone."""
    width, height = target_size(maps, upsampling_ratio)
    scales = [as_float32(scale)[channels] for scale in maps.scales]
    if len(scales) == 1 and scales[0].shape[1:] == (height, width):
        return scales[0]
    total = np.zeros((len(channels), height, width), np.float32)
    factors = upsampling_factors(maps, (width, height))
    for cells, (factor_x, factor_y) in zip(scales, factors, strict=True):
        columns = axis_taps(width, cells.shape[2], factor_x)
        rows = axis_taps(height, cells.shape[1], factor_y)
        _add_upsampled(cells, *columns, *rows, total)
    if len(scales) > 1:
        total /= np.float32(len(scales))
    return total


@compiled
def _add_upsampled(
    cells: np.ndarray,
    column_cells: np.ndarray,
    column_ways: np.ndarray,
    row_cells: np.ndarray,
    row_ways: np.ndarray,
    total: np.ndarray,
) -> None:
    """Adds one scale to `total`. Cells and ways: see `reference_maps.axis_taps`."""
    lines = np.empty((cells.shape[1], total.shape[2]), np.float32)
    for channel in range(len(cells)):
        for y in range(cells.shape[1]):
            _widen(cells[channel, y], column_cells, column_ways, lines[y])
        last = len(lines) - 1
        for y in range(total.shape[1]):
            before, after = max(row_cells[y] - 1, 0), min(row_cells[y] + 1, last)
            _add_between(
                lines[before], lines[row_cells[y]], lines[after], lines[min(after + 1, last)],
                row_ways[y], total[channel, y],
            )  # fmt: skip


@compiled
def _widen(
    cells: np.ndarray, column_cells: np.ndarray, column_ways: np.ndarray, out: np.ndarray
) -> None:
    last = len(cells) - 1
    for x in range(len(out)):
        cell = column_cells[x]
        before, after = max(cell - 1, 0), min(cell + 1, last)
        v0, v1, v2, v3 = cells[before], cells[cell], cells[after], cells[min(after + 1, last)]
        out[x] = _cubic(v0, v1, v2, v3, column_ways[x])


@compiled
def _add_between(
    v0: np.ndarray,
    v1: np.ndarray,
    v2: np.ndarray,
    v3: np.ndarray,
    way: np.float32,
    out: np.ndarray,
) -> None:
    for x in range(len(out)):
        out[x] += _cubic(v0[x], v1[x], v2[x], v3[x], way)


@inlined
def _cubic(
    v0: np.float32, v1: np.float32, v2: np.float32, v3: np.float32, way: np.float32
) -> np.float32:
    """Catmull-Rom, in the order of `reference_maps`."""
    cube = -HALF * v0 + THREE_HALVES * v1 - THREE_HALVES * v2 + HALF * v3
    square = v0 - FIVE_HALVES * v1 + TWO * v2 - HALF * v3
    return cube * way * way * way + square * way * way - HALF * (v0 - v2) * way + v1


def scale_heat_maps(chosen: np.ndarray, is_part: np.ndarray, scale: int) -> np.ndarray:
    """Brings float32 maps (channels, height, width) into the range of --heatmaps_scale, in place.
    is_part: bool (channels,): a part or the background, not a PAF; these stand before the PAFs."""
    mode = SAME_AS.get(scale, scale)
    if mode != AS_THEY_ARE:
        first_paf = int(is_part.sum())
        _scale_parts(chosen[:first_paf], mode)
        _scale_pafs(chosen[first_paf:], mode)
    return chosen


def _scale_parts(maps: np.ndarray, mode: int) -> None:
    np.clip(maps, 0, 1, out=maps)
    if mode == PLUS_MINUS_ONE:
        maps *= np.float32(2)
        maps -= np.float32(1)
    elif mode == BYTES:
        maps *= PARTS_TO_BYTES
        _round(maps)


def _scale_pafs(maps: np.ndarray, mode: int) -> None:
    np.clip(maps, -1, 1, out=maps)
    if mode == ZERO_TO_ONE:
        maps *= np.float32(0.5)
        maps += np.float32(0.5)
    elif mode == BYTES:
        maps *= PAFS_TO_BYTES
        maps += PAFS_TO_BYTES
        _round(maps)


def _round(maps: np.ndarray) -> None:
    maps += np.float32(0.5)
    np.floor(maps, out=maps)
