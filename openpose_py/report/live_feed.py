"""What a run has found last, kept for whoever watches. Bounded, however slow they are."""

import collections
import threading
from typing import Any

import cv2
import numpy as np

from openpose_py.records import Result

KEPT = 300  # frames; who is further behind misses some
WIDEST = 1280  # pixels of a picture that is sent
QUALITY = 80  # of JPEG


class LiveFeed:
    """Filled by the run, which never waits; read by one thread a viewer."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._frames: collections.deque[dict[str, Any]] = collections.deque(maxlen=KEPT)
        self._total = 0  # frames so far
        self._ended = False
        self._newest: tuple[int, np.ndarray] | None = None
        self._encoding = threading.Lock()
        self._encoded: tuple[int, bytes] | None = None

    def add(self, result: Result) -> None:
        """Views beside the first are left out."""
        if result.frame.view:
            return
        frame = result.frame
        with self._change:
            found = {"number": frame.index, "time": frame.time, "people": _people(result)}
            self._frames.append(found)
            self._newest = frame.index, frame.pixels
            self._total += 1
            self._change.notify_all()

    def end(self) -> None:
        with self._change:
            self._ended = True
            self._change.notify_all()

    def after(self, seen: int, seconds: float) -> dict[str, Any]:
        """Frames after the first `seen`, as far as they are kept; waits so long for one."""
        with self._change:
            self._change.wait_for(lambda: self._total > seen or self._ended, seconds)
            missing = min(max(0, self._total - seen), len(self._frames))
            newest = list(self._frames)[len(self._frames) - missing :]
            return {
                "frames": [_rounded(frame) for frame in newest],
                "next": self._total,
                "ended": self._ended,
            }

    def picture(self) -> tuple[int, bytes] | None:
        """The newest frame's number and JPEG; encoded here, in the viewer's thread, once."""
        with self._encoding:
            newest = self._newest
            if newest is None:
                return None
            number, pixels = newest
            if self._encoded is None or self._encoded[0] != number:
                self._encoded = number, _jpeg(pixels)
            return self._encoded


def _people(result: Result) -> list[tuple[int, list[np.ndarray]]]:
    """Ids (-1: none) and the keypoints of body, face and hands, each (points, 3)."""
    groups = [result.people.keypoints]
    if result.faces is not None:
        groups.append(result.faces)
    if result.hands is not None:
        groups += list(result.hands)
    ids = result.person_ids
    count = max(len(group) for group in groups)
    return [
        (
            int(ids[n]) if ids is not None and n < len(ids) else -1,
            [group[n] if n < len(group) else np.zeros(group.shape[1:]) for group in groups],
        )
        for n in range(count)
    ]


def _rounded(frame: dict[str, Any]) -> dict[str, Any]:
    people = [
        {"id": identity, "points": np.concatenate(groups).ravel().round(3).tolist()}
        for identity, groups in frame["people"]
    ]
    return {**frame, "people": people}


def _jpeg(pixels: np.ndarray) -> bytes:
    """pixels: uint8 (height, width, 3), B G R."""
    width = pixels.shape[1]
    if width > WIDEST:
        factor = WIDEST / width
        pixels = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    return encoded.tobytes()
