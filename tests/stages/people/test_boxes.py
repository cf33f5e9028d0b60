from pathlib import Path

import numpy as np
import pytest

from openpose_py.errors import UsageError
from openpose_py.stages.people.boxes import (
    check_face,
    check_hand,
    face_boxes,
    hand_boxes,
    hand_scales,
)
from openpose_py.zoo.skeletons import read_skeleton

GOLDEN = Path(__file__).parents[2] / "golden"
BODY_25 = read_skeleton("BODY_25")


def person(**parts: tuple[float, float]) -> np.ndarray:
    """(1, 25, 3): these parts of a BODY_25 person, surely seen."""
    keypoints = np.zeros((1, 25, 3), np.float32)
    for part, (x, y) in parts.items():
        keypoints[0, BODY_25.parts.index(part)] = x, y, 0.9
    return keypoints


@pytest.mark.parametrize("model", ["BODY_25", "COCO", "MPI", "BODY_25B"])
def test_face_boxes_are_openposes_to_the_last_bit(model):
    boxes = np.load(GOLDEN / "boxes" / "boxes.npz")
    found = face_boxes(boxes[f"{model}_keypoints"], read_skeleton(model))
    assert found.dtype == np.float32
    assert (found[:, 2] > 0).any()
    assert np.array_equal(found, boxes[f"{model}_face_rectangles"])


@pytest.mark.parametrize("model", ["BODY_25", "COCO", "MPI", "BODY_25B", "BODY_135"])
def test_hand_boxes_are_openposes_to_the_last_bit(model):
    boxes = np.load(GOLDEN / "boxes" / "boxes.npz")
    found = hand_boxes(boxes[f"{model}_keypoints"], read_skeleton(model))
    assert found.dtype == np.float32
    assert (found[..., 2] > 0).any()
    assert np.array_equal(found, boxes[f"{model}_hand_rectangles"])


def test_nobody_has_no_boxes():
    nobody = np.zeros((0, 25, 3), np.float32)
    assert face_boxes(nobody, BODY_25).shape == (0, 4)
    assert hand_boxes(nobody, BODY_25).shape == (0, 2, 4)


def test_a_person_without_the_parts_has_empty_boxes():
    keypoints = person(Nose=(50, 40), LWrist=(10, 10), LElbow=(20, 10))
    assert not face_boxes(keypoints, BODY_25).any()
    assert not hand_boxes(keypoints, BODY_25).any()


def test_a_face_seen_from_neck_and_nose_lies_between_them():
    box = face_boxes(person(Neck=(100, 132), Nose=(100, 100)), BODY_25)
    assert box.tolist() == [[68, 84, 64, 64]]


def test_a_profile_counts_the_visible_side_alone():
    both = person(Neck=(100, 140), Nose=(110, 100), LEye=(100, 90), LEar=(80, 95))
    (box,) = face_boxes(both, BODY_25)
    assert box[:2] + box[2:] / 2 == pytest.approx([(110 + 100 + 80) / 3, 95])


def test_the_left_hand_comes_first():
    keypoints = person(LWrist=(300, 100), LElbow=(260, 100), LShoulder=(220, 100))
    left, right = hand_boxes(keypoints, BODY_25)[0]
    assert left[:2] + left[2:] / 2 == pytest.approx([300 + 0.33 * 40, 100])
    assert left[2] == 60
    assert not right.any()


def test_a_score_at_the_threshold_is_not_seen():
    keypoints = person(LWrist=(300, 100), LElbow=(260, 100), LShoulder=(220, 100))
    keypoints[..., 2] = np.float32(0.03)
    assert not hand_boxes(keypoints, BODY_25).any()


def test_one_hand_scale_leaves_the_boxes_as_they_are():
    boxes = np.array([[10.5, 20.25, 33.3, 33.3]], np.float32)
    assert np.array_equal(hand_scales(boxes, 1, 0.4), boxes[:, np.newaxis])


def test_hand_scales_keep_the_centre_and_have_even_sides():
    boxes = np.array([[100, 50, 63, 63], [0, 0, 20, 20]], np.float32)
    scales = hand_scales(boxes, 3, 0.6)
    assert scales[0, :, 2].tolist() == [44, 62, 82]
    assert scales[1, :, 3].tolist() == [14, 20, 26]
    centres = scales[..., :2] + scales[..., 2:] / 2
    assert np.array_equal(centres, np.repeat([[[131.5, 81.5]], [[10, 10]]], 3, axis=1))


@pytest.mark.parametrize("model", ["BODY_25", "COCO", "MPI", "BODY_25B"])
def test_models_with_a_body_can_be_asked_for_face_and_hands(model):
    check_face(read_skeleton(model))
    check_hand(read_skeleton(model))


def test_body_135_refuses_because_it_finds_them_itself():
    for check, flag in ((check_face, "--face"), (check_hand, "--hand")):
        with pytest.raises(UsageError, match="finds the points of faces and hands itself") as told:
            check(read_skeleton("BODY_135"))
        assert told.value.where == flag


def test_a_model_without_the_parts_is_told_which_ones_it_lacks():
    with pytest.raises(UsageError, match="hand has no LWrist, LElbow, LShoulder, RWrist"):
        check_hand(read_skeleton("hand"))
    with pytest.raises(UsageError, match="face has no Neck, Head"):
        check_face(read_skeleton("face"))
