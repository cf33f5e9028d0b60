"""Random maps, sizes, factors and thresholds: the compiled decoder and the definition agree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openpose_py.records import Geometry, Maps
from openpose_py.stages.people.decode import decode
from openpose_py.stages.people.grid import TILE, grid_of, plane_of
from openpose_py.stages.people.options import DecodeOptions
from openpose_py.stages.people.reference_maps import upsample
from openpose_py.stages.people.tiles_cpu import fill_tiles
from openpose_py.zoo.skeletons import read_skeleton

SKELETON = read_skeleton("MPI")
RATIOS = [0, 1, 1.5, 2, 3.3, 4, 5.75, 8, 11, 16]


@st.composite
def maps_and_options(draw: st.DrawFn) -> tuple[Maps, DecodeOptions]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 11))
    factors = [1.0, *draw(st.lists(st.floats(0.3, 1.2), max_size=2))]
    scales = []
    for factor in factors:
        shape = max(1, round(height * factor)), max(1, round(width * factor))
        cells = rng.normal(0, 0.4, (SKELETON.channels, *shape)).astype(np.float32)
        if draw(st.booleans()):
            cells = np.round(cells, 1)  # plateaus and ties
        if draw(st.booleans()):
            cells *= rng.random(cells.shape) < 0.2
        if draw(st.integers(0, 9)) == 0:
            cells.flat[rng.integers(cells.size, size=4)] = [np.nan, np.inf, -np.inf, 3e38]
        scales.append(cells)
    size = width * 8, height * 8
    geometry = Geometry(
        size, (size,) * len(scales), tuple(factors), size, 1.0, 1.37, draw(st.floats(0, 1))
    )
    options = DecodeOptions(
        peak_threshold=draw(st.sampled_from([0.0, 0.02, 0.05, 0.6])),
        limb_sample=draw(st.sampled_from([-0.5, 0.01, 0.05])),
        limb_share=draw(st.sampled_from([0.0, 0.4, 0.75, 0.95, 1.0])),
        min_parts=draw(st.integers(1, 4)),
        min_score=draw(st.sampled_from([0.0, 0.05, 0.4])),
        maximize_positives=draw(st.booleans()),
        max_peaks=draw(st.sampled_from([0, 5, 127])),
        upsampling_ratio=draw(st.sampled_from(RATIOS)),
    )
    return Maps(tuple(scales), geometry), options


@settings(max_examples=80, deadline=None)
@given(maps_and_options())
def test_both_backends_find_the_same_peaks_and_people(drawn):
    maps, options = drawn
    with np.errstate(all="ignore"):
        people, peaks = decode(maps, SKELETON, options, "reference")
        compiled_people, compiled_peaks = decode(maps, SKELETON, options, "cpu")
    np.testing.assert_array_equal(compiled_peaks.starts, peaks.starts)
    np.testing.assert_array_equal(compiled_peaks.table, peaks.table)
    np.testing.assert_array_equal(compiled_people.keypoints, people.keypoints)
    np.testing.assert_array_equal(compiled_people.scores, people.scores)


@settings(max_examples=40, deadline=None)
@given(maps_and_options())
def test_tiles_are_pieces_of_the_upsampled_maps(drawn):
    maps, options = drawn
    with np.errstate(all="ignore"):
        whole = upsample(maps, options.upsampling_ratio)
    grid = grid_of(maps, options.upsampling_ratio)
    plane = plane_of(grid, "test")
    rows, columns = plane.shape[0], plane.shape[2]
    tiles = np.array(
        [row * columns + column for row in range(1, rows - 1) for column in range(1, columns - 1)]
    )
    for channel in (0, SKELETON.channels - 1):
        fill_tiles(grid, channel, tiles, plane, np.empty((grid.band_rows, TILE), np.float32))
        flat = plane.reshape(rows * TILE, columns * TILE)
        inside = flat[grid.shift_y :, grid.shift_x :][: grid.height, : grid.width]
        np.testing.assert_array_equal(inside, whole[channel])


@pytest.mark.slow
@settings(max_examples=3000, deadline=None)
@given(maps_and_options())
def test_both_backends_agree_on_thousands_of_maps(drawn):
    test_both_backends_find_the_same_peaks_and_people.hypothesis.inner_test(drawn)
