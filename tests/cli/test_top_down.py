"""Top-down models through the real command: every published row, from a file in its own format."""

import json
import shutil
from pathlib import Path

import cv2
import pytest
import torch
from drawn.command import openpose_py
from drawn.ruled_networks import ruled_weights, shapes_of

from openpose_py.zoo.cards import TOP_DOWN, cards
from openpose_py.zoo.skeletons import read_skeleton

MEDIA = Path(__file__).parents[2] / "examples" / "media"
NORM_SCALE = 0.3  # keeps the maps of random networks small
STATE_DICTS = {  # of the rows whose file is another's with other joints
    "ap_coco_simple_r50": "alphapose_coco17_simple_r50",
    "ap_coco_fastpose_r50": "alphapose_coco17_fastpose_r50",
    "ap_coco_fastpose_duc_r50": "alphapose_coco17_fastpose_duc_r50_unshuffle",
    "ap_coco_hrnet_w32": "alphapose_coco17_hrnet_w32",
    "ap_coco_fastpose_r50_dcn": "alphapose_coco17_fastpose_r50_dcn",
    "ap_coco_fastpose_duc_r152": "alphapose_coco17_fastpose_duc_r152",
    "ap_halpe26_fastpose_r50": "alphapose_coco17_fastpose_r50",
    "ap_wholebody133_fastpose_r50_regression": "alphapose_coco17_fastpose_r50",
    "ap_halpe136_fastpose_r50": "alphapose_halpe136_fastpose_r50_dim256",
    "ap_halpe136_fastpose_r50_regression": "alphapose_halpe136_fastpose_r50_dim256",
    "ap_wholebody133_fastpose_r50_combined": "alphapose_halpe136_fastpose_r50_dim256",
    "ap_halpe136_fastpose_r152_regression": "alphapose_halpe136_fastpose_r152_dim256",
    "ap_wholebody133_fastpose_r152_regression": "alphapose_halpe136_fastpose_r152_dim256",
    "ap_multi136_fastpose_r50_regression": "alphapose_halpe136_fastpose_r50_dim256",
    "gccpm_lip": "gccpm_5stages_17maps",
    "gccpm_coco": "gccpm_5stages_17maps",
}
DEFORMABLE = "alphapose_halpe136_fastpose_r50_dcn_dim256"
QUICK = {  # one of each decoding; the others and their architectures are slow
    "ap_coco_simple_r50", "ap_wholebody133_fastpose_r50_combined",
    "ap_hand21_fastpose_r50_dcn_regression", "gccpm_lip",
}  # fmt: skip
ROWS = [
    pytest.param(name, marks=() if name in QUICK else pytest.mark.slow)
    for name, card in cards().items()
    if card.kind == TOP_DOWN
]


def published_file(name: str, folder: Path) -> None:
    """A random checkpoint where the card looks for it."""
    card = cards()[name]
    joints, shapes = (
        len(read_skeleton(card.skeleton).parts),
        shapes_of(STATE_DICTS.get(name, DEFORMABLE)),
    )
    for key in ("conv_out.weight", "conv_out.bias", "final_layer.weight", "final_layer.bias"):
        if key in shapes:
            shapes[key] = (joints, *shapes[key][1:])
    table = {
        key: torch.from_numpy(array) for key, array in ruled_weights(shapes, NORM_SCALE).items()
    }
    path = folder / card.files[0].path
    path.parent.mkdir(parents=True, exist_ok=True)
    old = name == "ap_coco_simple_r50"
    torch.save(table, path, _use_new_zipfile_serialization=not old)


def people_of(path: Path) -> list[dict]:
    return json.loads(path.read_text())["people"]


@pytest.mark.parametrize("name", ROWS)
def test_a_published_row_runs_on_a_picture_and_a_video(
    name: str, tmp_path: Path, clip: Path
) -> None:
    published_file(name, tmp_path)
    (tmp_path / "in").mkdir()
    shutil.copy(MEDIA / "astronaut.jpg", tmp_path / "in")
    common = ("--display", 0, "--model_pose", name, "--model_folder", tmp_path,
              "--detector", "whole", "--pose_nms", "none")  # fmt: skip
    ran = openpose_py("--image_dir", tmp_path / "in", "--write_json", tmp_path / "json",
                      "--write_images", tmp_path / "drawn", *common)  # fmt: skip
    assert ran.code == 0, ran.err
    (person,) = people_of(tmp_path / "json/astronaut_keypoints.json")
    parts = len(read_skeleton(cards()[name].skeleton).parts)
    assert len(person["pose_keypoints_2d"]) == 3 * parts
    frame = cv2.imread(str(MEDIA / "astronaut.jpg"))
    drawn = cv2.imread(str(tmp_path / "drawn/astronaut_rendered.png"))
    assert drawn.shape == frame.shape
    ran = openpose_py("--video", clip, "--write_json", tmp_path / "clip", "--frame_last", 1,
                      "--write_video", tmp_path / "clip.mp4", *common)  # fmt: skip
    assert ran.code == 0, ran.err
    assert len(list((tmp_path / "clip").iterdir())) == 2
    assert (tmp_path / "clip.mp4").stat().st_size > 0
