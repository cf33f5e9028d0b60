"""Stage 5 of 5: results -> files. Drawn pictures as one video, with sound if wanted."""

import contextlib
import logging
import math
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from openpose_py.errors import OpenPoseError, OutputError, UsageError
from openpose_py.records import Result, Size
from openpose_py.stages.writers.sound_track import SoundTrack
from openpose_py.stages.writers.video_encoders import H264, MotionJpeg
from openpose_py.stages.writers.whole_file import (
    cannot_write,
    output_folder,
    remove_quietly,
    temporary_beside,
)

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".avi": "avi"}
LARGEST_DENOMINATOR = 1001  # 29.97 frames a second are 30000/1001
SLOWEST = 1 / LARGEST_DENOMINATOR  # frames a second

logger = logging.getLogger(__name__)


class VideoFile:
    """H.264, or Motion JPEG where the name ends in .avi, at a constant `fps`.

    The first frame opens the file and gives its size. It has a temporary name in the same folder
    until `close()`. The sound of `audio_from` begins and ends with the pictures.
    """

    def __init__(self, path: Path, fps: float, audio_from: Path | None = None) -> None:
        _check(path, fps, audio_from)
        output_folder(str(path.parent))
        self.path = path
        self.rate = Fraction(fps).limit_denominator(LARGEST_DENOMINATOR)
        self.audio_from = audio_from
        self.temporary = temporary_beside(path)
        self._film: _Film | None = None
        self._discarded = False

    def write(self, result: Result) -> None:
        picture = result.frame.pixels if result.picture is None else result.picture
        size = picture.shape[1], picture.shape[0]
        film = self._film or self._open(size, result.frame.time)
        if size != film.size:
            raise self._other_size(size, film.size, result.frame.name)
        with self._all_or_nothing():
            film.add(picture)

    def close(self) -> None:
        if self._film is None:
            if not self._discarded:
                logger.warning("%s: there was no frame, so no video was written", self.path)
            return
        with self._all_or_nothing():
            self._film.finish()
            self._film = None
            os.replace(self.temporary, self.path)

    def discard(self) -> None:
        """Gives up the video; a file that had its name before stays as it was."""
        self._discarded = True
        if self._film is not None:
            self._film.abandon()
            self._film = None
        remove_quietly(self.temporary)

    def _open(self, size: Size, first: float) -> "_Film":
        with self._all_or_nothing():
            self._film = _Film(self, size, first)
            return self._film

    @contextlib.contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        try:
            yield
        except OpenPoseError:
            self.discard()
            raise
        except (av.error.FFmpegError, OSError) as problem:
            self.discard()
            reason = OSError(problem.errno, problem.strerror or str(problem))
            raise cannot_write(self.path, reason) from problem

    def _other_size(self, found: Size, wanted: Size, name: str) -> OutputError:
        return OutputError(
            f"frame {name} is {found[0]}x{found[1]}, the first one {wanted[0]}x{wanted[1]}",
            where=str(self.path),
            hint=f"`--output_resolution {wanted[0]}x{wanted[1]}` makes all frames equal",
        )


def _check(path: Path, fps: float, audio_from: Path | None) -> None:
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise UsageError(
            f"{path.name!r} does not end like a video",
            where="--write_video",
            hint="name it .mp4 (H.264) or .avi (Motion JPEG)",
        )
    if path.is_dir():
        hint = f"name a file in it: {path / 'drawn.mp4'}"
        raise OutputError("is a folder", where=f"--write_video {path}", hint=hint)
    if audio_from is not None and ending == ".avi":
        raise UsageError(
            "sound cannot be added to an .avi file",
            where="--write_video_with_audio",
            hint=f"name the video {path.stem}.mp4",
        )
    if not SLOWEST <= fps < math.inf:
        raise UsageError(f"no video has {fps} frames a second", where="--write_video_fps")


class _Film:
    """A video file while it is open. first: time of its first frame in the source, in seconds."""

    def __init__(self, file: VideoFile, size: Size, first: float) -> None:
        ending = file.path.suffix.lower()
        self.size, self.rate, self.count = size, file.rate, 0
        self.container = av.open(str(file.temporary), "w", format=FORMATS[ending])
        codec = MotionJpeg if ending == ".avi" else H264
        self.encoder = codec(self.container, size, file.rate)
        self.sound: SoundTrack | None = None
        if file.audio_from is not None:
            self.sound = SoundTrack.of(file.audio_from, self.container, first)

    def add(self, picture: np.ndarray) -> None:
        self.container.mux(self.encoder.packets(picture, self.count))
        self.count += 1
        self._copy_sound()

    def finish(self) -> None:
        self.container.mux(self.encoder.remaining())
        self._copy_sound()
        self.container.close()
        if self.sound is not None:
            self.sound.close()

    def abandon(self) -> None:
        with contextlib.suppress(av.error.FFmpegError, OSError):
            self.container.close()
        if self.sound is not None:
            self.sound.close()

    def _copy_sound(self) -> None:
        if self.sound is not None:
            self.sound.copy_until(self.count / self.rate)
