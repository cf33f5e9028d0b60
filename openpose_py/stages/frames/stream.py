"""Stage 1 of 5: the stream of a network camera (RTSP, HTTP, ...) -> frames, the newest one."""

import dataclasses
import itertools
import logging
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from openpose_py.errors import InputError, nearest
from openpose_py.records import Frame
from openpose_py.stages.frames.real_time import Newest
from openpose_py.stages.frames.source import FrameRange

HIGHEST_FPS = 240  # above it, a stream states its clock and not its rate
SHORT_BY = 1.0  # seconds; lengths are often rounded up
FINAL = (
    av.error.HTTPBadRequestError,
    av.error.HTTPUnauthorizedError,
    av.error.HTTPForbiddenError,
    av.error.HTTPNotFoundError,
    av.error.ProtocolNotFoundError,
)
PROTOCOLS = ("rtsp", "rtsps", "http", "https", "rtmp", "udp", "srt")
SECRET_BEFORE_HOST = re.compile(r"(://[^/?#:@]*:).*@")
SECRET_IN_QUERY = re.compile(r"([?&](?:pass\w*|pwd|token|key)=)[^&#]*", re.IGNORECASE)

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Patience:
    """How long a stream may keep us waiting; seconds."""

    answer: float = 10.0  # for the connection, and for every frame
    first_pause: float = 1.0  # before the second try; each further pause is twice as long
    longest_pause: float = 30.0
    first_tries: int = 3  # as long as there never was a frame
    later_tries: int = 10  # in a row without a frame


PATIENCE = Patience()


class Stream:
    """Frames of `address`; index: number of the frame taken, from 0. time: seconds after the first.

    Frames of a live stream that come while the last one is still at work are lost. When it breaks
    off or ends, it is opened again. What has a length (a video on a server) is read once, whole.
    """

    count: int | None = None

    def __init__(self, address: str, wanted: FrameRange, patience: Patience = PATIENCE) -> None:
        self._address, self._wanted, self._patience = address, wanted, patience
        self._shown = without_secrets(address)
        self._check_address()
        self._newest: Newest[tuple[Any, float]] = Newest()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._bring, name="stream", daemon=True)
        self._failures = 0  # tries since the last frame
        self._has_given, self._losses, self._damaged = False, 0, 0
        self._notes: list[str] = []
        self.unreadable: list[str] = []
        self._connection = self._connect()
        self.fps: float | None = self._connection.fps

    def frames(self) -> Iterator[Frame]:
        self._thread.start()
        start: float | None = None
        number = itertools.count()
        try:
            while (taken := self._newest.take()) is not None and not self._closed.is_set():
                pixels = self._pixels(taken[0])
                if pixels is None:
                    continue
                index = next(number)
                start = taken[1] if start is None else start
                if self._wanted.wants(index):
                    time_ = taken[1] - start
                    yield Frame(pixels, index, f"{index:012d}", time_, self._shown)
                if index == self._wanted.last:
                    break
        finally:
            self.close()
            self.unreadable.extend(f"{self._shown}: {note}" for note in self._all_notes())

    def close(self) -> None:
        """Ends `frames` at once; the thread, where it waits for data, when its patience ends."""
        self._closed.set()
        self._newest.end()
        if self._thread.ident is None:
            self._connection.close()

    def _check_address(self) -> None:
        if not re.match(r"[A-Za-z][\w+.-]*://.", self._address):
            hint = "addresses look like rtsp://HOST/PATH or http://HOST/PATH; for a file: --video"
            raise InputError("is not an address", where=self._where(), hint=hint)

    def _where(self) -> str:
        return f"--ip_camera {self._shown}"

    def _connect(self) -> "_Connection":
        """Tries until it is connected. Raises InputError when tries are used up, `_Lost` when the
        stream is closed meanwhile."""
        while True:
            if self._failures:
                pause = self._patience.first_pause * 2 ** (self._failures - 1)
                if self._closed.wait(min(pause, self._patience.longest_pause)):
                    raise _Lost("closed")
            try:
                return _Connection(self._address, self._patience.answer)
            except _Lost as problem:
                self._count_failure(problem)

    def _count_failure(self, problem: "_Lost") -> None:
        self._failures += 1
        patience = self._patience
        tries = patience.later_tries if self._has_given else patience.first_tries
        if self._failures < tries and (self._has_given or not problem.is_final):
            log.warning("%s: %s, trying again", self._shown, problem)
            return
        hint = problem.hint or "is the camera on, and does a player (VLC) open this address?"
        times = "" if self._failures == 1 else f", in {self._failures} tries"
        raise InputError(f"{problem}{times}", where=self._where(), hint=hint)

    def _bring(self) -> None:
        """The thread: reads as fast as frames come, so that none of them gets old."""
        try:
            while not self._closed.is_set() and not self._read_to_the_end():
                if not self._closed.is_set():
                    self._connection = self._connect()
        except _Lost:  # closed
            pass
        except InputError as problem:
            if self._has_given:
                self._notes.append(f"it did not come back: {problem.what}")
            else:
                self._newest.end(problem)
        except BaseException as error:  # raised where the frames are taken
            self._newest.end(error)
        finally:
            self._connection.close()
            self._newest.end()

    def _read_to_the_end(self) -> bool:
        """Hands on all frames of the connection; whether that was everything there is."""
        connection = self._connection
        try:
            for picture in connection.pictures():
                if self._closed.is_set():
                    return True
                self._failures, self._has_given = 0, True
                if connection.is_live:
                    self._newest.put((picture, time.monotonic()))
                else:
                    self._newest.put((picture, picture.time or 0.0), wait=True)
            problem = _Lost("the stream ended" if self._has_given else "no frame came")
        except _Lost as lost:
            problem = lost
        self._damaged += connection.damaged
        if self._has_given and not connection.is_live:
            self._notes.extend(connection.what_is_missing())
            return True
        if not self._closed.is_set():
            self._losses += self._failures == 0
            connection.close()
            self._count_failure(problem)
        return False

    def _pixels(self, picture: Any) -> np.ndarray | None:
        """uint8 (height, width, 3), B G R; None if the picture cannot be converted."""
        try:
            return np.ascontiguousarray(picture.to_ndarray(format="bgr24"))
        except (av.FFmpegError, ValueError):
            self._damaged += 1
            return None

    def _all_notes(self) -> Iterator[str]:
        if self._losses:
            times = "once" if self._losses == 1 else f"{self._losses} times"
            yield f"the stream broke off {times}"
        if self._damaged:
            frames = "frame was" if self._damaged == 1 else "frames were"
            yield f"{self._damaged} damaged {frames} skipped"
        yield from self._notes


