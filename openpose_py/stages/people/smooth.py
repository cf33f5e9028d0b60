"""Stage 3 of 5: people -> steadier people. `--smooth`: without delay, or from both sides of a
frame. Who is who must be known; each view counts for itself."""

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np

from openpose_py.records import People, Result
from openpose_py.stages.people.frame_times import FrameTimes
from openpose_py.stages.people.scale_keypoints import scale_keypoints
from openpose_py.stages.people.smooth_file import FileSmoother
from openpose_py.stages.people.smooth_live import LiveSmoother
from openpose_py.stages.people.smooth_rows import Moment, Row

OFF, LIVE, FILE = "off", "live", "file"  # --smooth


@dataclasses.dataclass(frozen=True, slots=True)
class SmoothOptions:
    """how: LIVE or FILE. max_gap: frames that are filled in at most. most: people a frame beyond
    which nobody is added; below 0: no limit. rate: frames a second of pictures. scale:
    `--keypoint_scale`, for the raw values, which the stages after this one leave alone."""

    how: str
    max_gap: int = 10
    most: int = -1
    rate: float = 0.0
    scale: int = 0


class Smoother(Protocol):
    def feed(self, moment: Moment) -> list[tuple[Moment, list[Row]]]:
        """Takes the next frame; returns the frames that are done, in order."""

    def rest(self) -> list[tuple[Moment, list[Row]]]:
        """The frames that are not done when there are no more."""


def smoothed(options: SmoothOptions) -> Callable[[Iterable[Result]], Iterator[Result]]:
    """Results in order, with `person_ids`, to the same with steadier people."""

    def step(results: Iterable[Result]) -> Iterator[Result]:
        views: dict[int, tuple[FrameTimes, Smoother]] = {}
        for result in results:
            made = views.get(result.frame.view)
            if made is None:
                made = FrameTimes(options.rate), _smoother(options)
                views[result.frame.view] = made
            times, smoother = made
            done = smoother.feed(Moment(result, times.seconds(result.frame)))
            yield from (_result(moment, rows, options) for moment, rows in done)
        rests = [smoother.rest() for _, smoother in views.values()]
        for time_step in itertools.zip_longest(*rests):
            for one in filter(None, time_step):
                moment, rows = one
                yield _result(moment, rows, options)

    return step


def _smoother(options: SmoothOptions) -> Smoother:
    if options.how == LIVE:
        return LiveSmoother(options.max_gap)
    return FileSmoother(options.max_gap)


def _result(moment: Moment, rows: Sequence[Row], options: SmoothOptions) -> Result:
    """The result with its own people in their order, and those who were filled in behind them."""
    result = moment.result
    own = len(result.people)
    room = len(rows) if options.most < 0 else max(options.most, own)
    rows = rows[:room]
    if not rows:
        empty = np.zeros(result.people.keypoints.shape, np.float32)
        filled = np.zeros(empty.shape[:2], bool)
        return dataclasses.replace(result, raw_pose=empty, pose_filled=filled)
    raw = np.stack([row.raw for row in rows])
    if result.geometry is not None:
        raw = scale_keypoints(raw, options.scale, result.geometry)
    return dataclasses.replace(
        result,
        people=People(
            np.stack([row.keypoints for row in rows]),
            np.array([row.score for row in rows], np.float32),
        ),
        person_ids=np.array([row.number for row in rows], np.int64),
        raw_pose=raw,
        pose_filled=np.stack([row.filled for row in rows]),
    )
