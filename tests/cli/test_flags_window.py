"""Effects of the flags of the window; the ones that need a screen are skipped without."""

import subprocess
import sys

import pytest
from drawn.command import openpose_py

FULL = """
import sys, cv2
from openpose_py import window
rectangle = []
real = window.Window.show
def show(self, result):
    commands = real(self, result)
    cv2.waitKey(200)
    rectangle[:] = cv2.getWindowImageRect(window.TITLE)[2:]
    return commands
window.Window.show = show
from openpose_py.cli.app import main
try: main()
except SystemExit as done: print(rectangle, done.code)
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
    sizes = []
    for more in ([], ["--fullscreen", "--no_gui_verbose"]):
        done = subprocess.run(
            [sys.executable, "-c", FULL, *map(str, [*words, *more])],
            env={"DISPLAY": screen}, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        sizes.append(done.stdout.strip())
    assert sizes[0] == "[160, 96] 0" and sizes[1] == "[800, 600] 0"
