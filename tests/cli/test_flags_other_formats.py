"""Effects of the flags for other skeletons and for AlphaPose's and COCO-WholeBody's files."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn.command import openpose_py
from drawn.ruled_networks import ruled_weights, shapes_of

from openpose_py.zoo.cards import cards
from openpose_py.zoo.skeletons import read_skeleton

MEDIA = Path(__file__).parents[2] / "examples" / "media"
WHOLE = "ap_wholebody133_fastpose_r50_regression"
BLOCKS = {"keypoints": 17, "foot_kpts": 6, "face_kpts": 68, "lefthand_kpts": 21,
          "righthand_kpts": 21}  # fmt: skip


@pytest.fixture
def decode(crowd_maps):
    def decode_(*words: object):
        return openpose_py("decode", crowd_maps, "--quiet", *words)

    return decode_


@pytest.fixture(scope="module")
def whole_body(tmp_path_factory: pytest.TempPathFactory):
    """Runs a whole body model of random weights on one picture, with more flags."""
    folder = tmp_path_factory.mktemp("whole")
    shapes = shapes_of("alphapose_coco17_fastpose_r50")
    for key in ("conv_out.weight", "conv_out.bias"):
        shapes[key] = (133, *shapes[key][1:])
    path = folder / "models" / cards()[WHOLE].files[0].path
    path.parent.mkdir(parents=True)
    weights = ruled_weights(shapes, 0.3)
    torch.save({key: torch.from_numpy(array) for key, array in weights.items()}, path)
    (folder / "in").mkdir()
    shutil.copy(MEDIA / "astronaut.jpg", folder / "in/000000000007.jpg")

    def run(*words: object):
        return openpose_py(
            "--image_dir", folder / "in", "--model_folder", folder / "models", "--model_pose",
            WHOLE, "--detector", "whole", "--pose_nms", "none", "--display", 0, *words,
        )  # fmt: skip

    return run


def points(path: Path) -> np.ndarray:
    people = json.loads(path.read_text())["people"]
    return np.array([one["pose_keypoints_2d"] for one in people]).reshape(len(people), -1, 3)


@pytest.mark.effect("keypoints")
def test_people_get_another_skeleton_in_all_files(decode, tmp_path):
    assert decode("--write_json", tmp_path / "own").code == 0
    done = decode("--write_json", tmp_path / "other", "--write_alphapose", tmp_path, "--keypoints",
                  "COCO_17")  # fmt: skip
    assert done.code == 0, done.err
    table = json.loads((tmp_path / "alphapose-results.json").read_text())
    assert {len(one["keypoints"]) for one in table} == {3 * 17}
    own, other = (points(tmp_path / name / "crowd_keypoints.json") for name in ("own", "other"))
    parts, given = read_skeleton("COCO_17").parts, read_skeleton("BODY_25").parts
    assert other.shape == (len(own), 17, 3)
    np.testing.assert_array_equal(other, own[:, [given.index(part) for part in parts]])


def test_a_skeleton_that_does_not_exist_or_fit_is_named(decode, tmp_path):
    for name, said in (("COCO17", "did you mean COCO_17?"), ("HAND_21", "no keypoint of HAND_21")):
        done = decode("--write_json", tmp_path, "--keypoints", name)
        assert done.code == 2 and done.said(said), done.err
    done = decode("--write_json", tmp_path, "--keypoints", "COCO", "--part_candidates")
    assert done.code == 2 and done.said("--part_candidates"), done.err


@pytest.mark.effect("write_alphapose")
@pytest.mark.effect("alphapose_format")
@pytest.mark.parametrize(
    ("form", "outer", "inner"),
    [("default", "", "keypoints"), ("cmu", "bodies", "joints"),
     ("open", "people", "pose_keypoints_2d")],
)  # fmt: skip
def test_alphapose_s_file_holds_the_people(decode, tmp_path, form, outer, inner):
    words = ("--write_alphapose", tmp_path, "--alphapose_format", form, "--write_json", tmp_path)
    done = decode(*words)
    assert done.code == 0, done.err
    table = json.loads((tmp_path / "alphapose-results.json").read_text())
    own = points(tmp_path / "crowd_keypoints.json")
    if form == "default":
        found = np.array([one[inner] for one in table]).reshape(len(own), 25, 3)
        np.testing.assert_allclose(found, own, rtol=1e-5)
        assert {one["category_id"] for one in table} == {1}
        return
    ((name, picture),) = table.items()
    (alone,) = (tmp_path / "sep-json").iterdir()
    assert json.loads(alone.read_text()) == picture and alone.stem == Path(name).stem
    assert [len(one[inner]) for one in picture[outer]] == [54] * len(own)


def test_a_body_alone_is_no_whole_body(decode, tmp_path):
    done = decode("--write_wholebody_json", tmp_path / "w.json")
    assert done.code == 2 and done.said("BODY_25 has no feet, face and hands"), done.err


@pytest.mark.effect("write_wholebody_json")
def test_a_whole_body_model_writes_its_blocks_with_and_without_face_and_hand(whole_body, tmp_path):
    for name, more in (("plain", ()), ("shared", ("--face", "--hand"))):
        out = tmp_path / name
        ran = whole_body("--write_coco_json", out / "c.json", "--write_wholebody_json",
                         out / "w.json", "--write_alphapose", out, *more)  # fmt: skip
        assert ran.code == 0, ran.err
    for file in ("c.json", "w.json", "alphapose-results.json"):
        assert (tmp_path / "plain" / file).read_bytes() == (tmp_path / "shared" / file).read_bytes()
    (row,) = json.loads((tmp_path / "plain/w.json").read_text())
    assert {key: len(row[key]) // 3 for key in BLOCKS} == BLOCKS
    assert row["image_id"] == 7
    (body,) = json.loads((tmp_path / "plain/c.json").read_text())
    assert body["keypoints"] == row["keypoints"]
    (person,) = json.loads((tmp_path / "plain/alphapose-results.json").read_text())
    found = np.array(person["keypoints"]).reshape(133, 3)
    left = read_skeleton("WHOLEBODY_133").parts.index("LHandRoot")
    hand = np.array(row["lefthand_kpts"]).reshape(21, 3)
    np.testing.assert_allclose(hand[0, :2], found[left, :2], rtol=1e-4)


@pytest.mark.slow
def test_people_of_a_top_down_model_get_another_skeleton_too(whole_body, tmp_path):
    ran = whole_body("--keypoints", "BODY_25", "--write_json", tmp_path / "json",
                     "--write_images", tmp_path / "drawn")  # fmt: skip
    assert ran.code == 0, ran.err
    assert points(tmp_path / "json/000000000007_keypoints.json").shape == (1, 25, 3)
    assert len(list((tmp_path / "drawn").iterdir())) == 1
