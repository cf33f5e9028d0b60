import json
from pathlib import Path

import numpy as np
import pytest

from openpose_py.records import Geometry, Maps, Peaks
from openpose_py.stages.people.tfpose_reference import (
    Link,
    Pose,
    _add,
    decode_tfpose,
    find_links,
    find_peaks,
    group,
    resize_area,
    smooth,
    smoothing_kernel,
)
from openpose_py.zoo.skeletons import read_skeleton

ZOO = Path(__file__).parents[2] / "golden" / "zoo"
CASES = json.loads((ZOO / "tfpose_mobilenet_v2_small.json").read_text())["cases"]
SKELETON = read_skeleton("COCO")


def stored_maps(key: str) -> np.ndarray:
    with np.load(ZOO / "tfpose_mobilenet_v2_small.npz") as stored:
        maps = stored[f"{key}_output_f16"].astype(np.float32)
    return np.ascontiguousarray(maps.transpose(2, 0, 1))


def four_times(maps: np.ndarray) -> np.ndarray:
    return resize_area(maps, 4 * maps.shape[1], 4 * maps.shape[2])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["key"])
def test_people_are_those_of_the_published_code(case: dict) -> None:
    upsampled = four_times(stored_maps(case["key"]))
    peaks = find_peaks(upsampled[:18], smooth(upsampled[:18]))
    assert np.diff(peaks.starts).tolist() == case["peaks_from_f16_map"]
    poses = group(upsampled, peaks, SKELETON)
    assert len(poses) == len(case["people_from_f16_map"])
    for pose, wanted in zip(poses, case["people_from_f16_map"], strict=True):
        assert pose.score / pose.count == pytest.approx(wanted["score"], abs=2e-6)
        found = {str(part): peaks.table[row] for part, row in enumerate(pose.peaks) if row >= 0}
        assert found.keys() == wanted["parts"].keys()
        for part, peak in found.items():
            assert peak[:2].tolist() == wanted["parts"][part][:2]
            assert peak[2] == pytest.approx(wanted["parts"][part][2], abs=1e-6)


def test_people_are_in_frame_pixels() -> None:
    (case,) = (one for one in CASES if one["key"] == "p1_432x368")
    geometry = Geometry((864, 736), ((432, 368),), (0.5,), (864, 736), 1.0, 2.0, 0.25)
    maps = Maps((stored_maps("p1_432x368"),), geometry)
    people, peaks = decode_tfpose(maps, SKELETON)
    x, y, _ = case["people_from_f16_map"][0]["parts"]["0"]
    assert peaks.of(0)[0, :2].tolist() == [2 * x, 2 * y]
    assert people.keypoints[0, 0, :2].tolist() == [4 * x, 4 * y]
    assert people.scores[0] == pytest.approx(case["people_from_f16_map"][0]["score"], abs=2e-6)


def test_nobody_is_found_in_empty_maps() -> None:
    geometry = Geometry((32, 32), ((32, 32),), (1.0,), (32, 32), 1.0, 1.0, 0.5)
    people, peaks = decode_tfpose(Maps((np.zeros((57, 4, 4), np.float32),), geometry), SKELETON)
    assert people.keypoints.shape == (0, 18, 3) and len(peaks.table) == 0


def test_smoothed_maps_are_those_of_tensorflow() -> None:
    with np.load(ZOO / "tfpose_mobilenet_v2_small.npz") as stored:
        wanted = stored["crossing_432x368_smoothed_nose_f32"]
    found = smooth(four_times(stored_maps("crossing_432x368")[:1]))[0]
    np.testing.assert_allclose(found, wanted, atol=5e-5)  # the maps are rounded to float16


def test_the_smoothing_kernel_is_a_symmetric_bell_of_sum_one() -> None:
    kernel = smoothing_kernel()
    assert kernel.sum() == pytest.approx(1)
    np.testing.assert_allclose(kernel, kernel[::-1], rtol=1e-9)
    assert (np.diff(kernel[:13]) > 0).all()


def test_a_pixel_is_the_mean_of_the_area_that_it_covers() -> None:
    row = np.array([[[0, 6, 12]]], np.float32)
    assert resize_area(row, 1, 2)[0, 0].tolist() == pytest.approx([2, 10])
    assert resize_area(row, 1, 6)[0, 0].tolist() == pytest.approx([0, 0, 6, 6, 12, 12])
    assert resize_area(row, 2, 1)[0, :, 0].tolist() == pytest.approx([6, 6])


def test_every_pixel_of_a_plateau_is_a_peak() -> None:
    smoothed = np.zeros((1, 5, 5), np.float32)
    smoothed[0, 0, :2] = 0.5
    smoothed[0, 3, 3] = 0.05
    heat = np.full((1, 5, 5), 0.25, np.float32)
    assert find_peaks(heat, smoothed).table.tolist() == [[0, 0, 0.25], [1, 0, 0.25]]


def test_a_long_link_loses_score() -> None:
    peaks = Peaks(np.array([[0, 5, 1], [20, 5, 1]], np.float32), np.array([0, 1, 2]))
    field = np.zeros((2, 20, 30), np.float32)
    field[0] = 0.75
    (link,) = find_links(field, peaks, 0, 1)
    assert link.score == pytest.approx(0.75 + 0.5 * 20 / 20 - 1)
    assert find_links(field / 3, peaks, 0, 1) == []


def test_the_first_peak_of_all_counts_as_absent_when_groups_are_joined() -> None:
    peaks = Peaks(np.ones((6, 3), np.float32), np.array([0, 2, 4, 6]))
    found = [Pose([0, 2, -1], np.float32(3)), Pose([1, -1, 4], np.float32(3))]
    _add(found, peaks, 1, 2, Link(2, 4, np.float32(1)), True)
    assert [pose.peaks for pose in found] == [[2, 2, 4]]
    assert (found[0].count, found[0].score) == (4, 7)


def test_groups_that_share_a_part_stay_apart() -> None:
    peaks = Peaks(np.ones((6, 3), np.float32), np.array([0, 2, 4, 6]))
    found = [Pose([-1, 2, 5], np.float32(3)), Pose([1, -1, 4], np.float32(3))]
    _add(found, peaks, 1, 2, Link(2, 4, np.float32(1)), True)
    assert [pose.peaks for pose in found] == [[-1, 2, 4], [1, -1, 4]]
    assert (found[0].count, found[0].score) == (3, 5)
