"""Stage 1 of 5: the pace of a source: waiting, skipping, only the newest frame."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from openpose_py.records import Frame

T = TypeVar("T")

# producer/producer.cpp: frames too early that are waited for, and the share of it that is slept.
EARLY = 0.45
SLEPT = 0.99


def in_real_time(
    frames: Iterator[Frame],
    fps: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Frame]:
    """`frames` of a source with `fps` frames a second as if it was played: waits, or skips.

    Positions count from the first frame, whose arrival starts the clock, and anew each time the
    source repeats. However late it is, one frame comes out between two skips.
    """
    start: float | None = None
    first = last = skip_to = 0
    has_skipped = False
    for frame in frames:
        if start is None or frame.index < last:
            start, first, skip_to = clock(), frame.index, frame.index
        last = frame.index
        if frame.index < skip_to:
            continue
        late = (clock() - start) * fps - (frame.index - first)
        if late > 1 and not has_skipped:
            skip_to, has_skipped = frame.index + int(late), True
            continue
        has_skipped = False
        if late < -EARLY:
            sleep(SLEPT * -late / fps)
        yield frame


class Newest(Generic[T]):
    """Hands items from one thread to another; one not taken in time gives way to the next."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._items: list[T] = []
        self._ended = False
        self._error: BaseException | None = None

    def put(self, item: T, wait: bool = False) -> None:
        """wait: until the item before is taken, instead of throwing that away."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._ended or not self._items)
            self._items = [item]
            self._changed.notify_all()

    def take(self) -> T | None:
        """The newest item that was not taken yet; waits for it. None: no more will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._items)
            self._changed.notify_all()
            if self._items:
                return self._items.pop()
            if self._error is not None:
                raise self._error
            return None

    def end(self, error: BaseException | None = None) -> None:
        """Nothing more will come; `error` is raised where it would be taken."""
        with self._changed:
            self._ended = True
            self._error = self._error or error
            self._changed.notify_all()
