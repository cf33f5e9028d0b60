import gzip
import hashlib
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from openpose_py.networks import NETWORKS, tfpose_mobilenet
from openpose_py.networks.tfpose_dsconv import Dsconv
from openpose_py.networks.tfpose_mobilenet import SameConv2d, resized
from openpose_py.weights.graphdef import read_graph, read_graph_layers
from openpose_py.weights.load import match_layers, wanted_shapes
from openpose_py.zoo.cards import read_card
from openpose_py.zoo.folder import models_folder
from openpose_py.zoo.skeletons import read_skeleton

ZOO = Path(__file__).parents[1] / "golden" / "zoo"
SHARED = os.environ.get("OPENPOSE_PY_SHARED")
GRAPH = Path(SHARED or ".") / "weights" / "tfpose_mobilenet_v2_small_graph_opt.pb"
CASES = json.loads((ZOO / "tfpose_mobilenet_v2_small.json").read_text())["cases"]
OF_SHARED_MEDIA = [case for case in CASES if case["where"] == "shared/media/"]
BUILDERS = {
    "dsconv": Dsconv,
    "mobilenet": lambda: tfpose_mobilenet.mobilenet_v1(0.75, 1.0),
    "mobilenet_fast": lambda: tfpose_mobilenet.mobilenet_v1(0.5, 0.5),
    "mobilenet_accurate": lambda: tfpose_mobilenet.mobilenet_v1(1.0, 1.0),
    "mobilenet_thin": tfpose_mobilenet.mobilenet_thin,
    "mobilenet_v2_small": lambda: tfpose_mobilenet.mobilenet_v2(0.5, 0.5),
    "mobilenet_v2_large": lambda: tfpose_mobilenet.mobilenet_v2(1.4, 1.0),
}
CARDS = sorted((models_folder() / "tf_pose").glob("*.toml"))
needs_the_weights = pytest.mark.skipif(not SHARED, reason="OPENPOSE_PY_SHARED names no folder")


@pytest.fixture(scope="module")
def small() -> nn.Module:
    """mobilenet_v2_small with its published weights."""
    network = tfpose_mobilenet.mobilenet_v2(0.5, 0.5)
    weights = match_layers(read_graph_layers(GRAPH), wanted_shapes(network), GRAPH)
    network.load_state_dict({key: torch.from_numpy(array) for key, array in weights.items()})
    return network.eval().requires_grad_(False)


def graph_shape(keys: dict[str, list[int]], key: str) -> tuple[int, ...]:
    """The shape that the published file has for a tensor of ours."""
    layer, _, kind = key.rpartition(".")
    if layer.endswith("/BatchNorm"):
        return tuple(keys[f"{layer}/{'gamma' if kind == 'weight' else 'beta'}"])
    if kind == "bias":
        plain = f"{layer}/biases"
        return tuple(keys[plain if plain in keys else f"{layer}/BatchNorm/beta"])
    if layer.endswith("depthwise"):
        height, width, channels, _ = keys[f"{layer}/depthwise_weights"]
        return channels, 1, height, width
    height, width, channels, out = keys[f"{layer}/weights"]
    return out, channels, height, width


@pytest.mark.parametrize("name", BUILDERS)
def test_layers_have_the_names_and_shapes_of_the_published_files(name: str) -> None:
    keys = json.loads(gzip.decompress((ZOO / f"tfpose_{name}.json.gz").read_bytes()))["keys"]
    with torch.device("meta"):
        network = BUILDERS[name]()
    for key, tensor in network.state_dict().items():
        assert tuple(tensor.shape) == graph_shape(keys, key), key


