from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from openpose_py.errors import ModelFileError
from openpose_py.export.caffemodel import write_caffemodel
from openpose_py.networks import NETWORKS
from openpose_py.networks.compact_cpm import CompactCpm, body_25b_for_training, fold
from openpose_py.train.initial import load_initial
from openpose_py.train.result import write_weights
from openpose_py.train.stages import TINY, build


def same(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    mine, theirs = a.state_dict(), b.state_dict()
    return all(torch.equal(mine[key], theirs[key]) for key in mine if "num_batches" not in key)


def lived_in() -> CompactCpm:
    network = CompactCpm(TINY)
    network.train()(torch.rand(2, 3, 64, 64))
    return network.eval()


def test_a_caffemodel_fills_the_network(tmp_path: Path) -> None:
    torch.manual_seed(1)
    before, after = build("body_25"), build("body_25")
    assert not same(before, after)
    write_caffemodel(before, tmp_path / "x.caffemodel")
    assert load_initial(after, tmp_path / "x.caffemodel") == []
    assert same(before, after)


def test_what_two_networks_share_is_taken(tmp_path: Path) -> None:
    source, target = NETWORKS["hand"](), build("body_25")
    write_caffemodel(source, tmp_path / "hand.caffemodel")
    fresh = target.state_dict()["Mconv1_stage1_L2_0.weight"].clone()
    load_initial(target, tmp_path / "hand.caffemodel")
    found, given = target.state_dict(), source.state_dict()
    assert torch.equal(found["conv3_4.weight"], given["conv3_4.weight"])
    assert torch.equal(found["Mconv1_stage1_L2_0.weight"], fresh)


def test_a_result_with_its_norms_starts_another_training(tmp_path: Path) -> None:
    before, after = lived_in(), CompactCpm(TINY)
    write_weights(before, tmp_path / "x.safetensors", half=False)
    assert load_initial(after, tmp_path / "x.safetensors") == []
    assert same(before, after)


def test_a_folded_file_starts_with_the_same_maps_and_norms_that_stay(tmp_path: Path) -> None:
    before, after = fold(lived_in()), CompactCpm(TINY).eval()
    write_weights(before, tmp_path / "x.safetensors", half=False)
    kept = load_initial(after, tmp_path / "x.safetensors")
    assert len(kept) == sum("running_mean" in key for key in after.state_dict())
    x = torch.rand(1, 3, 64, 64) - 0.5
    with torch.inference_mode():
        assert torch.allclose(before(x), after(x), atol=1e-5)


def test_an_imagenet_backbone_is_turned_to_our_input(tmp_path: Path) -> None:
    """The same names, order and shapes as the published EfficientNet-lite0, seeded."""
    torch.manual_seed(2)
    network = body_25b_for_training()
    table, blocks = {}, {}
    for key, value in network.state_dict().items():
        if key.startswith(("stem", "block")):
            layer, _, kind = key.rpartition(".")
            number = blocks.setdefault(layer, len(blocks))
            theirs = "_conv_stem.weight" if key == "stem.weight" else f"_blocks.{number}.{kind}"
            table[theirs] = torch.rand_like(value) if value.is_floating_point() else value
    table |= {"_conv_head.weight": torch.zeros(9), "_fc.bias": torch.zeros(9)}
    torch.save(table, tmp_path / "lite0.pth")
    load_initial(network, tmp_path / "lite0.pth")

    pixels = torch.rand(1, 3, 32, 32) * 255
    stem = torch.nn.functional.conv2d(
        pixels.flip(1) / 127.5 - 1, table["_conv_stem.weight"], stride=2
    )
    mean = next(value for key, value in table.items() if key.endswith("running_mean"))
    ours = network.get_submodule("stem")
    found = torch.nn.functional.conv2d(pixels / 256 - 0.5, ours.weight, stride=2)
    shift = network.get_buffer("stem_norm.running_mean")
    wanted = stem - mean[:, None, None]
    assert torch.allclose(found - shift[:, None, None], wanted, atol=1e-4)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    save_file({"other.weight": torch.zeros(3)}, tmp_path / "x.safetensors")
    with pytest.raises(ModelFileError, match="no layer of this network"):
        load_initial(CompactCpm(TINY), tmp_path / "x.safetensors")
