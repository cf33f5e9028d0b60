from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from openpose_py.networks import NETWORKS
from openpose_py.networks.compact_cpm import (
    BODY_25B_MAPS,
    BlockRow,
    CompactCpm,
    CompactSize,
    body_25b,
    body_25b_for_training,
    fold,
)
from openpose_py.weights.load import load_network
from openpose_py.zoo.skeletons import read_skeleton

TINY = CompactSize(
    maps=5,
    rows=(
        BlockRow(1, 3, 2, 8, 1),
        BlockRow(3, 5, 2, 8, 2),
        BlockRow(3, 3, 2, 16, 1),
        BlockRow(3, 3, 2, 16, 1),
    ),
    stem=8,
    width=16,
)


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def lived_in(network: CompactCpm) -> CompactCpm:
    """With numbers in its batch norms as training leaves them, not zero and one."""
    generator = torch.Generator().manual_seed(1)
    for name, buffer in network.state_dict().items():
        if name.endswith("running_var"):
            buffer.uniform_(0.5, 2.0, generator=generator)
        elif "_norm." in name and buffer.dtype == torch.float32:
            buffer.uniform_(-0.5, 0.5, generator=generator).add_(name.endswith("weight") * 1.0)
    return network.eval()


def picture(height: int, width: int) -> torch.Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(2)) - 0.5


def test_maps_are_those_of_the_skeleton() -> None:
    assert read_skeleton("BODY_25B").channels == BODY_25B_MAPS


@pytest.mark.parametrize("size", [(64, 96), (48, 80), (16, 16), (368, 32)])
def test_any_size_that_16_divides_gives_an_eighth_of_it(size: tuple[int, int]) -> None:
    with torch.inference_mode():
        maps = CompactCpm(TINY).eval()(picture(*size))
    assert maps.shape == (1, 5, size[0] // 8, size[1] // 8)


def test_padding_to_32_is_grey_on_the_right_and_below() -> None:
    network, small = lived_in(CompactCpm(TINY)), picture(48, 80)
    padded = torch.zeros(1, 3, 64, 96)
    padded[..., :48, :80] = small
    with torch.inference_mode():
        assert torch.equal(network(small), network(padded)[..., :6, :10])


def test_folded_network_gives_the_same_maps() -> None:
    network, x = lived_in(CompactCpm(TINY)), picture(64, 64)
    with torch.inference_mode():
        wanted, found = network(x), fold(network)(x)
    assert wanted.std() > 1e-3  # random weights: not all maps are flat
    assert torch.allclose(found, wanted, atol=1e-5)


def test_folding_leaves_the_trained_network_as_it_was() -> None:
    network = lived_in(CompactCpm(TINY))
    before = {key: value.clone() for key, value in network.state_dict().items()}
    fold(network)
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())


def test_every_stage_is_returned_and_the_last_is_the_output() -> None:
    network, x = lived_in(CompactCpm(TINY)), picture(32, 32)
    with torch.inference_mode():
        stages = network.stages(x)
        assert torch.equal(stages[-1], network(x))
    assert [stage.shape for stage in stages] == [(1, 5, 4, 4)] * 3
    assert not torch.equal(stages[0], stages[2])


def test_every_weight_learns_from_the_sum_of_the_stages() -> None:
    network = CompactCpm(TINY).train()
    x = torch.cat([picture(64, 64), -picture(64, 64)])
    sum(stage.square().sum() for stage in network.stages(x)).backward()
    idle = [key for key, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert idle == []


def test_weights_are_shared_between_training_and_package(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = lived_in(body_25b_for_training())
    path = tmp_path / "own.safetensors"
    halves = {key: value.half() for key, value in fold(network).state_dict().items()}
    save_file(halves, path)
    name, found = load_network(path, ["body_25b_compact"])
    assert name == "body_25b_compact"
    assert path.stat().st_size < 10_000_000
    assert all(np.array_equal(v, halves[k].float()) for k, v in found.state_dict().items())


def test_the_packaged_network_has_no_batch_norm() -> None:
    assert NETWORKS["body_25b_compact"] is body_25b
    assert not any("running" in key for key in body_25b().state_dict())
