"""Stage 5 of 5: results -> files. Drawn pictures, one file a frame."""

from pathlib import Path

import cv2
import numpy as np

from openpose_py.errors import OutputError, UsageError
from openpose_py.records import Result
from openpose_py.stages.writers.whole_file import write_whole

USUAL_FORMATS = ("png", "jpg", "bmp", "webp", "tiff")


class ImageFiles:
    """Writes `<folder>/<frame name>_rendered.<format>`: the frame itself if nothing was drawn."""

    def __init__(self, folder: Path, format: str) -> None:
        self.folder = folder
        self.ending = format.removeprefix(".")
        if not _can_encode(self.ending):
            raise UsageError(
                f"{format!r} is not a picture format that can be written",
                where="--write_images_format",
                hint=f"usual ones: {', '.join(USUAL_FORMATS)}",
            )

    def write(self, result: Result) -> None:
        path = self.folder / f"{result.frame.file_stem('rendered')}.{self.ending}"
        picture = result.frame.pixels if result.picture is None else result.picture
        write_whole(path, _encode(picture, self.ending, path))

    def close(self) -> None:
        """Nothing to do: every file is complete as soon as it is there."""


def _can_encode(ending: str) -> bool:
    """By trial: some OpenCV builds know a format's name but cannot write colours in it."""
    try:
        encoded, _ = cv2.imencode(f".{ending}", np.zeros((8, 8, 3), np.uint8))
    except cv2.error:
        return False
    return bool(encoded)


def _encode(picture: np.ndarray, ending: str, path: Path) -> bytes:
    try:
        encoded, data = cv2.imencode(f".{ending}", picture)
    except cv2.error as problem:
        raise _too_much(picture, ending, path) from problem
    if not encoded:
        raise _too_much(picture, ending, path)
    return data.tobytes()


def _too_much(picture: np.ndarray, ending: str, path: Path) -> OutputError:
    size = f"{picture.shape[1]}x{picture.shape[0]}"
    return OutputError(
        f"a picture of {size} cannot be stored as {ending}",
        where=str(path),
        hint="`--write_images_format png` takes every size",
    )
