"""Stage 3 of 5: maps -> people. Heat maps for export: chosen channels, upsampled and scaled."""

import dataclasses

import numpy as np

from openpose_py.errors import UsageError
from openpose_py.records import Maps
from openpose_py.upsampling.channels import upsample_channels
from openpose_py.zoo.skeletons import Skeleton

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
