"""The right source for a name, and what to type where there is none."""

from pathlib import Path

import pytest
from drawn.media import numbered_frames, write_pictures, write_video

from openpose_py.errors import InputError
from openpose_py.stages.frames.open_source import open_source
from openpose_py.stages.frames.picture_folder import PictureFolder
from openpose_py.stages.frames.source import FrameRange
from openpose_py.stages.frames.video import Video

ALL = FrameRange()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_pictures(tmp_path / "pictures", {"a.png": numbered_frames(1)[0]})
    write_video(tmp_path / "walking.mp4", numbered_frames(3))
    return tmp_path


def test_a_folder_becomes_a_picture_folder_and_a_file_a_video(folder: Path) -> None:
    pictures = open_source(image_dir=str(folder / "pictures"), video="", wanted=ALL)
    video = open_source(image_dir="", video=str(folder / "walking.mp4"), wanted=ALL)
    assert isinstance(pictures, PictureFolder)
    assert isinstance(video, Video)
    assert (pictures.count, video.count) == (1, 3)
    video.close()


def _hint(image_dir: Path | str = "", video: Path | str = "") -> str:
    with pytest.raises(InputError) as caught:
        open_source(image_dir=str(image_dir), video=str(video), wanted=ALL)
    assert caught.value.where in (f"--image_dir {image_dir}", f"--video {video}")
    return caught.value.hint


def test_a_mistyped_name_suggests_the_nearest_one_in_that_folder(folder: Path) -> None:
    assert _hint(video=folder / "waking.mp4") == "did you mean walking.mp4?"
    assert _hint(image_dir=folder / "Picture") == "did you mean pictures?"


def test_a_name_like_nothing_there_has_no_hint(folder: Path) -> None:
    assert _hint(video=folder / "zzzzzz") == ""


def test_a_path_whose_folder_is_missing_says_so(folder: Path) -> None:
    assert _hint(video=folder / "no" / "a.mp4") == f"{folder / 'no'} is not there either"


def test_a_file_as_a_folder_and_a_folder_as_a_video_name_the_other_flag(folder: Path) -> None:
    assert f"--video {folder / 'walking.mp4'}" in _hint(image_dir=folder / "walking.mp4")
    assert f"--image_dir {folder / 'pictures'}" in _hint(video=folder / "pictures")


def test_an_address_as_a_video_names_the_camera_flag() -> None:
    assert "--ip_camera" in _hint(video="rtsp://camera/1")
