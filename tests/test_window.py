"""The window: its keys, the text on frames, and what is said where no window can open."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from openpose_py.errors import StageError
from openpose_py.keys import HELP, KEYS, Action, Command, Keys, with_threshold
from openpose_py.settings import Settings
from openpose_py.stages.people.options import DecodeOptions
from openpose_py.stages.pictures.window_text import (
    Rate,
    help_picture,
    id_labels,
    margin_of,
    with_text,
)
from openpose_py.window import Window, check_windows, screen_is_there

OPTIONS = DecodeOptions(0.05, 0.05, 0.95, 3, 0.4)
HAS_WINDOWS = not re.search(r"GUI: *NONE", cv2.getBuildInformation())


def _pressed(keys: Keys, letters: str) -> list[Command]:
    return [command for letter in letters for command in keys.pressed(letter)]


def test_every_key_asks_for_what_the_help_says() -> None:
    keys = Keys(elements=40)
    told = {key for line, _ in HELP for key in line.split() if len(key) == 1}
    assert told >= set(KEYS) - {chr(27)}
    assert _pressed(keys, chr(27)) == [Command(Action.END)]
    assert _pressed(keys, "bg") == [Command(Action.BLENDING), Command(Action.GOOGLY_EYES)]
    assert _pressed(keys, "q\x00ÿ") == []


def test_digits_points_and_commas_choose_what_is_drawn() -> None:
    keys = Keys(elements=12)
    assert _pressed(keys, "1490") == [Command(Action.ELEMENT, n) for n in (0, 3, 8, 9)]
    assert _pressed(keys, "...") == [Command(Action.ELEMENT, n) for n in (10, 11, 0)]
    assert _pressed(keys, ",") == [Command(Action.ELEMENT, 11)]
    assert keys.element == 11


def test_what_cannot_be_drawn_cannot_be_chosen() -> None:
    keys = Keys(elements=1)
    assert _pressed(keys, "250") == []
    assert _pressed(keys, ".,1") == [Command(Action.ELEMENT, 0)] * 3


def test_space_pauses_and_goes_on() -> None:
    keys = Keys(elements=1)
    assert _pressed(keys, " ") == []
    assert keys.is_paused
    keys.pressed(" ")
    assert not keys.is_paused


@pytest.mark.parametrize(
    ("keys", "changed"),
    [
        ("=", {"peak_threshold": 0.055}),
        ("--", {"peak_threshold": 0.04}),
        ("-" * 30, {"peak_threshold": 0.0}),
        ("+_+", {"min_score": 0.405}),
        ("[", {"limb_sample": 0.045}),
        ("]", {"limb_sample": 0.055}),
        ("{", {"limb_share": 0.85}),
        ("}}", {"limb_share": 1.0}),
        ("';'", {"min_parts": 4}),
        (";" * 9, {"min_parts": 1}),
        ("bg1", {}),
    ],
)
def test_keys_change_thresholds_within_their_limits(keys: str, changed: dict[str, float]) -> None:
    options = OPTIONS
    for command in _pressed(Keys(elements=1), keys):
        options = with_threshold(options, command)
    for name in ("peak_threshold", "min_score", "limb_sample", "limb_share", "min_parts"):
        wanted = changed.get(name, getattr(OPTIONS, name))
        assert getattr(options, name) == pytest.approx(wanted)
    assert isinstance(options.min_parts, int)


def _grey(width: int, height: int) -> np.ndarray:
    return np.full((height, width, 3), 90, np.uint8)


def _box(picture: np.ndarray, colour: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the pixels of one grey value."""
    rows, columns = np.nonzero(picture[:, :, 0] == colour)
    return columns.min(), rows.min(), columns.max(), rows.max()