@pytest.mark.parametrize(
    ("name", "stride"),
    [("dsconv", 8), ("mobilenet_fast", 4), ("mobilenet_thin", 8), ("mobilenet_v2_small", 8)],
)
def test_maps_have_a_cell_for_every_begun_stride(name: str, stride: int) -> None:
    with torch.device("meta"):
        maps = BUILDERS[name]()(torch.zeros(2, 3, 80, 72))
    assert maps.shape == (2, 57, 80 // stride, 72 // stride)


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_a_card_names_a_network_with_the_maps_of_its_skeleton(path: Path) -> None:
    card = read_card(path)
    assert card.name == path.stem
    with torch.device("meta"):
        maps = NETWORKS[card.networks[0]]()(torch.zeros(1, 3, 64, 64))
    side = 64 // card.stride
    assert maps.shape[1:] == (read_skeleton(card.skeleton).channels, side, side)


def test_a_strided_layer_is_padded_at_the_far_edge_first() -> None:
    layer = SameConv2d(1, 1, 3, 2, bias=False)
    nn.init.ones_(layer.weight)
    with torch.no_grad():
        even, odd = (layer(torch.ones(1, 1, 1, size))[0, 0, 0] for size in (4, 5))
    assert even.tolist() == [3.0, 2.0]
    assert odd.tolist() == [2.0, 3.0, 2.0]


def test_resizing_has_no_half_pixel_shift() -> None:
    ramp = torch.arange(3.0).reshape(1, 1, 1, 3)
    assert resized(ramp, 2, 6)[0, 0, 1].tolist() == [0.0, 0.5, 1.0, 1.5, 2.0, 2.0]


@needs_the_weights
def test_the_network_has_the_strides_of_the_graph(small: nn.Module) -> None:
    convolutions = {
        node.name.rpartition("/")[0]: node.attributes["strides"]
        for node in read_graph(GRAPH).nodes.values()
        if node.op in ("Conv2D", "DepthwiseConv2dNative")
    }
    ours = {
        name: (1, *module.stride, 1)
        for name, module in small.named_modules()
        if isinstance(module, nn.Conv2d)
    }
    assert ours == convolutions


@needs_the_weights
def test_features_are_those_of_tensorflow(small: nn.Module) -> None:
    with np.load(ZOO / "tfpose_mobilenet_v2_small.npz") as stored:
        picture, wanted = (stored[f"crossing_432x368_{n}"] for n in ("input_u8", "feat_f16"))
    assert isinstance(small, tfpose_mobilenet.TfPose)
    found = small.features(as_tensor(picture))[0].numpy().transpose(1, 2, 0)
    assert_within_float16(found, wanted)


@needs_the_weights
@pytest.mark.parametrize("case", OF_SHARED_MEDIA, ids=lambda case: case["key"])
def test_maps_are_those_of_tensorflow(small: nn.Module, case: dict) -> None:
    picture = cv2.imread(str(Path(SHARED or ".") / "media" / case["file"]))
    resized_picture = cv2.resize(picture, case["size"], interpolation=cv2.INTER_CUBIC)
    if case["key"] == "crossing_432x368":
        with np.load(ZOO / "tfpose_mobilenet_v2_small.npz") as stored:
            resized_picture = stored["crossing_432x368_input_u8"]
    elif hashlib.sha256(resized_picture.tobytes()).hexdigest() != case["resized_bgr_sha256"]:
        pytest.skip("this OpenCV resizes to other pixels than the one of the reference")
    found = small(as_tensor(resized_picture))[0].numpy().transpose(1, 2, 0)
    with np.load(ZOO / "tfpose_mobilenet_v2_small.npz") as stored:
        assert_within_float16(found, stored[f"{case['key']}_output_f16"])
    for place, value in case["probe"].items():
        y, x, channel = map(int, place.split(","))
        assert found[y, x, channel] == pytest.approx(value, abs=1e-5)


@needs_the_weights
def test_pictures_of_a_batch_do_not_change_each_other(small: nn.Module) -> None:
    pictures = np.random.default_rng(5).integers(0, 256, (2, 64, 80, 3)).astype(np.uint8)
    first, second = (as_tensor(picture) for picture in pictures)
    together = small(torch.cat([first, second]))
    assert torch.allclose(together, torch.cat([small(first), small(second)]), atol=1e-4)


def as_tensor(picture: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(picture.transpose(2, 0, 1)[None].astype(np.float32))


def assert_within_float16(found: np.ndarray, stored: np.ndarray) -> None:
    """stored: rounded to float16, which costs half of its spacing; and 1e-4 of the range."""
    allowed = np.spacing(np.abs(stored)).astype(np.float32) / 2 + 1e-4 * np.ptp(
        stored.astype(np.float32)
    )
    assert (np.abs(found - stored.astype(np.float32)) <= allowed).all()
