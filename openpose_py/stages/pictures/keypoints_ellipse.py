"""Stage 4 of 5: people -> pictures. OpenPose's look with a GPU, compiled for the CPU.

The pixels are those of `keypoints_gpu_reference`, operation by operation. Row after row of the
picture: find the spans of the elements that cross it, in drawing order; make the pixels between
the outermost ones float32; blend; round. So a row stays in the cache, the pixels of an element are
reached without looking at its box, and rows without people are never touched.
"""

from typing import Any

import numpy as np

from openpose_py.compiled import compiled
from openpose_py.stages.pictures.ellipse_elements import ELEMENT, EYEBALL, LIMB, collect, span
from openpose_py.stages.pictures.keypoints_gpu_reference import (
    BODY,
    EYE_ALPHA,
    EYE_RIM,
    FACE,
    GLINT,
    GLINT_SQUARED,
    HAND,
    PUPIL_REACH,
    Strokes,
    eye_parts,
    stroke_sizes,
)
from openpose_py.zoo.skeletons import Skeleton, read_skeleton

ONE = np.float32(1)
BLACK, WHITE = np.float32(0), np.float32(255)
NO_EYES = (-1, -1)
BLOCK = 16  # pixels blended at a time


def draw_people(
    picture: np.ndarray,
    keypoints: np.ndarray,
    skeleton: Skeleton,
    threshold: float,
    alpha: float,
    blend: bool = True,
    googly: bool = False,
) -> np.ndarray:
    """Draws into `picture`, uint8 (height, width, 3) B G R, and returns that same array.

    keypoints: float32 (people, parts, 3): x and y in output pixels, score. Parts need a score
    above `threshold`; `alpha` is the opacity of one element. Without `blend` the picture is made
    black first. `googly` draws googly eyes.
    """
    if not blend:
        picture[:] = 0
    eyes = eye_parts(skeleton) if googly else NO_EYES
    return _draw(picture, keypoints, skeleton, threshold, alpha, BODY, eyes)


def draw_faces(
    picture: np.ndarray, keypoints: np.ndarray, threshold: float, alpha: float
) -> np.ndarray:
    """As `draw_people`, for keypoints (faces, 70, 3)."""
    return _draw(picture, keypoints, read_skeleton("face"), threshold, alpha, FACE)


def draw_hands(
    picture: np.ndarray, keypoints: np.ndarray, threshold: float, alpha: float
) -> np.ndarray:
    """As `draw_people`, for keypoints (hands, 21, 3); all left hands come before the right ones."""
    return _draw(picture, keypoints, read_skeleton("hand"), threshold, alpha, HAND)


def _draw(
    picture: np.ndarray,
    keypoints: np.ndarray,
    skeleton: Skeleton,
    threshold: float,
    alpha: float,
    strokes: Strokes,
    eyes: tuple[int, int] = NO_EYES,
) -> np.ndarray:
    height, width = picture.shape[:2]
    elements = np.recarray(len(keypoints) * (len(skeleton.draw) + len(skeleton.parts)), ELEMENT)
    people = np.zeros((len(keypoints), 4), np.int64)
    collect(
        elements,
        people,
        np.ascontiguousarray(keypoints, np.float32),
        skeleton.draw,
        skeleton.scales * skeleton.scales * skeleton.scales,
        eyes,
        np.float32(threshold),
        *stroke_sizes(picture.shape, strokes),
        (width, height),
    )
    opacity = np.float32(alpha)
    tints = np.tile(skeleton.colours[:, ::-1].astype(np.float32) * opacity, BLOCK)
    rows_of_bytes = np.ascontiguousarray(picture).reshape(height, -1)
    _paint(rows_of_bytes, elements, people, tints, ONE - opacity)
    if not picture.flags.c_contiguous:
        picture[:] = rows_of_bytes.reshape(picture.shape)
    return picture


