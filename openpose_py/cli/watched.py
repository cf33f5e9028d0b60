"""`openpose-py view [flags]`: the run of `openpose-py [flags]`, with a page instead of a window."""

import dataclasses
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openpose_py.checks import check, check_output, check_value
from openpose_py.cli.messages import start_messages
from openpose_py.cli.run import NO_WINDOW, PICTURE, check_model_folder, watched
from openpose_py.errors import UsageError
from openpose_py.records import Result
from openpose_py.report.view_options import ViewOptions, options
from openpose_py.settings import Settings

if TYPE_CHECKING:
    from openpose_py.estimator import Estimator
    from openpose_py.stages.frames.source import Source

log = logging.getLogger("openpose_py.run")


def watched_run(**values: Any) -> int:
    """Runs the flags; returns the exit code."""
    start_messages(values["logging_level"], values["quiet"])
    page = ViewOptions(**{flag.field: values.pop(flag.field) for flag in options()})
    settings = _checked(page, Settings(**values))
    notices = check_output(settings)
    settings = dataclasses.replace(settings, display=NO_WINDOW)

    def on_a_page(estimator: "Estimator", source: "Source") -> tuple[Watched, "Source"]:
        from openpose_py.report.live_page import live_page

        return Watched(live_page(_title(settings), settings, estimator.card), page), source

    return watched(settings, notices, on_a_page)


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
