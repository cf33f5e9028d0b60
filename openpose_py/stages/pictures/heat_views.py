"""Stage 4 of 5: people -> pictures. `--part_to_show`, compiled: heat maps over the picture.

The pixels are those of `heat_views_reference`, but for the angle of a PAF, which comes from a
polynomial. Only the maps that a view shows are upsampled, one after another. Views of all maps show
single pixels of the upsampled maps, so they are coloured there and looked up from the picture.
"""

import numpy as np

from openpose_py.compiled import compiled
from openpose_py.records import Maps
from openpose_py.stages.pictures.heat_elements import (
    HeatElement,
    element_name,
    elements,
    heat_element,
)
from openpose_py.stages.pictures.heat_rows import (
    add_part,
    add_wheel,
    blend_row,
    jet,
    mix_rows,
    widen_linear,
)
from openpose_py.stages.pictures.heat_views_reference import nearest, part_colours
from openpose_py.upsampling.axes import axis_places, taps_at, target_size
from openpose_py.upsampling.channels import add_row, upsample_channels, widen
from openpose_py.zoo.skeletons import Skeleton

__all__ = ["draw_heat_view", "element_name", "elements"]


def draw_heat_view(
    picture: np.ndarray,
    maps: Maps,
    skeleton: Skeleton,
    element: int,
    alpha: float,
    upsampling_ratio: float = 0,
) -> np.ndarray:
    """Draws into `picture`, uint8 (height, width, 3) B G R, and returns that same array.

    element: see `heat_elements`, from 1 on. alpha: opacity of the maps; 1 is --disable_blending.
    """
    rows_of_bytes = np.ascontiguousarray(picture).reshape(len(picture), -1)
    _draw_view(rows_of_bytes, maps, heat_element(skeleton, element), alpha, upsampling_ratio)
    if not picture.flags.c_contiguous:
        picture[:] = rows_of_bytes.reshape(picture.shape)
    return picture


def _draw_view(
    picture: np.ndarray, maps: Maps, view: HeatElement, alpha: float, upsampling_ratio: float
) -> None:
    geometry, opacity = maps.geometry, np.float32(alpha)
    factor = float(np.float32(geometry.net_to_frame) * np.float32(geometry.frame_to_output))
    width, height = target_size(maps, upsampling_ratio)
    tall = axis_places(len(picture), factor * geometry.stretch)
    wide = axis_places(picture.shape[1] // 3, factor)
    rows, columns = taps_at(tall, height), taps_at(wide, width)
    if view.single and len(view.parts):
        heat = upsample_channels(maps, view.parts, upsampling_ratio)[0]
        _draw_part(picture, heat, *columns, *rows, opacity)
    elif view.single:
        paf = upsample_channels(maps, view.pafs[0], upsampling_ratio)
        _draw_limb(picture, paf, *columns, *rows, opacity)
    elif len(view.parts):
        colours = _all_parts(maps, view.parts, upsampling_ratio)
        _draw_colours(picture, colours, nearest(wide, width), nearest(tall, height), opacity)
    else:
        colours = _all_pafs(maps, view.pafs, upsampling_ratio)
        _draw_colours(picture, colours, columns[0], rows[0], opacity)


def _all_parts(maps: Maps, parts: np.ndarray, upsampling_ratio: float) -> np.ndarray:
    """float32 (3, height, width), B G R, in net pixels: the colours of all parts, added up."""
    width, height = target_size(maps, upsampling_ratio)
    sums = np.zeros((3, height, width), np.float32)
    for part, colour in enumerate(part_colours(len(parts))):
        heat = upsample_channels(maps, parts[part : part + 1], upsampling_ratio)
        add_part(heat.reshape(-1), colour, sums.reshape(3, -1))
    return sums


def _all_pafs(maps: Maps, pafs: np.ndarray, upsampling_ratio: float) -> np.ndarray:
    """As `_all_parts`, of all limbs."""
    width, height = target_size(maps, upsampling_ratio)
    sums = np.zeros((3, height, width), np.float32)
    for pair in pafs:
        paf = upsample_channels(maps, pair, upsampling_ratio).reshape(2, -1)
        add_wheel(paf[0], paf[1], sums.reshape(3, -1))
    return sums


@compiled
def _draw_colours(
    picture: np.ndarray,
    colours: np.ndarray,
    columns: np.ndarray,
    rows: np.ndarray,
    alpha: np.float32,
) -> None:
    """Blends colours (3, height, width) in net pixels, looked up for each output pixel.

    Here and below, picture is uint8 (height, 3 width), B G R side by side."""
    scratch = np.empty(picture.shape[1], np.float32)
    for y in range(len(rows)):
        blend_row(picture[y], colours[:, rows[y]], columns, alpha, scratch)


@compiled
def _draw_part(
    picture: np.ndarray,
    heat: np.ndarray,
    columns: np.ndarray,
    column_ways: np.ndarray,
    rows: np.ndarray,
    row_ways: np.ndarray,
    alpha: np.float32,
) -> None:
    """Blends one map, (height, width) in net pixels, interpolated for each output pixel."""
    wide = widen(heat, columns, column_ways)
    everywhere = np.arange(len(columns))
    line = np.empty(len(columns), np.float32)
    colours = np.empty((3, len(columns)), np.float32)
    scratch = np.empty(picture.shape[1], np.float32)
    for y in range(len(rows)):
        line[:] = 0
        add_row(wide, rows[y], row_ways[y], line)
        jet(line, colours)
        blend_row(picture[y], colours, everywhere, alpha, scratch)


@compiled
def _draw_limb(
    picture: np.ndarray,
    paf: np.ndarray,
    columns: np.ndarray,
    column_ways: np.ndarray,
    rows: np.ndarray,
    row_ways: np.ndarray,
    alpha: np.float32,
) -> None:
    """As `_draw_part`, for a limb's two maps, (2, height, width)."""
    wide_x = widen_linear(paf[0], columns, column_ways)
    wide_y = widen_linear(paf[1], columns, column_ways)
    everywhere = np.arange(len(columns))
    x, y = np.empty(len(columns), np.float32), np.empty(len(columns), np.float32)
    colours = np.empty((3, len(columns)), np.float32)
    scratch = np.empty(picture.shape[1], np.float32)
    for row in range(len(rows)):
        mix_rows(wide_x, rows[row], row_ways[row], x)
        mix_rows(wide_y, rows[row], row_ways[row], y)
        colours[:] = 0
        add_wheel(x, y, colours)
        blend_row(picture[row], colours, everywhere, alpha, scratch)
