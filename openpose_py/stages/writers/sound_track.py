"""Stage 5 of 5: results -> files. The sound of a source, copied as it is into the drawn video."""

from __future__ import annotations

import logging
from fractions import Fraction
from pathlib import Path

import av

from openpose_py.errors import InputError

logger = logging.getLogger(__name__)


class SoundTrack:
    """Hands over the packets of one audio stream in time with the pictures."""

    def __init__(
        self,
        source: av.container.InputContainer,
        container: av.container.OutputContainer,
        first: float,
    ) -> None:
        self.path, self.source = source.name, source
        self.container = container
        sound = source.streams.audio[0]
        self.stream = container.add_stream_from_template(sound)
        self.packets = source.demux(sound)
        self.start = _start_of_pictures(source) + Fraction(first)
        self.waiting = self._next()

    @staticmethod
    def of(path: Path, container: av.container.OutputContainer, first: float) -> SoundTrack | None:
        """The first audio stream of `path` from `first` on, in seconds after its first picture.

        None, with a notice, if there is no sound that can be copied.
        """
        try:
            source = av.open(str(path))
        except (av.error.FFmpegError, OSError) as problem:
            raise InputError(f"cannot be read: {problem}", where=str(path)) from problem
        missing = _why_not(source, container)
        if missing:
            source.close()
            logger.warning("%s: %s; the video is written without sound", path, missing)
            return None
        return SoundTrack(source, container, first)

    def copy_until(self, seconds: Fraction) -> None:
        """Writes the packets that begin before `seconds` of the drawn video."""
        while self.waiting is not None and self._time(self.waiting) < seconds:
            self._write(self.waiting)
            self.waiting = self._next()

    def close(self) -> None:
        self.source.close()

    def _next(self) -> av.Packet | None:
        """The next packet that does not end before the drawn video begins."""
        try:
            for packet in self.packets:
                if packet.dts is not None and self._time(packet, packet.duration or 0) >= 0:
                    return packet
        except av.error.FFmpegError as problem:
            logger.warning("%s: its sound is damaged and ends early: %s", self.path, problem)
        return None

    def _time(self, packet: av.Packet, later: int = 0) -> Fraction:
        """Seconds of the drawn video at which the packet begins, or `later` ticks after that."""
        return (packet.dts + later) * packet.time_base - self.start

    def _write(self, packet: av.Packet) -> None:
        shift = round(self.start / packet.time_base)
        packet.dts -= shift
        packet.pts -= shift
        packet.stream = self.stream
        self.container.mux(packet)


def _why_not(
    source: av.container.InputContainer, container: av.container.OutputContainer
) -> str | None:
    if not source.streams.audio:
        return "it has no sound"
    codec = source.streams.audio[0].codec_context.name
    if codec not in container.supported_codecs:
        return f"its sound ({codec}) cannot be stored in {container.format.name}"
    return None


def _start_of_pictures(source: av.container.InputContainer) -> Fraction:
    """Seconds; the drawn video's first picture lies at 0, whatever the source's time is."""
    if not source.streams.video or source.streams.video[0].start_time is None:
        return Fraction(0)
    stream = source.streams.video[0]
    return stream.start_time * stream.time_base
