"""The normed network is the published file's, tensor for tensor."""

import gzip
import json
from pathlib import Path

import pytest
import torch

from openpose_py.networks.lightweight_cpm import Lightweight
from openpose_py.weights.load import load_network

ZOO = Path(__file__).parents[1] / "golden" / "zoo"
COUNTER = "num_batches_tracked"


@pytest.mark.parametrize(
    ("name", "refinements"), [("lightweight_openpose", 1), ("lightweight_openpose_3stages", 3)]
)
def test_it_has_the_keys_and_shapes_of_the_published_file(name, refinements):
    wanted = json.loads(gzip.decompress((ZOO / f"{name}.json.gz").read_bytes()))["keys"]
    table = Lightweight(refinements, normed=True).state_dict()
    found = {key: list(value.shape) for key, value in table.items() if COUNTER not in key}
    assert found == {key: shape for key, shape in wanted.items() if COUNTER not in key}


def test_with_its_norms_folded_it_gives_the_same_maps(tmp_path):
    torch.manual_seed(1)
    trained = Lightweight(normed=True)
    pixels = torch.rand(2, 3, 64, 64) - 0.5
    with torch.no_grad():
        trained(pixels)  # the norms' statistics are no longer those of fresh ones
    torch.save(trained.eval().state_dict(), tmp_path / "trained.pth")
    _, folded = load_network(tmp_path / "trained.pth", ["lightweight_openpose"])
    with torch.no_grad():
        torch.testing.assert_close(folded(pixels), trained(pixels), rtol=1e-4, atol=1e-5)
