"""People of many frames as compressed blocks that the page unpacks one after the other.

A block, little-endian, deflated (zlib):
    int32 x 5    first frame, frames, rows, parts, float32 step (as its bits)
    int32        person of each row: the id, or -1 - position where there is none
    uint16       frame of each row, after the first frame
    int16        x of part 0 of all rows, then y of part 0, x of part 1, ...
    uint8        score of part 0 of all rows, then of part 1, ...
A row is one person in one frame; rows go person by person, each in the order of time, so that
neighbours are alike; coordinates and scores are differences to the row before, modulo their type.
"""

import math
import zlib
from collections.abc import Iterable, Iterator

import numpy as np

from openpose_py.report.read_json import FramePeople

FRAMES = 2048  # of a block
STEPS = 1 << 15  # of the largest coordinate: 1/16 pixel up to 2048 pixels
SCORE_STEPS = 200  # of 1; scores a little above 1 occur
LEVEL = 6  # of zlib


class Packer:
    """Packs frames and counts what went by."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.times: list[float | None] = []
        self.rows = 0
        self.has_ids = False
        self.extent = (0.0, 0.0)  # largest x and y

    def blocks(self, frames: Iterable[FramePeople], parts: int) -> Iterator[bytes]:
        """parts: points a person."""
        waiting: list[FramePeople] = []
        for frame in frames:
            waiting.append(frame)
            if len(waiting) == FRAMES:
                yield self._block(waiting, parts)
                waiting = []
        if waiting:
            yield self._block(waiting, parts)

    def _block(self, frames: list[FramePeople], parts: int) -> bytes:
        rows = [
            (identity if identity >= 0 else -1 - position, offset, points)
            for offset, frame in enumerate(frames)
            for position, (identity, points) in enumerate(frame.people)
        ]
        rows.sort(key=lambda row: row[:2])
        points = np.array([row[2] for row in rows], np.float32).reshape(len(rows), parts, 3)
        first = len(self.numbers)
        self.numbers += [frame.number for frame in frames]
        self.times += [frame.time for frame in frames]
        self.rows += len(rows)
        self.has_ids |= any(row[0] >= 0 for row in rows)
        if rows:
            x, y = points[..., :2].max((0, 1)).tolist()
            self.extent = max(self.extent[0], x), max(self.extent[1], y)
        step = step_of(points)
        head = np.array([first, len(frames), len(rows), parts], "<i4").tobytes()
        people = np.array([row[0] for row in rows], "<i4").tobytes()
        offsets = np.array([row[1] for row in rows], "<u2").tobytes()
        bits = np.array([step], "<f4").tobytes()
        return zlib.compress(head + bits + people + offsets + _planes(points, step), LEVEL)


def step_of(points: np.ndarray) -> float:
    """points: (rows, parts, 3). The power of two that brings all coordinates into 16 bits."""
    largest = float(np.abs(points[..., :2]).max(initial=0.0))
    return 2.0 ** math.frexp(largest)[1] / STEPS


def _planes(points: np.ndarray, step: float) -> bytes:
    found = points[..., 2] > 0
    places = np.clip(np.rint(points[..., :2] / step), -STEPS, STEPS - 1) * found[..., None]
    places = places.astype("<i2").reshape(len(points), -1).T
    scores = np.clip(np.rint(points[..., 2] * SCORE_STEPS), 1, 255) * found
    return _differences(places) + _differences(scores.astype("u1").T)


def _differences(planes: np.ndarray) -> bytes:
    """planes: (values, rows)."""
    return np.diff(planes, axis=1, prepend=planes.dtype.type(0)).astype(planes.dtype).tobytes()


def frame_block(numbers: list[int], times: list[float]) -> bytes:
    """int32 numbers, then int32 times in tenths of a millisecond, both as differences."""
    ticks = np.rint(np.array(times) * 10_000).astype("<i4")
    rows = np.stack([np.array(numbers, "<i4"), ticks])
    return zlib.compress(np.diff(rows, axis=1, prepend=np.int32(0)).tobytes(), LEVEL)
