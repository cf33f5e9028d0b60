"""Every engine against the plain network."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from openpose_py.errors import ModelFileError, StageError
from openpose_py.export.exported import Exported, Wishes
from openpose_py.networks import NETWORKS
from openpose_py.records import NetInput
from openpose_py.stages.maps.engines.engine import Engine
from openpose_py.stages.maps.engines.torch_engine import Scripted, TorchEngine, script_facts
from openpose_py.stages.maps.sizes import SizeWishes, geometry_of
from openpose_py.zoo.cards import card_named

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("openvino")

CPU = torch.device("cpu")
ANY = Wishes()
NAME = "lightweight_openpose"  # two outputs side by side
TOLERANCE = {"fp32": 1e-5, "bf16": 0.05}  # of the largest value


@pytest.fixture(scope="module")
def network() -> nn.Module:
    torch.manual_seed(4)
    network = NETWORKS[NAME]().eval().requires_grad_(False)
    for value in network.state_dict().values():
        if value.dim() == 4:
            nn.init.kaiming_normal_(value)
    return network


def engine_of(kind: str, network: nn.Module, wishes: Wishes = ANY) -> Engine:
    """kind: an engine, or an engine and a precision."""
    name, _, precision = kind.partition(" ")
    card = card_named(NAME)
    exported = Exported(NAME, network, card, wishes)
    maps, precision = exported.facts.maps, precision or "fp32"
    if name == "torch":
        from copy import deepcopy

        return TorchEngine(deepcopy(network), CPU, 8, precision)
    if name == "openvino":
        from openpose_py.export.openvino_file import openvino_model
        from openpose_py.stages.maps.engines.openvino_engine import OpenVinoEngine

        return OpenVinoEngine(openvino_model(exported), maps, 8, precision)
    from openpose_py.export.onnx_file import onnx_bytes
    from openpose_py.stages.maps.engines.onnx_engine import OnnxEngine

    return OnnxEngine(onnx_bytes(exported), maps, 8)


def an_input(width: int, height: int, scales: int = 1, seed: int = 1) -> NetInput:
    geometry = geometry_of((width, height), SizeWishes((width, height), scale_number=scales))
    random = np.random.default_rng(seed)
    tensors = [
        random.uniform(-0.5, 0.5, (1, 3, h, w)).astype(np.float32) for w, h in geometry.net_sizes
    ]
    return NetInput(tuple(tensors), geometry)


@pytest.mark.parametrize(
    "kind", ["torch", "torch bf16", "openvino", "openvino bf16", "onnxruntime"]
)
def test_maps_of_all_scales_and_sizes_are_the_networks_own(kind: str, network: nn.Module) -> None:
    engine = engine_of(kind, network)
    kept = []
    for net_input in (an_input(96, 64, 2), an_input(160, 48), an_input(96, 64, 2, seed=2)):
        maps = engine.run(net_input)
        assert maps.stride == 8 and maps.geometry is net_input.geometry
        assert len(maps.scales) == len(net_input.tensors)
        kept += zip(maps.scales, net_input.tensors, strict=True)
    tolerance = TOLERANCE[kind.partition(" ")[2] or "fp32"]
    for found, tensor in kept:  # only now, so that no engine writes over what it gave away
        wanted = network(torch.from_numpy(tensor))[0].numpy()
        assert np.asarray(found).dtype == np.float32 and tuple(found.shape) == wanted.shape
        difference = np.abs(np.asarray(found) - wanted).max() / np.abs(wanted).max()
        assert difference < tolerance
        assert difference > 1e-4 or tolerance < 1e-4, "bf16 is not what ran"


@pytest.mark.parametrize("kind", ["openvino", "onnxruntime"])
def test_an_input_of_another_size_than_the_files_is_one_clear_line(
    kind: str, network: nn.Module
) -> None:
    engine = engine_of(kind, network, Wishes(size=(64, 96)))
    assert len(engine.run(an_input(96, 64)).scales) == 1
    with pytest.raises(StageError, match="does not take an input of 160x48") as caught:
        engine.run(an_input(160, 48))
    assert "--net_resolution" in caught.value.hint


@pytest.mark.parametrize("suffix", [".onnx", ".xml", ".torchscript"])
def test_damaged_files_are_one_clear_line(suffix: str, tmp_path: Path) -> None:
    from openpose_py.stages.maps.engines.onnx_engine import onnx_facts
    from openpose_py.stages.maps.engines.openvino_engine import openvino_facts

    path = tmp_path / f"it{suffix}"
    path.write_bytes(b"openpose_py, or something like it" * 9)
    read = {".onnx": onnx_facts, ".xml": openvino_facts, ".torchscript": script_facts}[suffix]
    with pytest.raises(ModelFileError) as caught:
        read(path, "openpose_py")
    assert "\n" not in caught.value.what


def test_a_script_gives_its_outputs_side_by_side(network: nn.Module, tmp_path: Path) -> None:
    from openpose_py.export.torchscript_file import write

    path = tmp_path / "it.torchscript"
    write(Exported(NAME, network, card_named(NAME), Wishes()), path)
    net_input = an_input(96, 64)
    found = TorchEngine(Scripted(path), CPU, 8).run(net_input).scales[0]
    wanted = network(torch.from_numpy(net_input.tensors[0]))[0]
    assert float((found - wanted).abs().max()) < 1e-5 * float(wanted.abs().max())
