import numpy as np
import pytest

from openpose_py.stages.people.split_whole_body import has_faces_and_hands, split_whole_body
from openpose_py.zoo.skeletons import read_skeleton

BODY_135 = read_skeleton("BODY_135")
NUMBERED = np.tile(np.arange(135, dtype=np.float32)[:, None], (2, 1, 3))


def split(keypoints: np.ndarray) -> tuple[np.ndarray, ...]:
    return split_whole_body(keypoints, BODY_135)


def names(part_numbers: np.ndarray) -> list[str]:
    parts = read_skeleton("BODY_135").parts
    return [parts[int(number)] for number in part_numbers[0, :, 0]]


def test_the_body_has_the_parts_of_body_25b() -> None:
    body = [part.replace("UpperNeck", "Neck") for part in names(split(NUMBERED)[0])]
    assert body == list(read_skeleton("BODY_25B").parts)


def test_the_face_has_its_70_points_pupils_last() -> None:
    face = names(split(NUMBERED)[1])
    assert len(face) == 70
    assert face[0] == "FaceContour0"
    assert face[-2:] == ["RPupil", "LPupil"]


@pytest.mark.parametrize(("which", "side"), [(2, "L"), (3, "R")])
def test_a_hand_is_its_wrist_and_twenty_points_of_its_side(which: int, side: str) -> None:
    hand = names(split(NUMBERED)[which])
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
    body, face, left, right = split(keypoints)
    joined = np.concatenate([body, left[:, 1:], right[:, 1:], face], axis=1)
    np.testing.assert_array_equal(joined, keypoints)


def test_nobody_stays_nobody() -> None:
    shapes = [part.shape for part in split(np.zeros((0, 135, 3), np.float32))]
    assert shapes == [(0, 25, 3), (0, 70, 3), (0, 21, 3), (0, 21, 3)]


def test_other_skeletons_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2, 25, 3\)"):
        split(np.zeros((2, 25, 3), np.float32))


@pytest.mark.parametrize(
    ("name", "body", "wrist"), [("HALPE_136", 26, "LHandRoot"), ("WHOLEBODY_133", 23, "LHandRoot")]
)
def test_other_whole_bodies_are_shared_out_too(name: str, body: int, wrist: str) -> None:
    skeleton = read_skeleton(name)
    parts = np.arange(len(skeleton.parts), dtype=np.float32)[None, :, None]
    shares = split_whole_body(parts, skeleton)
    assert [share.shape[1] for share in shares] == [body, 68, 21, 21]
    assert skeleton.parts[int(shares[2][0, 0, 0])] == wrist
    together = sorted(int(number) for share in shares for number in share[0, :, 0])
    assert together == list(range(len(skeleton.parts)))


def test_bodies_alone_have_neither_faces_nor_hands() -> None:
    whole = {"BODY_135", "HALPE_136", "WHOLEBODY_133"}
    names = ("BODY_25", "COCO_17", "HALPE_26", "HALPE_68", "HAND_21", *whole)
    assert {name for name in names if has_faces_and_hands(read_skeleton(name))} == whole
