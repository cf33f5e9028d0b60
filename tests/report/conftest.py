"""A browser and a page that the tests of this folder share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from openpose_py.report.write_report import ReportOptions, write_report


@pytest.fixture(scope="session")
def browser(tmp_path_factory) -> Iterator:
    from drawn.browser import Browser, program

    if program() is None:
        pytest.skip("no Chromium on the PATH")
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def walk(tmp_path_factory) -> Path:
    """JSON of 60 frames of a video with three people, the third in the second half only."""
    from drawn.recordings import write_recording

    return write_recording(tmp_path_factory.mktemp("walk") / "json", 60, 3)


@pytest.fixture(scope="session")
def page(walk) -> Path:
    """Its page, beside a video of 60 numbered frames, 30 a second."""
    from drawn.media import numbered_frames, write_video

    video = write_video(walk.parent / "walk it.mp4", numbered_frames(60, (1280, 720)), 30)
    path = walk.parent / "walk.html"
    assert write_report(ReportOptions(walk, path, video=str(video))) == []
    return path
