"""Networks of one person in other formats: the maps and the joints of PyTorch."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from drawn.ruled_networks import ruled_network, ruled_weights, shapes_of

from openpose_py.errors import ModelFileError, UsageError
from openpose_py.estimator import Estimator
from openpose_py.export.exported import Wishes
from openpose_py.export.formats import FORMATS, Format, export
from openpose_py.zoo.cards import card_named

for package in ("onnx", "onnxruntime", "openvino"):
    pytest.importorskip(package)

MEDIA = Path(__file__).parents[2] / "examples" / "media"
NORM_SCALE = 0.3  # keeps the maps of random networks small
ARCHITECTURES = {  # model -> the table of its tensors
    "gccpm_lip": "gccpm_5stages_17maps",
    "ap_coco_simple_r50": "alphapose_coco17_simple_r50",
    "ap_coco_fastpose_r50": "alphapose_coco17_fastpose_r50",
    "ap_coco_fastpose_duc_r50": "alphapose_coco17_fastpose_duc_r50_unshuffle",
    "ap_coco_hrnet_w32": "alphapose_coco17_hrnet_w32",
    "ap_coco_fastpose_r50_dcn": "alphapose_coco17_fastpose_r50_dcn",
    "ap_coco_fastpose_duc_r152": "alphapose_coco17_fastpose_duc_r152",
    "ap_halpe136_fastpose_r50_dcn_regression": "alphapose_halpe136_fastpose_r50_dcn_dim256",
    "ap_halpe136_fastpose_r152_regression": "alphapose_halpe136_fastpose_r152_dim256",
}
ONE_STAGE = "gccpm_1stage_17maps"
KINDS = {kind.suffix: kind for kind in FORMATS.values()}
GCCPM = ["gccpm_coco", pytest.param("gccpm_lip", marks=pytest.mark.slow)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", FORMATS.values(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_leaves_with_the_maps_that_it_has_in_pytorch(
    kind: Format, name: str, tmp_path: Path
) -> None:
    card, network = card_named(name), ruled_network(ARCHITECTURES[name], NORM_SCALE)
    path = tmp_path / f"it{kind.suffix}"
    written = export(kind, card.networks[0], network, card, Wishes(), path)
    assert written.difference <= 1e-4
    assert path.stat().st_size > 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two models of GCCPM with one refinement."""
    folder = tmp_path_factory.mktemp("models")
    table = {
        key: torch.from_numpy(array)
        for key, array in ruled_weights(shapes_of(ONE_STAGE), NORM_SCALE).items()
    }
    for name in ("gccpm_coco", "gccpm_lip"):
        path = folder / card_named(name).files[0].path
        path.parent.mkdir(exist_ok=True)
        torch.save(table, path)
    return folder


def exported(name: str, ending: str, wishes: Wishes, path: Path) -> Path:
    card = card_named(name)
    network = ruled_network(ONE_STAGE, NORM_SCALE, card.upsampling)
    export(KINDS[ending], "gccpm", network, card, wishes, path)
    return path


def joints(folder: Path, **flags: object) -> np.ndarray:
    estimator = Estimator(**{"model_folder": str(folder), "detector": "whole", **flags})
    return estimator(cv2.imread(str(MEDIA / "astronaut.jpg"))).people.keypoints


@pytest.mark.parametrize("name", GCCPM)
def test_engines_find_the_joints_of_pytorch(name: str, folder: Path) -> None:
    wanted = joints(folder, model_pose=name)
    assert wanted.shape[0] == 1 and (wanted[..., 2] > 0).any()
    for engine in ("openvino", "onnxruntime"):
        found = joints(folder, model_pose=name, engine=engine)
        np.testing.assert_allclose(found, wanted, atol=1e-3)


@pytest.mark.parametrize("ending", KINDS)
@pytest.mark.parametrize("name", GCCPM)
def test_exported_files_find_the_joints_of_pytorch(
    name: str, ending: str, folder: Path, tmp_path: Path
) -> None:
    bake = ending == ".onnx"
    path = exported(name, ending, Wishes(bake=bake), tmp_path / f"it{ending}")
    found = joints(tmp_path, model_pose=name, caffemodel_path=str(path))
    np.testing.assert_allclose(found, joints(folder, model_pose=name), atol=1e-3)


@pytest.mark.slow
def test_the_fastest_engine_is_chosen_at_the_size_of_a_crop(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    wanted = joints(folder, model_pose="gccpm_coco")
    found = joints(folder, model_pose="gccpm_coco", engine="auto")
    np.testing.assert_allclose(found, wanted, atol=1e-3)
    assert len(list((tmp_path / "openpose-py" / "engines").iterdir())) == 1


def test_what_cannot_run_is_refused_with_what_to_type(folder: Path, tmp_path: Path) -> None:
    small = exported("gccpm_coco", ".onnx", Wishes((64, 48)), tmp_path / "small.onnx")
    for flags, error, said, hint in (
        ({"precision": "bf16"}, UsageError, "runs in fp32 only", "leave it out"),
        ({"model_pose": "gccpm_lip", "multiscale": True, "engine": "openvino"}, UsageError,
         "--multiscale wants three", "--engine torch"),
        ({"model_pose": "gccpm_lip", "multiscale": True, "caffemodel_path": str(small)},
         UsageError, "--multiscale wants three", "the weights"),
        ({"caffemodel_path": str(small)}, ModelFileError, "does not take an input of 288x384",
         "without --input_size"),
        ({"model_pose": "ap_coco_simple_r50", "caffemodel_path": str(small)},
         ModelFileError, "holds gccpm_coco, not ap_coco_simple_r50", "--model_pose gccpm_coco"),
    ):  # fmt: skip
        with pytest.raises(error, match=said) as caught:
            joints(folder, **{"model_pose": "gccpm_coco", **flags})
        assert hint in caught.value.hint
