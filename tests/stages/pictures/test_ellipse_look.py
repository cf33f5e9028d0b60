"""OpenPose's GPU look: the real OpenPose's pictures judge the reference and the compiled twin."""

import json
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from openpose_py.errors import UsageError
from openpose_py.stages.pictures import keypoints_ellipse, keypoints_gpu_reference
from openpose_py.zoo.skeletons import read_skeleton

GOLDEN = Path(__file__).parents[2] / "golden"
RENDER = GOLDEN / "render"
CASES = [
    case
    for case in json.loads((RENDER / "render_cases.json").read_text())
    if case.get("device") == "gpu"
]
TWINS = {"reference": keypoints_gpu_reference, "compiled": keypoints_ellipse}
SAFE_PEOPLE = 20  # of gpu_BODY_25_70people_160x128; OpenPose leaves the boxes of the others unset


@pytest.fixture(params=TWINS)
def look(request: pytest.FixtureRequest) -> ModuleType:
    return TWINS[request.param]


def noise(width: int, height: int, seed: int = 0) -> np.ndarray:
    shape = height, width, 3
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def scattered(people: int, parts: int, size: tuple[int, int], seed: int = 0) -> np.ndarray:
    """People whose points lie round a centre each, some outside the picture, scores 0 to 1."""
    random = np.random.default_rng(seed)
    spread = random.choice([0.5, 5, 40, 300], (people, 1, 1))
    places = random.uniform(-0.1, 1.1, (people, 1, 2)) * size
    places = places + random.normal(size=(people, parts, 2)) * spread
    return np.concatenate([places, random.random((people, parts, 1))], axis=2).astype(np.float32)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_every_pixel_is_openposes(case: dict, look: ModuleType) -> None:
    with np.load(RENDER / f"{case['name']}_input.npz") as stored:
        keypoints, key = stored["keypoints"], str(stored["background_key"])
        threshold, alpha = float(stored["render_threshold"]), float(stored["alpha"])
        googly = bool(stored["googly_eyes"])
    with np.load(RENDER / "backgrounds.npz") as backgrounds:
        picture = backgrounds[key]
    if case["kind"] == "pose":
        skeleton = read_skeleton(case["model"])
        keypoints = keypoints[:SAFE_PEOPLE]
        look.draw_people(picture, keypoints, skeleton, threshold, alpha, case["blend"], googly)
    elif case["kind"] == "face":
        look.draw_faces(picture, keypoints, threshold, alpha)
    else:
        look.draw_hands(picture, keypoints.reshape(-1, 21, 3), threshold, alpha)
    np.testing.assert_array_equal(picture, cv2.imread(str(RENDER / f"{case['name']}.png")))


def test_all_kinds_of_golden_pictures_are_compared() -> None:
    models = {case["model"] for case in CASES}
    assert models == {"BODY_25", "BODY_25B", "BODY_135", "COCO", "MPI", "face", "hand"}
    assert len(CASES) == 22


@pytest.mark.parametrize("seed", range(40))
def test_the_twins_draw_the_same_pixels(seed: int) -> None:
    random = np.random.default_rng(seed)
    width, height = (int(side) for side in random.integers(8, 400, 2))
    skeleton = read_skeleton(("BODY_25", "BODY_25B", "BODY_135", "COCO", "MPI")[seed % 5])
    people = scattered(int(random.integers(1, 5)), len(skeleton.parts), (width, height), seed)
    if seed % 4 == 1:
        people = np.round(people, [0, 1, 2][seed % 3])
    if seed % 4 == 2:
        people[..., seed % 2] = people[..., seed % 2].mean()  # limbs along an axis
    googly, alpha = seed % 2 == 0 and skeleton.name != "MPI", float(random.choice([0.3, 0.6, 1]))
    drawn = [
        twin.draw_people(
            noise(width, height), people, skeleton, 0.1, alpha, seed % 3 != 0, googly
        )
        for twin in TWINS.values()
    ]  # fmt: skip
    np.testing.assert_array_equal(*drawn)


