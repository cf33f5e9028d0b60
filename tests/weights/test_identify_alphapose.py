from pathlib import Path

import pytest
import torch
from drawn.ruled_networks import ALPHAPOSE, shapes_of

from openpose_py.errors import ModelFileError
from openpose_py.networks.hrnet import HRNet
from openpose_py.weights.identify_alphapose import identify_one_person, load_one_person_network

PUBLISHED = {
    "alphapose_coco17_simple_r50": ("simple_pose", 17, "depth 50"),
    "alphapose_coco17_fastpose_r50": ("fast_pose", 17, "depth 50, squeeze, width 128"),
    "alphapose_coco17_fastpose_duc_r50_unshuffle": (
        "fast_pose_duc", 17, "depth 50, squeeze, shuffle",
    ),
    "alphapose_coco17_hrnet_w32": ("hrnet", 17, "width 32"),
    "alphapose_coco17_fastpose_r50_dcn": (
        "fast_pose", 17, "depth 50, squeeze, deformable, width 128",
    ),
    "alphapose_coco17_fastpose_duc_r152": ("fast_pose_duc", 17, "depth 152, squeeze"),
    "alphapose_halpe136_fastpose_r50_dim256": ("fast_pose", 136, "depth 50, squeeze, width 256"),
    "alphapose_halpe136_fastpose_r50_dcn_dim256": (
        "fast_pose", 136, "depth 50, squeeze, deformable, width 256",
    ),
    "alphapose_halpe136_fastpose_r152_dim256": (
        "fast_pose", 136, "depth 152, squeeze, width 256",
    ),
    "gccpm_1stage_17maps": ("gccpm", 17, "1 refinement stages"),
    "gccpm_5stages_17maps": ("gccpm", 17, "5 refinement stages"),
}  # fmt: skip
HERE = Path("weights.pth")


def test_the_table_names_all_published_layouts() -> None:
    files = {path.name.removesuffix(".json.gz") for path in ALPHAPOSE.glob("*.json.gz")}
    assert files == set(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_keys_and_shapes_decide_the_network(name: str) -> None:
    shapes = shapes_of(name)
    found = identify_one_person(shapes, HERE)
    assert (found.family, found.maps, found.details) == PUBLISHED[name]
    with torch.device("meta"):
        network = found.build()
    assert {k: tuple(v.shape) for k, v in network.state_dict().items()} == shapes


@pytest.mark.parametrize("joints", [21, 26, 68, 133])
def test_the_last_layer_decides_how_many_joints_there_are(joints: int) -> None:
    shapes = shapes_of("alphapose_halpe136_fastpose_r50_dcn_dim256")
    shapes |= {"conv_out.weight": (joints, 256, 3, 3), "conv_out.bias": (joints,)}
    found = identify_one_person(shapes, HERE)
    with torch.device("meta"):
        assert found.maps == joints == found.build().get_parameter("conv_out.bias").shape[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"preact.layer2.0.conv2_offset.weight": (27, 128, 3, 3)}, "version 2"),
        ({"preact.layer3.99.conv1.weight": (1,)}, "7 blocks"),
        ({"conv_out.weight": (10**9, 128, 3, 3)}, "conv_out.weight"),
    ],
)
def test_what_was_never_published_is_refused(change: dict, said: str) -> None:
    shapes = shapes_of("alphapose_coco17_fastpose_r50_dcn") | change
    with pytest.raises(ModelFileError) as caught:
        identify_one_person(shapes, HERE)
    assert said in caught.value.what and caught.value.hint


def test_tables_of_other_networks_are_refused() -> None:
    with pytest.raises(ModelFileError) as caught:
        identify_one_person({"model.0.0.weight": (32, 3, 3, 3)}, HERE)
    assert "model.0.0.weight" in caught.value.what


def test_a_file_becomes_a_network_that_answers_the_same(tmp_path: Path) -> None:
    torch.manual_seed(9)
    network = HRNet(26, width=4).eval().requires_grad_(False)
    path = tmp_path / "halpe.pth"
    torch.save(network.state_dict(), path)
    found, loaded = load_one_person_network(path)
    x = torch.randn(1, 3, 64, 32)
    assert found.maps == 26 and torch.equal(loaded(x), network(x))
