"""`openpose-py view [flags]`: the run of `openpose-py [flags]`, with a page instead of a window."""

import dataclasses
import logging
from contextlib import closing
from pathlib import Path
from typing import Any

from openpose_py.checks import check, check_output, check_value
from openpose_py.cli.messages import start_messages
from openpose_py.cli.run import NO_WINDOW, PICTURE, check_model_folder
from openpose_py.errors import UsageError
from openpose_py.records import Result
from openpose_py.report.view_options import ViewOptions, options
from openpose_py.settings import Settings

log = logging.getLogger("openpose_py.run")


def watched_run(**values: Any) -> int:
    """Runs the flags; returns the exit code."""
    start_messages(values["logging_level"], values["quiet"])
    page = ViewOptions(**{flag.field: values.pop(flag.field) for flag in options()})
    settings = _checked(page, Settings(**values))
    notices = check_output(settings)
    settings = dataclasses.replace(settings, display=NO_WINDOW)

    # heavy packages only now, so that a wrong flag is answered at once
    from openpose_py.cli.drive import drive
    from openpose_py.compile_once import compile_once
    from openpose_py.estimator import Estimator
    from openpose_py.inputs import open_input
    from openpose_py.outputs import open_outputs
    from openpose_py.report.live_page import live_page

    source = open_input(settings)
    estimator = Estimator(**dataclasses.asdict(settings))
    outputs = open_outputs(settings, source.fps, estimator.card)
    for notice in (*estimator.notices, *notices):
        log.warning(notice)
    if settings.num_gpu != 0:
        compile_once()
    html = live_page(_title(settings), settings, estimator.card)
    with closing(Watched(html, page)) as watched:
        results = estimator.run(source)
        return drive(results, source, outputs, settings, estimator.timings, watched)


class Watched:
    """Hands results to the page's server; the run never waits for viewers."""

    def __init__(self, html: bytes, page: ViewOptions) -> None:
        from openpose_py.report.live_feed import LiveFeed
        from openpose_py.report.live_server import LiveServer

        self._feed = LiveFeed()
        self._server = LiveServer(self._feed, html, page.host, page.port)
        if self._server.notice:
            log.warning(self._server.notice)
        print(self._server.address, flush=True)

    def show(self, result: Result) -> bool:
        self._feed.add(result)
        return True

    def close(self) -> None:
        self._server.close()


def _checked(page: ViewOptions, settings: Settings) -> Settings:
    """As for a window: somebody watches."""
    for flag in options():
        check_value(flag, getattr(page, flag.field))
    check(settings)
    check_model_folder(settings)
    if settings.display > 0:
        raise UsageError("the page is the window", where="--display", hint="leave it out")
    if settings.keypoint_scale:
        raise UsageError("the page shows pixels of the frame", where="--keypoint_scale",
                         hint="leave it out, or run without view")  # fmt: skip
    return dataclasses.replace(settings, display=PICTURE)


def _title(settings: Settings) -> str:
    named = settings.video or settings.image_dir
    return Path(named).name if named else settings.ip_camera.rpartition("@")[2] or "Camera"
