"""Stage 3 of 5: maps -> people. `--face_detector 1`: face boxes by OpenCV's cascade.

No body is needed, so neither number nor order of the faces has to do with the people
(face/faceDetectorOpenCV.cpp).
"""

from pathlib import Path

import cv2
import numpy as np

from openpose_py.errors import MissingModel, ModelFileError, StageError

FILE = "haarcascade_frontalface_alt.xml"
MOST_PIXELS = 640 * 360  # larger pictures are halved until they are not
SCALE_STEP = 1.2
NEIGHBOURS = 3
MARGIN = np.float32(0.25)  # of a box's side, added on every side


class FaceCascade:
    """Finds frontal faces. The cascade is read from below --model_folder, or OpenCV's own copy."""

    def __init__(self, model_folder: Path) -> None:
        if not hasattr(cv2, "CascadeClassifier"):
            raise StageError(
                f"OpenCV {cv2.__version__} has no cascades", where="--face_detector 1",
                hint="type: pip install 'opencv-python-headless<5'",
            )  # fmt: skip
        self._cascade = _read(_find(model_folder))

    def boxes(self, pixels: np.ndarray) -> np.ndarray:
        """pixels: uint8 (height, width, 3), B G R -> squares, float32 (faces, 4), in its pixels."""
        grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        factor = 1
        while grey.size > MOST_PIXELS:
            grey = cv2.pyrDown(grey)
            factor *= 2
        found = self._cascade.detectMultiScale(grey, SCALE_STEP, NEIGHBOURS)
        boxes = np.array(found, np.float32).reshape(-1, 4)
        boxes[:, :2] -= MARGIN * boxes[:, 2:]
        boxes[:, 2:] += np.float32(2) * MARGIN * boxes[:, 2:]
        return boxes * np.float32(factor)


def _find(model_folder: Path) -> Path:
    """OpenPose keeps it beside the face model; OpenCV brings its own copy."""
    places = [model_folder / "face" / FILE]
    if hasattr(cv2, "data"):
        places.append(Path(cv2.data.haarcascades) / FILE)
    for place in places:
        if place.is_file():
            return place
    raise MissingModel(
        f"{FILE} is not there", where="--face_detector 1",
        hint=f"looked for {', '.join(map(str, places))}",
    )  # fmt: skip


def _read(path: Path) -> cv2.CascadeClassifier:
    cascade = cv2.CascadeClassifier()
    problem = None
    try:
        found = cascade.load(str(path))
    except cv2.error as error:
        found, problem = False, error
    if not found:
        what = "is not a cascade that OpenCV can read"
        raise ModelFileError(what, where=str(path)) from problem
    return cascade
