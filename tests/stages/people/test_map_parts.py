"""From one skeleton to another by the names of keypoints."""

import numpy as np
import pytest

from openpose_py.errors import UsageError
from openpose_py.records import People
from openpose_py.stages.people.map_parts import map_parts, skeleton_wanted
from openpose_py.zoo.skeletons import read_skeleton


def one_person(name: str, lacking: tuple[str, ...] = ()) -> People:
    """Part n is at n, 10 n with a score of (n + 1) / 200."""
    parts = read_skeleton(name).parts
    rows = [(0, 0, 0) if part in lacking else (n, 10 * n, (n + 1) / 200)
            for n, part in enumerate(parts)]  # fmt: skip
    return People(np.array([rows], np.float32), np.ones(1, np.float32))


def points_of(people: People, name: str) -> dict[str, np.ndarray]:
    return dict(zip(read_skeleton(name).parts, people.keypoints[0], strict=True))


def mapped(source: str, target: str, lacking: tuple[str, ...] = ()) -> tuple[dict, dict]:
    people = one_person(source, lacking)
    skeletons = read_skeleton(source), read_skeleton(target)
    return points_of(people, source), points_of(map_parts(people, *skeletons), target)


@pytest.mark.parametrize(
    ("source", "target"),
    [("BODY_25", "COCO_17"), ("COCO_17", "COCO"), ("HALPE_136", "BODY_25"),
     ("BODY_135", "BODY_25B"), ("WHOLEBODY_133", "BODY_135"), ("HALPE_26", "BODY_25"),
     ("LIP_16", "MPI")],
)  # fmt: skip
def test_parts_of_one_name_stay_and_middles_are_made(source: str, target: str) -> None:
    given, found = mapped(source, target)
    for part in set(given) & set(found) - {"Neck", "MidHip"}:
        np.testing.assert_array_equal(found[part], given[part])
    if target != "BODY_25B" and "Neck" in found:
        middle = (given["LShoulder"] + given["RShoulder"]) / 2
        np.testing.assert_allclose(found["Neck"][:2], middle[:2])
    for part in set(found) - set(given) - {"Neck", "MidHip", "UpperNeck", "Head", "HeadTop"}:
        assert not found[part].any(), part


def test_there_is_no_middle_of_a_part_that_was_not_found() -> None:
    _, found = mapped("COCO_17", "BODY_25", lacking=("LHip",))
    assert not found["MidHip"].any() and found["Neck"].any()


def test_an_upper_neck_is_no_middle_of_shoulders() -> None:
    given, found = mapped("LIP_16", "BODY_25B")
    np.testing.assert_array_equal(found["Neck"], given["UpperNeck"])
    given, found = mapped("BODY_25B", "BODY_135")
    np.testing.assert_array_equal(found["UpperNeck"], given["Neck"])


def test_the_root_of_a_hand_is_the_wrist_where_there_is_no_other() -> None:
    given, found = mapped("BODY_135", "WHOLEBODY_133")
    np.testing.assert_array_equal(found["LHandRoot"], given["LWrist"])
    given, found = mapped("MPI", "LIP_16")
    np.testing.assert_array_equal(found["HeadTop"], given["Head"])


def test_wrong_wishes_are_named() -> None:
    body = read_skeleton("BODY_25")
    with pytest.raises(UsageError, match="did you mean HALPE_26"):
        skeleton_wanted("HALPE26", body)
    with pytest.raises(UsageError, match="no keypoint of HAND_21"):
        skeleton_wanted("HAND_21", body)
    assert skeleton_wanted("COCO_17", body).name == "COCO_17"
