"""Stage 3 of 5: maps -> people. Which program's way of putting people together is followed."""

import functools
from collections.abc import Callable

from openpose_py.errors import UsageError
from openpose_py.records import Maps, Peaks, People
from openpose_py.stages.people.decode import decode
from openpose_py.stages.people.lightweight_cpu import decode_lightweight
from openpose_py.stages.people.options import DecodeOptions
from openpose_py.stages.people.tfpose_cpu import decode_tfpose
from openpose_py.stages.people.tfpose_reference import RATIO
from openpose_py.zoo.skeletons import Skeleton

OTHERS_SKELETON = "COCO"  # the only one that tf-pose and Lightweight OpenPose know

Decoder = Callable[[Maps], tuple[People, Peaks]]


def decoder_of(name: str, skeleton: Skeleton, options: DecodeOptions, scales: int) -> Decoder:
    """name: --decoder. Maps to people in frame pixels, and to all peaks in net pixels."""
    if name == "openpose":
        return lambda maps: decode(maps, skeleton, options)
    where = f"--decoder {name}"
    if skeleton.name != OTHERS_SKELETON:
        what = f"puts the 18 points of COCO together, not {skeleton.name}"
        raise UsageError(what, where=where, hint="use --decoder openpose")
    if scales > 1:
        raise UsageError("knows one scale", where=where, hint="use --decoder openpose")
    if name == "lightweight":
        return lambda maps: decode_lightweight(maps, skeleton)
    ratio = options.upsampling_ratio or RATIO
    return functools.partial(_tfpose, skeleton, ratio)


def _tfpose(skeleton: Skeleton, ratio: float, maps: Maps) -> tuple[People, Peaks]:
    return decode_tfpose(maps, skeleton, ratio)
