"""PCK and PCKh by hand."""

import dataclasses

import numpy as np
import pytest

from openpose_py.evaluate.keypoint_sets import Length, all_sets, plain_name
from openpose_py.evaluate.pck import pck, pck_by_picture
from openpose_py.evaluate.people import Found, FoundPeople, GroundTruth, TruePeople, TruePicture

LSP, MPII, LIP = (all_sets()[name] for name in ("lsp14", "mpii16", "lip16"))


def standing(wanted, shift=(0.0, 0.0)) -> np.ndarray:
    """(1, points, 3): left shoulder at 0, 0 and right hip at 0, 100, so the torso is 100 long;
    head top at 0, -60 and neck at 0, -10, so the head is 50 long; all else at 10, 40."""
    places = {
        "lshoulder": (0, 0), "rhip": (0, 100), "headtop": (0, -60), "head": (0, -60),
        "neck": (0, -10), "upperneck": (0, -10),
    }  # fmt: skip
    points = [places.get(plain_name(point), (10, 40)) for point in wanted.points]
    person = np.array([[[*point, 2] for point in points]], np.float64)
    person[..., :2] += shift
    return person


def truth_of(wanted, *pictures, heads=None) -> GroundTruth:
    """Each picture: (people, points, 3)."""
    rows = []
    for number, keypoints in enumerate(pictures):
        count = len(keypoints)
        given = np.full(count, np.nan) if heads is None else np.array(heads, float)
        people = TruePeople(
            keypoints, np.zeros((count, 4)), np.ones(count), np.zeros(count, bool),
            np.full(count, -1), given,
        )  # fmt: skip
        rows.append(TruePicture(number, f"{number}.jpg", None, people))
    return GroundTruth(tuple(rows), wanted.points, len(wanted.points), "made")


def found_of(wanted, *pictures) -> Found:
    answers = {
        number: FoundPeople(keypoints, np.ones(len(keypoints)))
        for number, keypoints in enumerate(pictures)
    }
    return Found("made", wanted.first_parts, answers)


def share(result, point: str) -> float:
    return float(result.shares[LSP.points.index(point)])


def test_a_point_is_right_up_to_a_fifth_of_the_torso_and_not_beyond():
    true = standing(LSP)
    answer = true.copy()
    answer[0, LSP.points.index("left_knee"), 0] += 20.0
    answer[0, LSP.points.index("right_knee"), 0] += 20.1
    result = pck(truth_of(LSP, true), found_of(LSP, answer), LSP, LSP.lengths[0])
    assert share(result, "left_knee") == 1.0
    assert share(result, "right_knee") == 0.0
    assert result.total == pytest.approx(13 / 14)


def test_a_missing_point_is_wrong_and_an_unlabelled_one_does_not_count():
    true = standing(LSP)
    answer = true.copy()
    answer[0, LSP.points.index("left_knee")] = 0
    true[0, LSP.points.index("left_wrist"), 2] = 0
    result = pck(truth_of(LSP, true), found_of(LSP, answer), LSP, LSP.lengths[0])
    assert share(result, "left_knee") == 0.0
    assert np.isnan(share(result, "left_wrist"))
    assert result.total == pytest.approx(12 / 13)


def test_a_picture_in_which_nobody_is_found_counts_as_wrong():
    truth = truth_of(LSP, standing(LSP), standing(LSP))
    result = pck(truth, found_of(LSP, standing(LSP)), LSP, LSP.lengths[0])
    assert result.total == pytest.approx(0.5)


def test_of_several_found_people_the_one_that_fits_best_is_compared():
    true = standing(LSP)
    answers = np.concatenate([standing(LSP, (300, 0)), standing(LSP, (5, 0))])
    assert pck(truth_of(LSP, true), found_of(LSP, answers), LSP, LSP.lengths[0]).total == 1.0


def test_one_found_person_answers_for_one_annotated_person_only():
    true = np.concatenate([standing(LSP), standing(LSP, (4, 0))])
    result = pck(truth_of(LSP, true), found_of(LSP, standing(LSP, (4, 0))), LSP, LSP.lengths[0])
    assert result.total == pytest.approx(0.5)


