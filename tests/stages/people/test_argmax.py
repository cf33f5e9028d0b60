from pathlib import Path

import numpy as np
import pytest
import torch

from openpose_py.stages.maps.crops import points_in_frame
from openpose_py.stages.people import argmax_cpu, argmax_reference
from openpose_py.stages.people.boxes import hand_scales

DECODER = Path(__file__).parents[2] / "golden" / "decoder"
FACES = ["one_368", "small_limits", "three"]
HANDS = ["one_368", "single_scale", "six_scales", "three_scales"]
BACKENDS = {
    "reference": argmax_reference.highest_points,
    "cpu": argmax_cpu.highest_points,
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", FACES)
def test_face_points_are_openposes_to_the_last_bit(case, backend):
    golden = np.load(DECODER / f"face_{case}.npz")
    boxes = golden["rectangles"].astype(np.float64)
    found = boxes[:, 2] > 40
    points = BACKENDS[backend](golden["maps"].astype(np.float32), 70)
    faces = np.zeros((len(boxes), 70, 3), np.float32)
    side = int(golden["net_size"][0])
    faces[found] = points_in_frame(points, boxes[found], side, np.zeros(len(points), bool))
    assert np.array_equal(faces, golden["keypoints"])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", HANDS)
def test_hand_points_are_openposes_to_the_last_bit(case, backend):
    golden = np.load(DECODER / f"hand_{case}.npz")
    boxes = golden["rectangles"].swapaxes(0, 1)
    found = (boxes[..., 2] > 1) & (boxes[..., 2] ** 2 > 10)
    scales = int(golden["hand_scale_number"])
    squares = hand_scales(boxes[found], scales, float(golden["hand_scale_range"])).reshape(-1, 4)
    is_left = (np.argwhere(found)[:, 0] == 0).repeat(scales)
    points = BACKENDS[backend](golden["maps"].astype(np.float32), 21)
    points = points_in_frame(points, squares, int(golden["net_size"][0]), is_left)
    hands = np.zeros((*boxes.shape[:2], 21, 3), np.float32)
    hands[found] = argmax_cpu.best_of_scales(points.reshape(-1, scales, 21, 3))
    assert np.array_equal(hands, golden["keypoints"])


def maps_of(kind: str, random: np.random.Generator, height: int, width: int) -> np.ndarray:
    """float32 (2, 9, height, width)."""
    shape = (2, 9, height, width)
    if kind == "peaks":  # little noise, and few high cells
        return np.float32(random.random(shape) ** 40 + 0.02 * random.random(shape))
    if kind == "noise":
        return np.float32(random.normal(size=shape))
    if kind == "negative":
        return np.float32(-random.random(shape) - 0.5)
    if kind == "plateaus":  # many equal values
        return np.float32(random.integers(0, 2, shape))
    return np.full(shape, {"zero": 0, "flat": 0.25, "below": -0.25}[kind], np.float32)


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (4, 2), (8, 8), (17, 11), (46, 46)], ids=str)
@pytest.mark.parametrize(
    "kind", ["peaks", "noise", "negative", "plateaus", "zero", "flat", "below"]
)
def test_the_compiled_search_answers_as_the_reference(kind, size):
    maps = maps_of(kind, np.random.default_rng(sum(size)), *size)
    found = argmax_cpu.highest_points(maps, 8)
    assert np.array_equal(found, argmax_reference.highest_points(maps, 8))


@pytest.mark.parametrize("backend", BACKENDS)
def test_values_that_are_no_numbers_never_win(backend):
    maps = np.random.default_rng(3).random((1, 4, 12, 12)).astype(np.float32)
    maps[0, 0] = np.nan
    maps[0, 1, 4, 5] = np.nan
    maps[0, 2, 0, 0] = np.inf
    maps[0, 3, 11, 11] = -np.inf
    points = BACKENDS[backend](maps, 4)[0]
    assert np.array_equal(points[0], [0, 0, 0])
    assert np.isfinite(points).all()
    assert (points[1:, 2] > 0.9).all()
    assert np.array_equal(points, argmax_reference.highest_points(maps, 4)[0])


def test_a_lone_cell_gives_the_pixel_at_its_centre():
    maps = np.zeros((1, 1, 8, 8), np.float32)
    maps[0, 0, 2, 5] = 1
    ((x, y, score),) = argmax_cpu.highest_points(maps, 1)[0]
    assert (x, y) == (5 * 8 + 3, 2 * 8 + 3)
    assert 0.95 < score < 1


def test_maps_may_be_tensors_and_may_be_none():
    maps = np.random.default_rng(1).random((2, 3, 6, 6)).astype(np.float32)
    of_tensor = argmax_cpu.highest_points(torch.from_numpy(maps), 3)
    assert np.array_equal(of_tensor, argmax_cpu.highest_points(maps, 3))
    assert argmax_cpu.highest_points(maps[:0], 3).shape == (0, 3, 3)
    assert argmax_reference.highest_points(maps[:0], 3).shape == (0, 3, 3)


def test_the_scale_with_the_highest_mean_score_wins_and_the_first_of_equal_ones():
    points = np.zeros((2, 3, 21, 3), np.float32)
    points[..., 0] = [[[10], [20], [30]]] * 2
    points[0, ..., 2] = [[0.5], [0.7], [0.7]]
    points[1, ..., 2] = [[0.1], [0.1], [0.2]]
    assert argmax_cpu.best_of_scales(points)[:, 0, 0].tolist() == [20, 30]
    assert argmax_cpu.best_of_scales(points[:0]).shape == (0, 21, 3)
