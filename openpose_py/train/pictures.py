"""Annotated pictures, and their pixels from a folder or a tar file."""

import collections
import dataclasses
import functools
import tarfile
from pathlib import Path

import cv2
import numpy as np

from openpose_py.errors import InputError


@dataclasses.dataclass(frozen=True, slots=True)
class PictureFile:
    """A whole file, or `size` bytes of a tar file."""

    path: str
    start: int = 0
    size: int = -1

    def read(self) -> bytes:
        try:
            with open(self.path, "rb") as file:
                file.seek(self.start)
                return file.read(self.size)
        except OSError as problem:
            raise InputError(f"cannot be read: {problem.strerror}", where=self.path) from problem


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """A picture and what is known about its people, all in its pixels.

    points: float32 (people, parts, 3): x, y, weight of the label (0: no position).
    unknown: bool (people, parts): nobody labelled it, so it may be anywhere near the person.
    boxes: float32 (people, 4): x, y, w, h. unlabelled: polygons, float32 (corners, 2), with people
    who have no points; labelled: polygons within them in which everybody has. silent: bool
    (parts,): parts that the data set never labels. areas: (people,), square pixels, and
    labelled_points: (people,), as the data set states them, or None. placed: the people that crops
    are placed on; None: all.
    """

    name: str
    file: PictureFile
    points: np.ndarray
    unknown: np.ndarray
    boxes: np.ndarray
    unlabelled: tuple[np.ndarray, ...]
    labelled: tuple[np.ndarray, ...]
    silent: np.ndarray
    areas: np.ndarray | None = None
    labelled_points: np.ndarray | None = None
    placed: tuple[int, ...] | None = None


def decoded(file: PictureFile, name: str) -> np.ndarray:
    """uint8 (height, width, 3), B G R."""
    data = np.frombuffer(file.read(), np.uint8)
    pixels = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    if pixels is None:
        raise InputError("is no picture", where=f"{name} in {file.path}")
    return np.asarray(pixels, np.uint8)


class PixelCache:
    """Decoded pictures, the last used ones, within a number of bytes."""

    def __init__(self, limit: int) -> None:
        self._limit, self._used = limit, 0
        self._kept: collections.OrderedDict[PictureFile, np.ndarray] = collections.OrderedDict()

    def pixels(self, picture: Picture) -> np.ndarray:
        found = self._kept.pop(picture.file, None)
        if found is None:
            found = decoded(picture.file, picture.name)
            self._used += found.nbytes
        self._kept[picture.file] = found
        while self._used > self._limit and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._used -= oldest.nbytes
        return found


def picture_files(place: Path) -> "PicturePlace":
    """Where the pictures of a data set are found by name: a folder or a tar file."""
    if place.is_dir():
        return PicturePlace(place, None)
    if place.is_file():
        return PicturePlace(place, _members(place))
    raise InputError("there is no such folder or tar file of pictures", where=str(place))


@dataclasses.dataclass(frozen=True)
class PicturePlace:
    path: Path
    members: dict[str, PictureFile] | None  # of a tar file, by name without folders

    def file(self, name: str) -> PictureFile | None:
        """The file of that name; None if it is not there."""
        if self.members is not None:
            return self.members.get(Path(name).name)
        for path in (self.path / name, self.path / Path(name).name):
            if path.is_file():
                return PictureFile(str(path))
        return None

    def names(self) -> list[str]:
        if self.members is not None:
            return sorted(self.members)
        files = (path for path in self.path.rglob("*") if path.suffix.lower() in ENDINGS)
        return sorted(str(path.relative_to(self.path)) for path in files)


ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


@functools.cache
def _members(path: Path) -> dict[str, PictureFile]:
    try:
        with tarfile.open(path, "r:") as tar:
            return {
                Path(member.name).name: PictureFile(str(path), member.offset_data, member.size)
                for member in tar
                if member.isfile() and member.name.lower().endswith(ENDINGS)
            }
    except (OSError, tarfile.TarError) as problem:
        raise InputError(f"is no plain tar file: {problem}", where=str(path)) from problem
