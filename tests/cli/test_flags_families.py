"""tf-pose's and Lightweight OpenPose's models through the real command."""

import gzip
import json
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from drawn.command import openpose_py

TESTS = Path(__file__).parents[1]
ZOO, MEDIA = TESTS / "golden" / "zoo", TESTS.parent / "examples" / "media"
SHARED = os.environ.get("OPENPOSE_PY_SHARED")
CASES = json.loads((ZOO / "tfpose_mobilenet_v2_small.json").read_text())["cases"]
QUICK = "crossing_432x368"
MARKED = [
    pytest.param(one, id=one["key"], marks=() if one["key"] == QUICK else pytest.mark.slow)
    for one in CASES
]
needs_the_weights = pytest.mark.skipif(not SHARED, reason="OPENPOSE_PY_SHARED names no folder")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with the real files, where they would be after a download."""
    folder, files = tmp_path_factory.mktemp("models"), Path(SHARED or ".") / "weights"
    graph = folder / "graph/mobilenet_v2_small/graph_opt.pb"
    ir = folder / "intel/human-pose-estimation-0001/FP16-INT8/human-pose-estimation-0001.xml"
    for target in (graph, ir):
        target.parent.mkdir(parents=True)
    shutil.copy(files / "tfpose_mobilenet_v2_small_graph_opt.pb", graph)
    for ending in (".xml", ".bin"):
        shutil.copy(files / f"human-pose-estimation-0001-fp16-int8{ending}", ir.with_suffix(ending))
    return folder


def people_of(folder: Path, stem: str) -> list[np.ndarray]:
    people = json.loads((folder / f"{stem}_keypoints.json").read_text())["people"]
    return [np.reshape(one["pose_keypoints_2d"], (-1, 3)) for one in people]


@needs_the_weights
@pytest.mark.parametrize("case", MARKED)
def test_published_people_of_tf_pose_come_from_the_command(
    published: Path, tmp_path: Path, case: dict
) -> None:
    picture = MEDIA / case["file"]
    if not picture.exists():
        picture = Path(SHARED or ".") / "images" / case["file"]
    (tmp_path / "in").mkdir()
    shutil.copy(picture, tmp_path / "in")
    width, height = case["size"]
    ran = openpose_py(
        "--image_dir", tmp_path / "in", "--write_json", tmp_path / "out", "--display", 0,
        "--model_pose", "mobilenet_v2_small", "--model_folder", published,
        "--decoder", "tfpose", "--net_resolution", f"{width}x{height}",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    found = people_of(tmp_path / "out", picture.stem)
    assert len(found) == len(case["people"])
    frame = cv2.imread(str(picture))
    cells = np.array([width // 2, height // 2])  # of the upsampled maps
    for keypoints, person in zip(found, case["people"], strict=True):
        assert set(np.flatnonzero(keypoints[:, 2])) == {int(part) for part in person["parts"]}
        for part, (x, y, score) in person["parts"].items():
            place = np.array([x, y]) / cells * frame.shape[1::-1]
            assert keypoints[int(part), :2] == pytest.approx(place, abs=0.01)
            assert keypoints[int(part), 2] == pytest.approx(score, abs=1e-4)


@needs_the_weights
@pytest.mark.parametrize(
    "decoder", [pytest.param("openpose", marks=pytest.mark.slow), "lightweight", "tfpose"]
)
@pytest.mark.effect("decoder")
def test_each_decoder_finds_the_people_of_the_crossing(
    published: Path, tmp_path: Path, decoder: str
) -> None:
    (tmp_path / "in").mkdir()
    shutil.copy(MEDIA / "crossing.jpg", tmp_path / "in")
    ran = openpose_py(
        "--image_dir", tmp_path / "in", "--write_json", tmp_path / "out", "--display", 0,
        "--model_pose", "human-pose-estimation-0001", "--model_folder", published,
        "--decoder", decoder,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert len(people_of(tmp_path / "out", "crossing")) == 6


def test_a_checkpoint_of_lightweight_openpose_runs_on_a_picture(tmp_path: Path) -> None:
    shapes = json.loads(gzip.decompress((ZOO / "lightweight_openpose.json.gz").read_bytes()))
    generator = torch.Generator().manual_seed(1)
    state = {
        f"module.{key}": torch.rand(shape, generator=generator) * 0.02 + ("var" in key)
        for key, shape in shapes["keys"].items()
    }
    torch.save({"state_dict": state, "iter": 5}, tmp_path / "checkpoint_iter_370000.pth")
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in/a.png"), np.full((90, 120, 3), 99, np.uint8))
    ran = openpose_py(
        "--image_dir", tmp_path / "in", "--write_json", tmp_path / "out", "--display", 0,
        "--model_pose", "lightweight_openpose", "--model_folder", tmp_path,
        "--net_resolution", "-1x128", "--write_images", tmp_path / "out",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert cv2.imread(str(tmp_path / "out/a_rendered.png")).shape == (90, 120, 3)
    assert isinstance(people_of(tmp_path / "out", "a"), list)


@pytest.mark.effect("decoder")
def test_the_other_decoders_refuse_skeletons_that_they_do_not_know(tmp_path: Path) -> None:
    given = ("--image_dir", MEDIA, "--write_json", tmp_path, "--display", 0)
    ran = openpose_py(*given, "--model_pose", "BODY_25B", "--decoder", "tfpose")
    assert ran.code == 2
    assert "--decoder tfpose: puts the 18 points of COCO together, not BODY_25B" in ran.err
