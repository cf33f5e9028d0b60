"""Several views of one scene: where they come from, their cameras, and their common video.

A time step is as many consecutive `Frame`s as there are views, numbered by `view`, all with the
index, name and time of the first. The views are

- consecutive pictures of a folder (`--image_dir F --3d_views 3`: files 0, 1, 2 are time step 0;
  `--frame_first`, `--frame_last` and `--frame_step` count time steps),
- columns of equal width of a video's frames (`--video F --3d_views 3`),
- or, which OpenPose cannot do, several folders or several videos (`--image_dir A,B,C`,
  `--video A,B,C`), paired by frame number until the shortest ends.
"""

import dataclasses
import itertools
import logging
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from openpose_py.errors import InputError, OutputError, UsageError
from openpose_py.records import Frame, Result
from openpose_py.settings import Settings
from openpose_py.stages.frames.open_source import open_source
from openpose_py.stages.frames.source import FrameRange, Source
from openpose_py.stages.frames.undistort import (
    CameraParameters,
    Undistorter,
    camera_files,
    read_camera_xml,
)
from openpose_py.stages.writers.writer import Writer

log = logging.getLogger(__name__)

Place = tuple[int, int]  # how often the source has begun again, index
PlacedFrames = Generator[tuple[Place, Frame], None, None]


def open_views(*, image_dir: str, video: str, views: int, wanted: FrameRange) -> Source:
    """The source of exactly one of `image_dir` and `video`; views: `--3d_views`."""
    count = view_count(image_dir=image_dir, video=video, views=views)
    flag = "--image_dir" if image_dir else "--video"
    names = inputs_named(image_dir or video)
    if len(names) > 1:
        if views not in (-1, count):
            raise UsageError(f"is {views}, but {flag} names {count}", where="--3d_views")
        opened = [_open(flag, name, wanted) for name in names]
        return SeveralInputs(opened, names)
    if count == 1:
        return _open(flag, names[0], wanted)
    if video:
        return Columns(_open(flag, video, wanted), count)
    from_there_on = FrameRange(wanted.first * count, repeat=wanted.repeat)
    return ConsecutivePictures(_open(flag, image_dir, from_there_on), count, wanted)


def view_count(*, image_dir: str, video: str, views: int) -> int:
    """Results a time step."""
    named = len(inputs_named(image_dir or video))
    return named if named > 1 else max(1, views)


def views_of(settings: Settings) -> int:
    """Results a time step, by the flags."""
    return view_count(
        image_dir=settings.image_dir, video=settings.video, views=settings.three_d_views
    )


def inputs_named(given: str) -> list[str]:
    """Paths with commas between them; a path that exists as it is, with its commas, is one."""
    if Path(given).exists():
        return [given]
    return [name.strip() for name in given.split(",") if name.strip()] or [given]


def cameras_of_views(path: str, views: int) -> list[CameraParameters]:
    """The cameras of `--camera_parameter_path`: their files in natural order are the views."""
    files = camera_files(Path(path))
    if len(files) != views:
        raise UsageError(
            f"has {len(files)} camera files, but there are {views} views",
            where=f"--camera_parameter_path {path}",
            hint="one .xml file a view, in the order of the views; --3d_views says how many",
        )
    return [read_camera_xml(file) for file in files]


def projections_of(cameras: Sequence[CameraParameters]) -> np.ndarray:
    """(views, 3, 4): from metres in space to pixels of the undistorted frame."""
    return np.stack([camera.projection for camera in cameras])


def undistorted(frames: Iterable[Frame], cameras: Sequence[CameraParameters]) -> Iterator[Frame]:
    """`--frame_undistort`: each frame as a camera without distortion in its view would see it."""
    views = [Undistorter(camera) for camera in cameras]
    for frame in frames:
        yield dataclasses.replace(frame, pixels=views[frame.view].undistort(frame.pixels))


class ConsecutivePictures:
    """`views` pictures of a folder, one after another in its list, are a time step.

    source: all pictures of the folder from the first wanted time step on. wanted: in time steps. A
    time step of which a picture cannot be read is left out.
    """

    def __init__(self, source: Source, views: int, wanted: FrameRange) -> None:
        self.fps: float | None = None
        self.unreadable: list[str] = source.unreadable
        self.count: int | None = None
        self._source, self._views, self._wanted = source, views, wanted
        if source.count is not None:
            steps = wanted.first + source.count // views
            if steps > wanted.first:
                self._check(steps)
            stop = steps if wanted.last is None else wanted.last + 1
            self.count = len(range(wanted.first, stop, wanted.step)) * views

    def frames(self) -> Iterator[Frame]:
        came, broken = False, 0
        pictures = _in_rounds(self._source.frames())
        for (_, step), group in itertools.groupby(pictures, self._step):
            frames = [frame for _, frame in group]
            if not self._wanted.wants(step):
                continue
            if len(frames) == self._views:
                came = True
                yield from _time_step(frames)
            else:
                broken += 1
        if broken:
            self.unreadable.append(_left_out(broken, f"not all {self._views} pictures are there"))
        if not came:
            raise InputError(
                f"there is no time step with all its {self._views} pictures "
                f"from --frame_first {self._wanted.first} on",
                where="--3d_views", hint="consecutive pictures are the views of one time step",
            )  # fmt: skip

    def close(self) -> None:
        self._source.close()

    def _step(self, picture: tuple[Place, Frame]) -> Place:
        (turn, index), _ = picture
        return turn, index // self._views

    def _check(self, steps: int) -> None:
        last = self._wanted.last
        if last is not None and last >= steps:
            raise UsageError(
                f"is {last}, but there are {steps} time steps of {self._views} pictures",
                where="--frame_last", hint=f"at most {steps - 1}: they count from 0",
            )  # fmt: skip


