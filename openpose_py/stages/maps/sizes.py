"""Stage 2 of 5: frame -> maps. The sizes: network inputs, scales, output picture, all factors.

Everything follows OpenPose's rule that a factor is (size - 1) / (size - 1), and its rounding.
"""

import dataclasses

import numpy as np

from openpose_py.errors import StageError
from openpose_py.records import Geometry, Size

MULTIPLE = 16  # of every side of a network input


@dataclasses.dataclass(frozen=True, slots=True)
class SizeWishes:
    """The flags that decide sizes. A side of net_resolution that is not positive is automatic."""

    net_resolution: Size = (-1, 368)
    net_resolution_dynamic: float = 1.0
    output_resolution: Size = (-1, -1)
    scale_number: int = 1
    scale_gap: float = 0.25
    upsampling_ratio: float = 0.0
    stride: int = 8
    stretched: bool = False  # the frame fills the network's input, whatever its shape


def geometry_of(frame_size: Size, wishes: SizeWishes) -> Geometry:
    """All sizes and factors for one frame."""
    net_size = net_size_of(frame_size, wishes)
    net_sizes = scaled_sizes(net_size, wishes)
    if wishes.stretched:
        return _stretched(frame_size, net_sizes, wishes)
    ratio = wishes.upsampling_ratio / wishes.stride if wishes.upsampling_ratio > 0 else 1.0
    map_size = (rounded(ratio * net_sizes[0][0]), rounded(ratio * net_sizes[0][1]))
    shrink = factor(frame_size, map_size)
    fitted = (rounded(shrink * frame_size[0]), rounded(shrink * frame_size[1]))
    # a frame one pixel wide or high has no extent: fall back to the inverse of the way there
    net_to_frame = np.float32(factor(fitted, frame_size) or 1 / factor(frame_size, net_sizes[0]))
    output_size, frame_to_output = _output(frame_size, wishes.output_resolution)
    return Geometry(
        frame_size=frame_size,
        net_sizes=net_sizes,
        frame_to_net=tuple(factor(frame_size, size) for size in net_sizes),
        output_size=output_size,
        frame_to_output=frame_to_output,
        net_to_frame=float(net_to_frame),
        peak_offset=_peak_offset(net_to_frame),
    )


def _stretched(frame_size: Size, net_sizes: tuple[Size, ...], wishes: SizeWishes) -> Geometry:
    """As tf-pose: plain ratios of the sizes, one along each axis."""
    (width, height), (net_width, net_height) = frame_size, net_sizes[0]
    ratio = wishes.upsampling_ratio / wishes.stride if wishes.upsampling_ratio > 0 else 1.0
    across, down = width / (ratio * net_width), height / (ratio * net_height)
    output_size, frame_to_output = _output(frame_size, wishes.output_resolution)
    return Geometry(
        frame_size=frame_size,
        net_sizes=net_sizes,
        frame_to_net=tuple(size[0] / width for size in net_sizes),
        output_size=output_size,
        frame_to_output=frame_to_output,
        net_to_frame=float(np.float32(across)),
        peak_offset=_peak_offset(np.float32(across)),
        stretch=down / across,
    )


def _output(frame_size: Size, wanted: Size) -> tuple[Size, float]:
    """The drawn picture's size, and the factor to it."""
    fixed = wanted[0] > 0 and wanted[1] > 0
    return (wanted, factor(frame_size, wanted)) if fixed else (frame_size, 1.0)


def _peak_offset(net_to_frame: np.float32) -> float:
    return float(np.float32(np.float64(0.5) / np.float64(net_to_frame)))


def net_size_of(frame_size: Size, wishes: SizeWishes) -> Size:
    """The network's input size; an automatic side follows the frame's shape, at least 16."""
    (x, y), (width, height), limit = (
        wishes.net_resolution,
        frame_size,
        wishes.net_resolution_dynamic,
    )
    if x <= 0:
        side = np.float32(y * width) / np.float32(height)
        if limit > 0:
            side = min(np.float32(y * limit * 16 / 9), side)
        x = MULTIPLE * rounded(float(side / np.float32(MULTIPLE)))
    elif y <= 0:
        side = np.float32(x * height) / np.float32(width)
        if limit > 0:
            side = min(np.float32(x * limit * 9 / 16), side)
        y = MULTIPLE * rounded(float(side / np.float32(MULTIPLE)))
    return max(MULTIPLE, x), max(MULTIPLE, y)


def scaled_sizes(net_size: Size, wishes: SizeWishes) -> tuple[Size, ...]:
    """One input size a scale, the largest first."""
    sizes = []
    for number in range(wishes.scale_number):
        scale = 1.0 - number * wishes.scale_gap
        if scale < 0:
            raise StageError(
                f"scale {number + 1} of {wishes.scale_number} would be {scale:g} of the size",
                where="--scale_gap",
                hint=f"use at most {int(1 / wishes.scale_gap) + 1} scales, or a smaller gap",
            )
        width, height = (
            min(max(rounded(side * scale) // MULTIPLE * MULTIPLE, 1), side) for side in net_size
        )
        sizes.append((width, height))
    return tuple(sizes)


def factor(source: Size, target: Size) -> float:
    """The largest factor by which `source` fits into `target`, by the size-minus-one rule.

    A side of one pixel does not limit it; a source of a single pixel has no extent to compare
    (OpenPose divides by zero there), so the plain ratio of the sizes is taken.
    """
    ratios = [(t - 1) / (s - 1) for s, t in zip(source, target, strict=True) if s > 1]
    return min(ratios) if ratios else float(min(target))


def rounded(value: float) -> int:
    """OpenPose's rounding: the integer part of value + 0.5."""
    return int(value + 0.5)
