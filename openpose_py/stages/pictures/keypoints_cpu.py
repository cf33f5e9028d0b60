"""Stage 4 of 5: people -> pictures. OpenPose's look without a GPU: opaque lines, then circles.

Sizes and ratios are those of renderKeypointsCpu in OpenPose's utilities/keypoint.cpp; float32
where it computes in float32, and "round" is int(value + 0.5), which cuts towards zero.
"""

import dataclasses

import cv2
import numpy as np

from openpose_py.stages.pictures.thick_lines import draw_line
from openpose_py.zoo.skeletons import Skeleton, read_skeleton

BOX_THRESHOLD = np.float32(0.1)  # scores of the points that tell how large a person is
THIN_CIRCLES_UP_TO = np.float32(0.05)  # of the picture's side; larger people get filled circles
HALF = np.float32(0.5)


@dataclasses.dataclass(frozen=True)
class _Strokes:
    """circle: of the picture's mean side, for a person as large as it. line: of the circle."""

    circle: np.float32
    line: np.float32


BODY = _Strokes(np.float32(1 / 75), np.float32(0.75))
FACE = _Strokes(np.float32(1 / 75), np.float32(0.334))
HAND = _Strokes(np.float32(1 / 50), np.float32(0.75))


def draw_people(
    picture: np.ndarray,
    keypoints: np.ndarray,
    skeleton: Skeleton,
    threshold: float,
    blend: bool = True,
) -> np.ndarray:
    """Draws into `picture`, uint8 (height, width, 3) B G R, and returns that same array.

    keypoints: float32 (people, parts, 3): x and y in output pixels, score. Parts need a score
    above `threshold`. Without `blend` the picture is made black first.
    """
    if not blend:
        picture[:] = 0
    return _draw(picture, keypoints, skeleton, threshold, BODY)


def draw_faces(picture: np.ndarray, keypoints: np.ndarray, threshold: float) -> np.ndarray:
    """As `draw_people`, for keypoints (faces, 70, 3)."""
    return _draw(picture, keypoints, read_skeleton("face"), threshold, FACE)


def draw_hands(picture: np.ndarray, keypoints: np.ndarray, threshold: float) -> np.ndarray:
    """As `draw_people`, for keypoints (hands, 21, 3); all left hands come before the right ones."""
    return _draw(picture, keypoints, read_skeleton("hand"), threshold, HAND)


def _draw(
    picture: np.ndarray,
    keypoints: np.ndarray,
    skeleton: Skeleton,
    threshold: float,
    strokes: _Strokes,
) -> np.ndarray:
    colours = [tuple(bgr) for bgr in skeleton.colours[:, ::-1].tolist()]
    # BODY_135 has parts of size 0, which are never drawn; OpenCV refuses a line that thin
    sized = skeleton.scales > 0
    for person in keypoints:
        share = _share_of_picture(person, picture.shape)
        if share is None:
            continue
        width, radius, rim = _stroke_sizes(share, picture.shape, strokes, skeleton.scales)
        points = (person[:, :2] + HALF).astype(np.int64)
        seen = person[:, 2] > np.float32(threshold)
        _draw_lines(picture, points, skeleton.draw, seen, seen & sized, width, colours)
        _draw_circles(picture, points, seen & sized, radius, rim, colours)
    return picture


def _share_of_picture(person: np.ndarray, shape: tuple[int, ...]) -> np.float32 | None:
    """The larger of width and height of the person's box, as a share of the picture's, at most 1.

    None for a box without area: such a person is not drawn.
    """
    inside = person[person[:, 2] > BOX_THRESHOLD, :2]
    if not len(inside):
        return None
    width, height = inside.max(axis=0) - inside.min(axis=0)
    if not width * height > 0:
        return None
    return min(np.float32(1), max(width / np.float32(shape[1]), height / np.float32(shape[0])))


def _stroke_sizes(
    share: np.float32, shape: tuple[int, ...], strokes: _Strokes, scales: np.ndarray
) -> tuple[list[int], list[int], list[int]]:
    """Of each part: line width, radius of its circle, width of the circle's rim, in pixels."""
    side = np.sqrt(np.float64(shape[0] * shape[1]))
    thickness = max(2, int(side * strokes.circle * share + 0.5))
    line = max(1, int(np.float32(thickness) * strokes.line + HALF))
    rim = thickness if share > THIN_CIRCLES_UP_TO else 1
    # at least 1: OpenCV draws a rim of 0 like 1, and refuses a line of 0
    return (
        np.maximum(1, (np.float32(line) * scales + HALF).astype(np.int64)).tolist(),
        (np.float32(thickness // 2) * scales + HALF).astype(np.int64).tolist(),
        np.maximum(1, (np.float32(rim) * scales + HALF).astype(np.int64)).tolist(),
    )


def _draw_lines(
    picture: np.ndarray,
    points: np.ndarray,
    lines: np.ndarray,
    seen_from: np.ndarray,
    seen_to: np.ndarray,
    width: list[int],
    colours: list[tuple[int, ...]],
) -> None:
    """A line takes width and colour of its second part."""
    places = points.tolist()
    for start, end in lines[seen_from[lines[:, 0]] & seen_to[lines[:, 1]]].tolist():
        draw_line(picture, places[start], places[end], colours[end], width[end])


def _draw_circles(
    picture: np.ndarray,
    points: np.ndarray,
    seen: np.ndarray,
    radius: list[int],
    rim: list[int],
    colours: list[tuple[int, ...]],
) -> None:
    places = points.tolist()
    for part in np.flatnonzero(seen).tolist():
        cv2.circle(picture, places[part], radius[part], colours[part], rim[part])
