"""Random maps, sizes, factors and thresholds: the compiled decoder and the definition agree."""

import numpy as np
import pytest
from drawn.random_maps import SKELETON, maps_and_options
from hypothesis import given, settings

from openpose_py.stages.people.decode import decode
from openpose_py.stages.people.grid import TILE, grid_of, plane_of
from openpose_py.stages.people.reference_maps import upsample
from openpose_py.stages.people.tiles_cpu import fill_tiles


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
