"""Seconds of frames, with and without times of their own."""

import numpy as np
import pytest

from openpose_py.records import Frame
from openpose_py.stages.people.frame_times import USUAL_RATE, FrameTimes


def seconds(*times: float, rate: float = 0.0) -> list[float]:
    clock = FrameTimes(rate)
    pixels = np.zeros((1, 1, 3), np.uint8)
    return [clock.seconds(Frame(pixels, n, "f", time, "drawn")) for n, time in enumerate(times)]


def test_frames_of_a_video_keep_their_times():
    assert seconds(0.5, 0.7, 1.2) == pytest.approx([0, 0.2, 0.7])


def test_pictures_come_at_the_given_or_the_usual_rate():
    assert seconds(0, 0, 0, rate=4) == pytest.approx([0, 0.25, 0.5])
    assert seconds(0, 0) == pytest.approx([0, 1 / USUAL_RATE])


def test_time_goes_on_when_a_video_begins_again():
    assert seconds(0, 0.1, 0.2, 0, 0.1) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
