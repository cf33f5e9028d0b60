import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn.copying_network import coded_picture, copying_weights
from drawn.make_caffemodel import caffemodel_bytes
from safetensors.torch import save_file

from openpose_py.errors import ModelFileError
from openpose_py.networks import NETWORKS
from openpose_py.weights.load import load_network

VECTORS = np.linspace(-1, 1, 5 * 78, dtype=np.float32).reshape(5, 78)
CODES = np.array([[0, 1, 2, 3], [4, 0, 0, 2]])


@pytest.fixture(scope="module")
def layers() -> dict[str, list[np.ndarray]]:
    return copying_weights("body_25", VECTORS)


def state_dict(layers: dict[str, list[np.ndarray]], prefix: str = "") -> dict[str, torch.Tensor]:
    return {
        f"{prefix}{name}.{kind}": torch.from_numpy(blob)
        for name, blobs in layers.items()
        for kind, blob in zip(("weight", "bias"), blobs, strict=False)
    }


def check_copies(path: Path) -> None:
    name, network = load_network(path, ["coco", "body_25"])
    path.unlink()
    assert name == "body_25" and not network.training
    assert all(one.dtype == torch.float32 and not one.requires_grad for one in network.parameters())
    picture = coded_picture(CODES).astype(np.float32) / 256 - 0.5
    output = network(torch.from_numpy(picture.transpose(2, 0, 1)[None])).numpy()
    assert np.abs(output[0].transpose(1, 2, 0) - VECTORS[CODES]).max() < 1e-5


@pytest.mark.parametrize("v1", [False, True])
def test_caffemodels_with_old_shapes_run(
    layers: dict[str, list[np.ndarray]], tmp_path: Path, v1: bool
) -> None:
    path = tmp_path / "x.caffemodel"
    path.write_bytes(caffemodel_bytes(layers, v1, shape="nchw"))
    check_copies(path)


@pytest.mark.parametrize("zipped", [True, False])
def test_torch_files_run_whatever_they_are_called(
    layers: dict[str, list[np.ndarray]], tmp_path: Path, zipped: bool
) -> None:
    path = tmp_path / "x.caffemodel.pt"
    table = state_dict(layers, "model0.")
    torch.save(table, path, _use_new_zipfile_serialization=zipped)
    check_copies(path.rename(tmp_path / "x.bin"))


def test_half_precision_safetensors_run(
    layers: dict[str, list[np.ndarray]], tmp_path: Path
) -> None:
    path = tmp_path / "x.safetensors"
    save_file(state_dict(layers), path)
    check_copies(path)


def test_another_models_file_is_refused_with_its_name(
    layers: dict[str, list[np.ndarray]], tmp_path: Path
) -> None:
    path = tmp_path / "x.caffemodel"
    path.write_bytes(caffemodel_bytes(layers))
    with pytest.raises(ModelFileError) as caught:
        load_network(path, ["coco"])
    path.unlink()
    assert str(caught.value) == f"{path}: holds BODY_25, not COCO\n  use --model_pose BODY_25"


def test_a_mpi_file_is_run_for_four_stages_where_these_are_asked(tmp_path: Path) -> None:
    path = tmp_path / "x.caffemodel"
    path.write_bytes(caffemodel_bytes(copying_weights("mpi", VECTORS[:, :44])))
    name, network = load_network(path, ["mpi_4_layers"])
    path.unlink()
    keys = network.state_dict().keys()
    assert name == "mpi_4_layers"
    assert "Mconv7_stage4_L2.weight" in keys and "Mconv1_stage5_L2.weight" not in keys


def test_a_layer_that_is_cut_out_is_named(
    layers: dict[str, list[np.ndarray]], tmp_path: Path
) -> None:
    path = tmp_path / "x.caffemodel"
    rest = {name: blobs for name, blobs in layers.items() if name != "Mprelu3_stage2_L2_1"}
    path.write_bytes(caffemodel_bytes(rest))
    with pytest.raises(ModelFileError, match="layer 'Mprelu3_stage2_L2_1' is missing"):
        load_network(path, ["body_25"])
    path.unlink()


@pytest.mark.parametrize("name", ["x.pth", "x.safetensors", "x.caffemodel"])
def test_text_is_refused_under_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("<html>404 Not Found</html>")
    with pytest.raises(ModelFileError, match="web page"):
        load_network(path, ["coco"])


def test_networks_are_built_without_pytorchs_compiler() -> None:
    """Which takes longer to load than a whole run."""
    code = (
        "import sys, torch\n"
        "from openpose_py.networks import NETWORKS\n"
        "with torch.device('meta'):\n"
        "    print(len([build() for build in NETWORKS.values()]), 'torch._dynamo' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == [str(len(NETWORKS)), "False"]