def without_secrets(address: str) -> str:
    """The address as it may be shown: passwords as ***."""
    address = SECRET_BEFORE_HOST.sub(r"\1***@", address)
    return SECRET_IN_QUERY.sub(r"\1***", address)


class _Lost(Exception):
    """No connection, or no more frames; is_final: another try will not help."""

    def __init__(self, what: str, is_final: bool = False, hint: str = "") -> None:
        super().__init__(what)
        self.is_final, self.hint = is_final, hint


class _Connection:
    """One connection to an address, from its first frame on."""

    def __init__(self, address: str, seconds: float) -> None:
        self._seconds = seconds
        is_rtsp = address.lower().startswith("rtsp")
        options = {"rtsp_flags": "prefer_tcp"} if is_rtsp else {}
        try:
            self._container = av.open(
                address, timeout=seconds, options=options, metadata_errors="ignore"
            )
        except (av.FFmpegError, ValueError) as problem:
            raise self._lost(problem, address) from None  # PyAV's error shows the password
        if not self._container.streams.video:
            self._container.close()
            raise _Lost("has no video stream", is_final=True)
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "SLICE"  # threads by frame would hold back one frame each
        rate = self._stream.average_rate or self._stream.guessed_rate
        self.fps = float(rate) if rate and rate <= HIGHEST_FPS else None
        duration = self._container.duration
        self._duration = duration / av.time_base if duration and duration > 0 else None
        self.is_live = self._duration is None
        self.damaged = 0
        self._first = self._end = 0.0  # seconds

    def pictures(self) -> Iterator[Any]:
        """Decoded pictures. Raises `_Lost`; also when there are packets but no pictures."""
        has_begun = False
        patient_until = time.monotonic() + self._seconds
        for packet in self._packets():
            try:
                batch = self._stream.decode(packet)
            except av.FFmpegError:
                batch = []
                self.damaged += has_begun  # before the first key frame nothing can be decoded
            for picture in batch:
                if not has_begun:
                    self._first, has_begun = picture.time or 0.0, True
                self._end = picture.time or self._end
                yield picture
                patient_until = time.monotonic() + self._seconds
            if time.monotonic() > patient_until:
                raise _Lost(f"no frame within {self._seconds:g} s")

    def _packets(self) -> Iterator[Any]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except IndexError:  # PyAV's, at the end, when a stream has begun midway
                packet = None
            except av.FFmpegError as problem:
                raise self._lost(problem) from None
            if packet is None:
                return
            if packet.size or packet.dts is None:
                yield packet

    def what_is_missing(self) -> list[str]:
        seconds = self._end - self._first
        if self._duration is None or self._duration - seconds < SHORT_BY:
            return []
        return [f"is cut off at {seconds:.1f} s"]

    def close(self) -> None:
        self._container.close()

    def _lost(self, problem: Exception, address: str = "") -> _Lost:
        if isinstance(problem, av.error.ExitError):
            return _Lost(f"no answer within {self._seconds:g} s")
        hint = ""
        if isinstance(problem, av.error.HTTPUnauthorizedError):
            hint = "give user and password: rtsp://USER:PASSWORD@HOST/PATH"
        if isinstance(problem, av.error.ProtocolNotFoundError):
            protocol = address.partition(":")[0]
            hint = nearest(protocol, PROTOCOLS) or f"usual ones: {', '.join(PROTOCOLS)}"
        what = getattr(problem, "strerror", "") or str(problem)
        return _Lost(what[:1].lower() + what[1:], isinstance(problem, FINAL), hint)
