"""Peaks by hand, for both backends: at ratio 1 the maps are searched as they are."""

from collections.abc import Callable

import numpy as np
import pytest

from openpose_py.records import Geometry, Maps, Peaks
from openpose_py.stages.people import peaks_cpu, reference_maps
from openpose_py.stages.people.grid import grid_of


def maps_of(cells: np.ndarray) -> Maps:
    height, width = cells.shape[-2:]
    size = width * 8, height * 8
    return Maps(
        (cells.reshape(-1, height, width).astype(np.float32),),
        Geometry(size, (size,), (1.0,), size, 1.0, 1.0, 0.0),
    )


def reference(
    cells: np.ndarray, threshold: float, most: int = 0, ratio: float = 1, offset: float = 0
) -> Peaks:
    whole = reference_maps.upsample(maps_of(cells), ratio)
    return reference_maps.find_peaks(whole, threshold, most, offset)


def cpu(
    cells: np.ndarray, threshold: float, most: int = 0, ratio: float = 1, offset: float = 0
) -> Peaks:
    maps = maps_of(cells)
    grid = grid_of(maps, ratio)
    return peaks_cpu.find_peaks(grid, len(maps.scales[0]), threshold, most, offset)


Find = Callable[..., Peaks]


@pytest.fixture(params=[reference, cpu], ids=["reference", "cpu"])
def find(request) -> Find:
    return request.param


def heat(height: int = 12, width: int = 15, **values: float) -> np.ndarray:
    """Zeros, with values at places named y_x, as in heat(y3_x4=1)."""
    cells = np.zeros((height, width), np.float32)
    for place, value in values.items():
        y, x = (int(word[1:]) for word in place.split("_"))
        cells[y, x] = value
    return cells


def test_a_single_high_value_is_a_peak_at_its_place(find):
    peaks = find(heat(y3_x4=0.5), 0.1)
    np.testing.assert_array_equal(peaks.table, [[4, 3, 0.5]])
    np.testing.assert_array_equal(peaks.starts, [0, 1])


def test_the_offset_is_added_to_both_coordinates(find):
    np.testing.assert_array_equal(
        find(heat(y3_x4=0.5), 0.1, offset=0.25).table, [[4.25, 3.25, 0.5]]
    )


def test_a_value_at_the_threshold_is_no_peak(find):
    assert len(find(heat(y3_x4=0.5), 0.5).table) == 0


@pytest.mark.parametrize("neighbour", ["y3_x5", "y2_x4", "y4_x3", "y4_x5", "y2_x3"])
def test_two_equal_neighbours_have_no_peak(find, neighbour):
    assert len(find(heat(y3_x4=0.5, **{neighbour: 0.5}), 0.1).table) == 0


def test_a_plateau_has_no_peak(find):
    cells = heat()
    cells[4:7, 5:9] = 1
    assert len(find(cells, 0.1).table) == 0


@pytest.mark.parametrize("place", ["y0_x4", "y11_x4", "y5_x0", "y5_x14", "y0_x0", "y11_x14"])
def test_the_outer_ring_never_wins(find, place):
    assert len(find(heat(**{place: 1}), 0.1).table) == 0


@pytest.mark.parametrize("place", ["y1_x4", "y10_x4", "y5_x1", "y5_x13", "y1_x1", "y10_x13"])
def test_the_ring_inside_it_wins(find, place):
    y, x = (int(word[1:]) for word in place.split("_"))
    np.testing.assert_array_equal(find(heat(**{place: 1}), 0.1).table, [[x, y, 1]])


def test_peaks_are_in_raster_order_and_the_first_are_kept(find):
    cells = heat(y9_x2=0.9, y2_x9=0.3, y2_x4=0.2, y5_x7=0.8)
    found = find(cells, 0.1, 3).table[:, 2]
    np.testing.assert_array_equal(found, np.float32([0.2, 0.3, 0.8]))
    assert len(find(cells, 0.1).table) == 4


def test_the_centre_of_mass_takes_positive_values_within_three_pixels(find):
    cells = heat(y5_x6=1, y5_x9=0.5, y5_x10=0.5, y8_x6=-3)
    wanted = [[(6 + 0.5 * 9) / 1.5, 5, 1], [(6 + 0.5 * 9 + 0.5 * 10) / 2, 5, 0.5]]
    np.testing.assert_allclose(find(cells, 0.4).table[0], wanted[0], rtol=1e-6)


def test_every_part_has_its_own_peaks(find):
    cells = np.stack([heat(y3_x4=0.5), heat(), heat(y3_x4=0.5, y7_x8=0.6)])
    peaks = find(cells, 0.1)
    np.testing.assert_array_equal(peaks.starts, [0, 1, 1, 3])
    assert len(peaks.of(1)) == 0 and peaks.parts == 3


def test_what_is_not_a_number_neither_wins_nor_lets_a_neighbour_win(find):
    cells = heat(y3_x4=np.nan, y7_x8=1, y9_x2=1, y9_x3=np.nan)
    np.testing.assert_array_equal(find(cells, 0.1).table, [[8, 7, 1]])


@pytest.mark.parametrize("ratio", [1, 3, 8])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38, -3e38])
def test_maps_that_are_not_finite_end_in_finite_peaks(find, value, ratio):
    cells = heat(y3_x4=value, y8_x10=1)
    peaks = find(cells, 0.1, ratio=ratio)
    assert np.isfinite(peaks.table).all()
    np.testing.assert_array_equal(peaks.table, reference(cells, 0.1, ratio=ratio).table)


@pytest.mark.parametrize("height,width", [(1, 1), (1, 9), (9, 1), (2, 2), (3, 3)])
@pytest.mark.parametrize("ratio", [1, 1.4, 8])
def test_the_smallest_maps_are_searched(find, height, width, ratio):
    cells = np.random.default_rng(height + width).random((4, height, width)).astype(np.float32)
    peaks = find(cells, 0.1, ratio=ratio)
    np.testing.assert_array_equal(peaks.table, reference(cells, 0.1, ratio=ratio).table)


def test_more_peaks_than_any_buffer_holds_at_first_are_found(find):
    cells = np.zeros((2, 81, 81), np.float32)
    cells[:, 1:-1:2, 1:-1:2] = 1
    np.testing.assert_array_equal(find(cells, 0.5).starts, [0, 1600, 3200])


@pytest.mark.parametrize("place", ["y0_x0", "y0_x14", "y11_x0", "y11_x14"])
def test_a_cell_in_the_corner_has_its_peak_in_the_upsampled_map(find, place):
    cells = heat(**{place: 0.4})
    peaks = find(cells, 0.3, ratio=8)
    assert len(peaks.table) == 1
    np.testing.assert_array_equal(peaks.table, reference(cells, 0.3, ratio=8).table)


def test_a_threshold_below_zero_searches_everything(find):
    cells = np.random.default_rng(5).normal(size=(1, 9, 9)).astype(np.float32) - 2
    peaks = find(cells, -10, ratio=4)
    np.testing.assert_array_equal(peaks.table, reference(cells, -10, ratio=4).table)


def test_one_search_leaves_nothing_behind_for_the_next():
    """The compiled search keeps its plane from frame to frame."""
    strong, weak = heat(y3_x4=1, y7_x7=1), heat(y5_x5=0.2)
    cpu(np.full((12, 15), np.nan), 0.1, ratio=8)
    cpu(strong, 0.1, ratio=8)
    np.testing.assert_array_equal(
        cpu(weak, 0.1, ratio=8).table, reference(weak, 0.1, ratio=8).table
    )
