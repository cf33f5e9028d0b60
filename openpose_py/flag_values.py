"""Flags that are text, or several together, as the values that the stages work with."""

import re

from openpose_py.errors import UsageError
from openpose_py.records import Size
from openpose_py.settings import Settings
from openpose_py.stages.frames.source import FrameRange
from openpose_py.stages.maps.sizes import SizeWishes
from openpose_py.zoo.cards import ModelCard

MULTIPLE = 16  # sides of the network's input
LARGEST = 1 << 14
TEXT_OF_A_SIZE = re.compile(r"\s*([+-]?\d{1,9})x\s*([+-]?\d{1,9})")


def size_of(text: str, flag: str) -> Size:
    """`656x368` as two numbers, read as leniently as OpenPose reads it."""
    found = TEXT_OF_A_SIZE.match(text)
    if not found:
        raise UsageError(f"must look like 656x368, got {text!r}", where=f"--{flag}")
    return int(found[1]), int(found[2])


def net_size_of(settings: Settings, notices: list[str]) -> Size:
    """--net_resolution, automatic sides as -1, others rounded to a multiple of 16."""
    wanted = size_of(settings.net_resolution, "net_resolution")
    sides = tuple(-1 if side <= 0 else side for side in wanted)
    if sides == (-1, -1):
        raise UsageError(
            "one side must be a positive multiple of 16", where="--net_resolution",
            hint="for example --net_resolution -1x368",
        )  # fmt: skip
    if max(sides) > LARGEST:
        raise UsageError(f"{max(sides)} pixels are too many", where="--net_resolution")
    nearest_ = tuple(
        side if side < 0 else max(MULTIPLE, (side + MULTIPLE // 2) // MULTIPLE * MULTIPLE)
        for side in sides
    )
    if nearest_ != sides:
        notices.append(
            f"--net_resolution: sides are multiples of 16, {settings.net_resolution} is read as "
            f"{nearest_[0]}x{nearest_[1]}"
        )
    return nearest_[0], nearest_[1]


def sizes_wished(settings: Settings, card: ModelCard, pictures: bool) -> SizeWishes:
    """The flags about sizes; only pictures limit the automatic side."""
    return SizeWishes(
        net_resolution=net_size_of(settings, []),
        net_resolution_dynamic=settings.net_resolution_dynamic if pictures else -1.0,
        output_resolution=size_of(settings.output_resolution, "output_resolution"),
        scale_number=settings.scale_number,
        scale_gap=settings.scale_gap,
        upsampling_ratio=settings.upsampling_ratio,
        stride=card.stride,
        stretched=card.resize == "stretched",
    )


def frames_wanted(settings: Settings) -> FrameRange:
    last = None if settings.frame_last < 0 else settings.frame_last
    return FrameRange(settings.frame_first, last, settings.frame_step, settings.frames_repeat)
