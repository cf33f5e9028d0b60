"""`openpose-py [flags]`: from frames to files and to the window."""

import dataclasses
import logging
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from openpose_py.checks import check, check_output
from openpose_py.cli.messages import start_messages
from openpose_py.errors import MissingModel
from openpose_py.settings import Settings

log = logging.getLogger("openpose_py.run")
NO_WINDOW, PICTURE = 0, 2  # --display
DEFAULT_FOLDER = Settings().model_folder


def main(**values: Any) -> int:
    """Runs the flags; returns the exit code."""
    start_messages(values["logging_level"], values["quiet"])
    settings = Settings(**values)
    check(settings)
    check_model_folder(settings)
    window = _window(settings)
    settings = dataclasses.replace(settings, display=PICTURE if window else NO_WINDOW)
    notices = check_output(settings)

    # heavy packages only now, so that a wrong flag is answered at once
    from openpose_py.cli.drive import drive
    from openpose_py.cli.shown import ShownRun, player_of
    from openpose_py.compile_once import compile_once
    from openpose_py.estimator import Estimator
    from openpose_py.inputs import open_input
    from openpose_py.multi_view import views_of
    from openpose_py.outputs import open_outputs

    source = open_input(settings)
    estimator = Estimator(**dataclasses.asdict(settings))
    outputs = open_outputs(settings, source.fps, estimator.card)
    for notice in (*estimator.notices, *notices):
        log.warning(notice)
    if settings.num_gpu != 0:
        compile_once()
    player = player_of(source, settings) if window else None
    shown = ShownRun(window, estimator.change, player, views_of(settings)) if window else None
    with closing(shown) if shown else nullcontext():
        results = estimator.run(player or source)
        return drive(results, source, outputs, settings, estimator.timings, shown)


def check_model_folder(settings: Settings) -> None:
    """A mistyped folder must not end in another model; without the flag none need be there."""
    folder = settings.model_folder
    if folder != DEFAULT_FOLDER and settings.num_gpu != 0 and not Path(folder).is_dir():
        raise MissingModel("there is no such folder", where=f"--model_folder {folder}")


def _window(settings: Settings) -> Any:
    if settings.display == NO_WINDOW:
        return None
    from openpose_py.cli.shown import window_of

    return window_of(settings)