class Columns:
    """Each frame of `source` cut into `views` columns of equal width; what is left over is lost."""

    def __init__(self, source: Source, views: int) -> None:
        self.fps: float | None = source.fps
        self.unreadable: list[str] = source.unreadable
        self.count: int | None = None if source.count is None else source.count * views
        self._source, self._views = source, views

    def frames(self) -> Iterator[Frame]:
        for frame in self._source.frames():
            width = frame.size[0] // self._views
            if width == 0:
                what = f"{frame.origin} is {frame.size[0]} pixels wide: no {self._views} columns"
                raise InputError(what, where="--3d_views")
            for view in range(self._views):
                column = frame.pixels[:, view * width : (view + 1) * width]
                pixels = np.ascontiguousarray(column)
                yield dataclasses.replace(frame, pixels=pixels, view=view)

    def close(self) -> None:
        self._source.close()


class SeveralInputs:
    """One source a view. Frames are paired by their index; what one of them lacks is left out."""

    def __init__(self, sources: Sequence[Source], names: Sequence[str]) -> None:
        rates = {source.fps for source in sources}
        if len(rates) > 1:
            log.warning("%s: different frame rates; frames are paired by number", ", ".join(names))
        self.fps: float | None = sources[0].fps
        counts = [source.count for source in sources if source.count is not None]
        complete = len(counts) == len(sources)
        self.count: int | None = min(counts) * len(sources) if complete else None
        self.unreadable: list[str] = []
        self._sources, self._names = sources, names

    def frames(self) -> Iterator[Frame]:
        lines = [_in_rounds(source.frames()) for source in self._sources]
        came = False
        try:
            for frames in self._paired(lines):
                came = True
                yield from _time_step(frames)
        finally:
            for line in lines:
                line.close()
            self.unreadable.extend(note for source in self._sources for note in source.unreadable)
        if not came:
            raise InputError(f"no frame number is in all of {', '.join(self._names)}")

    def close(self) -> None:
        for source in self._sources:
            source.close()

    def _paired(self, lines: Sequence[PlacedFrames]) -> Iterator[list[Frame]]:
        broken: set[Place] = set()
        heads = [next(line, None) for line in lines]
        while None not in heads:
            places = [head[0] for head in heads if head is not None]
            if min(places) == max(places):
                yield [head[1] for head in heads if head is not None]
                heads = [next(line, None) for line in lines]
                continue
            for view, place in enumerate(places):
                if place < max(places):
                    broken.add(place)
                    heads[view] = next(lines[view], None)
        if broken:
            self.unreadable.append(_left_out(len(broken), "a view lacks them"))
        ended = [name for name, head in zip(self._names, heads, strict=True) if head is None]
        if len(ended) < len(lines):
            log.warning("%s: ended before the other views", ", ".join(ended))


class SideBySide:
    """Hands `writer` one result a time step: the first view's, with all pictures in a row."""

    def __init__(self, writer: Writer, views: int) -> None:
        self._writer, self._views = writer, views
        self._step: list[Result] = []

    def write(self, result: Result) -> None:
        self._step.append(result)
        if len(self._step) < self._views:
            return
        step, self._step = self._step, []
        self._writer.write(side_by_side(step))

    def close(self) -> None:
        self._writer.close()


def side_by_side(step: Sequence[Result]) -> Result:
    """One result for a time step: the first view's, with all pictures in a row."""
    pictures = [view.frame.pixels if view.picture is None else view.picture for view in step]
    if len({picture.shape[0] for picture in pictures}) > 1:
        raise OutputError(
            f"the views of {step[0].frame.name} have different heights",
            where="--write_video", hint="--output_resolution makes all pictures equal",
        )  # fmt: skip
    return dataclasses.replace(step[0], picture=np.hstack(pictures))


def _in_rounds(frames: Iterator[Frame]) -> PlacedFrames:
    """Frames with their places, which only ever grow; closing it closes a generator of frames."""
    turn, before = 0, -1
    try:
        for frame in frames:
            if frame.index <= before:
                turn += 1
            before = frame.index
            yield (turn, frame.index), frame
    finally:
        if isinstance(frames, Generator):
            frames.close()


def _open(flag: str, name: str, wanted: FrameRange) -> Source:
    image_dir, video = (name, "") if flag == "--image_dir" else ("", name)
    return open_source(image_dir=image_dir, video=video, wanted=wanted)


def _time_step(frames: Sequence[Frame]) -> Iterator[Frame]:
    first = frames[0]
    for view, frame in enumerate(frames):
        yield dataclasses.replace(
            frame, index=first.index, name=first.name, time=first.time, view=view
        )


def _left_out(count: int, why: str) -> str:
    steps = "1 time step was" if count == 1 else f"{count} time steps were"
    return f"{steps} left out: {why}"
