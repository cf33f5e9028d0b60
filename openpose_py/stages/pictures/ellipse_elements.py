"""Stage 4 of 5: people -> pictures. The limbs and parts to draw, as a table, and their spans: which
pixels of a row each of them covers.

The ends of a span are found in float64, for an ellipse that is a little larger and for one that is
a little smaller. Between the two every pixel has to be tested as `keypoints_gpu_reference` does it;
those inside the smaller one are covered for sure. `slack` bounds what float32 can round away.
"""

import math
from typing import Any

import numpy as np

from openpose_py.compiled import compiled
from openpose_py.stages.pictures.keypoints_gpu_reference import (
    EYE,
    FULL_SIZE,
    LARGEST,
    MARGIN,
    SMALLEST,
)

LIMB, DISC, EYEBALL = 0, 1, 2
TWO = np.float32(2)
NEVER_SURE = np.float32(1e-3)  # squared radius in pixels: below it every pixel is tested

ELEMENT = np.dtype(
    [
        ("kind", np.int32),
        ("part", np.int32),  # whose colour it has
        ("first", np.int32),  # row of the picture
        ("last", np.int32),
        ("left", np.int32),  # columns of its person's box
        ("right", np.int32),
        ("x", np.float32),  # centre, output pixels
        ("y", np.float32),
        ("cosine", np.float32),  # of a limb's direction
        ("sine", np.float32),
        ("length", np.float32),  # squared half length of a limb, squared radius of a disc
        ("width", np.float32),  # squared half width of a limb, squared radius of a disc
        ("radius", np.float32),  # of an eye of a full-size person
        ("share", np.float32),  # of the full line width, for its person
        ("p", np.float64),  # p u u + 2 q u v + r v v = 1 on the rim; u, v: from the centre
        ("q", np.float64),
        ("determinant", np.float64),  # p r - q q
        ("slack", np.float64),  # a pixel at 1 - slack is inside and one at 1 + slack is outside
    ],
    align=True,
)


@compiled
def collect(
    elements: np.ndarray,
    people: np.ndarray,
    keypoints: np.ndarray,
    lines: np.ndarray,
    cubes: np.ndarray,
    eyes: tuple[int, int],
    threshold: np.float32,
    radius: np.float32,
    half_width: np.float32,
    picture_size: tuple[int, int],
) -> None:
    """Fills `elements` in drawing order, and in `people`, int64 (people, 4), for each person: its
    first element, the one after its last, and the first and last row that it touches.

    keypoints: float32 (people, parts, 3), output pixels. cubes: of the parts' scales. radius and
    half_width: of a part and of a limb of a full-size person. picture_size: width, height.
    """
    count = 0
    for person in range(len(keypoints)):
        people[person, 0] = count
        low, high, size = _box(keypoints[person], threshold, picture_size)
        for line in range(len(lines)):
            start, end = keypoints[person, lines[line, 0]], keypoints[person, lines[line, 1]]
            if start[2] > threshold and end[2] > threshold:
                element = elements[count]
                element.part, element.share = lines[line, 1], size
                _fill_limb(element, start, end)
                element.width = (size * half_width) * (size * half_width) * cubes[element.part]
                count += _finish(element, low, high)
        for part in range(keypoints.shape[1]):
            if keypoints[person, part, 2] > threshold:
                element = elements[count]
                element.part, element.share = part, size
                _fill_disc(element, keypoints[person, part], radius, cubes[part])
                if part == eyes[0] or part == eyes[1]:
                    _make_eye(element, radius, cubes[part])
                count += _finish(element, low, high)
        people[person, 1] = count
        people[person, 2:] = _rows(elements, people[person, 0], count)


@compiled
def _box(
    person: np.ndarray, threshold: np.float32, picture_size: tuple[int, int]
) -> tuple[tuple[int, int], tuple[int, int], np.float32]:
    """Left and top, right and bottom of the pixels that a person may cover; its size."""
    low_x, low_y = np.float32(picture_size[0]), np.float32(picture_size[1])
    high_x, high_y = np.float32(0), np.float32(0)
    for part in range(len(person)):
        if person[part, 2] > threshold:
            x, y = person[part, 0], person[part, 1]
            low_x, high_x = (x if x < low_x else low_x), (x if x > high_x else high_x)
            low_y, high_y = (y if y < low_y else low_y), (y if y > high_y else high_y)
    size = ((high_x - low_x) + (high_y - low_y)) / FULL_SIZE
    size = LARGEST if size > LARGEST else SMALLEST if size < SMALLEST else size
    low = _first(low_x - MARGIN, 0), _first(low_y - MARGIN, 0)
    right = _last(high_x + MARGIN, picture_size[0] - 1)
    return low, (right, _last(high_y + MARGIN, picture_size[1] - 1)), size


