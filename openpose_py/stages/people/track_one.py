"""Stage 3 of 5: people -> people. `--tracking`: one person followed by optical flow.

The rules are those of tracking/personTracker.cpp and tracking/pyramidalLK.cpp. As in OpenPose, a
followed person has scores of 1 and 0, and whole pixels where flow and network were combined, and
is followed on where the network finds nobody. Other than there, a point that leaves the picture is
lost, and so is a person without any point.
"""

import dataclasses
from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from openpose_py.errors import UsageError
from openpose_py.records import People, Result

WIDTH = 640  # pixels to which pictures are brought
WINDOW = 31  # pixels, side of the patch that is looked for
LEVELS = 3  # of the pyramid, above the picture itself
SURE = 0.05  # score from which a part is followed
NEAR, FAR = 5.0, 10.0  # pixels between flow and network: flow below, network above, between: mean


def network_wanted(number: int, tracking: int) -> bool:
    """Whether the network runs on a frame. number: how many frames came before it."""
    return tracking < 1 or number % (tracking + 1) == 0


def followed(results: Iterable[Result]) -> Iterator[Result]:
    """Results in order, of one or more views; whom the network found becomes whom flow follows."""
    trackers: dict[int, OnePersonTracker] = {}
    for result in results:
        tracker = trackers.setdefault(result.frame.view, OnePersonTracker())
        people = tracker.track(result.frame.pixels, result.people)
        yield dataclasses.replace(result, people=people)


class OnePersonTracker:
    """Follows one person of one view; pictures must come in order and have one size.

    width: pixels to which pictures are brought before the flow is computed; 0: none.
    """

    def __init__(self, width: int = WIDTH) -> None:
        self._width = width
        self._before: np.ndarray | None = None
        self._points: np.ndarray = np.zeros((0, 2), np.float32)
        self._followed: np.ndarray = np.zeros(0, bool)
        self._scores: np.ndarray = np.zeros(0, np.float32)

    def track(self, pixels: np.ndarray, people: People) -> People:
        """The person in this picture. pixels: uint8 (height, width, 3), B G R.

        people: whom the network found, at most one, in frame pixels; nobody where it did not run
        or found nobody.
        """
        if len(people) > 1:
            raise UsageError(
                "only one person can be followed", where="--tracking",
                hint="add --number_people_max 1",
            )  # fmt: skip
        small = self._resized(pixels)
        before, self._before = self._before, small
        if before is None or before.shape != small.shape:
            self._start(people)
            return people
        self._flow(before, small, pixels)
        if len(people):
            self._combine(people)
        if not self._followed.any():
            self._start(People.nobody(people.keypoints.shape[1]))
        return self._person(people.keypoints.shape[1])

    def _resized(self, pixels: np.ndarray) -> np.ndarray:
        if not self._width:
            return pixels
        height, width = pixels.shape[:2]
        size = self._width, max(1, int(height * self._width / width + 0.5))
        return cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)

    def _start(self, people: People) -> None:
        """Follow whom the network found, and nobody else."""
        self._scores = people.scores
        self._points = people.keypoints[:1, :, :2].reshape(-1, 2).astype(np.float32)
        self._followed = people.keypoints[:1, :, 2].ravel() >= SURE

    def _flow(self, before: np.ndarray, now: np.ndarray, pixels: np.ndarray) -> None:
        factor = np.array(now.shape[1::-1], np.float32) / np.array(pixels.shape[1::-1], np.float32)
        moved, near = point_flow(before, now, self._points * factor, WINDOW)
        self._points = moved / factor
        inside = (moved >= 0).all(1) & (moved < now.shape[1::-1]).all(1)
        self._followed = self._followed & near & inside

    def _combine(self, people: People) -> None:
        if len(self._points) == 0:
            return self._start(people)
        sure = people.keypoints[0, :, 2] >= SURE
        flow = np.rint(self._points)
        network = _rounded(people.keypoints[0, :, :2])
        distance = np.linalg.norm(flow - network, axis=1)[:, None]
        combined = np.where(distance < FAR, _rounded((flow + network) / 2), network)
        combined = np.where(distance < NEAR, flow, combined)
        self._points = np.where(sure[:, None], combined, self._points).astype(np.float32)
        self._followed, self._scores = sure, people.scores
        return None

    def _person(self, parts: int) -> People:
        if len(self._points) == 0:
            return People.nobody(parts)
        keypoints = np.zeros((1, parts, 3), np.float32)
        keypoints[0, :, :2] = self._points
        keypoints[0, :, 2] = self._followed & self._points.any(1)
        return People(keypoints, self._scores)


def point_flow(
    before: np.ndarray, now: np.ndarray, points: np.ndarray, window: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where points (points, 2) of a picture lie in the next one; bool: those not absurdly far.

    Lucas-Kanade over a pyramid. before, now: uint8 (height, width, 3) of one size; window: pixels,
    the side of a patch and half of the way that a point may have moved.
    """
    if len(points) == 0:
        return points, np.zeros(0, bool)
    moved, _, _ = cv2.calcOpticalFlowPyrLK(
        before, now, points[:, None].astype(np.float32), None,
        winSize=(window, window), maxLevel=LEVELS,
    )  # fmt: skip
    moved = moved.reshape(-1, 2)
    return moved, np.linalg.norm(moved - points, axis=1) <= 2 * window


def _rounded(values: np.ndarray) -> np.ndarray:
    """As utilities/fastMath.hpp: halves up, towards zero below it."""
    return np.trunc(values + 0.5)
