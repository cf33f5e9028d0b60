"""What somebody did over a video, kept on disk until the video is over."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import numpy as np


class Person(NamedTuple):
    video: str
    name: str  # person3


class Tracks:
    """Rows of numbers of each person of each video, in the order of the frames."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="openpose-py-")
        self._places: dict[Person, int] = {}
        self._columns = 0
        self.nameless = False  # whether somebody is only known by the place in a file

    def __enter__(self) -> "Tracks":
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def add(self, person: Person, frame: np.ndarray, values: np.ndarray) -> None:
        """frame: (rows,). values: (rows, columns), as many columns every time."""
        self._columns = values.shape[1]
        place = self._places.setdefault(person, len(self._places))
        with self._path(place).open("ab") as file:
            file.write(np.column_stack([frame, values]).astype(np.float64).tobytes())

    def all(self) -> Iterator[tuple[Person, np.ndarray, np.ndarray]]:
        """Each person's frames, int64 (rows,), and values, float64 (rows, columns)."""
        for person, place in self._places.items():
            path = self._path(place)
            table = np.memmap(path, np.float64, "r").reshape(-1, self._columns + 1)
            yield person, table[:, 0].astype(np.int64), table[:, 1:]

    def _path(self, place: int) -> Path:
        return Path(self._folder.name) / str(place)