@compiled
def _fill_limb(element: Any, start: np.ndarray, end: np.ndarray) -> None:
    """See `keypoints_gpu_reference.direction`."""
    element.kind = LIMB
    element.x, element.y = (start[0] + end[0]) / TWO, (start[1] + end[1]) / TWO
    dx, dy = start[0] - element.x, start[1] - element.y
    element.length = dx * dx + dy * dy
    along, down = np.float64(end[0] - start[0]), np.float64(end[1] - start[1])
    length = math.sqrt(along * along + down * down)
    element.cosine = np.float32(along / length) if length > 0 else np.float32(1)
    element.sine = np.float32(down / length) if length > 0 else np.float32(0)


@compiled
def _fill_disc(element: Any, point: np.ndarray, radius: np.float32, cube: np.float32) -> None:
    element.kind = DISC
    element.x, element.y = point[0], point[1]
    element.cosine, element.sine = np.float32(1), np.float32(0)
    element.length = element.width = (element.share * radius) * (element.share * radius) * cube


@compiled
def _make_eye(element: Any, radius: np.float32, cube: np.float32) -> None:
    element.kind = EYEBALL
    element.radius = EYE * radius * np.sqrt(cube)
    rim = element.share * element.radius
    element.length = element.width = rim * rim


@compiled
def _finish(element: Any, low: tuple[int, int], high: tuple[int, int]) -> int:
    """Fills in the form of the rim and the rows. 1; 0 if nothing of the element can be seen."""
    length, width = float(element.length), float(element.width)
    finite = math.isfinite(element.x) and math.isfinite(element.y) and math.isfinite(length)
    if not finite or (element.kind == LIMB and (length == 0 or width == 0)):
        return 0
    c, s = np.float64(element.cosine), np.float64(element.sine)
    length, width = max(length, 1e-12), max(width, 1e-12)
    element.p = c * c / length + s * s / width
    element.q = c * s * (1 / length - 1 / width)
    element.determinant = (c * c + s * s) ** 2 / (length * width)
    element.slack = 1e-3 + 4e-6 * math.sqrt(length / width)
    half = math.sqrt(element.p * (1 + element.slack) / element.determinant)
    element.first = _first(element.y - half, low[1])
    element.last = _last(element.y + half, high[1])
    element.left, element.right = low[0], high[0]
    return int(element.first <= element.last)


@compiled
def _first(value: float, least: int) -> int:
    """The first whole number from `value` and from `least` on, but no giant."""
    return math.ceil(min(max(value, least), 1e9))


@compiled
def _last(value: float, most: int) -> int:
    """The last whole number up to `value` and up to `most`, at least -1."""
    return math.floor(max(min(value, most), -1))


@compiled
def _rows(elements: np.ndarray, begin: int, end: int) -> tuple[int, int]:
    first, last = 1 << 30, -1
    for number in range(begin, end):
        first = min(first, elements[number].first)
        last = max(last, elements[number].last)
    return first, last


@compiled
def span(element: Any, row: int) -> tuple[int, int, int, int]:
    """Of one row of the picture: the first and last column to test, and between them the first
    and last column that are surely covered (where none is, they are behind the last to test)."""
    v = row - np.float64(element.y)
    middle = element.x - element.q * v / element.p
    under_root = element.p * (1 + element.slack) - element.determinant * v * v
    if not under_root >= 0:
        return 0, -1, 0, -1
    half = math.sqrt(under_root) / element.p
    first, last = _first(middle - half, element.left), _last(middle + half, element.right)
    under_root = element.p * (1 - element.slack) - element.determinant * v * v
    if element.width > NEVER_SURE and under_root >= 0:
        half = math.sqrt(under_root) / element.p
        sure_first, sure_last = _first(middle - half, first), _last(middle + half, last)
        if sure_first <= sure_last:
            return first, last, sure_first, sure_last
    return first, last, last + 1, last
