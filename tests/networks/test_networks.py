import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn.make_caffemodel import (
    NETS,
    network_table,
    seeded_input,
    seeded_weights,
    table_bytes,
)

from openpose_py.networks import NETWORKS
from openpose_py.weights.load import load_network, wanted_shapes

MANIFEST = json.loads((NETS / "manifest.json").read_text())["nets"]
TOLERANCE = 1e-4  # OpenCV's Winograd convolutions differ from float64 by up to 1e-5


def test_all_nine_networks_of_openpose_are_there() -> None:
    assert set(NETWORKS) >= set(MANIFEST)


@pytest.mark.parametrize("name", MANIFEST)
def test_parameters_have_the_names_and_shapes_of_the_published_file(name: str) -> None:
    with torch.device("meta"):
        network = NETWORKS[name]()
    wanted = {
        layer["name"]: [tuple(shape) for shape in layer["params"]]
        for layer in network_table(name)["layers"]
        if "params" in layer
    }
    assert wanted_shapes(network) == wanted


LARGE = ("body_25b_option1", "body_135", "face", "mpi")
MARKED = [
    pytest.param(name, marks=pytest.mark.slow) if name in LARGE else name for name in MANIFEST
]


@pytest.mark.parametrize("name", MARKED)
def test_output_is_that_of_opencv(name: str, tmp_path: Path) -> None:
    facts, golden = MANIFEST[name], np.load(NETS / f"{name}.npz")
    table = network_table(name)
    data = table_bytes(table, seeded_weights(table, facts["seed"]))
    assert hashlib.sha256(data).hexdigest() == facts["caffemodel_sha256"]
    path = tmp_path / "weights.caffemodel"
    path.write_bytes(data)
    found, network = load_network(path, [name])
    path.unlink()
    assert found == name
    for suffix in ("", "_b"):
        picture, wanted = golden["input" + suffix], golden["output" + suffix]
        with torch.inference_mode():
            output = network(torch.from_numpy(picture.copy())).numpy()
        assert output.shape == wanted.shape
        assert np.abs(output - wanted).max() < TOLERANCE


def test_seeded_input_is_the_golden_one() -> None:
    golden = np.load(NETS / "hand.npz")["input"]
    assert np.array_equal(seeded_input(MANIFEST["hand"]["seed"], 96, 128), golden)


def test_a_batch_gives_what_its_pictures_give_alone() -> None:
    torch.manual_seed(0)
    network = NETWORKS["hand"]().eval()
    pictures = torch.rand(2, 3, 32, 48) - 0.5
    with torch.inference_mode():
        together = network(pictures)
        alone = torch.cat([network(pictures[:1]), network(pictures[1:])])
    assert together.shape == (2, 22, 4, 6)
    assert torch.allclose(together, alone, atol=1e-5)


def test_the_picture_is_left_as_it_was() -> None:
    network = NETWORKS["hand"]().eval()
    picture = torch.rand(1, 3, 16, 16) - 0.5
    before = picture.clone()
    with torch.inference_mode():
        network(picture)
    assert torch.equal(picture, before)
