"""Stage 1 of 5: a webcam -> frames, always the newest one."""

import itertools
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import cv2
import numpy as np

from openpose_py.errors import InputError
from openpose_py.records import Frame, Size
from openpose_py.stages.frames.real_time import Newest
from openpose_py.stages.frames.source import FrameRange

LOOKED_AT = range(10)  # indices tried for --camera -1
USUAL_FPS = 30.0  # where the driver does not say
FROZEN_AFTER = 100  # equal frames in a row (producer/webcamReader.cpp)
FIRST_FRAME_WITHIN = 10.0  # seconds
PATIENCE = 1.0  # seconds between two looks whether a camera is back
RELEASED_WITHIN = 1.0  # seconds that `close` waits for the device to be free again

log = logging.getLogger(__name__)


class Capture(Protocol):
    """What is asked of OpenCV's VideoCapture."""

    def isOpened(self) -> bool: ...
    def read(self) -> tuple[bool, Any]: ...
    def get(self, property: int) -> float: ...
    def set(self, property: int, value: float) -> bool: ...
    def release(self) -> None: ...


def open_video_capture(index: int) -> Capture:
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return cv2.VideoCapture(index)
    finally:
        cv2.utils.logging.setLogLevel(level)


class Camera:
    """Frames of a webcam; index: number of the frame taken, from 0. time: seconds after the first.

    index: -1 is the first of 0 to 9 that opens. Frames that come while the last one is still at
    work are lost. When frames stop, the camera is opened again until it gives frames.
    """

    count: int | None = None

    def __init__(
        self,
        index: int,
        wanted_size: Size | None,
        wanted: FrameRange,
        *,
        open_capture: Callable[[int], Capture] = open_video_capture,
        patience: float = PATIENCE,
        first_frame_within: float = FIRST_FRAME_WITHIN,
    ) -> None:
        self._wanted_size, self._wanted = wanted_size, wanted
        self._open_capture, self._patience = open_capture, patience
        self._first_frame_within, self._first_frame_until = first_frame_within, 0.0
        self._index, self._capture = self._find(index)
        self._check_size()
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps: float | None = rate if math.isfinite(rate) and rate > 0 else USUAL_FPS
        self.unreadable: list[str] = []
        self._newest: Newest[tuple[np.ndarray, float]] = Newest()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._bring, name="camera", daemon=True)
        self._has_given = False
        self._stops = 0

    def frames(self) -> Iterator[Frame]:
        self._first_frame_until = time.monotonic() + self._first_frame_within
        self._thread.start()
        start: float | None = None
        try:
            for number in itertools.count():
                taken = self._newest.take()
                if taken is None or self._closed.is_set():
                    break
                pixels, now = taken
                start = now if start is None else start
                if self._wanted.wants(number):
                    name = f"{number:012d}"
                    yield Frame(pixels, number, name, now - start, f"camera {self._index}")
                if number == self._wanted.last:
                    break
        finally:
            self.close()
            if self._stops:
                times = "once" if self._stops == 1 else f"{self._stops} times"
                self.unreadable.append(f"camera {self._index}: stopped giving frames {times}")

    def close(self) -> None:
        self._closed.set()
        self._newest.end()
        if self._thread.is_alive():
            self._thread.join(RELEASED_WITHIN)
        elif self._thread.ident is None:
            self._capture.release()

    def _find(self, index: int) -> tuple[int, Capture]:
        """The wanted camera, or for -1 the first that opens."""
        for one in LOOKED_AT if index < 0 else (index,):
            capture = self._opened(one)
            if capture is not None:
                return one, capture
        if index < 0:
            what = "no camera found"
            hint = "looked for 0 to 9: is one plugged in, and may you read /dev/video0?"
        else:
            what = "this camera does not open"
            hint = "does another program use it? --camera -1 takes the first that opens"
        raise InputError(what, where=f"--camera {index}", hint=hint)

    def _opened(self, index: int) -> Capture | None:
        capture = self._open_capture(index)
        if not capture.isOpened():
            capture.release()
            return None
        if self._wanted_size is not None:
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._wanted_size[0])
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._wanted_size[1])
        return capture

    def _check_size(self) -> None:
        sides = cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT
        given = tuple(int(self._capture.get(side)) for side in sides)
        if self._wanted_size is not None and given != self._wanted_size:
            log.warning(
                "--camera_resolution %dx%d: camera %d gives %dx%d",
                *self._wanted_size, self._index, *given,
            )  # fmt: skip

    def _bring(self) -> None:
        """The thread: reads as fast as frames come, so that the driver never hands out old ones."""
        try:
            while not self._closed.is_set():
                self._read_until_it_stops()
                self._reconnect()
        except BaseException as error:  # raised where the frames are taken
            self._newest.end(error)
        finally:
            self._capture.release()
            self._newest.end()

    def _read_until_it_stops(self) -> None:
        row: np.ndarray | None = None
        equal = 0
        while not self._closed.is_set():
            good, pixels = self._capture.read()
            if not good or pixels is None or not pixels.size:
                return
            middle = pixels[len(pixels) // 2]
            equal = equal + 1 if row is not None and np.array_equal(row, middle) else 0
            if equal > FROZEN_AFTER:
                return
            row = middle.copy()
            self._has_given = True
            self._newest.put((pixels, time.monotonic()))

    def _reconnect(self) -> None:
        if self._closed.is_set():
            return
        if self._has_given:
            self._stops += 1
            log.warning("camera %d gives no frames: opening it again", self._index)
        self._capture.release()
        while not self._closed.wait(self._patience):
            if not self._has_given and time.monotonic() > self._first_frame_until:
                hint = "does another program use it?"
                where = f"--camera {self._index}"
                raise InputError("opens, but gives no frame", where=where, hint=hint)
            capture = self._opened(self._index)
            if capture is not None:
                self._capture = capture
                return
