"""Stage 4 of 5: people -> pictures. Lines of any width that come out alike with every OpenCV.

Since OpenCV 4.13 `cv2.line` cuts a thick line at the picture's edge before widening it, which
changes pixels of limbs that leave the picture. What it is made of, a filled quadrilateral and two
discs, is the same in all versions from 4.6 to 5.0, and gives what 4.12 and older draw.
"""

import math

import cv2
import numpy as np

FRACTION_BITS = 16  # sub-pixel digits of the quadrilateral's corners
ONE_PIXEL = 1 << FRACTION_BITS
FARTHEST = (1 << 31 - FRACTION_BITS) - 1000  # pixels; corners and width have to fit into 32 bits

Point = list[int]  # x, y in pixels


def draw_line(
    picture: np.ndarray, start: Point, end: Point, colour: tuple[int, ...], width: int
) -> None:
    """Draws into uint8 (height, width, 3) a line with round ends, without smoothing."""
    if width == 1 or max(map(abs, start + end)) > FARTHEST:
        cv2.line(picture, start, end, colour, width)
        return
    if start != end:
        cv2.fillConvexPoly(picture, _corners(start, end, width), colour, cv2.LINE_8, FRACTION_BITS)
    for centre in (start, end):
        cv2.circle(picture, centre, (width + 1) // 2, colour, cv2.FILLED)


def _corners(start: Point, end: Point, width: int) -> np.ndarray:
    """int32 (4, 2): x, y of the line's corners in pixels / 65536, around the line.

    Odd widths are widened by one, as OpenCV does.
    """
    (x0, y0), (x1, y1) = start, end
    across = (width + width % 2) * (ONE_PIXEL // 2) / math.hypot(x1 - x0, y1 - y0)
    dx, dy = round((y1 - y0) * across), round((x0 - x1) * across)
    x0, y0, x1, y1 = (value * ONE_PIXEL for value in (x0, y0, x1, y1))
    corners = [(x0 + dx, y0 + dy), (x0 - dx, y0 - dy), (x1 - dx, y1 - dy), (x1 + dx, y1 + dy)]
    return np.array(corners, np.int32)