def test_people_without_a_yardstick_are_left_out_and_counted():
    true = standing(LSP)
    true[0, LSP.points.index("right_hip"), 2] = 0
    result = pck(truth_of(LSP, true, standing(LSP)), found_of(LSP, true), LSP, LSP.lengths[0])
    assert (result.people, result.without) == (1, 1)


def test_the_spine_runs_from_the_neck_to_the_middle_of_the_hips():
    true = standing(LSP)
    true[0, LSP.points.index("left_hip"), :2] = 60, 100  # the middle is 30, 100; the neck 0, -10
    answer = true.copy()
    length = np.hypot(30, 110)
    answer[0, LSP.points.index("left_knee"), 0] += 0.2 * length - 0.01
    answer[0, LSP.points.index("right_knee"), 0] += 0.2 * length + 0.01
    result = pck(truth_of(LSP, true), found_of(LSP, answer), LSP, LSP.lengths[1])
    assert (share(result, "left_knee"), share(result, "right_knee")) == (1.0, 0.0)


def test_pckh_of_mpii_takes_0_6_of_the_head_boxs_diagonal():
    true = standing(MPII)
    answer = true.copy()
    # half of 0.6 x 100 is 30, while half of neck to head top would be 25
    answer[0, MPII.points.index("left_wrist"), 0] += 29
    truth = truth_of(MPII, true, heads=[100.0])
    assert pck(truth, found_of(MPII, answer), MPII, MPII.lengths[0]).total == 1.0
    without_box = truth_of(MPII, true)
    result = pck(without_box, found_of(MPII, answer), MPII, MPII.lengths[0])
    assert result.right[MPII.points.index("left_wrist")] == 0


def test_pelvis_and_thorax_stay_out_of_mpiis_total():
    true = standing(MPII)
    answer = true.copy()
    answer[0, [MPII.points.index("pelvis"), MPII.points.index("thorax")]] = 0
    result = pck(truth_of(MPII, true), found_of(MPII, answer), MPII, MPII.lengths[0])
    assert result.total == 1.0
    assert result.shares[MPII.points.index("pelvis")] == 0.0


def test_pckh_of_lip_takes_half_of_neck_to_head():
    true = standing(LIP)
    answer = true.copy()
    answer[0, LIP.points.index("left_wrist"), 0] += 24.9
    answer[0, LIP.points.index("right_wrist"), 0] += 25.1
    result = pck(truth_of(LIP, true), found_of(LIP, answer), LIP, LIP.lengths[0])
    assert result.right[LIP.points.index("left_wrist")] == 1
    assert result.total == pytest.approx(13 / 14)  # pelvis and spine do not count


def test_crowds_are_not_compared():
    truth = truth_of(LSP, standing(LSP))
    people = dataclasses.replace(truth.pictures[0].people, crowd=np.array([True]))
    crowd = dataclasses.replace(truth.pictures[0], people=people)
    truth = dataclasses.replace(truth, pictures=(crowd,))
    assert np.isnan(pck(truth, found_of(LSP), LSP, LSP.lengths[0]).total)


def test_each_picture_alone_has_its_own_share():
    truth = truth_of(LSP, standing(LSP), standing(LSP))
    shares = pck_by_picture(truth, found_of(LSP, standing(LSP)), LSP, LSP.lengths[0])
    assert shares == [1.0, 0.0]


def test_a_stricter_share_never_finds_more():
    random = np.random.default_rng(5)
    true = [standing(LSP, random.uniform(0, 300, 2)) for _ in range(20)]
    answers = [one + np.array([1, 1, 0]) * random.normal(0, 15, one.shape) for one in true]
    truth, found = truth_of(LSP, *true), found_of(LSP, *answers)
    totals = [
        pck(truth, found, LSP, Length("", limit, ("left_shoulder", "right_hip"))).total
        for limit in (0.05, 0.1, 0.2, 0.5)
    ]
    assert totals == sorted(totals)
    assert 0 < totals[0] < totals[-1]
