"""`openpose-py [flags]`: from frames to files and to the window."""

import dataclasses
import functools
import logging
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from openpose_py.checks import check, check_output
from openpose_py.cli.messages import start_messages
from openpose_py.errors import MissingModel
from openpose_py.settings import Settings

if TYPE_CHECKING:
    from openpose_py.cli.drive import Shown
    from openpose_py.estimator import Estimator
    from openpose_py.stages.frames.source import Source

# Who watches a run, made when it is ready to start, and the source as they play it.
Watch: TypeAlias = "Callable[[Estimator, Source], tuple[Shown | None, Source]]"

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
    if window is None:
        return watched(settings, notices, lambda estimator, source: (None, source))
    from openpose_py.cli.shown import in_window

    return watched(settings, notices, functools.partial(in_window, window, settings))


def watched(settings: Settings, notices: list[str], watch: Watch) -> int:
    """The run of checked flags; returns the exit code."""
    # heavy packages only now, so that a wrong flag is answered at once
    from openpose_py.cli.drive import drive
    from openpose_py.compile_once import compile_once
    from openpose_py.estimator import Estimator
    from openpose_py.inputs import open_input
    from openpose_py.outputs import open_outputs

    source = open_input(settings)
    estimator = Estimator(**dataclasses.asdict(settings))
    outputs = open_outputs(settings, source.fps, estimator.card)
    for notice in (*estimator.notices, *notices):
        log.warning(notice)
    compile_once(estimator.decoder)
    shown, played = watch(estimator, source)
    with closing(shown) if shown else nullcontext():
        results = estimator.run(played)
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
