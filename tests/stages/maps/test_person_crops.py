import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from openpose_py.stages.maps.person_crops import (
    ALPHAPOSE,
    GCCPM_COCO,
    boxes_inside,
    person_crops,
    shown_boxes,
)

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "alphapose"
ANSWERS = json.loads((GOLDEN / "alphapose_postprocess.json").read_text())["crops"]
GCCPM = json.loads((GOLDEN / "gccpm_coco_crop.json").read_text())["crops"]
FRAME = cv2.imread(str(ROOT / "examples" / "media" / "crossing.jpg"))


def from_corners(corners: list[list[float]]) -> np.ndarray:
    boxes = np.array(corners, np.float32)
    return np.column_stack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])


def test_crops_are_those_of_alphapose() -> None:
    boxes = from_corners([one["box"] for one in ANSWERS])
    crops, shown = person_crops(FRAME, boxes, ALPHAPOSE)
    np.testing.assert_array_equal(shown, from_corners([one["crop_box"] for one in ANSWERS]))
    for crop, wanted in zip(crops, ANSWERS, strict=True):
        np.testing.assert_allclose(crop.mean(axis=(1, 2)), wanted["mean"], atol=1e-4)
        np.testing.assert_allclose(crop.std(axis=(1, 2)), wanted["std"], atol=1e-4)
        for place, value in wanted["probe"].items():
            assert crop[tuple(map(int, place.split(",")))] == pytest.approx(value, abs=1e-6)


def test_the_pixels_of_a_crop_are_those_of_alphapose() -> None:
    """Stored with OpenCV 5, whose warped pixels differ a little here and there."""
    wanted = np.load(GOLDEN / "alphapose_postprocess.npz")["crop0_rgb_u8"].astype(int)
    crops, _ = person_crops(FRAME, from_corners([ANSWERS[0]["box"]]), ALPHAPOSE)
    means = np.array(ALPHAPOSE.means)[:, None, None]
    found = np.rint((crops[0] + means) * 255).astype(int).transpose(1, 2, 0)
    apart = np.abs(found - wanted)
    assert apart.max() <= 2 and (apart > 0).mean() < 0.1


def test_crops_are_those_of_gccpm() -> None:
    boxes = np.array([one["bbox_xywh"] for one in GCCPM], np.float32)
    inside = boxes_inside(boxes, (FRAME.shape[1], FRAME.shape[0]))
    crops, shown = person_crops(FRAME, inside, GCCPM_COCO)
    for crop, box, wanted in zip(crops, shown, GCCPM, strict=True):
        np.testing.assert_allclose(box[:2] + box[2:] / 2, wanted["center"], atol=1e-4)
        np.testing.assert_allclose(box[2:], wanted["scale_times_200"], rtol=1e-6)
        for place, value in wanted["probe_yxc"].items():
            y, x, channel = map(int, place.split(","))
            assert crop[channel, y, x] == pytest.approx(value, abs=1e-5)


def test_a_box_is_brought_to_the_networks_proportions_and_enlarged() -> None:
    boxes = np.array([[100, 100, 75, 100], [0, 0, 30, 100], [0, 0, 150, 20]], np.float32)
    shown = shown_boxes(boxes, (192, 256))
    np.testing.assert_allclose(shown[0], [100 - 9.375, 100 - 12.5, 93.75, 125])
    np.testing.assert_allclose(shown[1], [15 - 46.875, 50 - 62.5, 93.75, 125])
    np.testing.assert_allclose(shown[2], [75 - 93.75, 10 - 125, 187.5, 250])


def test_the_middle_of_the_box_is_the_middle_of_the_crop_and_outside_is_black() -> None:
    frame = np.zeros((60, 80, 3), np.uint8)
    frame[28:32, 10:14] = 255
    crops, _ = person_crops(frame, np.array([[-3, 0, 30, 60]], np.float32), ALPHAPOSE)
    means = np.array(ALPHAPOSE.means, np.float32)
    np.testing.assert_allclose(crops[0, :, 128, 96], 1 - means, atol=1e-6)
    np.testing.assert_allclose(crops[0, :, 0, 0], -means)


def test_red_comes_first() -> None:
    frame = np.zeros((64, 48, 3), np.uint8)
    frame[..., 2] = 255  # red, in B G R
    crops, _ = person_crops(frame, np.array([[12, 16, 24, 32]], np.float32), ALPHAPOSE)
    middle = crops[0, :, 128, 96] + np.array(ALPHAPOSE.means, np.float32)
    np.testing.assert_allclose(middle, [1, 0, 0], atol=1e-6)


def test_boxes_without_area_and_no_boxes_do_no_harm() -> None:
    frame = np.zeros((20, 20, 3), np.uint8)
    crops, shown = person_crops(frame, np.array([[5, 5, 0, 0]], np.float32), ALPHAPOSE)
    assert np.isfinite(crops).all() and (shown[:, 2:] > 0).all()
    crops, shown = person_crops(frame, np.zeros((0, 4), np.float32), ALPHAPOSE)
    assert crops.shape == (0, 3, 256, 192) and shown.shape == (0, 4)


def test_a_box_outside_of_the_frame_is_not_cut() -> None:
    boxes = np.array([[-50, -50, 20, 20], [-5, 0, 10, 10]], np.float32)
    inside = boxes_inside(boxes, (100, 80))
    np.testing.assert_array_equal(inside[1], [0, 0, 9, 9])
    assert (inside >= -50).all()
