"""The window of a run, and what its keys do to the run."""

import dataclasses
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2  # noqa: F401 - before PyAV, which the modules below load, or windows hang

from openpose_py.errors import StageError
from openpose_py.inputs import is_live, open_input
from openpose_py.keys import Action, Command
from openpose_py.multi_view import side_by_side, views_of
from openpose_py.records import Result
from openpose_py.settings import Settings
from openpose_py.stages.frames.player import Player
from openpose_py.stages.frames.source import Source
from openpose_py.window import Window, screen_is_there
from openpose_py.zoo.cards import card_named
from openpose_py.zoo.skeletons import read_skeleton

if TYPE_CHECKING:
    from openpose_py.estimator import Estimator

log = logging.getLogger("openpose_py.run")
PLAYING = (Action.HOLD, Action.FORTH, Action.BACK)
IF_POSSIBLE = -1  # --display


class ShownRun:
    """Shows results; hands on what keys ask for.

    change: for what holds for the results. player: for what holds for the source; None where it
    has no way back. views: results a time step; they are shown side by side.
    """

    def __init__(
        self, window: Window, change: Callable[[Command], None], player: Player | None, views: int
    ) -> None:
        self._window, self._change, self._player, self._views = window, change, player, views
        self._step: list[Result] = []

    def show(self, result: Result) -> bool:
        self._step.append(result)
        if len(self._step) < self._views:
            return True
        step, self._step = self._step, []
        for command in self._window.show(step[0] if self._views == 1 else side_by_side(step)):
            if command.action is Action.END:
                return False
            self._do(command)
        return True

    def close(self) -> None:
        self._window.close()

    def _do(self, command: Command) -> None:
        player = self._player
        if command.action in PLAYING and player is None:
            log.warning("this input cannot be held, and has no way back")
        elif command.action is Action.HOLD and player:
            player.hold()
        elif command.action is Action.FORTH and player:
            player.forth()
        elif command.action is Action.BACK and player:
            player.back()
        elif command.action is Action.VIEW_3D:
            log.warning("there is no view of 3-D points; --write_json holds them")
        else:
            self._change(command)


def player_of(source: Source, settings: Settings) -> Player | None:
    """The source under the window's keys; None for what cannot be read twice."""
    if is_live(source):
        return None

    def reopen(first: int) -> Source:
        return open_input(dataclasses.replace(settings, frame_first=first))

    return Player(source, reopen, settings.frame_first, views_of(settings))


def in_window(
    window: Window, settings: Settings, estimator: "Estimator", source: Source
) -> tuple[ShownRun, Source]:
    """What shows the run, and the source under the window's keys."""
    player = player_of(source, settings)
    shown = ShownRun(window, estimator.change, player, views_of(settings))
    return shown, player or source


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