@compiled
def _paint(
    picture: np.ndarray,
    elements: np.ndarray,
    people: np.ndarray,
    tints: np.ndarray,
    keep: np.float32,
) -> None:
    """Blends all elements. picture: (height, 3 width). tints: float32 (parts, 3 BLOCK), colours
    times opacity, over and over."""
    spans = np.empty((len(elements), 5), np.int64)
    line = np.empty(picture.shape[1], np.float32)
    for row in range(picture.shape[0]):
        count, left, right = _spans(elements, people, row, spans)
        if count == 0:
            continue
        begin, end = 3 * left, 3 * (right + 1)
        _load(picture[row, begin:end], line[begin:end])
        for number in range(count):
            element = elements[spans[number, 0]]
            _blend(line, element, row, spans[number], tints[element.part], keep)
        _store(line[begin:end], picture[row, begin:end])


@compiled
def _spans(
    elements: np.ndarray, people: np.ndarray, row: int, spans: np.ndarray
) -> tuple[int, int, int]:
    """Fills `spans`: element and its `span`, for all that cross the row. How many; the first and
    last column that any of them may cover."""
    count, left, right = 0, 1 << 30, -1
    for person in range(len(people)):
        if not people[person, 2] <= row <= people[person, 3]:
            continue
        for number in range(people[person, 0], people[person, 1]):
            element = elements[number]
            if element.first <= row <= element.last:
                first, last, sure_first, sure_last = span(element, row)
                if first <= last:
                    spans[count, 0], spans[count, 1], spans[count, 2] = number, first, last
                    spans[count, 3], spans[count, 4] = sure_first, sure_last
                    left, right = min(left, first), max(right, last)
                    count += 1
    return count, left, right


# Loops over all of a slice: only those are vectorised; indices that might be negative are not.


@compiled
def _load(values: np.ndarray, line: np.ndarray) -> None:
    """uint8 -> float32."""
    for n in range(len(line)):
        line[n] = values[n]


@compiled
def _store(line: np.ndarray, values: np.ndarray) -> None:
    """float32 -> uint8, half to even."""
    for n in range(len(line)):
        values[n] = np.int32(np.rint(min(max(line[n], BLACK), WHITE)))


@compiled
def _mix_all(values: np.ndarray, tint: np.ndarray, keep: np.float32) -> None:
    """values: float32, B G R of pixels side by side."""
    for begin in range(0, len(values), len(tint)):
        block = values[begin : begin + len(tint)]
        for n in range(len(block)):
            block[n] = block[n] * keep + tint[n]


@compiled
def _blend(
    line: np.ndarray,
    element: Any,
    row: int,
    columns: np.ndarray,
    tint: np.ndarray,
    keep: np.float32,
) -> None:
    first, last, sure_first, sure_last = columns[1], columns[2], columns[3], columns[4]
    if element.kind == EYEBALL:
        _blend_eye(line, element, row, first, last)
        return
    dy = np.float32(row) - element.y
    for x in range(first, sure_first):
        if _covers(element, np.float32(x) - element.x, dy):
            _mix_all(line[3 * x : 3 * x + 3], tint, keep)
    _mix_all(line[3 * sure_first : 3 * (sure_last + 1)], tint, keep)
    for x in range(sure_last + 1, last + 1):
        if _covers(element, np.float32(x) - element.x, dy):
            _mix_all(line[3 * x : 3 * x + 3], tint, keep)


@compiled
def _covers(element: Any, dx: np.float32, dy: np.float32) -> bool:
    if element.kind == LIMB:
        along = element.cosine * dx + element.sine * dy
        across = element.sine * dx - element.cosine * dy
        return along * along / element.length + across * across / element.width <= ONE
    return dx * dx + dy * dy <= element.width


@compiled
def _blend_eye(line: np.ndarray, element: Any, row: int, first: int, last: int) -> None:
    dy = np.float32(row) - element.y
    glint_y = (np.float32(row) + GLINT) - element.y
    white_radius = element.share * (element.radius - EYE_RIM)
    white_squared = white_radius * white_radius
    for x in range(first, last + 1):
        dx = np.float32(x) - element.x
        distance = dx * dx + dy * dy
        if distance > element.width:
            continue
        glint_x = (np.float32(x) - GLINT) - element.x
        in_glint = glint_x * glint_x + glint_y * glint_y <= GLINT_SQUARED
        pupil = distance <= PUPIL_REACH * white_squared and not in_glint
        colour = WHITE if distance <= white_squared and not pupil else BLACK
        for channel in range(3):
            line[3 * x + channel] = line[3 * x + channel] * (ONE - EYE_ALPHA) + colour * EYE_ALPHA
