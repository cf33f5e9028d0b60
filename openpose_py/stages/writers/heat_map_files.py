"""Stage 5 of 5: results -> files. Heat maps, as one grey picture a frame or as raw values."""

from pathlib import Path

import cv2
import numpy as np

from openpose_py.errors import OutputError, UsageError
from openpose_py.records import Result
from openpose_py.stages.writers.whole_file import write_whole

RAW = "float"
USUAL_FORMATS = ("png", "bmp", "tiff", RAW)
LITTLE_ENDIAN = np.dtype("<f4")


class HeatMapFiles:
    """Writes `<folder>/<frame name>_pose_heatmaps.<format>` for each result with heat maps."""

    def __init__(self, folder: Path, format: str) -> None:
        self.folder = folder
        self.ending = format.removeprefix(".")
        if self.ending != RAW and not _encode(np.zeros((8, 8), np.uint8), self.ending):
            raise UsageError(
                f"{format!r} is not a format that heat maps can be written in",
                where="--write_heatmaps_format",
                hint=f"usual ones: {', '.join(USUAL_FORMATS)}",
            )

    def write(self, result: Result) -> None:
        if result.heat_maps is None:
            return
        path = self.folder / f"{result.frame.file_stem('pose_heatmaps')}.{self.ending}"
        if self.ending == RAW:
            write_whole(path, raw_heat_maps(result.heat_maps))
            return
        picture = side_by_side(result.heat_maps)
        data = _encode(picture, self.ending)
        if not data:
            raise OutputError(
                f"a picture of {picture.shape[1]}x{picture.shape[0]} "
                f"cannot be stored as {self.ending}",
                where=str(path),
                hint="`--write_heatmaps_format png` takes wider pictures, `float` every size",
            )
        write_whole(path, data)

    def close(self) -> None:
        """Nothing to do: every file is complete as soon as it is there."""


def side_by_side(heat_maps: np.ndarray) -> np.ndarray:
    """(channels, height, width) of 0 to 255 -> uint8 (height, channels * width), rounded; other
    values are cut to that range, and what is not a number is 0."""
    channels, height, width = heat_maps.shape
    picture = np.empty((height, channels, width), np.uint8)
    for channel, values in enumerate(heat_maps):
        picture[:, channel] = np.fmin(np.fmax(values, 0) + np.float32(0.5), 255)
    return picture.reshape(height, channels * width)


def raw_heat_maps(heat_maps: np.ndarray) -> bytes:
    """Little-endian float32: the number of dimensions, the dimensions, the values."""
    header = np.array([heat_maps.ndim, *heat_maps.shape], LITTLE_ENDIAN)
    values = np.ascontiguousarray(heat_maps, LITTLE_ENDIAN)
    return b"".join([header.tobytes(), values.data])


def _encode(picture: np.ndarray, ending: str) -> bytes:
    """Nothing if OpenCV does not know the format or the picture is too large for it."""
    try:
        encoded, data = cv2.imencode(f".{ending}", picture)
    except cv2.error:
        return b""
    return data.tobytes() if encoded else b""
