"""The window of a run, and what its keys do to the run."""

import logging
from collections.abc import Callable

from openpose_py.errors import StageError
from openpose_py.keys import Action, Command
from openpose_py.records import Result
from openpose_py.settings import Settings
from openpose_py.window import Window, screen_is_there  # OpenCV before PyAV, or windows hang
from openpose_py.zoo.cards import card_named
from openpose_py.zoo.skeletons import read_skeleton

log = logging.getLogger("openpose_py.run")
IF_POSSIBLE = -1  # --display


class ShownRun:
    """Shows results; hands on what keys ask for."""

    def __init__(self, window: Window, change: Callable[[Command], None]) -> None:
        self._window, self._change = window, change

    def show(self, result: Result) -> bool:
        for command in self._window.show(result):
            if command.action is Action.END:
                return False
            self._change(command)
        return True

    def close(self) -> None:
        self._window.close()


def window_of(settings: Settings) -> Window | None:
    """The window that --display asks for; with -1 only where one can be opened."""
    if settings.display == 0 or (settings.display == IF_POSSIBLE and not screen_is_there()):
        return None
    from openpose_py.stages.pictures.heat_elements import element_name, elements

    skeleton = read_skeleton(card_named(settings.model_pose).skeleton)
    names = [element_name(skeleton, number) for number in range(elements(skeleton))]
    try:
        return Window(settings, names)
    except StageError as problem:
        if settings.display != IF_POSSIBLE:
            raise
        log.info(problem.short())
        return None
