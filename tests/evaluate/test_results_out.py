"""Found people as files: COCO's results, and the zip file for its server."""

import json
import zipfile

import numpy as np
import pytest
from evaluate.made_people import random_results, random_truth, write_json

from openpose_py.evaluate.ground_truth import read_ground_truth
from openpose_py.evaluate.judge import judge
from openpose_py.evaluate.people import Found, FoundPeople
from openpose_py.evaluate.results_in import read_coco_results
from openpose_py.evaluate.results_out import coco_results, write_results, write_submission
from openpose_py.zoo.skeletons import read_skeleton


@pytest.fixture
def table():
    return random_truth(np.random.default_rng(7), 12)


@pytest.fixture
def truth(tmp_path, table):
    return read_ground_truth(write_json(tmp_path / "truth.json", table))


def test_written_results_are_read_with_the_same_figures(tmp_path, table, truth):
    results = random_results(np.random.default_rng(8), table)
    found = read_coco_results(write_json(tmp_path / "results.json", results), truth)
    write_results(tmp_path / "again.json", truth, found)
    again = read_coco_results(tmp_path / "again.json", truth)
    first, second = judge(truth, found).figures, judge(truth, again).figures
    assert first["coco17"].ap == pytest.approx(second["coco17"].ap, abs=1e-6)
    assert first["coco17"].ar_medium == pytest.approx(second["coco17"].ar_medium, abs=1e-6)


def somebody(truth, model: str, part: str) -> Found:
    """A person in the first picture of whom one part was found, at 1, 2."""
    parts = read_skeleton(model).parts
    keypoints = np.zeros((1, len(parts), 3), np.float32)
    keypoints[0, parts.index(part)] = 1, 2, 0.7
    people = FoundPeople(keypoints, np.array([0.7]))
    return Found("made", parts, {truth.pictures[0].id: people})


def test_points_stand_in_cocos_order_and_missing_ones_are_zero(truth):
    (row,) = coco_results(truth, somebody(truth, "BODY_25", "LEye"))
    assert row["keypoints"] == [0, 0, 0, 1, 2, 0.7] + [0] * 45
    assert (row["image_id"], row["category_id"]) == (truth.pictures[0].id, 1)


def test_a_person_without_a_point_of_the_set_is_not_written(truth):
    assert coco_results(truth, somebody(truth, "BODY_25", "Neck")) == []


def test_feet_are_written_where_the_ground_truth_has_them(tmp_path, table):
    for row in table["annotations"]:
        row["foot_kpts"] = [0] * 18
    truth = read_ground_truth(write_json(tmp_path / "truth.json", table))
    found = somebody(truth, "BODY_25", "LBigToe")
    found.pictures[truth.pictures[0].id].keypoints[0, 0] = 5, 6, 0.5
    (row,) = coco_results(truth, found)
    assert row["foot_kpts"] == [1, 2, 0.7] + [0] * 15


@pytest.mark.parametrize(
    ("file", "inside"),
    [
        ("ours.zip", "person_keypoints_test-dev2017_ours_results.json"),
        ("my model.zip", "person_keypoints_test-dev2017_my-model_results.json"),
        (
            "person_keypoints_test-dev2017_body25_results.zip",
            "person_keypoints_test-dev2017_body25_results.json",
        ),
    ],
)
def test_the_servers_zip_holds_one_file_of_the_servers_name(tmp_path, truth, file, inside):
    found = somebody(truth, "BODY_25", "Nose")
    assert write_submission(tmp_path / file, truth, found) == inside
    with zipfile.ZipFile(tmp_path / file) as archive:
        assert archive.namelist() == [inside]
        assert json.loads(archive.read(inside)) == coco_results(truth, found)