def test_text_stands_in_the_four_corners_inside_the_margin() -> None:
    plain = _grey(1280, 720)
    result = with_text(plain, 24.94, "", 17, 3)
    margin = margin_of(plain)
    assert margin == 32
    assert plain.min() == plain.max() == 90
    height = cv2.getTextSize("0", cv2.FONT_HERSHEY_SIMPLEX, 0.8, 2)[0][1]
    left, top, _, _ = _box(result[:360, :640], 255)
    assert (left, top) == pytest.approx((margin, margin - height // 2), abs=4)
    _, _, right, _ = _box(result[360:, 640:], 255)
    _, _, _, bottom = _box(result[360:, :640], 255)
    assert right + 640 == pytest.approx(1280 - margin, abs=4)
    assert bottom + 360 == pytest.approx(720 - margin + height // 2, abs=4)


def test_each_line_is_where_and_what_openpose_writes() -> None:
    """Redone with OpenCV alone: white over a black shadow two pixels off."""
    expected = _grey(1280, 720)
    lines = ["24.9 fps", "OpenPose - Heatmaps", "Frame: 17", "People: 3", "12"]
    places = [(1248, 32, 1), (32, 32, 0), (32, 688, 0), (1248, 688, 1), (600, 300, 0)]
    for text, (x, y, ends) in zip(lines, places, strict=True):
        size, _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.8, 2)
        x, y = x - ends * size[0], y + size[1] // 2
        for offset, colour in ((2, (0, 0, 0)), (0, (255, 255, 255))):
            at = x + offset, y + offset
            cv2.putText(expected, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.8, colour, 2)
    result = with_text(_grey(1280, 720), 24.94, "Heatmaps", 17, 3, [(12, 600, 300)])
    assert np.array_equal(result, expected)


@pytest.mark.parametrize("size", [(16, 16), (1, 1), (40, 400), (4000, 300)])
def test_text_fits_pictures_of_any_size_without_an_error(size: tuple[int, int]) -> None:
    assert with_text(_grey(*size), 1e9, "x" * 40, 10**9, 10**6).shape == (size[1], size[0], 3)


def test_ids_stand_beside_the_first_visible_part() -> None:
    keypoints = np.zeros((5, 4, 3), np.float32)
    keypoints[0, :2] = (100, 200, 0.9), (100, 240.4, 0.9)
    keypoints[1, 0] = 300, 200, 0.06
    keypoints[2, 1] = 500, 200, 0.9
    keypoints[3, 2:] = (900, 300, 0.9), (700, 200, 0.9)
    labels = id_labels([7, 8, 9, 10, 11], keypoints, margin=32)
    assert labels == [(7, 118, 182), (8, 308, 192), (9, 508, 184), (10, 708, 184)]
    assert id_labels(np.array([-1, 8, -1, -1, -1]), keypoints, 32) == [(8, 308, 192)]


def test_the_rate_is_that_of_the_last_fifteen_frames_and_changes_seldom() -> None:
    rate = Rate()
    early = [rate.after_a_frame(number / 10) for number in range(5)]
    assert early == pytest.approx([0, 10, 10, 10, 10])
    later = [rate.after_a_frame(0.4 + number / 50) for number in range(1, 41)]
    assert later[:9] == pytest.approx([10] * 9)
    assert later[9] == later[23] == pytest.approx(14 / 0.6)
    assert later[24] == pytest.approx(50)


def test_the_help_picture_has_a_line_for_every_key() -> None:
    picture = help_picture(HELP)
    written = picture.max(axis=(1, 2)) > 0
    lines = np.count_nonzero(np.diff(written.astype(int)) == 1)
    assert lines >= len(HELP)
    assert picture[:, -20:].max() == 0


def test_without_a_screen_it_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    assert not screen_is_there()
    with pytest.raises(StageError, match="no screen: DISPLAY is not set") as caught:
        Window(Settings())
    assert "--display 0" in caught.value.hint


@pytest.mark.parametrize("display", [":99", "unix:99.0", "127.0.0.1:59", "nonsense", ":x"])
def test_a_screen_that_does_not_answer_is_no_screen(
    monkeypatch: pytest.MonkeyPatch, display: str
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("DISPLAY", display)
    assert not screen_is_there()
    with pytest.raises(StageError, match=f"DISPLAY={display}"):
        check_windows()


def test_a_screen_that_answers_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        monkeypatch.setattr(sys, "platform", "linux")
        monkeypatch.setenv("DISPLAY", f"127.0.0.1:{server.getsockname()[1] - 6000}.0")
        assert screen_is_there()
        if not HAS_WINDOWS:
            with pytest.raises(StageError, match="this OpenCV has no windows") as caught:
                check_windows()
            assert caught.value.hint == "pip install 'openpose-py[display]'"


def test_a_run_with_a_window_loads_opencv_before_pyav() -> None:
    order = (
        "import sys, openpose_py.cli.shown; print([n for n in sys.modules if n in ('av', 'cv2')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", order], cwd=Path(__file__).parents[1], capture_output=True, text=True
    )
    assert done.stdout.strip() == "['cv2', 'av']", done.stderr


SHOW = """
import cv2, numpy as np
from openpose_py.records import Frame, People, Result
from openpose_py.settings import Settings
from openpose_py.window import TITLE, HELP_TITLE, Window, _is_open

keys = iter([ord("h"), -1, ord(" "), -1, ord("B"), -1, ord(" "), -1, 27, -1])
def read_key(milliseconds):
    cv2.waitKey(1)
    return next(keys)

window = Window(Settings(), read_key=read_key)
for number in range(3):
    pixels = np.full((120, 160 + 80 * number, 3), 200, np.uint8)
    result = Result(Frame(pixels, number, "0", 0.0, "here"), People.nobody(25))
    commands = window.show(result)
    print([command.action.name for command in commands], _is_open(TITLE), _is_open(HELP_TITLE))
print(cv2.getWindowImageRect(TITLE)[2:])
window.close()
"""


def test_a_window_opens_shows_and_hears_its_keys(screen: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={**os.environ, "DISPLAY": screen},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == [
        "[] True True",
        "['BLENDING'] True True",
        "['END'] True True",
        "(320, 120)",
    ], done.stderr
