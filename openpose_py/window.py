"""The window that shows frames as they are done, and its keys."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from openpose_py.errors import StageError
from openpose_py.keys import HELP, Action, Command, Keys
from openpose_py.records import Result, Size
from openpose_py.settings import Settings
from openpose_py.stages.pictures.window_text import (
    Rate,
    help_picture,
    id_labels,
    margin_of,
    with_text,
)

TITLE, HELP_TITLE = "openpose-py", "openpose-py: keys"
PAUSE = 30  # milliseconds between two looks at the keyboard while nothing moves
ANSWERS_WITHIN = 30.0  # seconds that a screen may take to open its first window
OPEN_A_WINDOW = f"import cv2; cv2.namedWindow({TITLE!r})"


class Window:
    """One window; to be made and used in the main thread.

    elements: what can be drawn, by name, in the order of --part_to_show; skeletons have no name.
    Raises StageError where no window can be opened.
    """

    def __init__(
        self,
        settings: Settings,
        elements: Sequence[str] = ("",),
        read_key: Callable[[int], int] = cv2.waitKey,
    ) -> None:
        check_windows()
        self._settings, self._elements, self._read_key = settings, elements, read_key
        self._keys = Keys(len(elements), settings.part_to_show)
        self._is_full = False
        self._size: Size = (0, 0)
        self._rate = Rate()
        cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        if settings.fullscreen:
            self._switch_full_screen()

    def show(self, result: Result) -> list[Command]:
        """Shows the drawn picture, or the frame; returns what keys asked for since the last one.

        While paused it does not return. Closing the window asks for the end.
        """
        picture = result.frame.pixels if result.picture is None else result.picture
        fps = self._rate.after_a_frame(time.monotonic())
        if not self._settings.no_gui_verbose:
            picture = self._with_text(picture, fps, result)
        self._grow((picture.shape[1], picture.shape[0]))
        cv2.imshow(TITLE, picture)
        commands = self._keys_pressed(1)
        while self._keys.is_paused and Command(Action.END) not in commands:
            commands += self._keys_pressed(PAUSE)
        return commands

    def close(self) -> None:
        cv2.destroyAllWindows()

    def _with_text(self, picture: np.ndarray, fps: float, result: Result) -> np.ndarray:
        people = max(len(result.people), 0 if result.faces is None else len(result.faces))
        labels = []
        if result.person_ids is not None and self._settings.keypoint_scale == 0:
            scale = 1.0 if result.geometry is None else result.geometry.frame_to_output
            keypoints = result.people.keypoints * np.array([scale, scale, 1], np.float32)
            labels = id_labels(result.person_ids, keypoints, margin_of(picture))
        element = self._elements[self._keys.element]
        return with_text(picture, fps, element, result.frame.index, people, labels)

    def _grow(self, size: Size) -> None:
        """The window never becomes smaller than a frame that it has shown."""
        if size[0] > self._size[0] or size[1] > self._size[1]:
            self._size = max(size[0], self._size[0]), max(size[1], self._size[1])
            if not self._is_full:
                cv2.resizeWindow(TITLE, *self._size)

    def _keys_pressed(self, milliseconds: int) -> list[Command]:
        commands = []
        while (key := self._read_key(milliseconds)) >= 0:
            letter = chr(key & 0xFF).lower()
            if letter == "f":
                self._switch_full_screen()
            elif letter == "h":
                _switch_help()
            else:
                commands += self._keys.pressed(letter)
            milliseconds = 1
        if not _is_open(TITLE):  # closed with the mouse
            commands.append(Command(Action.END))
        return commands

    def _switch_full_screen(self) -> None:
        self._is_full = not self._is_full
        wanted = cv2.WINDOW_FULLSCREEN if self._is_full else cv2.WINDOW_NORMAL
        cv2.setWindowProperty(TITLE, cv2.WND_PROP_FULLSCREEN, wanted)


def _is_open(title: str) -> bool:
    return cv2.getWindowProperty(title, cv2.WND_PROP_VISIBLE) >= 1


def _switch_help() -> None:
    if _is_open(HELP_TITLE):
        cv2.destroyWindow(HELP_TITLE)
    else:
        cv2.namedWindow(HELP_TITLE, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
        cv2.imshow(HELP_TITLE, help_picture(HELP))


def screen_is_there() -> bool:
    """Whether a screen answers; windows may still be missing from OpenCV."""
    return not _why_no_screen()


def check_windows() -> None:
    """Raises StageError if no window can be opened."""
    where, hint = "--display", "without a window: --display 0, and --write_images or --write_video"
    reason = _why_no_screen()
    if reason:
        raise StageError(f"no screen: {reason}", where=where, hint=hint)
    if re.search(r"^ *GUI: *NONE", cv2.getBuildInformation(), re.MULTILINE):
        raise StageError(
            "this OpenCV has no windows", where=where, hint="pip install 'openpose-py[display]'"
        )
    loaded = list(sys.modules)
    if "av" in loaded and loaded.index("av") < loaded.index("cv2"):
        what = "PyAV was imported before OpenCV, and windows would hang"
        raise StageError(what, where=where, hint="import cv2 before av")
    # in a process of its own: where the screen turns it away, Qt ends the whole program
    try:
        tried = subprocess.run(
            [sys.executable, "-c", OPEN_A_WINDOW], capture_output=True, timeout=ANSWERS_WITHIN
        )
    except subprocess.TimeoutExpired as problem:
        what = f"the screen did not open a window within {ANSWERS_WITHIN:g} s"
        raise StageError(what, where=where, hint=hint) from problem
    if tried.returncode:
        raise StageError("the screen lets no window open", where=where, hint=hint)


def _why_no_screen() -> str:
    """Empty if an X server answers at DISPLAY, or on systems that always have a screen."""
    if sys.platform in ("darwin", "win32"):
        return ""
    display = os.environ.get("DISPLAY", "")
    if not display:
        return "DISPLAY is not set"
    found = re.fullmatch(r"(.*):(\d+)(?:\.\d+)?", display)
    if not found:
        return f"DISPLAY={display} is no name of one"
    host, number = found[1], int(found[2])
    local = f"/tmp/.X11-unix/X{number}"
    addresses = (local, f"\0{local}") if host in ("", "unix") else ((host, 6000 + number),)
    if any(_answers(address) for address in addresses):
        return ""
    return f"nothing answers at DISPLAY={display}"


def _answers(address: str | tuple[str, int]) -> bool:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as connection:
        connection.settimeout(2)
        try:
            connection.connect(address)
        except OSError:
            return False
    return True
