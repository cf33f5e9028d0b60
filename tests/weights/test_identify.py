from pathlib import Path

import numpy as np
import pytest
import torch

from openpose_py.errors import ModelFileError
from openpose_py.networks import NETWORKS
from openpose_py.weights.identify import check_allowed, identify
from openpose_py.weights.load import match_layers, wanted_shapes

PATH = Path("some.caffemodel")


def layers_of(network: str) -> dict[str, list[np.ndarray]]:
    """All layers of a network, with zeros that take no memory."""
    with torch.device("meta"):
        shapes = wanted_shapes(NETWORKS[network]())
    return {name: [zeros(*shape) for shape in shapes[name]] for name in shapes}


def zeros(*shape: int) -> np.ndarray:
    return np.broadcast_to(np.float32(0), shape)


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_is_told_by_its_layers(network: str) -> None:
    assert identify(layers_of(network), PATH) == network


def test_a_mpi_file_serves_the_four_stage_network() -> None:
    assert check_allowed("mpi", ["mpi_4_layers"], PATH) == "mpi_4_layers"
    assert check_allowed("mpi", ["mpi"], PATH) == "mpi"


@pytest.mark.parametrize(
    ("network", "allowed", "said"),
    [
        ("body_25", ["coco"], "holds BODY_25, not COCO\n  use --model_pose BODY_25"),
        ("coco", ["body_25b_option1", "body_25b_option2"], "holds COCO, not BODY_25B\n"),
        ("mpi_4_layers", ["mpi"], "use --model_pose MPI_4_layers"),
        ("hand", ["face"], "holds hand, not face\n  it is the hand network's file"),
    ],
)
def test_another_models_file_is_refused_with_what_to_type(
    network: str, allowed: list[str], said: str
) -> None:
    with pytest.raises(ModelFileError) as caught:
        check_allowed(network, allowed, PATH)
    assert said in str(caught.value)


def test_vgg_19_is_named() -> None:
    with pytest.raises(ModelFileError, match="VGG-19"):
        identify({"conv5_4": [zeros(512, 512, 3, 3)], "fc6": [zeros(4096, 25088)]}, PATH)


def test_a_known_layer_of_unknown_shape_is_named_with_both_shapes() -> None:
    with pytest.raises(ModelFileError) as caught:
        identify({"conv5_5_CPM_L2": [zeros(20, 512, 1, 1)]}, PATH)
    for part in ("conv5_5_CPM_L2", "(20, 512, 1, 1)", "(19, 512, 1, 1)", "(16, 512, 1, 1)"):
        assert part in caught.value.what


def test_unknown_layers_are_named() -> None:
    with pytest.raises(ModelFileError, match="first_layer"):
        identify({"first_layer": [zeros(3)]}, PATH)


def test_a_missing_layer_and_a_wrong_shape_are_named() -> None:
    wanted = {"conv1": [(4, 3, 3, 3), (4,)], "prelu1": [(4,)]}
    good = {"conv1": [zeros(4, 3, 3, 3), zeros(1, 1, 1, 4)], "prelu1": [zeros(4)]}
    matched = match_layers(good, wanted, PATH)
    assert {key: array.shape for key, array in matched.items()} == {
        "conv1.weight": (4, 3, 3, 3),
        "conv1.bias": (4,),
        "prelu1.weight": (4,),
    }
    with pytest.raises(ModelFileError, match="layer 'prelu1' is missing"):
        match_layers({"conv1": good["conv1"]}, wanted, PATH)
    with pytest.raises(ModelFileError, match="'prelu1' is 1, wanted 4"):
        match_layers({**good, "prelu1": [zeros(1)]}, wanted, PATH)
    with pytest.raises(ModelFileError, match="'conv1' is 4x3x3x3, wanted 4x3x3x3 and 4"):
        match_layers({**good, "conv1": good["conv1"][:1]}, wanted, PATH)
    with pytest.raises(ModelFileError, match="'conv1' is 3x4x3x3 and 4, wanted"):
        match_layers({**good, "conv1": [zeros(3, 4, 3, 3), zeros(4)]}, wanted, PATH)


def test_layers_that_the_network_lacks_are_left_out_with_a_note(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    matched = match_layers({"a": [zeros(2)], "other": [zeros(9)]}, {"a": [(2,)]}, PATH)
    assert list(matched) == ["a.weight"]
    assert "other" in caplog.text
