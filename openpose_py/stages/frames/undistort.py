"""Stage 1 of 5: `--frame_undistort`, straight lines as they are, from a camera's XML file."""

import dataclasses
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from openpose_py.errors import InputError
from openpose_py.records import Size
from openpose_py.stages.frames.picture_folder import _natural

LARGEST_FILE = 1 << 20  # bytes; a real one has about 1,000
DISTORTIONS = (4, 5, 8, 12, 14)  # numbers that OpenCV knows a lens by


@dataclasses.dataclass(frozen=True, slots=True)
class CameraParameters:
    """What a calibration tells of one camera; all arrays are float64.

    name: of the file, the serial number of the camera. extrinsics: (3, 4), world to camera, metres.
    intrinsics: (3, 3), upper triangular, pixels. distortion: (4, 5, 8, 12 or 14,), in OpenCV's
    order. initial_extrinsics: (3, 4), before a refinement, or None.
    """

    name: str
    extrinsics: np.ndarray
    intrinsics: np.ndarray
    distortion: np.ndarray
    initial_extrinsics: np.ndarray | None = None

    @property
    def projection(self) -> np.ndarray:
        """(3, 4): world points in metres (x, y, z, 1) to pixels times depth."""
        return self.intrinsics @ self.extrinsics


class Undistorter:
    """Undoes the distortion of one camera's lens."""

    def __init__(self, parameters: CameraParameters) -> None:
        self._parameters = parameters
        self._size: Size | None = None
        self._maps: tuple[np.ndarray, np.ndarray] | None = None

    def undistort(self, pixels: np.ndarray) -> np.ndarray:
        """pixels: uint8 (height, width, 3), as the camera gave them; the same size comes back.

        Where the lens saw nothing it is black.
        """
        size = pixels.shape[1], pixels.shape[0]
        if self._maps is None or size != self._size:
            self._size, self._maps = size, self._maps_for(size)
        return cv2.remap(pixels, *self._maps, cv2.INTER_LINEAR)

    def _maps_for(self, size: Size) -> tuple[np.ndarray, np.ndarray]:
        matrix, distortion = self._parameters.intrinsics, self._parameters.distortion
        return cv2.initUndistortRectifyMap(matrix, distortion, None, matrix, size, cv2.CV_16SC2)


def camera_files(path: Path) -> list[Path]:
    """The XML file, or those right in a folder in natural order: one a view."""
    where = f"--camera_parameter_path {path}"
    if path.is_file():
        return [path]
    if not path.is_dir():
        hint = "a folder of XML files, or one of them, written by a calibration"
        raise InputError("there is no such file or folder", where=where, hint=hint)
    try:
        files = [entry for entry in path.iterdir() if entry.suffix.lower() == ".xml"]
    except OSError as problem:
        raise InputError(f"cannot be listed: {problem.strerror}", where=where) from problem
    if not files:
        raise InputError("there is no XML file in this folder", where=where)
    return sorted(files, key=_natural)


def read_camera_xml(path: Path) -> CameraParameters:
    """One camera's file, as OpenPose's calibration writes it."""
    storage = _storage(path)
    intrinsics = _matrix(storage, path, "Intrinsics", ((3, 3),))
    if not (intrinsics[0, 0] > 0 and intrinsics[1, 1] > 0 and intrinsics[2, 2] == 1):
        what = "Intrinsics must have focal lengths above 0, and a 1 in its last corner"
        raise InputError(what, where=str(path))
    shapes = tuple(shape for count in DISTORTIONS for shape in ((count, 1), (1, count)))
    return CameraParameters(
        name=path.stem,
        extrinsics=_matrix(storage, path, "CameraMatrix", ((3, 4),)),
        intrinsics=np.triu(intrinsics),
        distortion=_matrix(storage, path, "Distortion", shapes).ravel(),
        initial_extrinsics=(
            None
            if storage.getNode("CameraMatrixInitial").empty()
            else _matrix(storage, path, "CameraMatrixInitial", ((3, 4),))
        ),
    )


def _storage(path: Path) -> Any:
    """OpenCV's reader on the content: it gives file names a meaning of their own."""
    where = str(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError("is too large for a camera's file", where=where)
        text = path.read_text(encoding="utf-8")
        return cv2.FileStorage(text, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=where) from problem
    except (cv2.error, SystemError, ValueError) as problem:
        raise InputError("is no XML file of a camera", where=where) from problem


def _matrix(storage: Any, path: Path, name: str, shapes: tuple[tuple[int, int], ...]) -> np.ndarray:
    """float64, of one of `shapes`; read number by number, so that a lie about its size costs
    nothing."""
    node = storage.getNode(name)
    if node.empty():
        raise InputError(f"{name} is missing", where=str(path))
    wanted = " or ".join(f"{rows}x{columns}" for rows, columns in shapes[:6])
    error = InputError(f"{name} must be a matrix of {wanted} numbers", where=str(path))
    if not node.isMap():
        raise error
    rows, columns, data = (node.getNode(key) for key in ("rows", "cols", "data"))
    if not (rows.isInt() and columns.isInt()):
        raise error
    shape = int(rows.real()), int(columns.real())
    if shape not in shapes or data.size() != shape[0] * shape[1]:
        raise error
    entries = [data.at(number) for number in range(data.size())]
    if not all(entry.isReal() or entry.isInt() for entry in entries):
        raise error
    matrix = np.array([entry.real() for entry in entries]).reshape(shape)
    if not np.isfinite(matrix).all():
        raise InputError(f"{name} holds a number that is not finite", where=str(path))
    return matrix
