"""Pictures of an evaluation: what is there and what was found, side by side."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from openpose_py.errors import InputError
from openpose_py.evaluate.keypoint_sets import columns_of, sets_in
from openpose_py.evaluate.people import Found, GroundTruth, TruePicture
from openpose_py.stages.pictures.keypoints_cpu import draw_people
from openpose_py.stages.writers.whole_file import write_whole
from openpose_py.zoo.skeletons import read_skeleton

DRAWN = "BODY_25B"  # everything is drawn on this skeleton, matched by the parts' names
SHEET_PANEL = 320  # pixels, the longer side of a picture on the sheet
CAPTION = 18  # pixels
LETTERS = 0.42  # of OpenCV's plain font
GREY = (64, 64, 64)
WHITE = (255, 255, 255)


@dataclasses.dataclass(frozen=True)
class Panel:
    """keypoints: (people, parts of DRAWN, 3)."""

    caption: str
    keypoints: np.ndarray


def read_picture(folder: Path, picture: TruePicture) -> np.ndarray:
    """uint8 (height, width, 3), B G R."""
    path = folder / picture.file
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR) if path.is_file() else None
    if pixels is None:
        raise InputError("is not there or cannot be decoded", where=str(path),
                         hint="name the folder of the pictures: --image_dir DIR")  # fmt: skip
    return pixels


def true_panel(truth: GroundTruth, picture: TruePicture) -> Panel:
    """The annotated people."""
    people = picture.people.keypoints[~picture.people.crowd]
    parts: list[str] = []
    columns: list[int] = []
    for one in sets_in(truth.points):
        parts += one.first_parts
        columns += columns_of(truth.points, one)
    return Panel("annotated", _as_drawn(people[:, columns], parts))


def found_panel(found: Found, picture: TruePicture, figure: str = "") -> Panel:
    return Panel(
        f"{found.name} {figure}".strip(),
        _as_drawn(found.of(picture.id).keypoints, found.parts),
    )


def _as_drawn(keypoints: np.ndarray, parts: Sequence[str]) -> np.ndarray:
    """(people, parts, 3) by the names of DRAWN; parts that it lacks are left out."""
    names = ["Neck" if part == "UpperNeck" else part for part in parts]
    drawn = read_skeleton(DRAWN).parts
    out = np.zeros((len(keypoints), len(drawn), 3), np.float32)
    for column, part in enumerate(drawn):
        if part in names:
            out[:, column] = keypoints[:, names.index(part)]
    return out


def side_by_side(pixels: np.ndarray, panels: Sequence[Panel], longest: int = 0) -> np.ndarray:
    """One row: a panel each, its caption above. longest: of the sides in pixels, 0: as it is."""
    tiles = []
    for panel in panels:
        drawn = draw_people(pixels.copy(), panel.keypoints, read_skeleton(DRAWN), 0.0)
        tiles.append(_captioned(_shrunk(drawn, longest), panel.caption))
    return np.concatenate(tiles, axis=1)


def _shrunk(picture: np.ndarray, longest: int) -> np.ndarray:
    height, width = picture.shape[:2]
    factor = longest / max(height, width)
    if not longest or factor >= 1:
        return picture
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def _captioned(picture: np.ndarray, caption: str) -> np.ndarray:
    strip = np.full((CAPTION, picture.shape[1], 3), GREY, np.uint8)
    line = caption.encode("ascii", "replace").decode()  # the only letters that the font has
    cv2.putText(strip, line, (3, 13), cv2.FONT_HERSHEY_SIMPLEX, LETTERS, WHITE, 1, cv2.LINE_AA)
    return np.concatenate([strip, picture])


def stacked(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Rows of any width below one another."""
    width = max(row.shape[1] for row in rows)
    filled = [np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0))) for row in rows]
    return np.concatenate(filled)


def write_picture(path: Path, picture: np.ndarray) -> None:
    """PNG or JPEG, by the ending of the name."""
    ending = ".jpg" if path.suffix.lower() in (".jpg", ".jpeg") else ".png"
    _, data = cv2.imencode(ending, picture)
    write_whole(path, data.tobytes())
