"""Stage 4 of 5: people -> pictures. The definition of `--part_to_show`: heat maps over the picture.

Plain float32, operation by operation as OpenPose's pose/renderPose.cu; `heat_views` answers the
same fast. The colours of a single map are those that OpenPose's code gives, dark red for low values
and dark blue for high ones; its comments and its manual say the other way round.

An output pixel (x, y) lies at ((x + 0.5) / z - 0.5, (y + 0.5) / z - 0.5) of the upsampled maps,
where z, output pixels a net pixel, is `net_to_frame` times `frame_to_output`.
"""

import numpy as np

from openpose_py.stages.pictures.heat_elements import heat_element
from openpose_py.zoo.skeletons import Skeleton, read_skeleton

NUDGE = np.float32(1e-5)  # net pixels, before the fraction is cut off
HALF, ONE, FULL = np.float32(0.5), np.float32(1), np.float32(255)

# Colours of one map: B, G and R begin at these values, rise for one step (to 256), stay at 255 for
# one and fall for one.
JET_STARTS = np.array([0.375, 0.125, -0.125], np.float32)
JET_STEP, JET_SLOPE = np.float32(0.25), np.float32(1024)

WHEEL = np.float32(55)  # steps of the colour wheel of PAFs


def draw_heat_view(
    picture: np.ndarray,
    upsampled: np.ndarray,
    skeleton: Skeleton,
    element: int,
    factor: float,
    alpha: float,
) -> np.ndarray:
    """Draws into `picture`, uint8 (height, width, 3) B G R, and returns that same array.

    upsampled: float32 (channels, height, width) in net pixels, all maps of the network. element:
    see `heat_elements`, from 1 on. factor: output pixels a net pixel. alpha: opacity of the maps;
    1 is --disable_blending.
    """
    view = heat_element(skeleton, element)
    places = [
        (np.arange(pixels, dtype=np.float32) + HALF) / np.float32(factor) - HALF
        for pixels in picture.shape[:2]
    ]
    rows, columns = (taps(*it) for it in zip(places, upsampled.shape[1:], strict=True))
    shape = *picture.shape[:2], 3
    if len(view.parts) and view.single:
        colours = jet(_cubic(_cubic(upsampled[view.parts[0]], *columns).T, *rows).T)
    elif len(view.parts):
        near_y, near_x = (nearest(*it) for it in zip(places, upsampled.shape[1:], strict=True))
        colours = np.zeros(shape, np.float32)
        for part, colour in zip(view.parts, part_colours(len(view.parts)), strict=True):
            heat = np.clip(upsampled[part][near_y][:, near_x], 0, 1)
            colours += heat[..., None] * colour
    elif view.single:
        colours = wheel(*(_linear(_linear(upsampled[it], *columns).T, *rows).T
                          for it in view.pafs[0]))  # fmt: skip
    else:
        colours = np.zeros(shape, np.float32)
        for pair in view.pafs:
            colours += wheel(*(upsampled[it][rows[0]][:, columns[0]] for it in pair))
    opacity = np.float32(alpha)
    blended = picture.astype(np.float32) * (ONE - opacity) + colours * opacity
    picture[:] = np.clip(np.rint(blended), 0, 255).astype(np.uint8)
    return picture


def taps(places: np.ndarray, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Along one axis: the net pixel before each place, and the way from there to the place;
    negative before the first pixel."""
    before = np.clip(np.floor(places), 0, pixels - 1).astype(np.int32)
    return before, places - before.astype(np.float32)


def nearest(places: np.ndarray, pixels: int) -> np.ndarray:
    """Along one axis: the net pixels that the view of all parts shows, which are not the nearest.
    OpenPose's highest one lies one pixel outside the map."""
    return np.clip((places + NUDGE).astype(np.int32), 0, pixels - 1)


def part_colours(parts: int) -> np.ndarray:
    """float32 (parts, 3), B G R: COCO's colours for the parts of every model, over and over."""
    colours = read_skeleton("COCO").colours[:, ::-1].astype(np.float32)
    return colours[np.arange(parts) % len(colours)]


def _cubic(maps: np.ndarray, before: np.ndarray, way: np.ndarray) -> np.ndarray:
    """Catmull-Rom along the last axis of (lines, pixels)."""
    last = maps.shape[1] - 1
    after = np.minimum(before + 1, last)
    v0, v1 = maps[:, np.maximum(before - 1, 0)], maps[:, before]
    v2, v3 = maps[:, after], maps[:, np.minimum(after + 1, last)]
    three_halves, five_halves = np.float32(1.5), np.float32(2.5)
    cube = -HALF * v0 + three_halves * v1 - three_halves * v2 + HALF * v3
    square = v0 - five_halves * v1 + np.float32(2) * v2 - HALF * v3
    return cube * way * way * way + square * way * way - HALF * (v0 - v2) * way + v1


def _linear(maps: np.ndarray, before: np.ndarray, way: np.ndarray) -> np.ndarray:
    """Between neighbours along the last axis of (lines, pixels)."""
    after = np.minimum(before + 1, maps.shape[1] - 1)
    return maps[:, before] * (ONE - way) + maps[:, after] * way


def jet(heat: np.ndarray) -> np.ndarray:
    """Colours, float32 (..., 3) B G R, of the values of one map, cut to 0..1."""
    v = np.clip(heat, np.float32(0), ONE)
    colours = []
    for start in JET_STARTS:
        flat, falls, end = (start + np.float32(steps) * JET_STEP for steps in (1, 2, 3))
        rising, falling = JET_SLOPE * (v - start), JET_SLOPE * (end - v)
        colours.append(np.where(v < flat, rising, np.where(v < falls, FULL, falling)))
    return np.maximum(np.stack(colours, axis=-1), np.float32(0))


def wheel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Colours, float32 (..., 3) B G R, of PAF vectors: the direction gives the hue, from red over
    yellow, green, cyan, blue and magenta back to red, the length, at most 1, the brightness."""
    length = np.minimum(ONE, np.sqrt(x * x + y * y))
    t = WHEEL * ((np.arctan2(-y, -x) / np.float32(np.pi) + ONE) / np.float32(2))
    red = np.maximum((21 - t) / np.float32(6), (t - 36) / np.float32(13))
    green = np.minimum(t / np.float32(15), (36 - t) / np.float32(11))
    blue = np.minimum((t - 21) / np.float32(4), (WHEEL - t) / np.float32(6))
    colours = np.stack([blue, green, red], axis=-1)
    return FULL * np.clip(colours, np.float32(0), ONE) * length[..., None]
