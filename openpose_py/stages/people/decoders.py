"""Stage 3 of 5: maps -> people. Which program's way of putting people together is followed."""

import functools
from collections.abc import Callable

import numpy as np

from openpose_py.errors import UsageError
from openpose_py.records import Geometry, Maps, Peaks, People
from openpose_py.stages.people import decode
from openpose_py.stages.people.lightweight_cpu import decode_lightweight
from openpose_py.stages.people.options import DecodeOptions
from openpose_py.stages.people.tfpose_cpu import decode_tfpose
from openpose_py.stages.people.tfpose_reference import RATIO
from openpose_py.zoo.skeletons import Skeleton, read_skeleton

OPENPOSE = "openpose"
OTHERS_SKELETON = "COCO"  # the only one that tf-pose and Lightweight OpenPose know

Decoder = Callable[[Maps], tuple[People, Peaks]]


def decoder_of(name: str, skeleton: Skeleton, options: DecodeOptions, scales: int) -> Decoder:
    """name: --decoder. Maps to people in frame pixels, and to all peaks in net pixels."""
    if name == OPENPOSE:
        return lambda maps: decode.decode(maps, skeleton, options)
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


def warm_up(name: str) -> None:
    """Compiles a decoder's kernels, or reads them from numba's cache. name: --decoder."""
    if name == OPENPOSE:
        return decode.warm_up()
    skeleton = read_skeleton(OTHERS_SKELETON)
    cells = np.zeros((skeleton.channels, 4, 4), np.float32)
    geometry = Geometry((32, 32), ((32, 32),), (1.0,), (32, 32), 1.0, 1.0, 0.5)
    options = DecodeOptions(0.5, 0.01, 0.5, 1, 0.0)
    decoder_of(name, skeleton, options, scales=1)(Maps((cells,), geometry))
