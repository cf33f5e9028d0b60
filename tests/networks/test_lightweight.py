import gzip
import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from openpose_py.networks.lightweight_cpm import HumanPose0001, Lightweight, folded_layers
from openpose_py.weights.load import match_layers, wanted_shapes
from openpose_py.weights.openvino_ir import CONVOLUTIONS, NO_BIASES, Ir, read_ir, read_ir_layers
from openpose_py.zoo.cards import read_card
from openpose_py.zoo.folder import models_folder
from openpose_py.zoo.skeletons import read_skeleton

ZOO = Path(__file__).parents[1] / "golden" / "zoo"
SHARED = os.environ.get("OPENPOSE_PY_SHARED")
IR_FILE = Path(SHARED or ".") / "weights" / "human-pose-estimation-0001-fp16-int8.xml"
REFERENCES = json.loads((ZOO / "random_weights.json").read_text())["networks"]
needs_the_weights = pytest.mark.skipif(not SHARED, reason="OPENPOSE_PY_SHARED names no folder")


def keys_of(name: str) -> dict[str, list[int]]:
    table = json.loads(gzip.decompress((ZOO / f"{name}.json.gz").read_bytes()))
    keys: dict[str, list[int]] = table["keys"]
    return keys


def ruled_weights(keys: dict[str, list[int]], norm_scale: float) -> dict[str, np.ndarray]:
    """The rule of random_weights.json: every tensor follows from its key."""
    table = {}
    for key, shape in keys.items():
        random = np.random.RandomState(zlib.crc32(key.encode()))
        if key.endswith("running_var"):
            values = random.uniform(0.5, 1.5, shape)
        elif key.endswith("num_batches_tracked"):
            continue
        else:
            values = random.randn(*shape)
            if len(shape) >= 2:
                values = values * np.sqrt(2 / np.prod(shape[1:]))
            elif key.endswith("weight"):
                values = norm_scale * (1 + 0.1 * values)
            else:
                values = 0.1 * values
        table[key] = values.astype(np.float32)
    return table


def with_weights(network: nn.Module, layers: dict[str, list[np.ndarray]]) -> nn.Module:
    weights = match_layers(layers, wanted_shapes(network), Path("weights"))
    network.load_state_dict({key: torch.from_numpy(array) for key, array in weights.items()})
    return network.eval().requires_grad_(False)


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda one: one["network"])
def test_every_stage_answers_as_the_published_code(reference: dict) -> None:
    table = ruled_weights(keys_of(reference["network"]), reference["bn_weight_scale"])
    network = Lightweight((len(reference["outputs"]) - 2) // 2)
    with_weights(network, folded_layers(table))
    x = 0.5 * np.random.RandomState(0).randn(*reference["input_shape"])
    maps = [stage[0].numpy() for stage in network.stages(torch.from_numpy(x.astype(np.float32)))]
    found = [part for stage in maps for part in (stage[:19], stage[19:])]
    assert len(found) == len(reference["outputs"])
    for part, wanted in zip(found, reference["outputs"], strict=True):
        assert list(part.shape) == wanted["shape"]
        values = part.ravel()[wanted["flat_index"]]
        np.testing.assert_allclose(values, wanted["value"], rtol=0, atol=2e-5 * wanted["std"])


def test_all_convolutions_of_a_published_file_are_used() -> None:
    shapes = {name: [1] * len(shape) for name, shape in keys_of("lightweight_openpose").items()}
    layers = folded_layers({name: np.ones(shape, np.float32) for name, shape in shapes.items()})
    with torch.device("meta"):
        assert set(wanted_shapes(Lightweight())) == set(layers)


@pytest.mark.parametrize("refinements", [1, 2, 3, 4, 5])
def test_one_to_five_stages_refine_the_maps(refinements: int) -> None:
    with torch.device("meta"):
        network = Lightweight(refinements)
        stages = network.stages(torch.zeros(1, 3, 64, 80))
    assert [stage.shape for stage in stages] == [(1, 57, 8, 10)] * (refinements + 1)


@pytest.mark.parametrize(
    ("name", "build"),
    [("lightweight_openpose", Lightweight), ("human-pose-estimation-0001", HumanPose0001)],
)
def test_a_card_names_a_network_with_the_maps_of_its_skeleton(
    name: str, build: Callable[[], nn.Module]
) -> None:
    card = read_card(models_folder() / "lightweight" / f"{name}.toml")
    with torch.device("meta"):
        maps = build()(torch.zeros(1, 3, 64, 64))
    assert maps.shape[1:] == (read_skeleton(card.skeleton).channels, 8, 8)
    assert (card.name, card.stride) == (name, 8)


@needs_the_weights
def test_the_ir_runs_as_its_description_says() -> None:
    layers = read_ir_layers(IR_FILE)
    network = with_weights(HumanPose0001(), layers)
    picture = np.random.default_rng(3).integers(0, 256, (1, 3, 64, 96)).astype(np.float32)
    x = torch.from_numpy(picture)
    pafs, heats = described(read_ir(IR_FILE), layers, x)
    assert torch.allclose(network(x), torch.cat([heats, pafs], dim=1), atol=1e-6)


def described(
    ir: Ir, layers: dict[str, list[np.ndarray]], x: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Maps of both outputs, operation by operation, without the rounding of activations."""
    values: dict[str, torch.Tensor] = {}
    for number, operation in ir.operations.items():
        inputs = [ir.sources[number, str(port)] for port in range(9) if (number, str(port))
                  in ir.sources]  # fmt: skip
        known = [values[source] for source in inputs if source in values]
        if operation.kind == "Parameter":
            weight, bias = (torch.from_numpy(blob) for blob in layers["data"])
            values[number] = x * weight.reshape(3, 1, 1) + bias.reshape(3, 1, 1)
        elif operation.kind in CONVOLUTIONS:
            values[number] = convolved(ir, number, layers, known[0])
        elif known:
            values[number] = combined(operation.kind, known)
    outputs = {
        values[number].shape[1]: values[number]
        for number, operation in ir.operations.items()
        if operation.kind == "Result"
    }
    return outputs[38], outputs[19]


def convolved(
    ir: Ir, number: str, layers: dict[str, list[np.ndarray]], x: torch.Tensor
) -> torch.Tensor:
    operation = ir.operations[number]
    keys = ("strides", "pads_begin", "dilations")
    strides, pads, dilations = ([int(n) for n in operation.attributes[key].split(",")]
                                for key in keys)  # fmt: skip
    weight, bias = (torch.from_numpy(b) for b in layers[operation.name.removesuffix(NO_BIASES)])
    groups = x.shape[1] // weight.shape[1]
    return functional.conv2d(x, weight, bias, strides, pads, dilations, groups)


def combined(kind: str, inputs: list[torch.Tensor]) -> torch.Tensor:
    if kind == "Concat":
        return torch.cat(inputs, dim=1)
    if kind == "Add" and len(inputs) == 2:
        return inputs[0] + inputs[1]
    if kind in ("ReLU", "Elu"):
        return functional.relu(inputs[0]) if kind == "ReLU" else functional.elu(inputs[0])
    assert kind in ("Add", "Multiply", "FakeQuantize", "Result")  # a bias, or nothing to do
    return inputs[0]
