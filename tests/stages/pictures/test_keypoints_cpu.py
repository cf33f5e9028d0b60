import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from openpose_py.stages.pictures.keypoints_cpu import draw_faces, draw_hands, draw_people
from openpose_py.zoo.skeletons import read_skeleton

RENDER = Path(__file__).parents[2] / "golden" / "render"
CASES = [
    case for case in json.loads((RENDER / "render_cases.json").read_text())
    if case.get("device") == "cpu"
]  # fmt: skip


def golden_answer(name: str) -> np.ndarray:
    picture = cv2.imread(str(RENDER / f"{name}.png"))
    assert picture is not None
    return picture


def golden_input(name: str) -> tuple[np.ndarray, np.ndarray, float]:
    """Background uint8 (h, w, 3), keypoints (people, parts, 3), threshold."""
    with np.load(RENDER / f"{name}_input.npz") as case, np.load(RENDER / "backgrounds.npz") as all_:
        keypoints = case["keypoints"]
        background = all_[str(case["background_key"])]
        return background, keypoints, float(case["render_threshold"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_every_pixel_is_openposes(case: dict) -> None:
    picture, keypoints, threshold = golden_input(case["name"])
    if case["kind"] == "pose":
        skeleton = read_skeleton(case["model"])
        drawn = draw_people(picture, keypoints, skeleton, threshold, case["blend"])
    elif case["kind"] == "face":
        drawn = draw_faces(picture, keypoints, threshold)
    else:
        drawn = draw_hands(picture, keypoints.reshape(-1, 21, 3), threshold)
    np.testing.assert_array_equal(drawn, golden_answer(case["name"]))


def test_all_kinds_of_golden_pictures_are_compared() -> None:
    models = {case["model"] for case in CASES}
    assert models == {"BODY_25", "BODY_25B", "BODY_135", "COCO", "MPI", "face", "hand"}
    assert len(CASES) == 22


def square(score: float = 0.9, parts: int = 135, size: float = 100) -> np.ndarray:
    """One person whose points lie on the rim of a square, all with one score."""
    angle = np.linspace(0, 2 * np.pi, parts, endpoint=False)
    points = 150 + size * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    scores = np.full((parts, 1), score)
    return np.concatenate([points, scores], axis=1)[None].astype(np.float32)


def test_parts_of_size_zero_are_left_out() -> None:
    skeleton = read_skeleton("BODY_135")
    person = square()
    without = person.copy()
    without[0, skeleton.scales == 0, 2] = 0
    assert (skeleton.scales == 0).sum() == 2
    empty = np.zeros((300, 300, 3), np.uint8)
    drawn = draw_people(empty.copy(), person, skeleton, 0.05)
    assert drawn.any()
    np.testing.assert_array_equal(drawn, draw_people(empty.copy(), without, skeleton, 0.05))


def test_small_parts_of_small_people_are_still_drawn() -> None:
    person = square(size=2)
    drawn = draw_people(np.zeros((300, 300, 3), np.uint8), person, read_skeleton("BODY_135"), 0.05)
    assert drawn.any()


def test_a_score_equal_to_the_threshold_is_not_enough() -> None:
    person, skeleton = square(0.5, 25), read_skeleton("BODY_25")
    assert not draw_people(np.zeros((300, 300, 3), np.uint8), person, skeleton, 0.5).any()
    assert draw_people(np.zeros((300, 300, 3), np.uint8), person, skeleton, 0.499).any()


def test_people_whose_sure_points_span_no_area_are_not_drawn() -> None:
    person = square(0.09, 25)  # above the threshold of drawing, below that of the box
    drawn = draw_people(np.zeros((300, 300, 3), np.uint8), person, read_skeleton("BODY_25"), 0.05)
    assert not drawn.any()


def test_the_picture_given_is_the_picture_drawn_on() -> None:
    picture = np.zeros((300, 300, 3), np.uint8)
    assert draw_people(picture, square(0.9, 25), read_skeleton("BODY_25"), 0.05) is picture
    assert picture.any()
