"""Stage 4 of 5: the text on the frames that a window shows; files never have it."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

MARGIN = 0.025  # of the longer side (gui/guiInfoAdder.cpp)
VISIBLE = 0.05  # score above which a part may carry a label
FONT, FONT_SCALE, THICKNESS = cv2.FONT_HERSHEY_SIMPLEX, 0.8, 2.0  # at 1280 pixels of width
FONT_WIDTH = 1280
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
NO_ELEMENT = "'h' for help"
HELP_LINE = 34  # pixels

Label = tuple[int, int, int]  # number, x, y


def with_text(
    picture: np.ndarray,
    fps: float,
    element_name: str,
    frame_number: int,
    people: int,
    ids: Iterable[Label] = (),
) -> np.ndarray:
    """A copy of `picture` (uint8 (height, width, 3), B G R) with OpenPose's lines of text.

    ids: number, x and y in pixels of the picture, as `id_labels` makes them.
    """
    picture = picture.copy()
    height, width = picture.shape[:2]
    margin = margin_of(picture)
    _write(picture, f"{fps:4.1f} fps", width - margin, margin, ends_there=True)
    _write(picture, f"OpenPose - {element_name or NO_ELEMENT}", margin, margin)
    _write(picture, f"Frame: {frame_number}", margin, height - margin)
    _write(picture, f"People: {people}", width - margin, height - margin, ends_there=True)
    for number, x, y in ids:
        _write(picture, str(number), x, y)
    return picture


def margin_of(picture: np.ndarray) -> int:
    """Pixels between the text and the border."""
    return int(MARGIN * max(picture.shape[:2]) + 0.5)


def id_labels(ids: Sequence[int] | np.ndarray, keypoints: np.ndarray, margin: int) -> list[Label]:
    """Labels beside the first part of each person, or else the second, as in OpenPose; whoever
    shows neither, as models whose first parts are in the face have it from behind, gets one beside
    the highest part.

    ids: (people,), those below 0 get none. keypoints: (people, parts, 3), pixels of the picture.
    """
    labels = []
    for number, points in zip(ids, keypoints, strict=True):
        visible = points[points[:, 2] > VISIBLE]
        if number < 0 or not len(visible):
            continue
        first, second = points[:2]
        if max(first[2], second[2]) <= VISIBLE:
            second = visible[visible[:, 1].argmin()]
        # in halves upwards, as everything here
        (x, y), (x2, y2) = (first[:2] + 0.5).astype(int), (second[:2] + 0.5).astype(int)
        if first[2] > VISIBLE and second[2] > VISIBLE:
            aside = 3 * int(0.15 * np.hypot(x - x2, y - y2) + 0.5)
            labels.append((int(number), int(x) + aside, int(y) - aside))
        elif first[2] > VISIBLE:
            aside = int(0.25 * margin + 0.5)
            labels.append((int(number), int(x) + aside, int(y) - aside))
        else:
            aside, above = int(0.25 * margin + 0.5), int(0.5 * margin + 0.5)
            labels.append((int(number), int(x2) + aside, int(y2) - above))
    return labels


def help_picture(lines: Sequence[tuple[str, str]]) -> np.ndarray:
    """uint8 (height, width, 3): keys on the left, what they do on the right."""
    picture = np.zeros((HELP_LINE * (len(lines) + 1), 640, 3), np.uint8)
    for number, (keys, what) in enumerate(lines, 1):
        y = HELP_LINE * number
        cv2.putText(picture, keys, (16, y), FONT, 0.6, WHITE, 1, cv2.LINE_AA)
        cv2.putText(picture, what, (180, y), FONT, 0.6, WHITE, 1, cv2.LINE_AA)
    return picture


class Rate:
    """Frames a second over the last 15; the number changes seldom, so that it can be read."""

    frames = 15
    early = 5  # the first so many change it each

    def __init__(self) -> None:
        self._times: list[float] = []
        self._count, self._shown = 0, 0.0

    def after_a_frame(self, now: float) -> float:
        """now: seconds of any clock."""
        self._times = [*self._times, now][-self.frames :]
        self._count += 1
        passed = now - self._times[0]
        if passed > 0 and (self._count <= self.early or self._count % self.frames == 0):
            self._shown = (len(self._times) - 1) / passed
        return self._shown


def _write(picture: np.ndarray, text: str, x: int, y: int, ends_there: bool = False) -> None:
    """White with a black shadow; x, y: left end, or right end, of the line through its middle."""
    ratio = picture.shape[1] / FONT_WIDTH
    scale, thickness = FONT_SCALE * ratio, max(1, int(THICKNESS * ratio + 0.5))
    (width, height), _ = cv2.getTextSize(text, FONT, scale, thickness)
    x, y = x - width if ends_there else x, y + height // 2
    shadow = max(1, int(2 * ratio + 0.5))
    cv2.putText(picture, text, (x + shadow, y + shadow), FONT, scale, BLACK, thickness)
    cv2.putText(picture, text, (x, y), FONT, scale, WHITE, thickness)
