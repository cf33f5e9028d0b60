"""People onto the frame, on one thread: OpenPose's CPU look and its GPU look."""

from collections.abc import Callable, Iterator
from functools import partial

import cv2
import numpy as np

from openpose_py.bench.crowd import crowd
from openpose_py.bench.measure import medians, one_thread
from openpose_py.bench.rows import Plan, Row
from openpose_py.stages.pictures import keypoints_cpu, keypoints_ellipse
from openpose_py.zoo.skeletons import read_skeleton

SECTION = "drawing"
SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080), "4K": (3840, 2160)}
CROWDS = (1, 5, 20, 150)
THRESHOLD, ALPHA = 0.05, 0.6
LINES, ELLIPSES = "CPU look", "GPU look"


def drawing(plan: Plan) -> Iterator[Row]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        for name in SIZES if plan.full else ("720p",):
            for people in CROWDS:
                for way, value in medians(
                    looks(SIZES[name], people), plan.seconds / 2, one_thread
                ).items():
                    case = f"people: {people}, {name}"
                    axis = f"people, {name}"
                    yield Row(SECTION, case, way, value, axis=axis, at=people)
    finally:
        cv2.setNumThreads(before)


def looks(size: tuple[int, int], people: int) -> dict[str, Callable[[], object]]:
    """Both ways to draw such a crowd on a frame of that size."""
    skeleton = read_skeleton("BODY_25")
    points = crowd(skeleton, people, size)
    picture = np.random.default_rng(0).integers(0, 256, (*size[::-1], 3)).astype(np.uint8)
    lines = partial(keypoints_cpu.draw_people, picture, points, skeleton, THRESHOLD)
    ellipses = partial(keypoints_ellipse.draw_people, picture, points, skeleton, THRESHOLD, ALPHA)
    return {LINES: lines, ELLIPSES: ellipses}
