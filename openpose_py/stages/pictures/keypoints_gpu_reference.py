"""Stage 4 of 5: people -> pictures. The definition of OpenPose's look with a GPU: see-through
ellipses along the limbs, discs on the parts.

Plain float32, every operation rounded by itself; `keypoints_ellipse` draws the same pixels fast.
Sizes are those of OpenPose's utilities/render.hu and of the renderers of pose, face and hand.
Elements are blended in their order: person after person, the limbs of a person, then the parts.
Where two elements overlap the later one is blended over the earlier one.

From float32 to bytes values are rounded to the nearest, half to even, as OpenPose does unless its
picture stays on the GPU (default --output_resolution and a body drawn there), where it cuts the
fraction off. The difference is at most one grey level; here every picture is rounded.
"""

import dataclasses

import numpy as np

from openpose_py.errors import UsageError
from openpose_py.zoo.skeletons import Skeleton, read_skeleton

MARGIN = np.float32(50)  # pixels round a person's box; nothing of the person is drawn beyond
FULL_SIZE = np.float32(400)  # width + height in pixels of a person drawn with full line width
SMALLEST, LARGEST = np.float32(0.33), np.float32(1)  # share of the full line width

# Googly eyes: a white disc with a black rim and a black pupil with a white glint.
EYE = np.float32(2.5)  # radius, of the radius of a part
EYE_ALPHA = np.float32(0.9)
EYE_RIM = np.float32(2)  # pixels
PUPIL_REACH = np.float32(0.6)  # of the squared radius of the white
GLINT = np.float32(4)  # pixels from the eye's centre to that of the glint, right and up
GLINT_SQUARED = np.float32(3.75 * 3.75)  # squared radius in pixels


@dataclasses.dataclass(frozen=True)
class Strokes:
    """The smaller side of the picture divided by these gives pixels, for a full-size person."""

    circle: np.float32  # radius
    line: np.float32  # half width of a limb's ellipse


BODY = Strokes(np.float32(100), np.float32(120))
FACE = Strokes(np.float32(120), np.float32(250))
HAND = Strokes(np.float32(100), np.float32(80))


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
    eyes = eye_parts(skeleton) if googly else ()
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


def eye_parts(skeleton: Skeleton) -> tuple[int, int]:
    """The numbers of the parts that googly eyes replace."""
    if "REye" not in skeleton.parts:
        raise UsageError(f"{skeleton.name} has no eyes", where="googly eyes",
                         hint="every other body model has")  # fmt: skip
    return skeleton.parts.index("REye"), skeleton.parts.index("LEye")


def stroke_sizes(shape: tuple[int, ...], strokes: Strokes) -> tuple[np.float32, np.float32]:
    """Radius of a part and half width of a limb, in pixels, of a full-size person."""
    side = np.float32(min(shape[:2]))
    return side / strokes.circle, side / strokes.line


def _draw(
    picture: np.ndarray,
    keypoints: np.ndarray,
    skeleton: Skeleton,
    threshold: float,
    alpha: float,
    strokes: Strokes,
    eyes: tuple[int, ...] = (),
) -> np.ndarray:
    canvas = picture.astype(np.float32)
    colours = skeleton.colours[:, ::-1].astype(np.float32)
    cubes = skeleton.scales * skeleton.scales * skeleton.scales
    radius, half_width = stroke_sizes(picture.shape, strokes)
    opacity = np.float32(alpha)
    for person in keypoints.astype(np.float32):
        seen = person[:, 2] > np.float32(threshold)
        if not seen.any():
            continue
        window, size = _box(person[seen], picture.shape)
        x, y = _pixels(window, picture.shape)
        view = canvas[window]
        for start, end in skeleton.draw[seen[skeleton.draw].all(axis=1)]:
            squared = (size * half_width) * (size * half_width) * cubes[end]
            inside = _in_ellipse(x, y, person[start], person[end], squared)
            view[inside] = _mix(view[inside], colours[end], opacity)
        for part in np.flatnonzero(seen):
            if part in eyes:
                eye = EYE * radius * np.sqrt(cubes[part])
                _draw_eye(view, x, y, person[part], eye, size)
                continue
            squared = (size * radius) * (size * radius) * cubes[part]
            inside = _distance(x, y, person[part, 0], person[part, 1]) <= squared
            view[inside] = _mix(view[inside], colours[part], opacity)
    picture[:] = np.clip(np.rint(canvas), 0, 255).astype(np.uint8)
    return picture


