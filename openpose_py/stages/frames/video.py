"""Stage 1 of 5: a video file -> frames, with their true times and standing upright."""

import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.sidedata.sidedata import Type

from openpose_py.errors import InputError, UsageError
from openpose_py.records import Frame
from openpose_py.stages.frames.source import FrameRange

# Seconds that a whole file may end before its stream says: lengths are often rounded up.
SHORT_BY = 1.0


class Video:
    """Frames of the video stream of a file; index: number of the decoded frame, from 0.

    What the file says of its length is believed only for `count`: frames are decoded until there
    are no more. What cannot be decoded is left out and noted in `unreadable`.
    """

    def __init__(self, path: Path, wanted: FrameRange) -> None:
        self._path, self._wanted = path, wanted
        self._closed = False
        self.reading = Reading(path)
        self.unreadable: list[str] = []
        self.fps: float | None = self.reading.fps
        self.count: int | None = _count(wanted, self.reading.promised)

    def frames(self) -> Iterator[Frame]:
        try:
            while (yield from self._once()) and self._wanted.repeat and not self._closed:
                self.reading = Reading(self._path)
        finally:
            self.reading.close()

    def close(self) -> None:
        self._closed = True
        self.reading.close()

    def _once(self) -> Generator[Frame, None, int]:
        """The wanted frames; returns how many there were."""
        reading, wanted, found = self.reading, self._wanted, 0
        try:
            for index, (picture, time) in enumerate(reading.pictures()):
                if wanted.last is not None and index > wanted.last:
                    break
                pixels = reading.pixels(picture) if wanted.wants(index) else None
                if pixels is not None:
                    found += 1
                    name = f"{self._path.stem}_{index:012d}"
                    yield Frame(pixels, index, name, time, str(self._path))
                if index == wanted.last:
                    break
        finally:
            if not self.unreadable:  # when it repeats, the same damage is met again
                self.unreadable.extend(f"{self._path.name}: {note}" for note in reading.notes())
        if not self._closed:
            self._check_something_came(reading.decoded)
        return found

    def _check_something_came(self, decoded: int) -> None:
        where = f"--video {self._path}"
        if decoded == 0:
            raise InputError("no frame of it can be decoded", where=where)
        if decoded <= self._wanted.first:
            hint = f"--frame_first is at most {decoded - 1}: frames count from 0"
            raise UsageError(f"has only {decoded} frames", where=where, hint=hint)


class Reading:
    """One way through a file, from its first frame on."""

    def __init__(self, path: Path) -> None:
        self.container, self.stream = open_stream(path)
        # Once closed, container and streams may not be touched: not even to ask for a time base.
        self._lock = threading.Lock()
        self._closed = False
        self.time_base = self.stream.time_base
        rate = self.stream.average_rate or self.stream.guessed_rate
        self.fps = float(rate) if rate else None
        self.promised = _promised(self.container, self.stream, self.fps)
        self._duration = stream_seconds(self.container, self.stream)
        self._matrix: tuple[int, ...] | None = None
        self.decoded = 0
        self.damaged = 0
        self._end = 0.0  # seconds, of the last decoded frame
        self._whole_last_packet = True
        self._at_end = False

    def close(self) -> None:
        self._closed = True
        with self._lock:
            self.container.close()

    def pictures(self) -> Iterator[tuple[Any, float]]:
        """Decoded pictures with their seconds after the first one."""
        start: float | None = None
        packets = self.container.demux(self.stream)
        while (batch := self._decode_next(packets)) is not None:
            for picture in batch:
                if self._closed:
                    return
                time = self._end
                if picture.pts is not None:
                    seconds = float(picture.pts * self.time_base)
                    start = seconds if start is None else start
                    time = seconds - start
                if self.decoded == 0:
                    self._matrix = _display_matrix(picture)
                self._end = time + self._length(picture)
                self.decoded += 1
                yield picture, time

    def _decode_next(self, packets: Iterator[Any]) -> list[Any] | None:
        """The pictures that the next packet completes; None after the last packet."""
        with self._lock:
            if self._closed or self._at_end:
                return None
            try:
                packet = next(packets, None)
            except IndexError:  # PyAV's, at the end, when a stream has begun midway
                packet = None
            except av.FFmpegError:
                packet, self._whole_last_packet = None, False
            if packet is None or (packet.size == 0 and packet.dts is None):
                self._at_end, packet = True, None
            elif packet.size == 0:  # it would tell the decoder that the end has come
                return []
            else:
                self._whole_last_packet = not packet.is_corrupt
            try:
                return list(self.stream.decode(packet))
            except av.FFmpegError:
                self.damaged += 1
                return []

    def _length(self, picture: Any) -> float:
        """Seconds that a decoded picture stands."""
        if picture.duration:
            return float(picture.duration * self.time_base)
        return 1 / self.fps if self.fps else 0.0

    def pixels(self, picture: Any) -> np.ndarray | None:
        """uint8 (height, width, 3), B G R, upright; None if the picture cannot be converted."""
        try:
            pixels = picture.to_ndarray(format="bgr24")
        except (av.FFmpegError, ValueError):
            self.damaged += 1
            return None
        return np.ascontiguousarray(_upright(pixels, self._matrix))

    def notes(self) -> list[str]:
        notes = []
        if self.damaged:
            frames = "frame was" if self.damaged == 1 else "frames were"
            notes.append(f"{self.damaged} damaged {frames} skipped")
        short = self._duration is not None and self._duration - self._end > SHORT_BY
        if self._at_end and self.decoded and (short or not self._whole_last_packet):
            notes.append(f"is cut off after {self.decoded} frames, at {self._end:.1f} s")
        return notes


