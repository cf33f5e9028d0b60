"""Effects of the flags of top-down models, on networks with random weights."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn.command import Ran, openpose_py
from drawn.ruled_networks import ruled_weights, shapes_of

from openpose_py.zoo.cards import cards
from openpose_py.zoo.skeletons import read_skeleton

MEDIA = Path(__file__).parents[2] / "examples" / "media"
FILES = {
    "ap_coco_simple_r50": "alphapose_coco17_simple_r50",
    "gccpm_lip": "gccpm_1stage_17maps",
    "gccpm_coco": "gccpm_1stage_17maps",
}
BOXES = [[20, 10, 200, 380, 0.9], [25, 12, 200, 380, 0.8], [300, 50, 30, 60, 0.7]]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for name, keys in FILES.items():
        path = folder / cards()[name].files[0].path
        path.parent.mkdir(exist_ok=True)
        table = ruled_weights(shapes_of(keys), 0.3)
        torch.save({key: torch.from_numpy(array) for key, array in table.items()}, path)
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    shutil.copy(MEDIA / "astronaut.jpg", folder)
    return folder


@pytest.fixture(scope="module")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("boxes") / "boxes.json"
    rows = [{"image_id": "some/where/astronaut.jpg", "category_id": 1, "bbox": one[:4],
             "score": one[4]} for one in BOXES]  # fmt: skip
    path.write_text(json.dumps([*rows, {"image_id": "x.jpg", "bbox": [0, 0, 9, 9], "score": 1}]))
    return path


def run(models: Path, pictures: Path, out: Path, model: str, *flags: object) -> Ran:
    return openpose_py("--image_dir", pictures, "--write_json", out, "--display", 0,
                       "--model_pose", model, "--model_folder", models, *flags)  # fmt: skip


def found(out: Path) -> np.ndarray:
    """(people, parts, 3)"""
    people = json.loads((out / "astronaut_keypoints.json").read_text())["people"]
    return np.array([one["pose_keypoints_2d"] for one in people]).reshape(
        len(people), -1 if people else 0, 3
    )


@pytest.mark.effect("detfile")
def test_every_box_of_the_file_is_looked_at_and_joints_lie_in_it(models, pictures, boxes, tmp_path):
    ran = run(models, pictures, tmp_path, "gccpm_coco", "--detfile", boxes)
    assert ran.code == 0, ran.err
    people = found(tmp_path)
    assert len(people) == len(BOXES)
    for (x, y, width, height, _), person in zip(BOXES, people, strict=True):
        reach = 0.75 * max(width, height)  # the crop is a quarter larger, of the crop's shape
        seen = person[person[:, 2] > 0, :2]
        assert (abs(seen - (x + width / 2, y + height / 2)) <= reach).all()


@pytest.mark.parametrize(
    ("text", "said"),
    [("{}", "is no list of boxes"), ("[{}]", "entry 0 has no image_id"), ("[", "is no JSON")],
)
def test_a_wrong_file_of_boxes_is_told(models, pictures, tmp_path, text, said):
    path = tmp_path / "boxes.json"
    path.write_text(text)
    ran = run(models, pictures, tmp_path, "gccpm_coco", "--detfile", path)
    assert ran.code == 3 and said in ran.err


@pytest.mark.effect("detector")
def test_boxes_come_from_our_own_model_or_are_the_frame(models, pictures, tmp_path):
    for number, detector in enumerate(("bottomup", "whole")):
        out = tmp_path / detector
        ran = run(models, pictures, out, "gccpm_coco", "--detector", detector)
        assert ran.code == 0, ran.err
        assert len(found(out)) == 1, number
    assert (found(tmp_path / "bottomup") != found(tmp_path / "whole")).any()
    refused = run(models, pictures, tmp_path, "gccpm_coco", "--detector", "yolox-x")
    assert refused.code == 2 and "YOLOX" in refused.err
    absent = run(models, pictures, tmp_path, "gccpm_coco", "--detector", "yolo")
    assert absent.code == 4 and "openpose-py models pull yolov3_spp" in absent.err


@pytest.mark.effect("flip_test")
def test_mirrored_crops_change_the_joints(models, pictures, tmp_path):
    for name, flags in (("one", ()), ("two", ("--flip_test",))):
        assert run(models, pictures, tmp_path / name, "gccpm_lip", *flags).code == 0
    one, two = (found(tmp_path / name) for name in ("one", "two"))
    assert one.shape == two.shape and (one != two).any()


@pytest.mark.slow
def test_eval_with_flip_looks_at_mirrored_crops_too(models, pictures, tmp_path):
    person = {"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": 9e4,
              "num_keypoints": 17, "bbox": [0, 0, 300, 300],
              "keypoints": [50, 60, 2] * 17}  # fmt: skip
    picture = {"id": 1, "file_name": "astronaut.jpg", "width": 512, "height": 512}
    names = list(read_skeleton("COCO_17").parts)
    category = {"id": 1, "name": "person", "keypoints": names}
    truth = tmp_path / "truth.json"
    truth.write_text(json.dumps(
        {"images": [picture], "annotations": [person], "categories": [category]}
    ))  # fmt: skip
    results = []
    for name, more in (("one", ()), ("two", ("--flip",))):
        out = tmp_path / f"{name}.json"
        ran = openpose_py("eval", truth, "--image_dir", pictures, "--model_pose", "gccpm_coco",
                          "--model_folder", models, "--detector", "whole",
                          "--results_out", out, *more)  # fmt: skip
        assert ran.code == 0, ran.err
        results.append(json.loads(out.read_text())[0]["keypoints"])
    assert results[0] != results[1]


@pytest.mark.effect("multiscale")
def test_several_scales_change_the_joints(models, pictures, tmp_path):
    for name, flags in (("one", ()), ("three", ("--multiscale",))):
        assert run(models, pictures, tmp_path / name, "gccpm_lip", *flags).code == 0
    assert (found(tmp_path / "one") != found(tmp_path / "three")).any()


@pytest.mark.effect("posebatch")
@pytest.mark.effect("pose_nms")
@pytest.mark.effect("min_box_area")
def test_people_found_twice_are_joined_unless_told(models, pictures, boxes, tmp_path):
    given = (models, pictures)
    runs = {
        "all": ("--pose_nms", "none"),
        "alone": ("--pose_nms", "none", "--posebatch", 1),
        "joined": (),
        "large": ("--min_box_area", 1e9),
    }
    for name, flags in runs.items():
        ran = run(*given, tmp_path / name, "ap_coco_simple_r50", "--detfile", boxes, *flags)
        assert ran.code == 0, ran.err
    every, alone, joined = (found(tmp_path / name) for name in ("all", "alone", "joined"))
    assert len(every) == 3 and len(joined) < 3
    np.testing.assert_allclose(every, alone, atol=0.05)
    assert len(found(tmp_path / "large")) == 0


@pytest.mark.parametrize("flag", [("--write_heatmaps", "x"), ("--part_candidates",),
                                  ("--scale_number", 2)])  # fmt: skip
def test_what_needs_maps_of_the_frame_is_refused(models, pictures, tmp_path, flag):
    more = ("--heatmaps_add_parts",) if flag[0] == "--write_heatmaps" else ()
    ran = run(models, pictures, tmp_path, "gccpm_coco", *flag, *more)
    assert ran.code == 2 and f"{flag[0]}: needs maps of the whole frame" in ran.err


def test_a_file_of_another_model_is_told(models, pictures, tmp_path):
    card = cards()["ap_coco_hrnet_w32"]
    place = tmp_path / card.files[0].path
    place.parent.mkdir(parents=True)
    shutil.copy(models / cards()["ap_coco_simple_r50"].files[0].path, place)
    ran = run(tmp_path, pictures, tmp_path, "ap_coco_hrnet_w32")
    assert ran.code == 3 and "holds simple_pose" in ran.err
