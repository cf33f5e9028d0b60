"""Effects of the flags after the network, through the real command on stored maps."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn.command import openpose_py

from openpose_py.api import read_json


def decoded(maps: Path, out: Path, *words: object) -> np.ndarray:
    """Keypoints (people, parts, 3) that `openpose-py decode` writes."""
    done = openpose_py("decode", maps, "--quiet", "--write_json", out, *words)
    assert done.code == 0, done.err
    ((_, keypoints),) = read_json(out)
    return keypoints


def picture(maps: Path, out: Path, *words: object) -> np.ndarray:
    done = openpose_py("decode", maps, "--quiet", "--write_images", out, *words)
    assert done.code == 0, done.err
    (path,) = out.glob("*_rendered.png")
    return cv2.imread(str(path))


@pytest.fixture(scope="module")
def weak_maps(crowd_maps, tmp_path_factory) -> Path:
    """The same people with maps so faint that the usual thresholds drop them."""
    folder = tmp_path_factory.mktemp("weak")
    arrays = dict(np.load(crowd_maps / "crowd_maps.npz"))
    np.savez(folder / "weak_maps.npz", **{**arrays, "maps_0": arrays["maps_0"] * 0.045})
    return folder


@pytest.mark.effect("maximize_positives")
def test_maximize_positives_finds_people_that_are_too_faint_otherwise(weak_maps, tmp_path):
    assert len(decoded(weak_maps, tmp_path / "a")) == 0
    assert len(decoded(weak_maps, tmp_path / "b", "--maximize_positives")) > 0


@pytest.mark.effect("number_people_max")
def test_number_people_max_keeps_so_many(crowd_maps, tmp_path):
    everybody = decoded(crowd_maps, tmp_path / "a")
    two = decoded(crowd_maps, tmp_path / "b", "--number_people_max", 2)
    assert (len(everybody), len(two)) == (4, 2)
    assert all(any((one == other).all() for other in everybody) for one in two)


@pytest.mark.effect("keypoint_scale")
@pytest.mark.parametrize(
    ("mode", "factor", "offset"),
    [(1, (175 / 351,) * 2, 0), (3, (1 / 639, 1 / 351), 0), (6, (2 / 639,) * 2, -1)],
)
def test_keypoint_scale_changes_the_saved_coordinates(crowd_maps, tmp_path, mode, factor, offset):
    plain = decoded(crowd_maps, tmp_path / "a")
    scaled = decoded(crowd_maps, tmp_path / "b", "--keypoint_scale", mode)
    wanted = plain[..., :2] * np.array(factor) + offset
    np.testing.assert_allclose(scaled[..., :2], wanted, rtol=2e-3, atol=2e-3)
    np.testing.assert_array_equal(scaled[..., 2], plain[..., 2])


@pytest.mark.effect("part_candidates")
def test_part_candidates_lists_every_part_that_was_found(crowd_maps, tmp_path):
    plain = decoded(crowd_maps, tmp_path / "a")
    decoded(crowd_maps, tmp_path / "b", "--part_candidates")
    (path,) = (tmp_path / "b").iterdir()
    (candidates,) = json.loads(path.read_text())["part_candidates"]
    assert list(candidates) == [str(part) for part in range(25)]
    nose = np.array(candidates["0"]).reshape(-1, 3)
    assert {tuple(row) for row in plain[:, 0].tolist()} <= {
        tuple(row) for row in nose.astype(np.float32).tolist()
    }


@pytest.mark.effect("max_peaks")
def test_max_peaks_keeps_the_first_candidates_of_a_part(crowd_maps, tmp_path):
    decoded(crowd_maps, tmp_path, "--part_candidates", "--max_peaks", 1)
    (path,) = tmp_path.iterdir()
    (candidates,) = json.loads(path.read_text())["part_candidates"]
    assert {len(row) for row in candidates.values()} == {3}


@pytest.mark.effect("upsampling_ratio")
def test_upsampling_ratio_moves_keypoints_a_little_at_most(crowd_maps, tmp_path):
    plain = decoded(crowd_maps, tmp_path / "a")
    half = decoded(crowd_maps, tmp_path / "b", "--upsampling_ratio", 4)
    assert len(plain) == len(half)
    assert 0 < np.abs(np.sort(plain[:, 0, 0]) - np.sort(half[:, 0, 0])).max() < 8


@pytest.mark.effect("render_pose")
def test_render_pose_0_saves_the_frame_as_it_is(crowd_maps, tmp_path):
    assert picture(crowd_maps, tmp_path / "a").any()
    assert not picture(crowd_maps, tmp_path / "b", "--render_pose", 0).any()
    assert picture(crowd_maps, tmp_path / "c", "--render_pose", 1).any()


@pytest.mark.effect("render_threshold")
def test_parts_below_render_threshold_are_not_drawn(crowd_maps, tmp_path):
    assert not picture(crowd_maps, tmp_path, "--render_threshold", 1.5).any()


@pytest.mark.effect("disable_blending")
def test_disable_blending_draws_on_black(crowd_maps, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    cv2.imwrite(str(pictures / "crowd.png"), np.full((352, 640, 3), 90, np.uint8))
    words = ("--image_dir", pictures)
    blended = picture(crowd_maps, tmp_path / "a", *words)
    black = picture(crowd_maps, tmp_path / "b", *words, "--disable_blending")
    assert (blended[0, 0] == 90).all() and (black[0, 0] == 0).all()
    assert (black.any(2) == (blended != 90).any(2)).mean() > 0.999


@pytest.mark.effect("output_resolution")
def test_output_resolution_is_the_size_of_the_picture_and_of_scale_2(crowd_maps, tmp_path):
    assert picture(crowd_maps, tmp_path / "a", "--output_resolution", "320x300").shape[:2] == (
        300,
        320,
    )
    plain = decoded(crowd_maps, tmp_path / "b")
    words = ("--output_resolution", "320x300", "--keypoint_scale", 2)
    scaled = decoded(crowd_maps, tmp_path / "c", *words)
    np.testing.assert_allclose(scaled[..., :2], plain[..., :2] * 319 / 639, rtol=1e-3, atol=1e-3)


@pytest.mark.effect("write_images")
@pytest.mark.effect("write_images_format")
def test_images_are_written_in_the_wanted_format(crowd_maps, tmp_path):
    words = ("decode", crowd_maps, "--quiet", "--write_images", tmp_path)
    assert openpose_py(*words, "--write_images_format", "jpg").code == 0
    assert (tmp_path / "crowd_rendered.jpg").read_bytes()[:2] == b"\xff\xd8"
    wrong = openpose_py(*words, "--write_images_format", "docx")
    assert wrong.code == 2 and wrong.said("--write_images_format")


@pytest.mark.effect("write_json")
def test_json_is_written_as_openpose_writes_it(crowd_maps, tmp_path):
    assert len(decoded(crowd_maps, tmp_path)) == 4
    text = (tmp_path / "crowd_keypoints.json").read_text()
    assert text.startswith('{"version":1.3,"people":[{"person_id":[-1],"pose_keypoints_2d":[')
    assert text.endswith('"hand_right_keypoints_3d":[]}]}')


def test_an_unwritable_place_is_exit_3_in_at_most_two_lines(crowd_maps, tmp_path):
    (tmp_path / "file").write_text("")
    done = openpose_py("decode", crowd_maps, "--write_json", tmp_path / "file" / "out")
    assert done.code == 3 and len(done.lines) <= 2, done.err


@pytest.mark.effect("alpha_pose")
def test_the_gpu_look_is_drawn_with_its_opacity(crowd_maps, tmp_path):
    words = ("--render_pose", 2, "--alpha_pose")
    faint = picture(crowd_maps, tmp_path / "a", *words, 0.1)
    strong = picture(crowd_maps, tmp_path / "b", *words, 1)
    assert 0 < faint.max() < strong.max() == 255
    assert openpose_py("decode", crowd_maps, "--write_images", tmp_path, *words, 2).code == 2


@pytest.mark.effect("part_to_show")
@pytest.mark.effect("alpha_heatmap")
def test_heat_views_are_drawn_instead_of_skeletons(crowd_maps, tmp_path):
    views = [picture(crowd_maps, tmp_path / str(n), "--part_to_show", n) for n in (1, 2, 3, 4, 30)]
    assert all(view.any() for view in views)
    assert len({view.tobytes() for view in views}) == len(views)
    words = ("--part_to_show", 2, "--alpha_heatmap")
    faint = picture(crowd_maps, tmp_path / "faint", *words, 0.1)
    assert 0 < faint.max() < views[1].max()
    beyond = openpose_py("decode", crowd_maps, "--write_images", tmp_path, "--part_to_show", 99)
    assert beyond.code == 2 and beyond.said("part_to_show")
