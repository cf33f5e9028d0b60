"""Stage 1 of 5: a folder of pictures -> frames, in OpenPose's natural order of names."""

import collections
import io
import logging
import re
import struct
import threading
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path

import av
import cv2
import numpy as np

from openpose_py.errors import InputError, UsageError
from openpose_py.records import Frame
from openpose_py.stages.frames.source import FrameRange

# utilities/fileSystem.cpp
OPENPOSE_EXTENSIONS = ("bmp", "dib", "pbm", "pgm", "ppm", "sr", "ras", "jpg", "jpeg", "png")
MORE_EXTENSIONS = ("jpe", "jfif", "tif", "tiff", "webp", "jp2", "gif", "avif", "pnm", "pxm")
EXTENSIONS = (*OPENPOSE_EXTENSIONS, *MORE_EXTENSIONS)
VIDEO_EXTENSIONS = ("avi", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "ts", "webm", "wmv")

# A blank progressive JPEG needs a bit for 64 pixels; this is twice that.
JPEG_PIXELS_A_BYTE = 1024

log = logging.getLogger(__name__)


class PictureFolder:
    """Frames of the pictures right in `folder`; index: position in the sorted list of pictures.

    A picture that cannot be read is left out and noted in `unreadable`.
    """

    def __init__(self, folder: Path, wanted: FrameRange) -> None:
        self.fps: float | None = None
        self.unreadable: list[str] = []
        self._paths = _pictures(folder)
        self._indices = _indices(wanted, len(self._paths))
        self._repeat = wanted.repeat
        self.count: int | None = None if wanted.repeat else len(self._indices)
        self._closed = threading.Event()
        _warn_of_equal_stems(folder, self._paths)

    def frames(self) -> Iterator[Frame]:
        readable = yield from self._once(self.unreadable)
        while self._repeat and readable:
            readable = yield from self._once([])

    def close(self) -> None:
        self._closed.set()

    def _once(self, unreadable: list[str]) -> Generator[Frame, None, int]:
        """Every wanted picture; returns how many could be read."""
        readable = 0
        for index in self._indices:
            if self._closed.is_set():
                return 0
            path = self._paths[index]
            try:
                pixels = _read(path)
            except InputError as problem:
                unreadable.append(f"{path.name}: {problem.what}")
                continue
            readable += 1
            yield Frame(pixels, index, path.stem, 0.0, str(path))
        return readable


def _pictures(folder: Path) -> list[Path]:
    """The candidates of a folder, sorted; links that lead nowhere count, folders do not."""
    try:
        files = [path for path in folder.iterdir() if not path.is_dir()]
    except OSError as problem:
        what = f"cannot be listed: {problem.strerror}"
        raise InputError(what, where=f"--image_dir {folder}") from problem
    pictures = [
        path for path in files if not path.name.startswith(".") and _extension(path) in EXTENSIONS
    ]
    if not pictures:
        raise _no_pictures(folder, files)
    return sorted(pictures, key=_natural)


def _extension(path: Path) -> str:
    return path.suffix[1:].lower()


def _natural(path: Path) -> tuple[list[tuple[int, int, str]], str]:
    """Numbers by value and before other characters, any letter case; ties by the name itself."""
    key = []
    for token in re.findall(r"[0-9]+|[^0-9]", path.name):
        if "0" <= token[0] <= "9":
            number = token.lstrip("0")
            key.append((0, len(number), number))
        else:
            key.append((1, 0, token.upper()))
    return key, path.name


def _no_pictures(folder: Path, files: list[Path]) -> InputError:
    where = f"--image_dir {folder}"
    inside = sorted(path for path in folder.iterdir() if path.is_dir())
    videos = sorted(path for path in files if _extension(path) in VIDEO_EXTENSIONS)
    kinds = collections.Counter(path.suffix or "no extension" for path in files)
    found = ", ".join(f"{number} x {kind}" for kind, number in kinds.most_common(5))
    if videos:
        hint = f"for a video: --video {videos[0]}"
    elif inside:
        hint = f"folders inside are not searched: --image_dir {inside[0]}"
    else:
        hint = f"pictures are: {' '.join(EXTENSIONS)}"
    what = f"there is no picture in it, only {found}" if found else "there is no picture in it"
    return InputError(what, where=where, hint=hint)


