import numpy as np
import pytest

from openpose_py.stages.people.split_whole_body import split_135
from openpose_py.zoo.skeletons import read_skeleton

NUMBERED = np.tile(np.arange(135, dtype=np.float32)[:, None], (2, 1, 3))


def names(part_numbers: np.ndarray) -> list[str]:
    parts = read_skeleton("BODY_135").parts
    return [parts[int(number)] for number in part_numbers[0, :, 0]]


def test_the_body_has_the_parts_of_body_25b() -> None:
    body = [part.replace("UpperNeck", "Neck") for part in names(split_135(NUMBERED)[0])]
    assert body == list(read_skeleton("BODY_25B").parts)


def test_the_face_has_its_70_points_pupils_last() -> None:
    face = names(split_135(NUMBERED)[1])
    assert len(face) == 70
    assert face[0] == "FaceContour0"
    assert face[-2:] == ["RPupil", "LPupil"]


@pytest.mark.parametrize(("which", "side"), [(2, "L"), (3, "R")])
def test_a_hand_is_its_wrist_and_twenty_points_of_its_side(which: int, side: str) -> None:
    hand = names(split_135(NUMBERED)[which])
    assert len(hand) == 21
    assert hand[0] == f"{side}Wrist"
    assert hand[1::4] == [
        f"{side}Thumb1CMC",
        f"{side}Index1Knuckles",
        f"{side}Middle1Knuckles",
        f"{side}Ring1Knuckles",
        f"{side}Pinky1Knuckles",
    ]
    assert all(part.startswith(side) for part in hand)


def test_nothing_is_lost_and_values_stay() -> None:
    keypoints = np.random.default_rng(5).random((3, 135, 4), np.float32)
    body, face, left, right = split_135(keypoints)
    joined = np.concatenate([body, left[:, 1:], right[:, 1:], face], axis=1)
    np.testing.assert_array_equal(joined, keypoints)


def test_nobody_stays_nobody() -> None:
    shapes = [part.shape for part in split_135(np.zeros((0, 135, 3), np.float32))]
    assert shapes == [(0, 25, 3), (0, 70, 3), (0, 21, 3), (0, 21, 3)]


def test_other_skeletons_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2, 25, 3\)"):
        split_135(np.zeros((2, 25, 3), np.float32))
