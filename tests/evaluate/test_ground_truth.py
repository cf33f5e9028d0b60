"""Ground truth files of all kinds, and what is wrong with the others."""

import json

import numpy as np
import pytest
from evaluate.made_people import CATEGORY, COCO, random_truth, write_json

from openpose_py.errors import InputError
from openpose_py.evaluate.ground_truth import read_ground_truth
from openpose_py.evaluate.keypoint_sets import all_sets, sets_in


def test_pictures_come_in_the_order_of_their_ids(tmp_path):
    table = random_truth(np.random.default_rng(0), 6)
    truth = read_ground_truth(write_json(tmp_path / "truth.json", table))
    assert [one.id for one in truth.pictures] == sorted(row["id"] for row in table["images"])
    counted = sum(len(one.people.areas) for one in truth.pictures)
    assert counted == len(table["annotations"])


def test_people_of_other_categories_are_left_out(tmp_path):
    table = random_truth(np.random.default_rng(2), 3)
    table["categories"].append({"id": 2, "name": "dog", "keypoints": []})
    table["annotations"].append({"id": 99, "image_id": 1, "category_id": 2, "bbox": [0, 0, 1, 1]})
    truth = read_ground_truth(write_json(tmp_path / "truth.json", table))
    counted = sum(len(one.people.areas) for one in truth.pictures)
    assert counted == len(table["annotations"]) - 1


def whole_body(tmp_path):
    blocks = ("foot6", "face68", "lefthand21", "righthand21")
    row = {
        "id": 1, "image_id": 5, "category_id": 1, "iscrowd": 0, "area": 900.0, "num_keypoints": 17,
        "bbox": [0, 0, 30, 30], "keypoints": [1, 2, 2] * 17,
    }  # fmt: skip
    for number, name in enumerate(blocks):
        row[all_sets()[name].block] = [number + 3, 4, 2] * len(all_sets()[name].points)
    table = {
        "images": [{"id": 5, "file_name": "a.jpg"}], "annotations": [row], "categories": [CATEGORY],
    }  # fmt: skip
    return read_ground_truth(write_json(tmp_path / "truth.json", table))


def test_the_blocks_of_coco_wholebody_become_one_row_of_points(tmp_path):
    truth = whole_body(tmp_path)
    assert [one.name for one in sets_in(truth.points)] == [
        "coco17", "foot6", "face68", "lefthand21", "righthand21", "wholebody133",
    ]  # fmt: skip
    xs = truth.pictures[0].people.keypoints[0, :, 0]
    assert xs.tolist() == [1] * 17 + [3] * 6 + [4] * 68 + [5] * 21 + [6] * 21
    assert truth.listed == 17


def test_a_category_without_names_is_read_by_its_number_of_points(tmp_path):
    table = random_truth(np.random.default_rng(0), 3)
    table["categories"] = [{"id": 1, "name": "person"}]
    truth = read_ground_truth(write_json(tmp_path / "truth.json", table))
    assert truth.points == COCO.points


def test_lists_of_joints_are_read(tmp_path):
    names = ["r_ankle", "head_top"]
    image = {"file": "im1.jpg", "width": 10, "height": 20, "joints": [[1.5, 2, 1], [0, 0, 0]]}
    path = write_json(tmp_path / "joints.json", {"joint_names": names, "images": [image]})
    truth = read_ground_truth(path)
    assert truth.points == ("r_ankle", "head_top")
    assert truth.pictures[0].people.keypoints.tolist() == [[[1.5, 2, 1], [0, 0, 0]]]


def test_the_head_box_of_mpii_gives_the_heads_diagonal(tmp_path):
    wanted = all_sets()["mpii16"]
    row = {"id": 1, "image_id": 1, "category_id": 1, "keypoints": [1, 1, 2] * 16,
           "head_box": [10, 10, 40, 50]}  # fmt: skip
    category = {"id": 1, "name": "person", "keypoints": list(wanted.points)}
    table = {"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [row],
             "categories": [category]}  # fmt: skip
    truth = read_ground_truth(write_json(tmp_path / "truth.json", table))
    assert truth.pictures[0].people.heads.tolist() == [50.0]
    assert truth.pictures[0].people.boxes.tolist() == [[1, 1, 0, 0]]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[1, 2]", "not a ground truth"),
        ("{", "not JSON"),
        ('{"images": [{"id": 1}], "annotations": []}', "damaged"),
        (json.dumps({"images": [], "annotations": [{"image_id": 3, "keypoints": [0] * 51}]}),
         "not listed"),
        (json.dumps({"images": [{"id": 3, "file_name": "a"}],
                     "annotations": [{"image_id": 3, "keypoints": [0] * 12}]}), "does not name"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_named(tmp_path, text, complaint):
    path = tmp_path / "truth.json"
    path.write_text(text)
    with pytest.raises(InputError, match=complaint) as problem:
        read_ground_truth(path)
    assert "truth.json" in str(problem.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_ground_truth(tmp_path / "none.json")
