"""Effects of the flags that choose frames, through the real command without a network."""

import json
from pathlib import Path

import cv2
import pytest
from drawn.command import openpose_py
from drawn.media import number_in

BARE = ("--num_gpu", 0, "--quiet")


def numbers_seen(folder: Path) -> list[int]:
    """The numbers that the written pictures show, in order of their names."""
    paths = sorted(folder.glob("*_rendered.png"), key=lambda path: (len(path.name), path.name))
    return [number_in(cv2.imread(str(path))) for path in paths]


def written(tmp_path: Path, *words: object) -> list[int]:
    done = openpose_py(*BARE, "--write_images", tmp_path, *words)
    assert done.code == 0, done.err
    return numbers_seen(tmp_path)


@pytest.mark.effect("image_dir")
def test_image_dir_reads_pictures_in_natural_order(numbered, tmp_path):
    assert written(tmp_path, "--image_dir", numbered) == list(range(12))
    assert (tmp_path / "picture_11_rendered.png").exists()


@pytest.mark.effect("video")
def test_video_reads_frames_with_twelve_digit_names(clip, tmp_path):
    assert written(tmp_path, "--video", clip) == list(range(12))
    assert (tmp_path / "clip_000000000011_rendered.png").exists()


@pytest.mark.effect("frame_first")
@pytest.mark.effect("frame_last")
@pytest.mark.effect("frame_step")
@pytest.mark.parametrize("source", ["numbered", "clip"])
def test_first_last_and_step_choose_the_right_pictures(source, request, tmp_path):
    path = request.getfixturevalue(source)
    words = ("--image_dir" if path.is_dir() else "--video", path)
    chosen = ("--frame_first", 2, "--frame_step", 4, "--frame_last", 10)
    assert written(tmp_path, *words, *chosen) == [2, 6, 10]


def test_a_frame_last_before_the_first_or_beyond_the_end_is_refused(numbered, tmp_path):
    words = (*BARE, "--image_dir", numbered, "--write_images", tmp_path)
    for wrong in (("--frame_first", 5, "--frame_last", 4), ("--frame_last", 12)):
        done = openpose_py(*words, *wrong)
        assert done.code == 2 and done.said("--frame_last"), done.err
    assert openpose_py(*words, "--frame_last", 2**64 - 1).code == 0


@pytest.mark.effect("frame_rotate")
@pytest.mark.effect("frame_flip")
def test_frames_are_rotated_counter_clockwise_and_mirrored(numbered, tmp_path):
    words = (*BARE, "--image_dir", numbered, "--write_images", tmp_path, "--frame_last", 1)
    assert openpose_py(*words, "--frame_rotate", 90, "--frame_flip").code == 0
    turned = cv2.imread(str(tmp_path / "picture_1_rendered.png"))
    upright = cv2.imread(str(numbered / "picture_1.png"))
    assert (turned == cv2.transpose(upright)).all()
    assert openpose_py(*words, "--frame_rotate", 45).code == 2


@pytest.mark.effect("frames_repeat")
def test_frames_repeat_begins_again_and_is_refused_with_files(numbered, tmp_path):
    words = ("--image_dir", numbered, "--frames_repeat", "--num_gpu", 0)
    refused = openpose_py(*words, "--write_json", tmp_path)
    assert refused.code == 2 and refused.said("write for ever")
    endless = (
        "import itertools, sys\nfrom openpose_py import Estimator\n"
        f"run = Estimator(num_gpu=0, frames_repeat=True, frame_first=9).run({str(numbered)!r})\n"
        "print([result.frame.index for result in itertools.islice(run, 8)])\nrun.close()"
    )
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-c", endless], capture_output=True, text=True)
    assert done.stdout.strip() == "[9, 10, 11, 9, 10, 11, 9, 10]", done.stderr


def test_a_broken_picture_is_named_skipped_and_exit_1(numbered, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in (1, 3):
        (folder / f"{number}.png").write_bytes((numbered / f"picture_{number}.png").read_bytes())
    (folder / "2.png").write_bytes(b"not a picture")
    (folder / "4.png").write_bytes(b"")
    out = tmp_path / "out"
    done = openpose_py(*BARE, "--image_dir", folder, "--write_json", out)
    assert done.code == 1
    assert done.said("2.png") and done.said("4.png")
    assert sorted(path.name for path in out.iterdir()) == ["1_keypoints.json", "3_keypoints.json"]
    assert json.loads((out / "1_keypoints.json").read_text())["people"] == []


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--video", "no_such.mp4"), "there is no such file"),
        (("--image_dir", "no_such"), "there is no such folder"),
        ((), "camera"),
    ],
)
def test_an_input_that_is_not_there_is_one_clear_error(words, complaint, tmp_path):
    done = openpose_py(*BARE, *words, "--write_json", "out", cwd=tmp_path)
    assert done.code in (2, 3) and done.said(complaint), done.err
    assert len(done.lines) <= 2


def test_two_inputs_are_refused(numbered, clip, tmp_path):
    done = openpose_py("--image_dir", numbered, "--video", clip, "--write_json", tmp_path)
    assert done.code == 2 and done.said("only one input")
