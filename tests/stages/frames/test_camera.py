"""Webcams, with captures that behave as OpenCV's do: there is no camera on a test machine."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from drawn.media import number_in, numbered_picture

from openpose_py.errors import InputError
from openpose_py.stages.frames.camera import Camera
from openpose_py.stages.frames.source import FrameRange

ALL = FrameRange()


class Device:
    """A camera that shows the number of each picture; it can be unplugged, absent, or frozen until
    it is opened again."""

    def __init__(self, present: tuple[int, ...] = (0,), fps: float = 25.0) -> None:
        self.present, self.fps = present, fps
        self.size = (640, 480)
        self.numbers = itertools.count()
        self.plugged_in, self.frozen = True, False
        self.opened: list[int] = []
        self.released = 0

    def open(self, index: int) -> "Capture":
        self.opened.append(index)
        self.frozen = False
        return Capture(self, index in self.present and self.plugged_in)


class Capture:
    def __init__(self, device: Device, opens: bool) -> None:
        self.device, self.opens = device, opens
        self.wishes: dict[int, float] = {}

    def isOpened(self) -> bool:
        return self.opens

    def read(self) -> tuple[bool, Any]:
        time.sleep(0.001)
        if not self.device.plugged_in:
            return False, None
        return True, numbered_picture(0 if self.device.frozen else next(self.device.numbers))

    def get(self, property: int) -> float:
        if property == cv2.CAP_PROP_FPS:
            return self.device.fps
        return self.device.size[property == cv2.CAP_PROP_FRAME_HEIGHT]

    def set(self, property: int, value: float) -> bool:
        self.wishes[property] = value
        if len(self.wishes) == 2 and self.wishes[cv2.CAP_PROP_FRAME_WIDTH] <= 1280:
            width, height = (self.wishes[side] for side in sorted(self.wishes))
            self.device.size = int(width), int(height)
        return True

    def release(self) -> None:
        self.device.released += 1


def _camera(device: Device, wanted: FrameRange = ALL, index: int = 0, **more: Any) -> Camera:
    return Camera(index, None, wanted, open_capture=device.open, patience=0.02, **more)


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    return lambda: [record.getMessage() for record in caplog.records]


def test_frames_are_numbered_and_timed_from_the_first() -> None:
    camera = _camera(Device())
    frames = list(itertools.islice(camera.frames(), 30))
    assert [frame.index for frame in frames] == list(range(30))
    assert frames[12].name == "000000000012"
    assert (frames[0].time, frames[0].origin) == (0.0, "camera 0")
    numbers = [number_in(frame.pixels) for frame in frames]
    assert numbers == sorted(set(numbers))
    assert (camera.fps, camera.count) == (25.0, None)


def test_a_slow_consumer_gets_the_newest_frame() -> None:
    frames = _camera(Device()).frames()
    first = number_in(next(frames).pixels)
    time.sleep(0.5)
    next(frames)
    assert number_in(next(frames).pixels) - first > 50
    frames.close()


def test_first_last_and_step_count_the_frames_taken() -> None:
    camera = _camera(Device(), FrameRange(1, 8, 3))
    assert [frame.index for frame in camera.frames()] == [1, 4, 7]


def test_minus_one_is_the_first_camera_that_opens() -> None:
    device = Device(present=(3, 5))
    camera = _camera(device, index=-1)
    assert next(camera.frames()).origin == "camera 3"
    assert device.opened[:4] == [0, 1, 2, 3]


def test_without_any_camera_an_error_says_what_was_tried() -> None:
    device = Device(present=())
    with pytest.raises(InputError, match="no camera found") as caught:
        _camera(device, index=-1)
    assert caught.value.where == "--camera -1"
    assert "/dev/video0" in caught.value.hint
    assert device.opened == list(range(10))
    assert device.released == 10


def test_a_camera_that_does_not_open_is_an_error() -> None:
    with pytest.raises(InputError, match="does not open") as caught:
        _camera(Device(), index=4)
    assert caught.value.where == "--camera 4"


def test_opencv_itself_finds_no_camera_here_without_a_word(capfd) -> None:
    with pytest.raises(InputError, match="does not open"):
        Camera(77, None, ALL)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("fps", [0.0, -1.0, float("nan")])
def test_a_driver_that_does_not_know_its_rate_counts_as_30(fps: float) -> None:
    camera = _camera(Device(fps=fps))
    assert camera.fps == 30.0
    camera.close()


def test_the_wanted_size_is_asked_for(warnings) -> None:
    device = Device()
    camera = Camera(0, (1280, 720), ALL, open_capture=device.open)
    assert device.size == (1280, 720)
    assert warnings() == []
    camera.close()


def test_another_size_than_the_wanted_one_is_told(warnings) -> None:
    Camera(0, (4096, 2160), ALL, open_capture=Device().open).close()
    assert warnings() == ["--camera_resolution 4096x2160: camera 0 gives 640x480"]


def _after_a_break(device: Device, camera: Camera, break_off: Callable[[], None]) -> Iterator[int]:
    """Numbers shown before and after a break that lasts until frames stopped."""
    frames = camera.frames()
    yield number_in(next(frames).pixels)
    break_off()
    opened = len(device.opened)
    threading.Timer(0.4, lambda: setattr(device, "plugged_in", True)).start()
    while len(device.opened) == opened:
        next(frames)
    for _ in range(3):
        next(frames)
    yield number_in(next(frames).pixels)
    frames.close()


def test_an_unplugged_camera_goes_on_when_it_is_back(warnings) -> None:
    device = Device()
    camera = _camera(device)
    first, later = _after_a_break(device, camera, lambda: setattr(device, "plugged_in", False))
    assert later > first
    assert len(device.opened) > 4
    assert warnings() == ["camera 0 gives no frames: opening it again"]
    assert camera.unreadable == ["camera 0: stopped giving frames once"]
    assert device.released == len(device.opened)


def test_a_frozen_picture_counts_as_a_break() -> None:
    device = Device()
    camera = _camera(device)
    first, later = _after_a_break(device, camera, lambda: setattr(device, "frozen", True))
    assert later > first
    assert camera.unreadable[0].startswith("camera 0: stopped giving frames")


def test_a_camera_that_never_gives_a_frame_is_an_error() -> None:
    device = Device()
    camera = _camera(device, first_frame_within=0.1)
    device.plugged_in = False
    with pytest.raises(InputError, match="opens, but gives no frame"):
        next(camera.frames())
    assert camera.unreadable == []


def test_close_from_another_thread_ends_an_unplugged_camera_at_once() -> None:
    device = Device()
    camera = Camera(0, None, ALL, open_capture=device.open, patience=30)
    frames = camera.frames()
    next(frames)
    device.plugged_in = False
    threading.Timer(0.2, camera.close).start()
    started = time.monotonic()
    list(frames)
    assert time.monotonic() - started < 3
    assert not camera._thread.is_alive()
    camera.close()


def test_a_camera_closed_before_its_frames_is_released() -> None:
    device = Device()
    _camera(device).close()
    assert device.released == 1


def test_an_error_in_the_thread_reaches_the_consumer() -> None:
    class Broken(Capture):
        def read(self) -> tuple[bool, Any]:
            raise MemoryError("no room for a frame")

    camera = Camera(0, None, ALL, open_capture=lambda _: Broken(Device(), True))
    with pytest.raises(MemoryError, match="no room"):
        next(camera.frames())


def test_pictures_are_handed_on_unchanged() -> None:
    frame = next(_camera(Device()).frames())
    assert frame.pixels.dtype == np.uint8
    assert frame.pixels.shape == (96, 160, 3)