@pytest.mark.parametrize("size", [(3840, 300), (200, 2160)])
def test_the_twins_agree_on_limbs_thousands_of_pixels_long(size: tuple[int, int]) -> None:
    picture = noise(*size)
    for seed, draw in enumerate(("draw_faces", "draw_hands")):
        points = scattered(1, (70, 21)[seed], size, seed)
        points[..., :2] = np.random.default_rng(seed).uniform(-0.2, 1.2, points[..., :2].shape)
        points[..., :2] *= size
        drawn = [getattr(it, draw)(picture.copy(), points, 0.5, 0.6) for it in TWINS.values()]
        assert (drawn[0] != picture).any()
        np.testing.assert_array_equal(*drawn)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_points_that_are_no_numbers_or_far_away_are_left_out() -> None:
    people, skeleton = scattered(3, 25, (120, 90)), read_skeleton("BODY_25")
    people[:, ::4, 0] = np.array([[np.nan], [np.inf], [-np.inf]])
    people[:, 1::6, 1] = np.array([[1e9], [-1e9], [np.nan]])
    drawn = [it.draw_people(noise(120, 90), people, skeleton, 0.1, 0.6) for it in TWINS.values()]
    assert (drawn[0] != noise(120, 90)).any()
    np.testing.assert_array_equal(*drawn)


def test_a_score_equal_to_the_threshold_is_not_enough(look: ModuleType) -> None:
    people, skeleton = scattered(1, 25, (200, 200)), read_skeleton("BODY_25")
    people[..., :2], people[..., 2] = people[..., :2] % 200, 0.5
    blank = np.zeros((200, 200, 3), np.uint8)
    assert not look.draw_people(blank.copy(), people, skeleton, 0.5, 0.6).any()
    assert look.draw_people(blank.copy(), people, skeleton, 0.499, 0.6).any()


def test_the_picture_given_is_the_picture_drawn_on(look: ModuleType) -> None:
    people, skeleton = scattered(2, 25, (200, 200)), read_skeleton("BODY_25")
    whole = noise(400, 200)
    half = whole[:, ::2]  # its pixels do not lie side by side
    expected = look.draw_people(half.copy(), people, skeleton, 0.1, 0.6)
    assert look.draw_people(half, people, skeleton, 0.1, 0.6) is half
    np.testing.assert_array_equal(whole[:, ::2], expected)
    np.testing.assert_array_equal(whole[:, 1::2], noise(400, 200)[:, 1::2])


def test_nobody_leaves_the_picture_as_it_is_unless_it_is_to_be_black(look: ModuleType) -> None:
    nobody, skeleton = np.zeros((0, 25, 3), np.float32), read_skeleton("BODY_25")
    picture = look.draw_people(noise(50, 40), nobody, skeleton, 0.1, 0.6)
    np.testing.assert_array_equal(picture, noise(50, 40))
    assert not look.draw_people(picture, nobody, skeleton, 0.1, 0.6, blend=False).any()


def test_an_opacity_of_zero_draws_nothing(look: ModuleType) -> None:
    people, skeleton = scattered(4, 25, (200, 200)), read_skeleton("BODY_25")
    picture = look.draw_people(noise(200, 200), people, skeleton, 0.1, 0)
    np.testing.assert_array_equal(picture, noise(200, 200))


def test_every_hand_of_a_crowd_is_drawn(look: ModuleType) -> None:
    hands = np.zeros((300, 21, 3), np.float32)
    places = 20 + 12 * np.stack(np.divmod(np.arange(300), 20), axis=1)
    hands[:, 0] = np.concatenate([places, np.ones((300, 1))], axis=1)
    picture = look.draw_hands(np.zeros((300, 300, 3), np.uint8), hands, 0.2, 1)
    assert picture[places[:, 1], places[:, 0]].all()


def test_eyes_are_the_parts_that_openpose_takes() -> None:
    models = json.loads((GOLDEN / "skeletons.json").read_text())["models"]
    for name in ("BODY_25", "BODY_25B", "BODY_135", "COCO"):
        eyes = keypoints_gpu_reference.eye_parts(read_skeleton(name))
        assert sorted(eyes) == models[name]["googly_eye_parts"]


def test_a_model_without_eyes_is_refused_googly_ones(look: ModuleType) -> None:
    people = scattered(1, 15, (50, 50))
    with pytest.raises(UsageError, match="MPI has no eyes"):
        look.draw_people(noise(50, 50), people, read_skeleton("MPI"), 0.1, 0.6, googly=True)
