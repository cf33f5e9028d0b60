"""What lies behind the skeletons of a page: a video, pictures, or nothing."""

import dataclasses
import mimetypes
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import av
import cv2

from openpose_py.errors import InputError

PIECE = 6 << 20  # bytes of an embedded block
PLAYED = ("h264", "vp8", "vp9", "av1")  # by any browser


@dataclasses.dataclass(frozen=True, slots=True)
class VideoFacts:
    """times: seconds of each frame after the first. size: width, height, as stored."""

    path: Path
    fps: float
    times: list[float]
    size: tuple[int, int]
    codec: str

    @property
    def notice(self) -> str:
        if self.codec in PLAYED:
            return ""
        return (
            f"{self.path.name} is {self.codec}, which browsers may not play: --write_video makes "
            "an .mp4 that they do"
        )


def video_facts(path: Path) -> VideoFacts:
    """Reads the packets, decodes nothing."""
    where = f"--video {path}"
    try:
        with av.open(f"file:{path}", metadata_errors="ignore") as container:
            if not container.streams.video:
                raise InputError("has no video stream", where=where)
            stream = container.streams.video[0]
            ticks = sorted(p.pts for p in container.demux(stream) if p.pts is not None)
            rate = stream.average_rate or stream.guessed_rate
            base, size, codec = stream.time_base, (stream.width, stream.height), stream.codec.name
    except (OSError, av.FFmpegError) as problem:
        raise InputError(f"cannot be read as a video: {problem.strerror}", where=where) from problem
    times = [float((tick - ticks[0]) * base) for tick in ticks] if base else []
    return VideoFacts(path, float(rate) if rate else 30.0, times, size, codec)


def pictures_of(names: tuple[str, ...], folder: Path) -> list[Path]:
    """The picture of each frame, by its name without the ending."""
    if not folder.is_dir():
        raise InputError("there is no such folder", where=f"--image_dir {folder}")
    by_stem: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if (mimetypes.guess_type(path.name)[0] or "").startswith("image/"):
            by_stem.setdefault(path.stem, path)
            by_stem.setdefault(path.stem.removesuffix("_rendered"), path)
    missing = [name for name in names if name not in by_stem]
    if missing:
        what = f"has no picture of {missing[0]}" + _and_more(len(missing) - 1)
        raise InputError(what, where=f"--image_dir {folder}")
    return [by_stem[name] for name in names]


def _and_more(count: int) -> str:
    return f" and of {count} more frames" if count else ""


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height, upright."""
    pixels = cv2.imread(str(path))
    if pixels is None:
        raise InputError("cannot be read as a picture", where=str(path))
    return pixels.shape[1], pixels.shape[0]


def address(path: Path, page: Path) -> str:
    """Of a file beside the page, relative to it where the disks allow."""
    try:
        relative = os.path.relpath(path.resolve(), page.resolve().parent)
    except ValueError:  # another drive
        return path.resolve().as_uri()
    return quote(relative.replace(os.sep, "/"))


def embedded(path: Path, name: str) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Attributes and bytes of the blocks of one file."""
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield {"block": name, "kind": kind}, piece
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=str(path)) from problem
