import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from openpose_py.records import Geometry, Maps, Peaks
from openpose_py.stages.people.lightweight_reference import (
    decode_lightweight,
    find_links,
    find_peaks,
    group,
    upsample,
)
from openpose_py.zoo.skeletons import read_skeleton

ZOO = Path(__file__).parents[2] / "golden" / "zoo"
RESULTS = json.loads((ZOO / "lightweight_decoder.json").read_text())["results"]
SKELETON = read_skeleton("COCO")


def stored_maps(key: str) -> np.ndarray:
    with np.load(ZOO / "tfpose_mobilenet_v2_small.npz") as stored:
        return np.ascontiguousarray(stored[key].astype(np.float32).transpose(2, 0, 1))


def test_maps_are_upsampled_as_opencv_does() -> None:
    cells = np.random.default_rng(1).normal(size=(2, 7, 9)).astype(np.float32)
    for found, heat in zip(upsample(cells), cells, strict=True):
        wanted = cv2.resize(heat, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
        np.testing.assert_allclose(found, wanted, atol=2e-6)


@pytest.mark.parametrize("key", RESULTS)
def test_peaks_are_those_of_the_published_code(key: str) -> None:
    peaks = find_peaks(upsample(stored_maps(key)[:18]))
    wanted = np.array(RESULTS[key]["keypoints"]).reshape(-1, 3)
    assert np.diff(peaks.starts).tolist() == RESULTS[key]["keypoints_per_type"]
    assert np.array_equal(peaks.table[:, :2], wanted[:, :2])
    np.testing.assert_allclose(peaks.table[:, 2], wanted[:, 2], atol=1e-6)


@pytest.mark.parametrize("key", RESULTS)
def test_poses_are_those_of_the_published_code(key: str) -> None:
    upsampled = upsample(stored_maps(key))
    poses = group(upsampled, find_peaks(upsampled[:18]), SKELETON)
    wanted = np.array(RESULTS[key]["poses"]).reshape(-1, 20)
    assert np.array_equal(poses.peaks, wanted[:, :18])
    assert np.array_equal(poses.counts, wanted[:, 19])
    np.testing.assert_allclose(poses.scores, wanted[:, 18], atol=2e-6)


def test_people_are_in_frame_pixels() -> None:
    maps = stored_maps("p1_432x368_output_f16")
    geometry = Geometry((864, 736), ((432, 368),), (0.5,), (864, 736), 1.0, 2.0, 0.25)
    people, peaks = decode_lightweight(Maps((maps,), geometry), SKELETON)
    nose = RESULTS["p1_432x368_output_f16"]["keypoints"][0]
    assert peaks.of(0)[0, :2].tolist() == [2 * nose[0], 2 * nose[1]]
    assert people.keypoints[0, 0, :2].tolist() == [4 * nose[0], 4 * nose[1]]


def test_nobody_is_found_in_empty_maps() -> None:
    geometry = Geometry((32, 32), ((32, 32),), (1.0,), (32, 32), 1.0, 1.0, 0.5)
    people, peaks = decode_lightweight(
        Maps((np.zeros((57, 4, 4), np.float32),), geometry), SKELETON
    )
    assert people.keypoints.shape == (0, 18, 3) and len(peaks.table) == 0


def test_the_leftmost_of_near_peaks_stays_even_if_it_is_weaker() -> None:
    heat = np.zeros((1, 9, 20), np.float32)
    heat[0, 4, [3, 8, 9, 15]] = 0.2, 0.9, 0.1, 0.5
    assert find_peaks(heat).table[:, 0].tolist() == [3, 15]
    heat[0, 4, 3] = 0.09
    assert find_peaks(heat).table[:, 0].tolist() == [8, 15]


def test_a_plateau_is_no_peak() -> None:
    heat = np.zeros((1, 9, 9), np.float32)
    heat[0, 4, 4:6] = 0.5
    assert len(find_peaks(heat).table) == 0


def test_a_link_needs_nine_good_samples_of_ten() -> None:
    table = np.array([[0, 2, 1], [9, 2, 1]], np.float32)
    peaks = Peaks(table, np.array([0, 1, 2]))
    field = np.zeros((2, 5, 10), np.float32)
    field[0, 2, 1:] = 0.5
    (link,) = find_links(field, peaks, 0, 1)
    assert link.score == pytest.approx(0.5, abs=1e-6)
    field[0, 2, 1] = 0.05
    assert find_links(field, peaks, 0, 1) == []
