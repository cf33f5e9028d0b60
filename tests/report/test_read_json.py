"""Folders and files of OpenPose's JSON, and what is said of wrong ones."""

import json
from pathlib import Path

import numpy as np
import pytest

from openpose_py.errors import InputError, UsageError
from openpose_py.report.read_json import read_people
from openpose_py.report.shown_skeleton import shown, skeleton_named, spoken

GOLDEN = Path(__file__).parents[1] / "golden"
ONE = {"people": [{"person_id": [-1], "pose_keypoints_2d": [1, 2, 0.5] * 25}]}


def write(folder: Path, **files: object) -> Path:
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{name}_keypoints.json").write_text(text)
    return folder


def test_frames_of_a_video_have_its_name_and_their_own_numbers(tmp_path):
    folder = write(tmp_path, walk_000000000005=ONE, walk_000000000010={"people": []})
    found = read_people(folder)
    assert (found.title, found.points, found.names) == ("walk", (25, 0, 0, 0), ())
    assert [(frame.number, len(frame.people)) for frame in found.frames()] == [(5, 1), (10, 0)]


def test_pictures_come_in_natural_order_of_their_names(tmp_path):
    found = read_people(write(tmp_path, p10=ONE, p9=ONE))
    assert found.names == ("p9", "p10") and [f.number for f in found.frames()] == [0, 1]


def test_a_file_of_the_original_is_read_with_face_hands_and_ids():
    path = GOLDEN / "files" / "json" / "body_face_hands_keypoints.json"
    table = json.loads(path.read_text())
    (frame,) = read_people(path).frames()
    assert len(frame.people) == len(table["people"])
    for (identity, points), person in zip(frame.people, table["people"], strict=True):
        assert identity == person["person_id"][0]
        assert points[:75].tolist() == np.float32(person["pose_keypoints_2d"]).tolist()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not a file of OpenPose keypoints"),
        ("[]", "is not a file of OpenPose keypoints"),
        ({"persons": []}, "is not a file of OpenPose keypoints"),
        ({"people": [3]}, "is not a file of OpenPose keypoints"),
        ({"people": [{"pose_keypoints_2d": [1, 2]}]}, "triples"),
        ({"people": [{"pose_keypoints_2d": ["a", 2, 3] * 25}]}, "is not a file of OpenPose"),
        ({"people": []}, "no people"),
    ],
)
def test_wrong_files_are_named(tmp_path, content, said):
    with pytest.raises(InputError, match=said) as raised:
        list(read_people(write(tmp_path, a=content)).frames())
    assert str(tmp_path) in raised.value.where


def test_folders_that_cannot_be_meant_are_answered_with_what_can(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_people(tmp_path / "nothing")
    (tmp_path / "inside").mkdir()
    write(tmp_path / "inside", a_000000000000=ONE, b_000000000000=ONE)
    with pytest.raises(InputError) as raised:
        read_people(tmp_path)
    assert str(tmp_path / "inside") in raised.value.hint
    with pytest.raises(InputError, match="2 videos: a, b"):
        read_people(tmp_path / "inside")


def test_the_number_of_parts_tells_the_skeleton_and_a_flag_overrules_it():
    names = {parts: skeleton_named("", parts).name for parts in (25, 18, 15, 135)}
    assert names == {25: "BODY_25", 18: "COCO", 15: "MPI", 135: "BODY_135"}
    assert skeleton_named("BODY_25B", 25).name == "BODY_25B"
    assert skeleton_named("BODY_135", 25).name == "BODY_25B"  # face and hands are apart
    with pytest.raises(UsageError, match="the files have 25"):
        skeleton_named("COCO", 25)
    with pytest.raises(InputError, match="no skeleton has 4 parts"):
        skeleton_named("", 4)


@pytest.mark.parametrize("parts", [25, 18, 15, 135])
def test_every_part_is_in_one_group_and_has_a_colour(parts):
    page = shown(skeleton_named("", parts), (parts, 70, 21, 21))
    count = parts + 112
    assert len(page["parts"]) == len(page["colours"]) == count
    assert sorted(part for group in page["groups"] for part in group["parts"]) == list(range(count))
    assert all(0 <= part < count for line in page["lines"] for part in line)
    assert page["bodyParts"] == (25 if parts == 135 else parts)


def test_names_of_parts_are_spoken():
    assert spoken("LBigToe") == "Left big toe" and spoken("MidHip") == "Mid hip"
    assert spoken("Nose") == "Nose" and spoken("RWrist") == "Right wrist"
