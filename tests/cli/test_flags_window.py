"""Effects of the flags of the window; the ones that need a screen are skipped without."""

import os
import subprocess
import sys

import pytest
from drawn.command import openpose_py

FULL = """
import sys, cv2
from openpose_py import window
is_full = []
real = window.Window.show
def show(self, result):
    commands = real(self, result)
    is_full.append(cv2.getWindowProperty(window.TITLE, cv2.WND_PROP_FULLSCREEN))
    return commands
window.Window.show = show
from openpose_py.cli.app import main
try: main()
except SystemExit as done: print(is_full, done.code)
"""


@pytest.mark.effect("display")
def test_without_a_screen_a_wanted_window_is_an_error_and_an_automatic_one_is_left_out(
    numbered, tmp_path
):
    words = ("--image_dir", numbered, "--num_gpu", 0, "--write_json", tmp_path, "--frame_last", 0)
    nowhere = {"DISPLAY": ""}
    assert openpose_py(*words, environment=nowhere).code == 0
    assert openpose_py(*words, "--display", 0, environment=nowhere).code == 0
    wanted = openpose_py(*words, "--display", 2, environment=nowhere)
    assert wanted.code == 3 and wanted.said("DISPLAY is not set") and wanted.said("--display 0")
    in_space = openpose_py(*words, "--display", 3)
    assert in_space.code == 2 and in_space.said("--display 2")


@pytest.mark.effect("fullscreen")
@pytest.mark.effect("no_gui_verbose")
def test_the_window_fills_the_screen_if_asked(screen, numbered):
    words = ["--image_dir", numbered, "--num_gpu", 0, "--display", 2, "--frame_last", 0]
    said = []
    for more in ([], ["--fullscreen", "--no_gui_verbose"]):
        done = subprocess.run(
            [sys.executable, "-c", FULL, *map(str, [*words, *more])],
            env={**os.environ, "DISPLAY": screen}, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        said.append(done.stdout.strip())
    assert said == ["[0.0] 0", "[1.0] 0"]


KEYS = """
import sys, cv2
from openpose_py import window
script = iter("" + sys.argv.pop(1))
def read_key(milliseconds):
    cv2.waitKey(1)
    return ord(next(script, chr(27)))
seen = []
real = window.Window.show
def show(self, result):
    seen.append((result.frame.index, result.picture.shape if result.picture is not None else None))
    pressed, self._read_key = [], lambda _: -1
    commands = real(self, result)
    return commands + self._keys.pressed(chr(read_key(1)))
window.Window.show = show
from openpose_py.cli.app import main
try: main()
except SystemExit as done: print([index for index, _ in seen], {shape for _, shape in seen})
"""


def test_keys_hold_the_frame_and_go_back(screen, numbered):
    words = ["--image_dir", numbered, "--num_gpu", 0, "--display", 2, "--disable_multi_thread"]
    done = subprocess.run(
        [sys.executable, "-c", KEYS, "qqmqlqkm" + "q" * 20, *map(str, words)],
        env={**os.environ, "DISPLAY": screen}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.startswith("[0, 1, 2, 2, 2, 3, 3, 2, 3, 4, 5"), done.stderr + done.stdout


def test_views_are_shown_side_by_side(screen, numbered):
    words = ["--image_dir", numbered, "--num_gpu", 0, "--display", 2, "--3d_views", 2]
    done = subprocess.run(
        [sys.executable, "-c", KEYS, "qqqqqqqqqqqq", *map(str, words)],
        env={**os.environ, "DISPLAY": screen}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.strip().endswith("{(96, 320, 3)}"), done.stderr + done.stdout
