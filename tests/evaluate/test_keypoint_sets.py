"""Keypoint sets: complete, and matched with skeletons and ground truths by name."""

import numpy as np
import pytest

from openpose_py.errors import ModelFileError
from openpose_py.evaluate.keypoint_sets import (
    all_sets,
    columns_of,
    in_set,
    lacking,
    plain_name,
    read_set,
    sets_in,
)
from openpose_py.zoo.folder import models_folder
from openpose_py.zoo.skeletons import read_skeleton

SIZES = {
    "coco17": 17, "foot6": 6, "face68": 68, "lefthand21": 21, "righthand21": 21,
    "wholebody133": 133, "lsp14": 14, "mpii16": 16, "lip16": 16,
}  # fmt: skip
BODY_25_TO_COCO = [0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11]
COCO_TO_COCO = [0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10]


def test_every_set_has_its_points_once():
    assert {name: len(one.points) for name, one in all_sets().items()} == SIZES
    for one in all_sets().values():
        assert len(set(one.points)) == len(one.points)


def test_every_part_of_a_set_is_a_part_of_some_skeleton():
    names = ("BODY_25", "BODY_25B", "BODY_135", "COCO", "MPI")
    known = {part for name in names for part in read_skeleton(name).parts}
    known |= {"LHandRoot", "RHandRoot", "Thorax"}  # of hand networks, and of MPII's own results
    for one in all_sets().values():
        used = {part for choice in one.parts for names in choice.split("|") for part in
                names.split("+")}  # fmt: skip
        assert used <= known


def columns_in(model: str, wanted: str) -> list[int]:
    parts = read_skeleton(model).parts
    return [parts.index(part) for part in all_sets()[wanted].first_parts]


@pytest.mark.parametrize(
    ("model", "wanted", "order"),
    [
        ("BODY_25", "coco17", BODY_25_TO_COCO),
        ("COCO", "coco17", COCO_TO_COCO),
        ("BODY_25B", "coco17", list(range(17))),
        ("BODY_135", "coco17", list(range(17))),
        ("BODY_25", "foot6", list(range(19, 25))),
        ("BODY_135", "foot6", list(range(19, 25))),
        ("BODY_135", "face68", list(range(65, 133))),
    ],
)
def test_the_orders_are_those_in_which_openpose_writes_coco_results(model, wanted, order):
    assert columns_in(model, wanted) == order


@pytest.mark.parametrize("spelling", ["left_shoulder", "l_shoulder", "L-Shoulder", "LShoulder"])
def test_spellings_of_one_name_are_one_name(spelling):
    assert plain_name(spelling) == "lshoulder"


def test_a_ground_truth_has_the_sets_whose_points_it_names():
    def names(points):
        return [one.name for one in sets_in(points)]

    assert names(all_sets()["coco17"].points) == ["coco17"]
    assert names([*all_sets()["coco17"].points, *all_sets()["foot6"].points]) == ["coco17", "foot6"]
    assert names(all_sets()["wholebody133"].points) == list(SIZES)[:6]
    assert names(all_sets()["mpii16"].points) == ["mpii16"]
    assert names(["r_ankle", "r_knee", "nose"]) == []


def test_columns_follow_the_names_of_the_ground_truth():
    wanted = all_sets()["foot6"]
    assert columns_of(wanted.points[::-1], wanted) == [5, 4, 3, 2, 1, 0]


def test_parts_that_a_model_lacks_are_zero_and_named():
    wanted = all_sets()["lsp14"]
    keypoints = np.ones((2, 25, 3))
    out = in_set(keypoints, read_skeleton("BODY_25").parts, wanted)
    assert lacking(read_skeleton("BODY_25").parts, wanted) == ["head_top"]
    assert not out[:, -1].any() and (out[:, :-1] == 1).all()
    assert lacking(read_skeleton("BODY_25B").parts, wanted) == []


def test_a_point_may_be_the_middle_of_two_parts_if_both_were_found():
    parts = read_skeleton("BODY_25B").parts
    keypoints = np.zeros((2, 25, 3))
    keypoints[:, parts.index("LHip")] = 10, 20, 0.9
    keypoints[0, parts.index("RHip")] = 30, 40, 0.5
    pelvis = in_set(keypoints, parts, all_sets()["mpii16"])[:, 6]
    assert pelvis.tolist() == [[20, 30, 0.5], [0, 0, 0]]


def test_a_set_with_a_sigma_too_few_is_refused(tmp_path):
    text = (models_folder() / "keypoint_sets" / "foot6.toml").read_text()
    path = tmp_path / "foot6.toml"
    path.write_text(text.replace("0.068, ", "", 1))
    with pytest.raises(ModelFileError, match="one sigma a point"):
        read_set(path)


def test_a_yardstick_between_unknown_points_is_refused(tmp_path):
    text = (models_folder() / "keypoint_sets" / "lsp14.toml").read_text()
    path = tmp_path / "lsp14.toml"
    path.write_text(text.replace('"neck", "left_hip+right_hip"', '"neck", "tail"'))
    with pytest.raises(ModelFileError, match="tail"):
        read_set(path)