def open_stream(path: Path) -> tuple[Any, Any]:
    """The container and its first video stream that is not a cover picture."""
    where = f"--video {path}"
    try:
        if path.stat().st_size == 0:
            raise InputError("the file is empty", where=where)
        # "file:" keeps FFmpeg from taking a colon in the name for a protocol.
        container = av.open(f"file:{path}", metadata_errors="ignore")
    except (OSError, av.FFmpegError) as problem:
        what = f"cannot be read as a video: {problem.strerror}"
        hint = "is the file complete, and does a player (VLC) open it?"
        raise InputError(what, where=where, hint=hint) from problem
    for stream in container.streams.video:
        if not stream.disposition & stream.disposition.attached_pic and stream.codec_context:
            stream.thread_type = "AUTO"
            return container, stream
    container.close()
    raise InputError("has no video stream", where=where)


def _promised(container: Any, stream: Any, fps: float | None) -> int | None:
    """Frames, as the file says or as its length (with the sound) makes likely."""
    seconds = (container.duration or 0) / av.time_base
    return stream.frames or int(seconds * (fps or 0)) or None


def stream_seconds(container: Any, stream: Any) -> float | None:
    """Seconds of the video stream, if the file says; sound beside it may be longer."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    if container.duration and len(container.streams) == 1:
        return container.duration / av.time_base
    return None


def _count(wanted: FrameRange, promised: int | None) -> int | None:
    if wanted.repeat or promised is None:
        return None
    stop = promised if wanted.last is None else min(promised, wanted.last + 1)
    return len(range(wanted.first, stop, wanted.step))


def _display_matrix(picture: Any) -> tuple[int, ...] | None:
    """To be asked of one picture a file: `side_data` keeps a picture alive until Python's garbage
    collection, and gigabytes of them would wait for it."""
    side_data = picture.side_data.get(Type.DISPLAYMATRIX)
    if side_data is None:
        return None
    return tuple(int(number) for number in np.frombuffer(side_data, np.int32))


def _upright(pixels: np.ndarray, matrix: tuple[int, ...] | None) -> np.ndarray:
    """The picture as a display matrix says (libavutil/display.h), quarter turns and mirrors only.

    x' = a x + c y, y' = b x + d y, with a, b, 0, c, d the first five numbers of the matrix.
    """
    if matrix is None:
        return pixels
    a, b, _, c, d = matrix[:5]
    if abs(b) > abs(a):
        pixels, a, d = pixels.swapaxes(0, 1), c, b
    return pixels[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1]
