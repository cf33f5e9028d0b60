"""Maps to people, on one thread: beside whole maps by cv2.resize and numpy, as is usual, and beside
a decoder in the way of Lightweight OpenPose."""

from collections.abc import Callable, Iterator
from functools import partial

import cv2

from openpose_py.bench.crowd import crowd_maps
from openpose_py.bench.decoder_twin import decode_whole_maps
from openpose_py.bench.measure import medians, one_thread
from openpose_py.bench.rows import Plan, Row
from openpose_py.records import Size
from openpose_py.stages.people.decode import decode, warm_up
from openpose_py.stages.people.lightweight_reference import decode_lightweight
from openpose_py.stages.people.options import options_for
from openpose_py.zoo.cards import card_named
from openpose_py.zoo.skeletons import read_skeleton

SECTION = "decoder"
OURS, TWIN, LIGHTWEIGHT = "openpose-py", "whole maps", "Lightweight's way"
PEOPLE = (1, 5, 20, 60, 150)
USUAL: Size = (656, 368)
HEIGHTS = (368, 480, 736, 1088)
SCALES = (1, 2, 3, 4)
FEW = 5
MODEL, OF_LIGHTWEIGHT = "BODY_25", "COCO"


def decoder(plan: Plan) -> Iterator[Row]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    warm_up()
    try:
        yield from _with_people(plan)
        yield from _with_size(plan)
        yield from _with_scales(plan)
        yield from _beside_lightweight(plan)
    finally:
        cv2.setNumThreads(before)


def _with_people(plan: Plan) -> Iterator[Row]:
    for people in PEOPLE if plan.full else PEOPLE[::2]:
        case = f"people: {people}, {USUAL[0]}x{USUAL[1]}"
        yield from _compared(case, people, USUAL, plan, "people", people)


def _with_size(plan: Plan) -> Iterator[Row]:
    for height in HEIGHTS if plan.full else HEIGHTS[::2]:
        size = round(height * 16 / 9 / 16) * 16, height
        case = f"people: {FEW}, {size[0]}x{size[1]}"
        yield from _compared(case, FEW, size, plan, "height of the network's input", height)


def _compared(
    case: str, people: int, size: Size, plan: Plan, axis: str, at: float
) -> Iterator[Row]:
    skeleton, options = read_skeleton(MODEL), options_for(card_named(MODEL))
    maps = crowd_maps(skeleton, people, size)
    ways: dict[str, Callable[[], object]] = {
        OURS: partial(decode, maps, skeleton, options),
        TWIN: partial(decode_whole_maps, maps, skeleton, options),
    }
    found = len(decode(maps, skeleton, options)[0])
    for way, value in medians(ways, plan.seconds, one_thread).items():
        yield Row(SECTION, case, way, value, axis=axis, at=at, note=f"{found} people found")


def _with_scales(plan: Plan) -> Iterator[Row]:
    skeleton, options = read_skeleton(MODEL), options_for(card_named(MODEL))
    for scales in SCALES:
        maps = crowd_maps(skeleton, FEW, USUAL, scales)
        case = f"people: {FEW}, scales: {scales}"
        ways = {OURS: partial(decode, maps, skeleton, options)}
        for way, value in medians(ways, plan.seconds / 2, one_thread).items():
            yield Row(SECTION, case, way, value, axis="scales", at=scales)


def _beside_lightweight(plan: Plan) -> Iterator[Row]:
    skeleton, options = read_skeleton(OF_LIGHTWEIGHT), options_for(card_named(OF_LIGHTWEIGHT))
    for people in PEOPLE if plan.full else (FEW,):
        maps = crowd_maps(skeleton, people, USUAL)
        ways: dict[str, Callable[[], object]] = {
            OURS: partial(decode, maps, skeleton, options),
            LIGHTWEIGHT: partial(decode_lightweight, maps, skeleton),
        }
        for way, value in medians(ways, plan.seconds, one_thread).items():
            yield Row(SECTION, f"people: {people}, 18 points", way, value)
