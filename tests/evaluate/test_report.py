"""Judgements as tables and as data."""

import json

import numpy as np
import pytest
from evaluate.made_people import random_truth, write_json

from openpose_py.errors import InputError
from openpose_py.evaluate.ground_truth import read_ground_truth
from openpose_py.evaluate.judge import judge, worst_pictures
from openpose_py.evaluate.keypoint_sets import columns_of, sets_in
from openpose_py.evaluate.people import Found, FoundPeople
from openpose_py.evaluate.report import as_data, best_of, notes, tables
from openpose_py.zoo.skeletons import read_skeleton


@pytest.fixture
def truth(tmp_path):
    """COCO people who also have feet, right of their first point."""
    table = random_truth(np.random.default_rng(3), 15)
    for row in table["annotations"]:
        seen = 2 if row["num_keypoints"] and not row["iscrowd"] else 0
        row["foot_kpts"] = [value for n in range(6) for value in (row["bbox"][0] + n, 9, seen)]
    return read_ground_truth(write_json(tmp_path / "truth.json", table))


def answer(truth, model: str, name: str, shift: float = 0.0) -> Found:
    """Everybody who is there, found by a model, so many pixels off."""
    parts = read_skeleton(model).parts
    pictures = {}
    for picture in truth.pictures:
        people = picture.people
        kept = ~people.crowd & (people.keypoints[..., 2] > 0).any(1)
        keypoints = np.zeros((kept.sum(), len(parts), 3))
        for wanted in sets_in(truth.points):
            for part, column in zip(
                wanted.first_parts, columns_of(truth.points, wanted), strict=True
            ):
                if part in parts:
                    keypoints[:, parts.index(part)] = people.keypoints[kept, column]
        keypoints[..., :2] += shift * (keypoints[..., 2:] > 0)
        pictures[picture.id] = FoundPeople(keypoints, np.ones(len(keypoints)))
    return Found(name, parts, pictures)


def test_candidates_of_different_skeletons_stand_in_one_table(truth):
    judgements = [
        judge(truth, answer(truth, model, model, shift))
        for model, shift in (("COCO", 3.0), ("BODY_25", 0.0))
    ]
    body, foot, points = tables(judgements)
    assert (body.title[:7], foot.title[:6]) == ("body 17", "foot 6")
    assert foot.rows[0] == ("COCO", *["-"] * 10)
    assert foot.rows[1][1] == "1.000"
    assert body.best == 1 == best_of(judgements)
    assert points.header == ("point", "labelled", "COCO", "BODY_25")
    assert points.rows[-1][0] == "all" and points.rows[-1][-1] == "1.000"
    assert any("foot 6: not judged" in line for line in notes(judgements[0]))


def test_of_many_candidates_only_the_best_is_shown_point_by_point(truth):
    judgements = [
        judge(truth, answer(truth, "BODY_25", f"step {shift}", shift)) for shift in (4, 3, 0, 1, 2)
    ]
    _, _, totals, points = tables(judgements)
    assert [row[0] for row in totals.rows] == [f"step {shift}" for shift in (4, 3, 0, 1, 2)]
    assert totals.best == 2
    assert points.header[2:] == ("step 0",)


def test_the_data_is_json_with_null_for_what_does_not_exist(truth):
    (data,) = as_data([judge(truth, answer(truth, "COCO", "none", 1000.0))])
    again = json.loads(json.dumps(data, allow_nan=False))
    assert again["coco"]["coco17"]["ap"] == 0.0
    assert list(again["pck"][0]["points"]) == list(sets_in(truth.points)[0].points)


def test_points_that_a_model_lacks_are_named(tmp_path):
    names = ["r_ankle", "r_knee", "r_hip", "l_hip", "l_knee", "l_ankle", "r_wrist", "r_elbow",
             "r_shoulder", "l_shoulder", "l_elbow", "l_wrist", "neck", "head_top"]  # fmt: skip
    joints = [[n, 2 * n, 1] for n in range(14)]
    table = {"joint_names": names,
             "images": [{"file": "a.jpg", "width": 9, "height": 9, "joints": joints}]}  # fmt: skip
    truth = read_ground_truth(write_json(tmp_path / "joints.json", table))
    judgement = judge(truth, answer(truth, "COCO", "COCO"))
    assert judgement.lacking == {"lsp14": ["head_top"]}
    assert any("the model lacks head_top" in line for line in notes(judgement))
    assert judgement.pcks["lsp14"][0].right.tolist() == [1] * 12 + [0, 0]


def test_a_ground_truth_of_unknown_points_is_refused(tmp_path):
    image = {"file": "a", "width": 1, "height": 1, "joints": [[1, 1, 1]]}
    table = {"joint_names": ["tail"], "images": [image]}
    truth = read_ground_truth(write_json(tmp_path / "joints.json", table))
    with pytest.raises(InputError, match="none of the sets"):
        judge(truth, answer(truth, "COCO", "COCO"))


def test_the_worst_pictures_are_those_where_the_second_falls_behind_most():
    nothing = float("nan")
    first, second = [1.0, 0.5, nothing, 0.2, 0.9], [0.1, 0.5, 0.0, 0.2, 0.8]
    assert worst_pictures(first, second, 4) == [0, 4, 3, 1]
