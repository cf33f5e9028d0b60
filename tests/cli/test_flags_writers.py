"""Effects of the flags for heat maps, OpenCV storage files and COCO results."""

import json

import cv2
import numpy as np
import pytest
from drawn.command import openpose_py


@pytest.fixture
def decode(crowd_maps):
    def decode_(*words: object):
        return openpose_py("decode", crowd_maps, "--quiet", *words)

    return decode_


@pytest.mark.effect("write_heatmaps")
@pytest.mark.effect("write_heatmaps_format")
@pytest.mark.effect("heatmaps_add_parts")
@pytest.mark.effect("heatmaps_add_bkg")
@pytest.mark.effect("heatmaps_add_PAFs")
@pytest.mark.effect("heatmaps_scale")
def test_heat_maps_hold_the_chosen_channels_in_the_chosen_range(decode, tmp_path):
    channels = {"parts": 25, "bkg": 1, "PAFs": 52}
    for name, count in channels.items():
        done = decode("--write_heatmaps", tmp_path / name, f"--heatmaps_add_{name}")
        assert done.code == 0, done.err
        picture = cv2.imread(str(tmp_path / name / "crowd_pose_heatmaps.png"), cv2.IMREAD_UNCHANGED)
        assert picture.shape == (176, 320 * count) and picture.dtype == np.uint8
    words = ("--heatmaps_add_parts", "--write_heatmaps_format", "float", "--heatmaps_scale")
    for scale, low in ((0, -1), (1, 0)):
        assert decode("--write_heatmaps", tmp_path, *words, scale).code == 0
        values = np.fromfile(tmp_path / "crowd_pose_heatmaps.float", np.float32)
        assert values[:4].tolist() == [3, 25, 176, 320]
        assert values[4:].min() == low and 0.9 < values[4:].max() <= 1


def test_heat_maps_that_make_no_sense_are_refused(decode, tmp_path):
    for words, said in (
        ((), "--heatmaps_add_parts"),
        (("--heatmaps_add_parts", "--heatmaps_scale", 1), "--write_heatmaps_format float"),
    ):
        done = decode("--write_heatmaps", tmp_path, *words)
        assert done.code == 2 and done.said(said), done.err


@pytest.mark.effect("write_keypoint")
@pytest.mark.effect("write_keypoint_format")
@pytest.mark.parametrize("ending", ["yml", "yaml", "xml", "json"])
def test_storage_files_are_read_by_opencv(decode, tmp_path, ending):
    words = ("--write_keypoint", tmp_path, "--write_keypoint_format", ending)
    assert decode(*words, "--write_json", tmp_path).code == 0
    stored = cv2.FileStorage(str(tmp_path / f"crowd_pose.{ending}"), cv2.FILE_STORAGE_READ)
    people = json.loads((tmp_path / "crowd_keypoints.json").read_text())["people"]
    wanted = np.array([person["pose_keypoints_2d"] for person in people]).reshape(4, 25, 3)
    np.testing.assert_allclose(stored.getNode("pose_0").mat(), wanted, rtol=1e-5)


@pytest.mark.effect("write_coco_json")
@pytest.mark.effect("write_coco_json_variants")
def test_coco_results_are_valid_json_in_cocos_order(crowd_maps, tmp_path):
    maps = tmp_path / "maps"
    maps.mkdir()
    (maps / "crowd_000000000042_maps.npz").symlink_to(crowd_maps / "crowd_maps.npz")
    words = ("--write_coco_json", tmp_path / "c.json", "--write_coco_json_variants", 3)
    done = openpose_py("decode", maps, "--quiet", *words)
    assert done.code == 0, done.err
    body = json.loads((tmp_path / "c.json").read_text())
    foot = json.loads((tmp_path / "c_foot.json").read_text())
    assert [len(body), len(foot)] == [4, 4]
    assert body[0]["image_id"] == 42 and len(body[0]["keypoints"]) == 51
    assert len(foot[0]["keypoints"]) == 18
    none = openpose_py("decode", crowd_maps, "--quiet", *words)
    assert none.code == 3 and none.said("does not end in a number")
