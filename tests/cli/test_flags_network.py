"""Effects of the flags about models, networks, video output and messages."""

import json
import re
import signal
import subprocess
import sys
import time

import av
import numpy as np
import pytest
from drawn.command import openpose_py
from drawn.media import number_in

from openpose_py.api import read_json


@pytest.fixture
def run(models, two_people, tmp_path):
    """Runs BODY_25 on the picture of two people; returns what ran and the people found."""

    def run_(*words: object):
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        given = ("--image_dir", two_people, "--model_folder", models, "--net_resolution", "-1x128")
        done = openpose_py(*given, "--write_json", out, *words)
        found = next(iter(read_json(out)))[1] if done.code == 0 else np.zeros((0, 25, 3))
        return done, found

    return run_


@pytest.mark.effect("model_folder")
@pytest.mark.effect("model_pose")
def test_the_model_is_read_from_its_folder_or_named_as_missing(run, two_people, tmp_path):
    done, found = run()
    assert done.code == 0 and found.shape == (2, 25, 3), done.err
    missing = openpose_py(
        "--image_dir", two_people, "--write_json", tmp_path / "o", "--model_folder", tmp_path,
        "--model_pose", "MPI",
    )  # fmt: skip
    assert missing.code == 4
    for said in ("pose_iter_160000.caffemodel", "licen", "--model_folder", "http"):
        assert missing.said(said), missing.err


def test_a_model_that_does_not_exist_gets_the_nearest_name(two_people, tmp_path):
    words = ("--image_dir", two_people, "--write_json", tmp_path, "--model_pose")
    for name, said in (
        ("BODY_52", "did you mean BODY_25"),
        ("BODY_19", "never published"),
        ("CAR_12", "never published"),
        ("body_25", "did you mean BODY_25"),
    ):
        done = openpose_py(*words, name)
        assert done.code == 2 and done.said(said), done.err


@pytest.mark.effect("caffemodel_path")
@pytest.mark.effect("prototxt_path")
def test_other_weights_and_descriptions_are_used_and_compared(run, models, tmp_path):
    weights = models / "pose" / "body_25" / "pose_iter_584000.caffemodel"
    other = models / "other.caffemodel"
    other.unlink(missing_ok=True)
    other.hardlink_to(weights)
    assert len(run("--caffemodel_path", "other.caffemodel")[1]) == 2
    (models / "wrong.prototxt").write_text('layer { name: "conv1_1" type: "Convolution" }')
    wrong, _ = run("--prototxt_path", "wrong.prototxt")
    assert wrong.code == 3 and wrong.said("describes another network")
    absent, _ = run("--caffemodel_path", "absent.caffemodel")
    assert absent.code == 4 and absent.said("absent.caffemodel")
    coco, _ = run("--model_pose", "COCO", "--caffemodel_path", "other.caffemodel")
    assert coco.code == 3 and coco.said("--model_pose BODY_25")


@pytest.mark.effect("net_resolution")
@pytest.mark.effect("net_resolution_dynamic")
@pytest.mark.effect("scale_number")
@pytest.mark.effect("scale_gap")
@pytest.mark.effect("write_maps")
def test_sizes_and_scales_show_in_the_stored_maps(run, tmp_path):
    shapes, found = {}, {}
    for name, words in {
        "plain": (),
        "rounded": ("--net_resolution", "-1x70"),
        "limited": ("--net_resolution_dynamic", 0.5),
        "scales": ("--scale_number", 2, "--scale_gap", 0.5),
    }.items():
        done, found[name] = run("--write_maps", tmp_path / name, *words)
        assert done.code == 0, done.err
        stored = np.load(tmp_path / name / "two_maps.npz")
        keys = sorted(key for key in stored if key.startswith("maps_"))
        shapes[name] = [stored[key].shape for key in keys]
    assert shapes["plain"] == [(78, 16, 24)]
    assert shapes["rounded"] == [(78, 8, 12)]
    assert shapes["limited"] == [(78, 16, 14)]
    assert shapes["scales"] == [(78, 16, 24), (78, 8, 12)]
    again = openpose_py("decode", tmp_path / "plain", "--write_json", tmp_path / "again")
    assert again.code == 0
    decoded = next(iter(read_json(tmp_path / "again")))[1]
    np.testing.assert_array_equal(decoded, found["plain"])


