import json
import math
from pathlib import Path

import numpy as np
import pytest

from openpose_py.errors import UsageError
from openpose_py.stages.people.joints_of_heat import joints_of_maps, person_scores, turned_back

GOLDEN = Path(__file__).parents[2] / "golden" / "alphapose"
ARRAYS = np.load(GOLDEN / "alphapose_postprocess.npz")
ANSWERS = json.loads((GOLDEN / "alphapose_postprocess.json").read_text())
GCCPM = json.loads((GOLDEN / "gccpm_coco_crop.json").read_text())["crops"]
x1, y1, x2, y2 = ANSWERS["decode_box"]
SHOWN = np.array([[x1, y1, x2 - x1, y2 - y1]], np.float32)


@pytest.mark.parametrize(
    ("name", "maps", "mirrored", "decoding"),
    [
        ("simple", "hm17", None, "heat"), ("simple_flip", "hm17", "hm17_flip", "heat"),
        ("integral", "logit20", None, "integral"),
        ("integral_flip", "logit20", "logit20_flip", "integral"),
    ],
)  # fmt: skip
def test_joints_are_those_of_alphapose(
    name: str, maps: str, mirrored: str | None, decoding: str
) -> None:
    other = None if mirrored is None else ARRAYS[mirrored][None]
    (found,) = joints_of_maps(ARRAYS[maps][None], SHOWN, decoding, other)
    np.testing.assert_allclose(found[:, :2], ARRAYS[f"{name}_xy"], rtol=0, atol=2e-5)
    np.testing.assert_allclose(found[:, 2:], ARRAYS[f"{name}_score"], rtol=0, atol=1e-6)


@pytest.mark.parametrize("wanted", GCCPM, ids=lambda one: str(one["bbox_xywh"]))
def test_points_are_mapped_back_as_by_gccpm(wanted: dict) -> None:
    size = np.array(wanted["scale_times_200"])
    shown = np.concatenate([np.array(wanted["center"]) - size / 2, size])[None]
    maps = np.full((1, 1, 48, 36), -2, np.float32)
    maps[0, 0, 20, 10] = -1
    (((x, y, score),),) = joints_of_maps(maps, shown, "plain")
    assert (x, y) == pytest.approx(wanted["point_10_20"], rel=1e-6) and score == -1


def slow_heat(heat: np.ndarray) -> tuple[float, float, float]:
    height, width = heat.shape
    best, at = -math.inf, (0, 0)
    for y in range(height):
        for x in range(width):
            if heat[y, x] > best:
                best, at = heat[y, x], (x, y)
    if best <= 0:
        return 0, 0, best
    x, y = at
    if not (2 <= x <= width - 2 and 2 <= y <= height - 2):
        return x, y, best
    return x + slow_quarter(heat[y, x - 1 : x + 2]), y + slow_quarter(heat[y - 1 : y + 2, x]), best


def slow_quarter(three: np.ndarray) -> float:
    if three[2] == three[0]:
        return 0
    return 0.25 if three[2] > three[0] else -0.25


def slow_integral(logits: np.ndarray) -> tuple[float, float, float]:
    total = x_sum = y_sum = highest = 0.0
    for y, row in enumerate(logits.tolist()):
        for x, value in enumerate(row):
            share = 1 / (1 + math.exp(-value))
            total, highest = total + share, max(highest, share)
            x_sum, y_sum = x_sum + share * x, y_sum + share * y
    return x_sum / total, y_sum / total, highest


def slowly(maps: np.ndarray, shown: np.ndarray, integral_from: int) -> np.ndarray:
    rows = []
    for crop, (x, y, width, height) in zip(maps, shown.tolist(), strict=True):
        for number, heat in enumerate(crop):
            u, v, score = (slow_heat if number < integral_from else slow_integral)(heat)
            cell = width / heat.shape[1]
            across, down = u - heat.shape[1] / 2, v - heat.shape[0] / 2
            rows.append((x + width / 2 + across * cell, y + height / 2 + down * cell, score))
    return np.array(rows).reshape(len(maps), -1, 3)


SMALL = (8, 6)


def random_case(joints: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(joints)
    maps = random.normal(-0.5, 1, (3, joints, *SMALL)).astype(np.float32)
    maps[0, 0] = -1  # nothing is there
    maps[1, :3] = np.rint(maps[1, :3])  # many equal cells
    shown = random.uniform(5, 100, (3, 4)).astype(np.float32)
    shown[:, 3] = shown[:, 2] * SMALL[0] / SMALL[1]
    return maps, shown


@pytest.mark.parametrize(
    ("joints", "decoding", "integral_from"),
    [
        (17, "heat", 17), (21, "integral", 0), (68, "combined", 26), (133, "combined", 23),
        (136, "combined", 26),
    ],
)  # fmt: skip
def test_all_decodings_equal_a_slow_version(joints: int, decoding: str, integral_from: int) -> None:
    maps, shown = random_case(joints)
    found = joints_of_maps(maps, shown, decoding)
    wanted = slowly(maps, shown, integral_from)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-4)


def test_a_mirrored_crop_counts_as_much_as_the_crop_itself() -> None:
    maps, shown = random_case(136)
    mirrored = maps[:, ::-1].copy()
    found = joints_of_maps(maps, shown, "combined", mirrored)
    body = slowly((maps + mirrored)[:, :26] / 2, shown, 26)
    rest = (slowly(maps, shown, 0) + slowly(mirrored, shown, 0))[:, 26:] / 2
    np.testing.assert_allclose(found, np.concatenate([body, rest], axis=1), rtol=1e-5, atol=1e-4)


def test_maps_of_mirrored_crops_are_turned_back_and_moved_by_a_cell() -> None:
    maps = np.random.default_rng(3).normal(size=(2, 3, 4, 5)).astype(np.float32)
    found = turned_back(maps, np.array([0, 2, 1]))
    for crop in range(2):
        for joint, other in enumerate((0, 2, 1)):
            for y in range(4):
                turned = [maps[crop, other, y, 4 - x] for x in range(5)]
                assert found[crop, joint, y].tolist() == [turned[0], *turned[:4]]


def test_nobody_is_decoded_to_nobody() -> None:
    for decoding in ("heat", "integral", "combined", "plain"):
        found = joints_of_maps(
            np.zeros((0, 136, 64, 48), np.float32), np.zeros((0, 4), np.float32), decoding
        )
        assert found.shape == (0, 136, 3)


def test_a_body_alone_cannot_be_decoded_as_combined() -> None:
    with pytest.raises(UsageError) as caught:
        joints_of_maps(np.zeros((1, 17, 8, 6), np.float32), SHOWN, "combined")
    assert "17 joints" in caught.value.what and "136" in caught.value.hint


def test_gccpms_people_are_ranked_by_their_sure_joints() -> None:
    scores = np.array([[0.1, 0.5, 0.7], [0.1, 0.2, 0.0]], np.float32)
    np.testing.assert_allclose(person_scores(scores), [0.6, 0.1], rtol=1e-6)
