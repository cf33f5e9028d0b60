"""Effects of the flags for faces and hands, with hand-made networks.

The body network finds the drawn person; the others answer to the blue of what they see, a
different blue for each point, so that points lie somewhere inside the crop and move with it.
"""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn.command import openpose_py
from drawn.copied_people import LARGE, picture_of, write_model
from drawn.copying_network import write_copying_caffemodel

MEDIA = Path(__file__).parents[2] / "examples" / "media"
SMALL = ("--face_net_resolution", "64x64", "--hand_net_resolution", "64x64")


def answers_to_blue(points: int) -> np.ndarray:
    """float32 (126 codes + 1, points + 1): each point is surest at another blue."""
    codes = np.arange(127)[:, None]
    targets = np.linspace(10, 120, points + 1)[None]
    return (0.95 * np.exp(-(((codes - targets) / 25) ** 2))).astype(np.float32)


@pytest.fixture(scope="module")
def parts_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("parts")
    write_model(folder, "BODY_25", LARGE)
    for name, file, points in (
        ("face", "pose_iter_116000.caffemodel", 70),
        ("hand", "pose_iter_102000.caffemodel", 21),
    ):
        (folder / name).mkdir()
        write_copying_caffemodel(folder / name / file, name, answers_to_blue(points))
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """A folder with three equal pictures of one person, twice as large as the network's input."""
    folder = tmp_path_factory.mktemp("pictures")
    picture = picture_of("BODY_25", "body_25", 1, columns=1, size=LARGE)
    picture = picture.repeat(2, axis=0).repeat(2, axis=1)[:-1, :-1]  # exactly twice, by its rule
    for number in range(3):
        cv2.imwrite(str(folder / f"{number}.png"), picture)
    return folder


@pytest.fixture(scope="module")
def frame(pictures) -> np.ndarray:
    return cv2.imread(str(pictures / "0.png"))


@pytest.fixture
def run(parts_folder, pictures, tmp_path):
    def run_(*words: object, last: int = 0):
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        done = openpose_py(
            "--image_dir", pictures, "--model_folder", parts_folder, "--frame_last", last, *SMALL,
            "--net_resolution", "-1x224", "--write_json", out, "--write_images", out, *words,
        )  # fmt: skip
        if done.code:
            return done, None, None
        (person,) = json.loads((out / f"{last}_keypoints.json").read_text())["people"]
        return done, person, cv2.imread(str(out / f"{last}_rendered.png"))

    return run_


def points(person: dict, field: str) -> np.ndarray:
    return np.array(person[field]).reshape(-1, 3)


@pytest.mark.effect("face")
@pytest.mark.effect("face_net_resolution")
def test_a_face_of_70_points_lies_on_the_head(run):
    done, person, _ = run("--face")
    assert done.code == 0, done.err
    face, nose = points(person, "face_keypoints_2d"), points(person, "pose_keypoints_2d")[0]
    assert face.shape == (70, 3) and (face[:, 2] > 0).all()
    assert np.abs(face[:, :2].mean(0) - nose[:2]).max() < 40
    assert person["hand_left_keypoints_2d"] == []
    assert run("--face", "--face_net_resolution", "64x48")[0].code == 2


@pytest.mark.effect("face_detector")
def test_faces_are_found_by_opencv_without_a_body(parts_folder, run, tmp_path):
    photo = tmp_path / "photo"
    photo.mkdir()
    (photo / "astronaut.jpg").symlink_to(MEDIA / "astronaut.jpg")
    done = openpose_py(
        "--image_dir", photo, "--model_folder", parts_folder, *SMALL, "--body", 0, "--face",
        "--face_detector", 1, "--write_json", tmp_path,
    )  # fmt: skip
    assert done.code == 0, done.err
    people = json.loads((tmp_path / "astronaut_keypoints.json").read_text())["people"]
    assert people and all(person["pose_keypoints_2d"] == [] for person in people)
    assert points(people[0], "face_keypoints_2d").shape == (70, 3)
    given, _, _ = run("--face", "--face_detector", 2)
    assert given.code == 2 and given.said("--face_detector")


@pytest.mark.effect("hand")
@pytest.mark.effect("hand_net_resolution")
@pytest.mark.effect("hand_scale_number")
@pytest.mark.effect("hand_scale_range")
def test_hands_have_21_points_and_change_with_the_sizes_tried(run):
    done, person, _ = run("--hand")
    assert done.code == 0, done.err
    plain = points(person, "hand_left_keypoints_2d")
    assert plain.shape == (21, 3)
    assert points(person, "hand_right_keypoints_2d").shape == (21, 3)
    scaled = run("--hand", "--hand_scale_number", 3, "--hand_scale_range", 0.8)[1]
    assert not np.array_equal(plain, points(scaled, "hand_left_keypoints_2d"))
    assert run("--hand", "--hand_net_resolution", "64x48")[0].code == 2
    assert run("--hand", "--hand_scale_number", 0)[0].code == 2


@pytest.mark.effect("hand_detector")
def test_hands_are_tracked_between_frames(run):
    by_body, tracked = (run("--hand", "--hand_detector", n, last=2)[1] for n in (0, 3))
    assert by_body["pose_keypoints_2d"] == tracked["pose_keypoints_2d"]
    fields = ("hand_left_keypoints_2d", "hand_right_keypoints_2d")
    assert any(by_body[field] != tracked[field] for field in fields)
    refused, _, _ = run("--hand", "--hand_detector", 1)
    assert refused.code == 2 and refused.said("--hand_detector")


@pytest.mark.effect("face_render")
@pytest.mark.effect("face_render_threshold")
@pytest.mark.effect("face_alpha_pose")
@pytest.mark.effect("face_alpha_heatmap")
def test_faces_are_drawn_as_the_flags_say(run, frame):
    alone = ("--face", "--render_pose", 0, "--face_render")
    _, _, cpu = run(*alone, 1)
    _, _, gpu = run(*alone, 2)
    _, _, faint = run(*alone, 2, "--face_alpha_pose", 0.1)
    _, _, none = run(*alone, 1, "--face_render_threshold", 5)
    assert not np.array_equal(cpu, frame) and not np.array_equal(cpu, gpu)
    assert changed(faint, frame) < changed(gpu, frame)
    assert np.array_equal(none, frame)
    assert run("--face", "--face_alpha_heatmap", 2)[0].code == 2


@pytest.mark.effect("hand_render")
@pytest.mark.effect("hand_render_threshold")
@pytest.mark.effect("hand_alpha_pose")
@pytest.mark.effect("hand_alpha_heatmap")
def test_hands_are_drawn_as_the_flags_say(run, frame):
    alone = ("--hand", "--render_pose", 0, "--hand_render")
    _, _, gpu = run(*alone, 2)
    _, _, faint = run(*alone, 2, "--hand_alpha_pose", 0.1)
    _, _, none = run(*alone, 1, "--hand_render_threshold", 5)
    assert 0 < changed(faint, frame) < changed(gpu, frame)
    assert np.array_equal(none, frame)
    assert run("--hand", "--hand_alpha_heatmap", 2)[0].code == 2


def changed(picture: np.ndarray, frame: np.ndarray) -> int:
    return int(np.abs(picture.astype(int) - frame).sum())
