"""Effects of the flags for cameras, lenses, tracks, ids and 3-D, through the real command."""

import json

import cv2
import numpy as np
import pytest
from drawn.cameras import camera_folder
from drawn.command import openpose_py
from drawn.copied_people import picture_of
from drawn.media import number_in
from drawn.mjpeg_server import MjpegServer


@pytest.fixture
def walking(tmp_path):
    """A folder with six pictures of one person that moves by one block, eight pixels, a time."""
    folder = tmp_path / "walking"
    folder.mkdir()
    person = picture_of("BODY_25", "body_25", 1, columns=2)
    for number in range(6):
        picture = np.roll(person, 8 * (number // 2), axis=1)
        cv2.imwrite(str(folder / f"{number}.png"), picture)
    return folder


def people(out, name: object) -> list[dict]:
    return json.loads((out / f"{name}_keypoints.json").read_text())["people"]


@pytest.fixture
def run(models, walking, tmp_path):
    def run_(*words: object):
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        given = ("--image_dir", walking, "--model_folder", models, "--net_resolution", "-1x128")
        return openpose_py(*given, "--write_json", out, "--quiet", *words), out

    return run_


@pytest.mark.effect("tracking")
def test_one_person_is_followed_between_the_networks_frames(run):
    done, out = run("--tracking", 1, "--number_people_max", 1)
    assert done.code == 0, done.err
    scores = np.array(people(out, 1)[0]["pose_keypoints_2d"]).reshape(-1, 3)[:, 2]
    assert set(scores.tolist()) <= {0, 1} and scores.any()
    refused, _ = run("--tracking", 1)
    assert refused.code == 2 and refused.said("--number_people_max 1")


@pytest.mark.effect("identification")
def test_a_person_keeps_its_id(run):
    done, out = run("--identification")
    assert done.code == 0, done.err
    ids = [people(out, number)[0]["person_id"][0] for number in range(6)]
    assert len(set(ids)) == 1 and ids[0] >= 0


@pytest.mark.effect("3d")
@pytest.mark.effect("3d_views")
@pytest.mark.effect("3d_min_views")
@pytest.mark.effect("camera_parameter_path")
def test_views_of_a_time_step_share_their_points_in_space(run, tmp_path):
    cameras = camera_folder(tmp_path / "cameras", 2)
    words = ("--3d", "--number_people_max", 1, "--camera_parameter_path", cameras)
    done, out = run(*words, "--3d_views", 2)
    assert done.code == 0, done.err
    names = sorted(path.name for path in out.iterdir())
    assert names == sorted(
        f"{number}_keypoints{view}.json" for number in (0, 2, 4) for view in ("", "_1")
    )
    second_view = json.loads((out / "0_keypoints_1.json").read_text())["people"]
    assert people(out, 0)[0]["pose_keypoints_3d"] == second_view[0]["pose_keypoints_3d"]
    assert run(*words, "--3d_views", 3)[0].said("camera files")
    assert run(*words, "--3d_views", 2, "--3d_min_views", 1)[0].code == 2
    assert run("--3d", "--3d_views", 2)[0].said("--number_people_max 1")


@pytest.mark.effect("frame_undistort")
def test_frames_are_undistorted_with_their_camera(tmp_path):
    folder, out = tmp_path / "pictures", tmp_path / "out"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    cv2.imwrite(str(folder / "a.png"), noise)
    cameras = camera_folder(tmp_path / "cameras", 1, bent=0)
    done = openpose_py(
        "--image_dir", folder, "--num_gpu", 0, "--write_images", out, "--quiet",
        "--frame_undistort", "--camera_parameter_path", cameras,
    )  # fmt: skip
    assert done.code == 0, done.err
    assert (cv2.imread(str(out / "a_rendered.png")) != noise).any()


@pytest.mark.effect("ip_camera")
def test_a_network_camera_is_read(tmp_path):
    server = MjpegServer()
    words = ("--num_gpu", 0, "--write_images", tmp_path, "--quiet", "--frame_last", 4)
    try:
        done = openpose_py("--ip_camera", server.address, *words)
    finally:
        server.kill()
    assert done.code == 0, done.err
    pictures = [cv2.imread(str(path)) for path in sorted(tmp_path.glob("*.png"))]
    numbers = [number_in(picture) for picture in pictures]
    assert len(numbers) == 5 and numbers == sorted(numbers)
    gone = openpose_py("--ip_camera", "http://127.0.0.1:9/x", *words)
    assert gone.code == 3 and gone.said("--ip_camera")


@pytest.mark.effect("camera")
@pytest.mark.effect("camera_resolution")
def test_a_webcam_that_is_not_there_is_one_clear_error(tmp_path):
    words = ("--num_gpu", 0, "--write_json", tmp_path)
    missing = openpose_py("--camera", 77, *words)
    assert missing.code == 3 and missing.said("camera"), missing.err
    assert len(missing.lines) <= 2
    wrong = openpose_py("--camera", 0, "--camera_resolution", "big", *words)
    assert wrong.code == 2 and wrong.said("--camera_resolution")


@pytest.mark.effect("process_real_time")
def test_real_time_takes_as_long_as_the_video(clip, numbered, tmp_path):
    words = ("--video", clip, "--num_gpu", 0, "--write_json", tmp_path, "--process_real_time")
    done = openpose_py(*words)
    assert done.code == 0 and done.said("leaves frames out")
    seconds = float(done.lines[-1].split(" people, ")[1].split(" s,")[0])
    assert seconds > 0.9  # twelve frames, ten a second
    pictures = openpose_py("--image_dir", numbered, *words[2:])
    assert pictures.code == 2 and pictures.said("--process_real_time")
