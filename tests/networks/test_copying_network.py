from pathlib import Path

import numpy as np
import pytest
import torch
from drawn.copying_network import (
    coded_picture,
    copying_weights,
    most_codes,
    write_copying_caffemodel,
)

from openpose_py.weights.load import load_network

CHANNELS = {"body_25": 78, "body_25b_option2": 97, "body_135": 439, "coco": 57, "mpi": 44}


@pytest.mark.parametrize("name", CHANNELS)
def test_the_output_is_the_vector_of_each_blocks_code(name: str, tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    codes = most_codes(name)
    vectors = random.uniform(-1, 1, (codes + 1, CHANNELS[name])).astype(np.float32)
    path = tmp_path / "copying.caffemodel"
    write_copying_caffemodel(path, name, vectors)
    _, network = load_network(path, [name])
    path.unlink()

    grid = np.resize(random.permutation(codes + 1), (16, 16))
    picture = coded_picture(grid).astype(np.float32) / 256 - 0.5
    with torch.inference_mode():
        output = network(torch.from_numpy(picture.transpose(2, 0, 1)[None])).numpy()
    assert np.abs(output[0].transpose(1, 2, 0) - vectors[grid]).max() < 1e-5


def test_more_codes_than_a_network_has_units_are_refused() -> None:
    assert most_codes("coco") == 126
    assert most_codes("body_25") == 250
    with pytest.raises(ValueError, match="126 codes, not 127"):
        copying_weights("coco", np.zeros((128, 57), np.float32))
