"""The whole way from a picture to averaged maps, as Lightweight OpenPose's own programs go it."""

import gzip
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from drawn.ruled_networks import ruled_weights
from torch import nn

from openpose_py.networks.lightweight_cpm import Lightweight, folded_layers
from openpose_py.stages.people.lightweight_reference import upsample
from openpose_py.weights.load import match_layers, wanted_shapes

TESTS = Path(__file__).parents[1]
ZOO, MEDIA = TESTS / "golden" / "zoo", TESTS.parent / "examples" / "media"
CASES = {
    case["case"]: case
    for case in json.loads((ZOO / "inference_random_weights.json").read_text())["cases"]
}
STRIDE, HEATS = 8, 19
EVALUATED, SHOWN = 368, 256  # net heights of the project's val.py and demo.py


@pytest.fixture(scope="module")
def network() -> nn.Module:
    shapes = json.loads(gzip.decompress((ZOO / "lightweight_openpose.json.gz").read_bytes()))
    table = ruled_weights({key: tuple(shape) for key, shape in shapes["keys"].items()}, 1.0)
    plain = Lightweight()
    weights = match_layers(folded_layers(table), wanted_shapes(plain), Path("weights"))
    plain.load_state_dict({key: torch.from_numpy(array) for key, array in weights.items()})
    return plain.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return cv2.imread(str(MEDIA / "grace_hopper.jpg"))


@pytest.mark.parametrize("scales", [(1,), (0.5, 1.0, 1.5, 2.0)])
def test_maps_of_an_evaluation_are_those_of_the_project(
    network: nn.Module, picture: np.ndarray, scales: tuple[float, ...]
) -> None:
    height, width = picture.shape[:2]
    plain = (picture.astype(np.float32) - 128) / 256
    total = np.zeros((height, width, 57), np.float32)
    for scale in scales:
        factor = scale * EVALUATED / height
        resized = cv2.resize(plain, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        x, (top, left) = padded(resized, EVALUATED)
        maps = network(x)[0].numpy().transpose(1, 2, 0)
        maps = cv2.resize(maps, None, fx=STRIDE, fy=STRIDE, interpolation=cv2.INTER_CUBIC)
        maps = maps[top : top + resized.shape[0], left : left + resized.shape[1]]
        total += cv2.resize(maps, (width, height), interpolation=cv2.INTER_CUBIC) / len(scales)
    assert_values(total, "val infer {} scales " + str(list(scales)))


def test_maps_of_the_demonstration_are_upsampled_as_in_the_project(
    network: nn.Module, picture: np.ndarray
) -> None:
    factor = SHOWN / picture.shape[0]
    resized = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
    x, _ = padded((resized.astype(np.float32) - 128) / 256, SHOWN)
    maps = upsample(network(x)[0].numpy())
    assert_values(maps.transpose(1, 2, 0), "demo infer_fast {}")


def padded(picture: np.ndarray, base: int) -> tuple[torch.Tensor, tuple[int, int]]:
    """The network's input with zeros round the picture, and how many are above and left of it. A
    picture taller than `base` gets none above and below."""
    height, width = picture.shape[:2]
    rows = max(0, -(-base // STRIDE) * STRIDE - min(base, height)) if height <= base else 0
    columns = -(-max(base, width) // STRIDE) * STRIDE - width
    top, left = rows // 2, columns // 2
    sides = (top, rows - top, left, columns - left)
    wide = cv2.copyMakeBorder(picture, *sides, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    return torch.from_numpy(wide.transpose(2, 0, 1)[None].copy()), (top, left)


def assert_values(maps: np.ndarray, case: str) -> None:
    for kind, part in (("heat", maps[..., :HEATS]), ("paf", maps[..., HEATS:])):
        wanted = CASES[f"Lightweight {case.format(kind)}"]
        assert list(part.shape) == wanted["shape"]
        found = [part[y, x, channel] for y, x, channel in wanted["points_yxc"]]
        # the project keeps the picture in float64, and its OpenCV was another one
        np.testing.assert_allclose(found, wanted["values"], rtol=0, atol=1e-3 * wanted["std"])
