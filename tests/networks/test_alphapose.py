"""The networks of one person against values of the published code, and against slow versions."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from drawn.ruled_networks import ruled_network
from torch import nn
from torch.nn import functional

from openpose_py.networks.fast_pose import FastPoseDuc
from openpose_py.networks.hrnet import MODULES, HRNet
from openpose_py.networks.resnet import ResnetKind

GOLDEN = Path(__file__).parents[1] / "golden" / "alphapose"
REFERENCES = json.loads((GOLDEN / "random_weights.json").read_text())["networks"]
QUICK = (  # one of each architecture
    "alphapose_coco17_simple_r50", "alphapose_coco17_fastpose_duc_r50_unshuffle",
    "alphapose_coco17_hrnet_w32", "alphapose_halpe136_fastpose_r50_dcn_dim256",
)  # fmt: skip
MARKED = [
    pytest.param(one, id=one["network"], marks=() if one["network"] in QUICK else pytest.mark.slow)
    for one in REFERENCES
]
TOLERANCE = 5e-5  # of the standard deviation; sums of thousands of float32 in another order


@pytest.mark.parametrize("reference", MARKED)
def test_a_network_answers_as_the_published_code(reference: dict[str, Any]) -> None:
    name, _, upsampling = reference["network"].partition(":")
    network = ruled_network(name, reference["bn_weight_scale"], upsampling or "bilinear")
    x = 0.5 * np.random.RandomState(0).randn(*reference["input_shape"])
    x = torch.from_numpy(x.astype(np.float32))
    outputs = network.stages(x) if upsampling else [network(x)]
    assert len(outputs) == len(reference["outputs"])
    for output, wanted in zip(outputs, reference["outputs"], strict=True):
        assert list(output.shape[1:]) == wanted["shape"]
        values = output.numpy().ravel()[wanted["flat_index"]]
        np.testing.assert_allclose(values, wanted["value"], rtol=0, atol=TOLERANCE * wanted["std"])


def with_lively_norms(network: nn.Module) -> nn.Module:
    """Norms that change what passes, in a fixed random state."""
    generator = torch.Generator().manual_seed(5)
    for name, values in [*network.named_parameters(), *network.named_buffers()]:
        if name.rpartition(".")[2] in ("running_mean", "bias"):
            values.data.copy_(0.1 * torch.randn(values.shape, generator=generator))
        elif name.endswith("running_var"):
            values.data.copy_(0.5 + torch.rand(values.shape, generator=generator))
    return network.double().eval().requires_grad_(False)


Table = dict[str, torch.Tensor]


def convolved(x: torch.Tensor, table: Table, key: str, norm: str, stride: int = 1) -> torch.Tensor:
    weight = table[f"{key}.weight"]
    x = functional.conv2d(x, weight, table.get(f"{key}.bias"), stride, weight.shape[-1] // 2)
    if norm:
        mean, var, gamma, beta = (
            table[f"{norm}.{one}"][:, None, None]
            for one in ("running_mean", "running_var", "weight", "bias")
        )
        x = (x - mean) / (var + 1e-5).sqrt() * gamma + beta
    return x


def shuffled_slowly(x: torch.Tensor) -> torch.Tensor:
    """(n, 4c, h, w) -> (n, c, 2h, 2w), pixel by pixel."""
    n, channels, height, width = x.shape
    result = torch.zeros(n, channels // 4, 2 * height, 2 * width, dtype=x.dtype)
    for down in range(2):
        for right in range(2):
            result[:, :, down::2, right::2] = x[:, 2 * down + right :: 4]
    return result


def unshuffled_slowly(x: torch.Tensor) -> torch.Tensor:
    n, channels, height, width = x.shape
    result = torch.zeros(n, 4 * channels, height // 2, width // 2, dtype=x.dtype)
    for down in range(2):
        for right in range(2):
            result[:, 2 * down + right :: 4] = x[:, :, down::2, right::2]
    return result


def test_the_steps_of_duc_are_those_of_a_slow_version() -> None:
    torch.manual_seed(2)
    network = with_lively_norms(FastPoseDuc(5, ResnetKind(50, squeeze=True, shuffle=True)))
    table = dict(network.state_dict())
    x = torch.randn(1, 2048, 2, 3, dtype=torch.float64)
    y = x
    for step, indices in (("duc1", (1, 4, 7, 10)), ("duc2", (1, 4)), ("duc3", (1,))):
        y = shuffled_slowly(y)
        for n in indices:
            y = convolved(y, table, f"{step}.{n}", f"{step}.{n + 1}").clamp(min=0)
        x = network.get_submodule(step)(x)
        assert torch.allclose(x, y, atol=1e-10)
    block = network.get_submodule("preact.layer2.0.conv2")
    x = torch.randn(1, 128, 6, 4, dtype=torch.float64)
    wanted = convolved(unshuffled_slowly(x), table, "preact.layer2.0.conv2.1", "")
    assert torch.allclose(block(x), wanted, atol=1e-10)


def test_hrnet_exchanges_between_branches_as_a_slow_version() -> None:
    torch.manual_seed(3)
    network = with_lively_norms(HRNet(3, width=4))
    x = torch.randn(1, 3, 64, 32, dtype=torch.float64)
    assert torch.allclose(network(x), hrnet_slowly(x, dict(network.state_dict())), atol=1e-9)


def hrnet_slowly(x: torch.Tensor, t: Table) -> torch.Tensor:
    x = convolved(x, t, "conv1", "bn1", 2).clamp(min=0)
    x = convolved(x, t, "conv2", "bn2", 2).clamp(min=0)
    for n in range(4):
        key, before = f"layer1.{n}", x
        x = convolved(x, t, f"{key}.conv1", f"{key}.bn1").clamp(min=0)
        x = convolved(x, t, f"{key}.conv2", f"{key}.bn2").clamp(min=0)
        x = convolved(x, t, f"{key}.conv3", f"{key}.bn3")
        if n == 0:
            before = convolved(before, t, f"{key}.downsample.0", f"{key}.downsample.1")
        x = (x + before).clamp(min=0)
    branches = [
        convolved(x, t, "transition1.0.0", "transition1.0.1").clamp(min=0),
        convolved(x, t, "transition1.1.0.0", "transition1.1.0.1", 2).clamp(min=0),
    ]
    for number, (stage, modules) in enumerate(MODULES.items(), start=2):
        if number > 2:
            key = f"transition{number - 1}.{number - 1}.0"
            branches.append(convolved(branches[-1], t, f"{key}.0", f"{key}.1", 2).clamp(min=0))
        for n in range(modules):
            branches = exchanged(branches, t, f"{stage}.{n}")
    return convolved(branches[0], t, "final_layer", "")


def exchanged(branches: list[torch.Tensor], t: Table, module: str) -> list[torch.Tensor]:
    run = []
    for n, x in enumerate(branches):
        for block in range(4):
            key = f"{module}.branches.{n}.{block}"
            y = convolved(x, t, f"{key}.conv1", f"{key}.bn1").clamp(min=0)
            x = (convolved(y, t, f"{key}.conv2", f"{key}.bn2") + x).clamp(min=0)
        run.append(x)
    kept = 1 + max(int(key.split(".")[3]) for key in t if key.startswith(f"{module}.fuse_layers."))
    return [fused(run, t, f"{module}.fuse_layers.{target}", target) for target in range(kept)]


def fused(run: list[torch.Tensor], t: Table, key: str, target: int) -> torch.Tensor:
    total = torch.zeros_like(run[target])
    for source, x in enumerate(run):
        if source > target:
            x = convolved(x, t, f"{key}.{source}.0", f"{key}.{source}.1")
            times = 2 ** (source - target)
            x = x.repeat_interleave(times, dim=2).repeat_interleave(times, dim=3)
        for step in range(target - source):
            name = f"{key}.{source}.{step}"
            x = convolved(x, t, f"{name}.0", f"{name}.1", 2)
            x = x.clamp(min=0) if step < target - source - 1 else x
        total = total + x
    return total.clamp(min=0)
