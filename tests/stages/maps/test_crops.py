from pathlib import Path

import cv2
import numpy as np
import pytest

from openpose_py.stages.maps.crops import crop_inputs, points_in_frame
from openpose_py.stages.maps.net_input import normalised
from openpose_py.stages.people.boxes import hand_scales

DECODER = Path(__file__).parents[2] / "golden" / "decoder"
needs_opencv_4 = pytest.mark.skipif(
    not cv2.__version__.startswith("4."), reason="OpenCV 5 rounds warpAffine otherwise"
)


def picture(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (60, 80, 3), dtype=np.uint8)


def as_bytes(crops: np.ndarray) -> np.ndarray:
    return ((crops + 0.5) * 256).astype(np.uint8)


@needs_opencv_4
@pytest.mark.parametrize("case", ["one_368", "small_limits", "three"])
def test_face_crops_are_openposes_byte_for_byte(case):
    golden = np.load(DECODER / f"face_{case}.npz")
    boxes = golden["rectangles"].astype(np.float64)
    boxes = boxes[boxes[:, 2] > 40]
    crops = crop_inputs(golden["image"], boxes, int(golden["net_size"][0]), np.zeros(len(boxes)))
    assert np.array_equal(as_bytes(crops), golden["net_input_u8"])


@needs_opencv_4
@pytest.mark.parametrize("case", ["one_368", "single_scale", "six_scales", "three_scales"])
def test_hand_crops_are_openposes_byte_for_byte(case):
    golden = np.load(DECODER / f"hand_{case}.npz")
    boxes = golden["rectangles"].swapaxes(0, 1)
    found = boxes[..., 2] ** 2 > 10
    scales = int(golden["hand_scale_number"])
    squares = hand_scales(boxes[found], scales, float(golden["hand_scale_range"])).reshape(-1, 4)
    is_left = (np.argwhere(found)[:, 0] == 0).repeat(scales)
    crops = crop_inputs(golden["image"], squares, int(golden["net_size"][0]), is_left)
    assert np.array_equal(as_bytes(crops), golden["net_input_u8"])


def test_a_box_at_whole_pixels_is_cut_out_and_normalised_as_the_body_is():
    (crop,) = crop_inputs(picture(), np.float32([[10, 20, 32, 32]]), 32, np.array([False]))
    assert crop.dtype == np.float32
    assert np.array_equal(crop, normalised(picture()[20:52, 10:42])[0])


def test_a_mirrored_crop_begins_one_pixel_right_of_the_box():
    (crop,) = crop_inputs(picture(), np.float32([[10, 20, 32, 32]]), 32, np.array([True]))
    assert np.array_equal(crop, normalised(picture()[20:52, 42:10:-1])[0])


def test_outside_the_frame_is_black():
    boxes = np.float32([[-40, -40, 32, 32], [-16, -16, 32, 32]])
    outside, corner = crop_inputs(picture(), boxes, 32, np.array([False, False]))
    assert (outside == -0.5).all()
    assert (corner[:, :16] == -0.5).all() and (corner[:, :, :16] == -0.5).all()
    assert np.array_equal(corner[:, 16:, 16:], normalised(picture()[:16, :16])[0])


def test_the_frame_may_be_a_view_that_is_not_contiguous():
    flipped = picture()[:, ::-1]
    box, straight = np.float32([[10, 20, 32, 32]]), np.array([False])
    crops = crop_inputs(flipped, box, 32, straight)
    assert np.array_equal(crops, crop_inputs(flipped.copy(), box, 32, straight))


def test_no_boxes_give_no_crops():
    none = np.zeros((0, 4), np.float32)
    assert crop_inputs(picture(), none, 32, np.zeros(0, bool)).shape == (0, 3, 32, 32)


def test_points_go_back_to_where_their_crop_pixels_came_from():
    boxes = np.float32([[10, 20, 64, 64], [10, 20, 64, 64]])
    points = np.float32([[[0, 0, 0.5], [8, 4, 1]]]).repeat(2, axis=0)
    moved = points_in_frame(points, boxes, 32, np.array([False, True]))
    assert moved.tolist() == [
        [[10, 20, 0.5], [26, 28, 1]],
        [[74, 20, 0.5], [58, 28, 1]],
    ]
    assert points[0, 1].tolist() == [8, 4, 1]
