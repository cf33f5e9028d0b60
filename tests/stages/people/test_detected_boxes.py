import math

import numpy as np
import pytest

from openpose_py.stages.maps.detector_input import detector_input
from openpose_py.stages.people.detected_boxes import ANCHORS, detected_boxes

SIDE = 96
Box = tuple[float, float, float, float, float]  # corners in net pixels, score


def random_heads(seed: int, sure: float) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    heads = []
    for g in (3, 6, 12):
        head = random.normal(0, 1, (255, g, g)).astype(np.float32)
        head[4::85] += sure
        head[5::85] += 2
        head[2::85] *= 0.3
        head[3::85] *= 0.3
        heads.append(head)
    return heads


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def all_people(heads: list[np.ndarray]) -> list[Box]:
    rows = []
    for head, anchors in zip(heads, ANCHORS, strict=True):
        g = head.shape[1]
        stride = SIDE // g
        for y in range(g):
            for x in range(g):
                for n, (width, height) in enumerate(anchors):
                    cell = head[85 * n : 85 * (n + 1), y, x].tolist()
                    score = sigmoid(cell[4])
                    if score <= 0.1 or max(range(80), key=lambda k: cell[5 + k]) != 0:
                        continue
                    u, v = (sigmoid(cell[0]) + x) * stride, (sigmoid(cell[1]) + y) * stride
                    w, h = math.exp(cell[2]) * width, math.exp(cell[3]) * height
                    rows.append((u - w / 2, v - h / 2, u + w / 2, v + h / 2, score))
    return sorted(rows, key=lambda row: -row[4])


def overlap(a: Box, b: Box) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0]) + 1
    height = min(a[3], b[3]) - max(a[1], b[1]) + 1
    common = max(0.0, width) * max(0.0, height)
    areas = [(one[2] - one[0] + 1) * (one[3] - one[1] + 1) for one in (a, b)]
    return common / (sum(areas) - common)


def slowly(heads: list[np.ndarray], size: tuple[int, int], factor: float) -> np.ndarray:
    people, kept = all_people(heads), list[Box]()
    for limit in (0.6, 0.55):
        kept = []
        for one in people:
            if all(overlap(one, better) < limit for better in kept):
                kept.append(one)
        if len(kept) <= 100:
            break
    rows = []
    for x1, y1, x2, y2, score in kept:
        left, top = (SIDE - factor * size[0]) / 2, (SIDE - factor * size[1]) / 2
        x1, x2 = (min(max((x - left) / factor, 0), size[0]) for x in (x1, x2))
        y1, y2 = (min(max((y - top) / factor, 0), size[1]) for y in (y1, y2))
        rows.append((x1, y1, x2 - x1, y2 - y1, score))
    return np.array(rows)


@pytest.mark.parametrize(("seed", "sure"), [(1, -3), (2, -1.5), (3, 2)])
def test_boxes_are_those_of_a_slow_version(seed: int, sure: float) -> None:
    heads, size, factor = random_heads(seed, sure), (640, 400), SIDE / 640
    boxes, scores = detected_boxes(heads, SIDE, factor, size)
    wanted = slowly(heads, size, factor)
    assert len(boxes) == len(wanted) > 3
    np.testing.assert_allclose(np.column_stack([boxes, scores]), wanted, rtol=1e-4, atol=2e-3)


def test_a_person_comes_back_at_its_place_in_the_frame() -> None:
    frame = np.zeros((300, 500, 3), np.uint8)
    one = detector_input(frame, 608)
    assert one.tensor.shape == (1, 3, 608, 608)
    heads = [np.full((255, g, g), -9, np.float32) for g in (19, 38, 76)]
    heads[0][:5, 9, 9], heads[0][5, 9, 9] = (0, 0, 0, 0, 9), 9  # the middle cell's first anchor
    boxes, scores = detected_boxes(heads, 608, one.factor, one.frame_size)
    np.testing.assert_allclose(boxes[0, :2] + boxes[0, 2:] / 2, [250, 150], atol=1e-3)
    np.testing.assert_allclose(boxes[0, 2:], np.array([116, 90]) / one.factor, rtol=1e-5)
    assert scores == pytest.approx(sigmoid(9))


def test_nobody_is_no_box() -> None:
    heads = [np.full((255, g, g), -9, np.float32) for g in (3, 6, 12)]
    boxes, scores = detected_boxes(heads, SIDE, 1.0, (SIDE, SIDE))
    assert boxes.shape == (0, 4) and scores.shape == (0,)


@pytest.mark.parametrize("size", [(640, 480), (100, 700), (3000, 2), (608, 608)])
def test_the_frame_lies_in_the_middle_with_grey_around(size: tuple[int, int]) -> None:
    frame = np.full((size[1], size[0], 3), (0, 0, 255), np.uint8)  # red
    one = detector_input(frame, 96)
    width, height = max(1, int(size[0] * one.factor)), max(1, int(size[1] * one.factor))
    left, top = (96 - width) // 2, (96 - height) // 2
    inside = one.tensor[0, :, top : top + height, left : left + width]
    np.testing.assert_array_equal(inside[0], 1)
    np.testing.assert_array_equal(inside[1:], 0)
    grey = (one.tensor == np.float32(128) / np.float32(255)).all(axis=1).sum()
    assert grey == 96 * 96 - width * height and one.frame_size == size