@pytest.mark.effect("device")
@pytest.mark.effect("num_gpu")
@pytest.mark.effect("num_gpu_start")
def test_a_gpu_that_is_not_there_is_an_error_never_a_silent_cpu(run, two_people, tmp_path):
    assert run("--device", "cpu")[0].code == 0
    for words in (("--device", "cuda:77"), ("--num_gpu", 1, "--num_gpu_start", 77)):
        done, _ = run(*words)
        assert done.code == 2 and done.said("GPU"), done.err
    assert run("--device", "abacus")[0].code == 2
    untouched = openpose_py("--image_dir", two_people, "--num_gpu", 0, "--write_json", tmp_path)
    assert untouched.code == 0
    assert json.loads((tmp_path / "two_keypoints.json").read_text())["people"] == []


@pytest.mark.effect("body")
def test_body_off_or_from_given_maps_says_what_to_type(run):
    assert run("--body", 1)[0].code == 0
    assert run("--body", 0)[0].code == 2
    given, _ = run("--body", 2)
    assert given.code == 2 and given.said("openpose-py decode")


@pytest.mark.effect("write_video")
@pytest.mark.effect("write_video_fps")
@pytest.mark.effect("write_video_with_audio")
def test_video_is_written_at_the_wanted_rate_with_sound(clip, numbered, tmp_path):
    out = tmp_path / "out.mp4"
    words = ("--video", clip, "--num_gpu", 0, "--write_video", out)
    assert openpose_py(*words, "--write_video_with_audio").code == 0
    with av.open(str(out)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.streams.video[0].average_rate == 10
        assert container.streams.audio
        frames = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    assert [number_in(frame) for frame in frames] == list(range(12))
    assert openpose_py(*words, "--write_video_fps", 5).code == 0
    with av.open(str(out)) as container:
        assert container.streams.video[0].average_rate == 5
    pictures = ("--image_dir", numbered, "--num_gpu", 0, "--write_video", out)
    refused = openpose_py(*pictures)
    assert refused.code == 2 and refused.said("--write_video_fps")
    assert openpose_py(*pictures, "--write_video_with_audio").said("needs --video")


@pytest.mark.effect("logging_level")
@pytest.mark.effect("profile_speed")
@pytest.mark.effect("quiet")
def test_messages_follow_their_priority(run):
    usual, _ = run()
    assert usual.said("nothing is drawn") and usual.said("1 frame, 2 people")
    assert not usual.said("ms a frame")
    assert run("--logging_level", 1, "--profile_speed", 1)[0].said("ms a frame")
    quiet, _ = run("--quiet", "--display", 0)
    assert quiet.err == ""
    assert not run("--logging_level", 255)[0].said("nothing is drawn")


@pytest.mark.effect("cli_verbose")
def test_cli_verbose_prints_openposes_lines(numbered):
    words = ("--image_dir", numbered, "--num_gpu", 0, "--quiet", "--cli_verbose")
    assert re.findall(r"\d+/\d+", openpose_py(*words, 5).out) == ["1/12", "5/12", "10/12", "12/12"]
    assert re.findall(r"\d+/", openpose_py(*words, 0.5).out) == ["1/", "6/", "12/"]
    assert openpose_py(*words, 0.001).out.count("frame") == 12


@pytest.mark.effect("fps_max")
def test_fps_max_holds_the_rate_down(numbered, tmp_path):
    words = ("--image_dir", numbered, "--num_gpu", 0, "--write_json", tmp_path)
    slow = openpose_py(*words, "--fps_max", 10)
    seconds = float(re.search(r"([\d.]+) s,", slow.err)[1])
    assert 1.0 <= seconds < 3.0, slow.err


@pytest.mark.effect("disable_multi_thread")
def test_one_thread_gives_the_same_bytes(models, clip, tmp_path):
    words = ("--video", clip, "--model_folder", models, "--net_resolution", "32x16", "--quiet")
    assert openpose_py(*words, "--write_json", tmp_path / "a").code == 0
    assert openpose_py(*words, "--write_json", tmp_path / "b", "--disable_multi_thread").code == 0
    first, second = ({p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in "ab")
    assert first == second and len(first) == 12


def test_ctrl_c_finishes_the_files_and_exits_with_130(clip, tmp_path):
    out = tmp_path / "cut.mp4"
    command = [sys.executable, "-m", "openpose_py", "--video", clip, "--num_gpu", 0, "--quiet"]
    command += ["--fps_max", 4, "--write_video", out, "--write_json", tmp_path / "json"]
    process = subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while len(list((tmp_path / "json").glob("*.json"))) < 4 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert "Traceback" not in process.stderr.read()
    with av.open(str(out)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert 4 <= frames < 12
    assert not [path for path in tmp_path.iterdir() if path.name not in ("cut.mp4", "json")]