def _box(points: np.ndarray, shape: tuple[int, ...]) -> tuple[tuple[slice, slice], np.float32]:
    """The rows and columns that a person may cover, and its share of the full line width."""
    picture = np.array([shape[1], shape[0]], np.float32)
    low = np.fmin(picture, np.fmin.reduce(points[:, :2]))
    high = np.fmax(np.float32(0), np.fmax.reduce(points[:, :2]))
    width, height = high - low
    size = min(LARGEST, max(SMALLEST, (width + height) / FULL_SIZE))
    first = np.clip(np.ceil(low - MARGIN), 0, picture).astype(int)
    last = np.clip(np.floor(high + MARGIN), -1, picture - 1).astype(int)
    return (slice(first[1], last[1] + 1), slice(first[0], last[0] + 1)), size


def _pixels(window: tuple[slice, slice], shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """x, as a row, and y, as a column, of the pixels of a window."""
    rows, columns = window
    x = np.arange(shape[1], dtype=np.float32)[None, columns]
    y = np.arange(shape[0], dtype=np.float32)[rows, None]
    return x, y


def _in_ellipse(
    x: np.ndarray, y: np.ndarray, start: np.ndarray, end: np.ndarray, squared: np.float32
) -> np.ndarray:
    """Which pixels the limb from `start` to `end` covers. squared: its squared half width."""
    cosine, sine = direction(start, end)
    middle_x = (start[0] + end[0]) / np.float32(2)
    middle_y = (start[1] + end[1]) / np.float32(2)
    half_length = _distance(start[0], start[1], middle_x, middle_y)
    dx, dy = x - middle_x, y - middle_y
    along = cosine * dx + sine * dy
    across = sine * dx - cosine * dy
    with np.errstate(divide="ignore", invalid="ignore"):
        return along * along / half_length + across * across / squared <= 1


def direction(start: np.ndarray, end: np.ndarray) -> tuple[np.float32, np.float32]:
    """Cosine and sine of the direction of a limb; by a square root, which is the same on all
    machines, where OpenPose goes by the angle and its result hangs on the GPU."""
    dx, dy = np.float64(end[0] - start[0]), np.float64(end[1] - start[1])
    length = np.sqrt(dx * dx + dy * dy)
    if not length > 0:
        return np.float32(1), np.float32(0)
    return np.float32(dx / length), np.float32(dy / length)


def _distance(x: np.ndarray, y: np.ndarray, to_x: np.float32, to_y: np.float32) -> np.ndarray:
    """The squared distance."""
    dx, dy = x - to_x, y - to_y
    return dx * dx + dy * dy


def _mix(pixels: np.ndarray, colour: np.ndarray | np.float32, alpha: np.float32) -> np.ndarray:
    return pixels * (np.float32(1) - alpha) + colour * alpha


def _draw_eye(
    view: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    part: np.ndarray,
    radius: np.float32,
    size: np.float32,
) -> None:
    """An eye of `radius` pixels times `size`, drawn into the person's part of the canvas."""
    distance = _distance(x, y, part[0], part[1])
    white_squared = (size * (radius - EYE_RIM)) * (size * (radius - EYE_RIM))
    glint = _distance(x - GLINT, y + GLINT, part[0], part[1]) <= GLINT_SQUARED
    pupil = (distance <= PUPIL_REACH * white_squared) & ~glint
    white = (distance <= white_squared) & ~pupil
    inside = distance <= (size * radius) * (size * radius)
    colour = np.where(white, np.float32(255), np.float32(0))[inside][:, None]
    view[inside] = _mix(view[inside], colour, EYE_ALPHA)
