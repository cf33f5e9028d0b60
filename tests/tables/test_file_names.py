"""File names into videos and frames, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openpose_py.errors import InputError
from openpose_py.tables.file_names import file_name, keypoint_files, video_and_frame


@pytest.mark.parametrize(
    ("name", "video", "frame"),
    [
        ("walk_000000000007_keypoints.json", "walk", 7),
        ("COCO_val2014_000000000042_keypoints.json", "COCO_val2014", 42),
        ("walk_000000000007_keypoints_1.json", "walk@1", 7),
        ("photo0012_keypoints.json", "photo%04d", 12),
        ("two_keypoints.json", "two", None),
        ("000000000042_keypoints.json", "%012d", 42),
        ("a%04d_000000000001_keypoints.json", "a%04d_%012d", 1),
        ("a@1_000000000001_keypoints.json", "a@1_%012d", 1),
        ("walk_1000000000000_keypoints.json", "walk_%013d", 10**12),
    ],
)
def test_a_name_tells_video_and_frame(name, video, frame):
    assert video_and_frame(name) == (video, frame)
    assert file_name(video, frame) == name


@pytest.mark.parametrize("name", ["walk.json", "keypoints.json", "walk_keypoints_01.json", "x.csv"])
def test_other_names_are_not_of_keypoints(name):
    assert video_and_frame(name) is None


STEMS = st.text("ab_%@d0159. é", max_size=12)


@given(STEMS, st.integers(0, 10**13), st.integers(0, 13), st.integers(0, 3))
def test_every_name_can_be_made_again(before, number, width, view):
    name = f"{before}{number:0{width}d}_keypoints{f'_{view}' if view else ''}.json"
    split = video_and_frame(name)
    assert split is not None and file_name(*split) == name


def test_files_come_video_by_video_and_in_the_order_of_the_frames(tmp_path):
    for name in ("b_000000000010", "b_000000000009", "a_000000000001", "sub/c_000000000000"):
        path = tmp_path / f"{name}_keypoints.json"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "a_rendered.png").touch()
    found = [(file.video, file.frame) for file in keypoint_files(tmp_path)]
    assert found == [("a", 1), ("b", 9), ("b", 10), ("sub/c", 0)]


def test_a_folder_without_keypoints_is_named(tmp_path):
    with pytest.raises(InputError, match="has no file"):
        list(keypoint_files(tmp_path))
