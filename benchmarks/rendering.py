"""How long drawing takes: OpenPose's CPU look and its GPU look (as ellipses on the CPU).

python benchmarks/rendering.py [runs]      prints a table of medians in milliseconds, one thread
"""

import datetime
import platform
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numba
import numpy as np

from openpose_py.stages.pictures import keypoints_cpu, keypoints_ellipse
from openpose_py.zoo.skeletons import read_skeleton

MEN = Path(__file__).parents[1] / "tests/golden/render/gpu_BODY_25_656x368_input.npz"
SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080), "4K": (3840, 2160)}
CROWDS = (1, 5, 20, 150)
THRESHOLD, ALPHA = 0.05, 0.6
TALLEST = 0.9  # of the picture's height; in a crowd people are smaller, so that they find room


def crowd(people: int, width: int, height: int) -> np.ndarray:
    """float32 (people, 25, 3), spread over the picture."""
    random = np.random.default_rng(people)
    with np.load(MEN) as stored:
        men = stored["keypoints"]
    chosen = men[np.arange(people) % len(men)].copy()
    tallest = height * min(TALLEST, 1.6 / people**0.5)
    for person in chosen:
        places = person[person[:, 2] > 0, :2]
        low, high = places.min(axis=0), places.max(axis=0)
        scale = tallest * random.uniform(0.7, 1) / (high[1] - low[1])
        room = np.maximum([width, height] - (high - low) * scale, 1)
        person[:, :2] = (person[:, :2] - low) * scale + random.uniform(0, room)
    return chosen


def median_ms(work: Callable[[], object], runs: int) -> float:
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    cv2.setNumThreads(1)
    print(f"{datetime.date.today()}, {platform.machine()}, Python {platform.python_version()},",
          f"OpenCV {cv2.__version__}, numba {numba.__version__}; median of {runs}, ms")  # fmt: skip
    print(f"{'picture':8}{'people':>8}{'CPU look':>12}{'GPU look':>12}{'CPU/GPU':>10}")
    skeleton = read_skeleton("BODY_25")
    for name, (width, height) in SIZES.items():
        picture = np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)
        for people in CROWDS:
            points = crowd(people, width, height)
            line_look = partial(keypoints_cpu.draw_people, picture, points, skeleton, THRESHOLD)
            ellipse_look = partial(
                keypoints_ellipse.draw_people, picture, points, skeleton, THRESHOLD, ALPHA
            )
            lines, ellipses = median_ms(line_look, runs), median_ms(ellipse_look, runs)
            print(f"{name:8}{people:8}{lines:12.2f}{ellipses:12.2f}{lines / ellipses:10.2f}")


if __name__ == "__main__":
    main()
