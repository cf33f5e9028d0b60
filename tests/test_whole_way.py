"""From a picture to files through a real network: exactly the people that were put in."""

import json
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from drawn.command import openpose_py
from drawn.copied_people import picture_of, stamp_of, write_model

NETWORKS = {
    "BODY_25": "body_25",
    "BODY_25B": "body_25b_option2",
    "COCO": "coco",
    "MPI": "mpi",
    "BODY_135": "body_135",
}


def people_in(path: Path) -> int:
    return len(json.loads(path.read_text())["people"])


def drawn_pixels(picture: np.ndarray, given: np.ndarray) -> int:
    """Pixels that differ clearly from the given picture: the skeletons."""
    return int((np.abs(picture.astype(int) - given).max(2) > 60).sum())


@pytest.mark.parametrize("model", NETWORKS)
def test_n_people_go_in_and_n_come_out_in_json_picture_and_video(model, tmp_path):
    network = NETWORKS[model]
    write_model(tmp_path / "models", model)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    given = {count: picture_of(model, network, count, columns=2) for count in (0, 1, 2)}
    for count, picture in given.items():
        cv2.imwrite(str(pictures / f"{count}.png"), picture)
    out = tmp_path / "out"
    done = openpose_py(
        "--image_dir", pictures, "--model_pose", model, "--model_folder", tmp_path / "models",
        "--net_resolution", "-1x128", "--write_json", out, "--write_images", out,
        "--write_video", out / "all.mp4", "--write_video_fps", 5, "--quiet",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert [people_in(out / f"{count}_keypoints.json") for count in given] == [0, 1, 2]
    written = [cv2.imread(str(out / f"{count}_rendered.png")) for count in given]
    drawn = [drawn_pixels(picture, given[count]) for count, picture in enumerate(written)]
    assert drawn[0] == 0 and drawn[1] > 100
    assert drawn[2] == pytest.approx(2 * drawn[1], rel=0.1)
    with av.open(str(out / "all.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 3


def test_a_video_gives_one_record_a_frame_with_the_right_people(models, tmp_path):
    counts = [0, 1, 2, 1, 0, 2]
    frames = [picture_of("BODY_25", "body_25", count, columns=2) for count in counts]
    video = write_lossless(tmp_path / "walk.mkv", frames)
    out = tmp_path / "out"
    done = openpose_py(
        "--video", video, "--model_folder", models, "--net_resolution", "-1x128",
        "--write_json", out, "--quiet",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert [people_in(path) for path in sorted(out.iterdir())] == counts


def test_the_people_lie_where_the_stamps_are(models, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    cv2.imwrite(str(pictures / "three.png"), picture_of("BODY_25", "body_25", 3))
    done = openpose_py(
        "--image_dir", pictures, "--model_folder", models, "--net_resolution", "-1x128",
        "--write_json", tmp_path / "out", "--quiet",
    )  # fmt: skip
    assert done.code == 0, done.err
    people = json.loads((tmp_path / "out" / "three_keypoints.json").read_text())["people"]
    found = np.array([person["pose_keypoints_2d"] for person in people]).reshape(3, 25, 3)
    found = found[np.argsort(found[:, 0, 0])]
    width = stamp_of("BODY_25", "body_25").codes.shape[1] * 8
    for number in (1, 2):
        moved = found[number, :, :2] - found[0, :, :2]
        np.testing.assert_allclose(moved, [[number * width, 0]] * 25, atol=0.6)


def write_lossless(path: Path, frames: list[np.ndarray]) -> Path:
    """A video whose colours come back exactly: the codes in them must not move."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "bgr0"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="bgr24")))
        container.mux(stream.encode())
    return path
