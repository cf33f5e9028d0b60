"""Keeping the pace of a source, on a clock that the tests move."""

import threading
import time
from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from openpose_py.records import Frame
from openpose_py.stages.frames.real_time import Newest, in_real_time

PIXELS = np.zeros((2, 2, 3), np.uint8)


class Clock:
    """Stands still but for `sleep` and `pass_`."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_(seconds)


def _frames(indices: Iterable[int]) -> Iterator[Frame]:
    for index in indices:
        yield Frame(PIXELS, index, str(index), index / 10, "here")


def _played(indices: Iterable[int], clock: Clock, work: float, fps: float = 10) -> list[int]:
    """The frames that come out when each costs `work` seconds."""
    seen = []
    for frame in in_real_time(_frames(indices), fps, clock, clock.sleep):
        seen.append(frame.index)
        clock.pass_(work)
    return seen


def test_a_quick_consumer_waits_for_each_frame() -> None:
    clock = Clock()
    assert _played(range(30), clock, work=0) == list(range(30))
    assert clock.now - 100 == pytest.approx(2.9, abs=0.06)
    assert len(clock.slept) == 29
    assert clock.slept[0] == pytest.approx(0.99 * 0.1)


def test_a_consumer_as_quick_as_the_source_neither_waits_nor_skips() -> None:
    clock = Clock()
    assert _played(range(30), clock, work=0.1) == list(range(30))
    assert clock.slept == []


def test_less_than_half_a_frame_is_not_waited_for() -> None:
    clock = Clock()
    _played(range(2), clock, work=0.06)
    assert clock.slept == []


def test_a_slow_consumer_gets_every_third_frame() -> None:
    clock = Clock()
    assert _played(range(30), clock, work=0.31)[:6] == [0, 3, 6, 9, 12, 15]
    assert clock.slept == []


def test_one_frame_late_is_not_skipped() -> None:
    assert _played(range(4), Clock(), work=0.19) == [0, 1, 3]


def test_a_long_pause_is_jumped_over() -> None:
    clock = Clock()
    seen = []
    for frame in in_real_time(_frames(range(200)), 10, clock, clock.sleep):
        seen.append(frame.index)
        if frame.index == 5:
            clock.pass_(10)
    assert seen[:8] == [0, 1, 2, 3, 4, 5, 104, 105]


def test_positions_count_from_the_first_frame() -> None:
    clock = Clock()
    assert _played(range(500, 505), clock, work=0) == list(range(500, 505))
    assert clock.now - 100 == pytest.approx(0.4, abs=0.06)


def test_with_a_step_the_pace_is_that_of_the_source() -> None:
    clock = Clock()
    assert _played(range(0, 40, 10), clock, work=0) == [0, 10, 20, 30]
    assert clock.now - 100 == pytest.approx(3, abs=0.06)


def test_the_clock_starts_with_the_first_frame() -> None:
    clock = Clock()

    def late() -> Iterator[Frame]:
        clock.pass_(60)
        yield from _frames(range(3))

    frames = in_real_time(late(), 10, clock, clock.sleep)
    assert [frame.index for frame in frames] == [0, 1, 2]


def test_a_source_that_repeats_starts_the_clock_anew() -> None:
    clock = Clock()
    assert _played([*range(5), *range(5)], clock, work=0.1) == [*range(5), *range(5)]


def test_a_source_slower_than_real_time_still_gives_frames() -> None:
    clock = Clock()

    def slow() -> Iterator[Frame]:
        for frame in _frames(range(1000)):
            clock.pass_(0.2)
            yield frame

    seen = [frame.index for frame in in_real_time(slow(), 10, clock, clock.sleep)]
    assert len(seen) >= 5
    assert seen == sorted(seen)


def test_an_item_not_taken_gives_way_to_the_newest() -> None:
    newest: Newest[int] = Newest()
    for number in range(5):
        newest.put(number)
    assert newest.take() == 4
    newest.put(5)
    newest.end()
    assert (newest.take(), newest.take()) == (5, None)


def test_waiting_hands_on_every_item() -> None:
    newest: Newest[int] = Newest()

    def bring() -> None:
        for number in range(50):
            newest.put(number, wait=True)
        newest.end()

    threading.Thread(target=bring).start()
    assert list(iter(newest.take, None)) == list(range(50))


def test_an_end_wakes_those_who_wait() -> None:
    newest: Newest[int] = Newest()
    threading.Timer(0.1, newest.end).start()
    started = time.monotonic()
    assert newest.take() is None
    assert time.monotonic() - started < 2
    newest.put(1, wait=True)
    newest.put(2, wait=True)


def test_an_error_is_raised_where_items_are_taken() -> None:
    newest: Newest[int] = Newest()
    newest.end(ValueError("gone"))
    newest.end()
    with pytest.raises(ValueError, match="gone"):
        newest.take()
