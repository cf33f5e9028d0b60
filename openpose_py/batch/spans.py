"""Long videos as spans of frames, so that all workers share one of them.

A span begins at a key frame, and is decoded from the key frame before that, so that every one of
its frames is the same as in one piece. Where the decoded frames are not those that the file's
packets promise, nothing is guessed: the video is done in one piece.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np

from openpose_py.batch.addresses import is_remote
from openpose_py.batch.job import Job, Span, settings_of
from openpose_py.batch.whole_folder import short_name
from openpose_py.errors import InputError
from openpose_py.flag_values import frames_wanted
from openpose_py.records import Frame
from openpose_py.settings import Settings
from openpose_py.stages.frames.source import FrameRange
from openpose_py.stages.frames.video import SHORT_BY, Video, open_stream, stream_seconds

# what joins frames over time, or writes one file of all that cannot be joined
WHOLE = (
    "tracking", "identification", "track", "smooth", "three_d", "three_d_views", "frames_repeat",
    "process_real_time", "write_video",
)  # fmt: skip
SPANS = ".spans"  # end of the name of the folder that they lie in
REMEMBERING = 3  # --hand_detector
DEFAULTS = Settings()


class CannotCut(InputError):
    """The spans of a video do not fit together."""


def why_in_one_piece(settings: Settings) -> str:
    """The flag because of which videos are not cut, or nothing."""
    for name in WHOLE:
        if getattr(settings, name, None) != getattr(DEFAULTS, name, None):
            return f"--{name.replace('three_d', '3d')}"
    remembers = settings.hand and settings.hand_detector == REMEMBERING
    return f"--hand_detector {REMEMBERING}" if remembers else ""


def may_be_cut(job: Job, base: Settings) -> bool:
    if is_remote(job.target) or not os.path.isfile(job.path):
        return False
    return not why_in_one_piece(settings_of(job, base, None))


def cut(job: Job, base: Settings, frames: int) -> tuple[Span, ...]:
    """Spans of at least `frames` frames each; none if the video is short, damaged or unusual."""
    path = Path(job.path)
    container, stream = open_stream(path)
    with container:
        if (stream.frames or 2 * frames) < 2 * frames:
            return ()
        times, keys = _times_of_packets(container, stream)
        duration, base_time = stream_seconds(container, stream), stream.time_base
    if len(times) < 2 * frames or len(np.unique(times)) < len(times):
        return ()
    times.sort()
    if duration and duration - float((times[-1] - times[0]) * base_time) > SHORT_BY:
        return ()
    wanted = frames_wanted(settings_of(job, base, None))
    return tuple(span for span in _spans(times, keys, frames) if _overlaps(span, wanted))


def span_job(job: Job, span: Span) -> Job:
    """The job of one of its spans, with a folder of its own."""
    target = spans_folder(job) / f"{span.first:012d}"
    return Job(job.path, job.id, str(target), job.flags, span=span)


def spans_folder(job: Job) -> Path:
    target = Path(job.target)
    return target.parent / f".{short_name(target)}{SPANS}"


class VideoSpan(Video):
    """The frames of a span, with the index, name and time that they have in the whole video."""

    def __init__(self, path: Path, wanted: FrameRange, span: Span) -> None:
        super().__init__(path, wanted)
        self._span = span
        self.count = sum(wanted.wants(index) for index in range(span.first, span.stop))

    def frames(self) -> Iterator[Frame]:
        span, reading = self._span, self.reading
        index, damaged = span.first, 0
        start = float(span.start * reading.time_base)
        if span.first:
            reading.container.seek(span.seek, stream=reading.stream)
        try:
            for picture, _ in reading.pictures():
                if picture.pts is None or (span.end is not None and picture.pts >= span.end):
                    break
                if picture.pts < span.begin:
                    damaged = reading.damaged
                    continue
                pixels = reading.pixels(picture) if self._wanted.wants(index) else None
                if pixels is not None:
                    time = float(picture.pts * reading.time_base) - start
                    name = f"{self._path.stem}_{index:012d}"
                    yield Frame(pixels, index, name, time, str(self._path))
                index += 1
        finally:
            reading.close()
        if not self._closed and (index != span.stop or reading.damaged > damaged):
            raise CannotCut("is damaged or unusual", where=str(self._path))


def _times_of_packets(container: Any, stream: Any) -> tuple[np.ndarray, np.ndarray]:
    """int64 presentation times of all packets, in the file's order, and of those that are key
    frames; empty if they do not tell which frames there are."""
    times, keys = [], []
    nothing = np.zeros(0, np.int64)
    try:
        for packet in container.demux(stream):
            if packet.size == 0:
                continue
            if packet.pts is None or packet.is_corrupt or packet.is_discard:
                return nothing, nothing
            times.append(packet.pts)
            if packet.is_keyframe:
                keys.append(packet.pts)
    except (av.FFmpegError, IndexError):
        return nothing, nothing
    return np.array(times, np.int64), np.sort(np.array(keys, np.int64))


def _spans(times: np.ndarray, keys: np.ndarray, frames: int) -> Iterator[Span]:
    """times: int64, rising; keys: those of them at which a span may begin."""
    start = int(times[0])
    begins = [0]
    firsts = np.searchsorted(times, keys)
    for number, first in enumerate(firsts):
        if number and first - begins[-1] >= frames:
            begins.append(int(first))
    if len(times) - begins[-1] < frames and len(begins) > 1:
        begins.pop()
    for first, stop in zip(begins, [*begins[1:], len(times)], strict=True):
        end = int(times[stop]) if stop < len(times) else None
        before = keys[keys < times[first]]
        seek = int(before[-1]) if first and len(before) else start
        yield Span(first, stop, int(times[first]), end, start, seek)


def _overlaps(span: Span, wanted: FrameRange) -> bool:
    last = span.stop if wanted.last is None else wanted.last
    return span.stop > wanted.first and span.first <= last