def _indices(wanted: FrameRange, total: int) -> range:
    """As OpenPose: a first picture beyond the end means the last one, a last one is an error."""
    last = total - 1 if wanted.last is None else wanted.last
    if last >= total:
        what = f"is {last}, but the folder has {total} pictures"
        raise UsageError(what, where="--frame_last", hint=f"at most {total - 1}: they count from 0")
    return range(min(wanted.first, total - 1), last + 1, wanted.step)


def _warn_of_equal_stems(folder: Path, paths: list[Path]) -> None:
    stems = collections.Counter(path.stem for path in paths)
    twice = [stem for stem, number in stems.items() if number > 1]
    if twice:
        names = ", ".join(path.name for path in paths if path.stem == twice[0])
        log.warning(
            "%s: %d names differ only in their extension (%s): their results have the same file "
            "name and overwrite one another",
            folder,
            len(twice),
            names,
        )


def _read(path: Path) -> np.ndarray:
    """uint8 (height, width, 3), B G R, upright as its EXIF data says. Raises InputError."""
    try:
        if not path.is_file():  # a pipe would never end, a link may lead nowhere
            raise InputError("is not a file any more")
        data = np.fromfile(path, np.uint8)
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}") from problem
    decode = _decode_gif if _extension(path) == "gif" else _decode
    pixels = decode(data) if len(data) else None
    if pixels is None:
        raise InputError("cannot be decoded")
    return pixels


def _decode(data: np.ndarray) -> np.ndarray | None:
    if not _keeps_its_promises(data.tobytes()):
        return None
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error:  # what it raises for a header of absurd size
        return None
    finally:
        cv2.utils.logging.setLogLevel(level)


def _keeps_its_promises(data: bytes) -> bool:
    """False for a PNG or JPEG whose bytes cannot be what its lengths and sizes say.

    OpenCV believes them: one wrong byte would cost gigabytes and many seconds.
    """
    if data.startswith(b"\x89PNG"):
        return _png_chunks_are_whole(data)
    if data.startswith(b"\xff\xd8"):
        return _jpeg_pixels(data) <= JPEG_PIXELS_A_BYTE * len(data)
    return True


def _png_chunks_are_whole(data: bytes) -> bool:
    """Whether chunks (length, name, content, check sum) follow one another up to the last one."""
    at = 8
    while at + 12 <= len(data):
        name, after = data[at + 4 : at + 8], at + 8 + int.from_bytes(data[at : at + 4], "big")
        is_needed = not name[0] & 0x20  # a decoder passes over damage in the others
        if (
            is_needed
            and zlib.crc32(data[at + 4 : after]).to_bytes(4, "big") != data[after : after + 4]
        ):
            return False
        if name == b"IEND":
            return True
        at = after + 4
    return False


def _jpeg_pixels(data: bytes) -> int:
    """Width x height of the largest frame header (markers C0 to CF but for C4, C8 and CC)."""
    pixels, at = 0, 2
    while (at := data.find(b"\xff", at)) >= 0 and at + 9 <= len(data):
        marker = data[at + 1]
        if marker in (0x00, 0xFF) or 0xD0 <= marker <= 0xD9:  # no length follows
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            pixels = max(pixels, width * height)
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return pixels


def _decode_gif(data: np.ndarray) -> np.ndarray | None:
    """The first frame; OpenCV reads GIF only from 4.11 on, and not in every build."""
    try:
        with av.open(io.BytesIO(data.tobytes()), format="gif", metadata_errors="ignore") as file:
            for frame in file.decode(video=0):
                return np.ascontiguousarray(frame.to_ndarray(format="bgr24"))
    except (av.FFmpegError, IndexError):
        return None
    return None
