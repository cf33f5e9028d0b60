from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from drawn.make_caffemodel import (
    network_table,
    prototxt,
    seeded_input,
    seeded_weights,
    table_bytes,
)

from openpose_py.weights.load import load_network

HEIGHT, WIDTH = 80, 112


@pytest.mark.slow
@pytest.mark.skipif(cv2.__version__.startswith("5"), reason="OpenCV 5 reads no caffemodels")
@pytest.mark.parametrize("name", ["body_25b_option1", "body_25b_option2", "body_135"])
def test_agrees_with_opencv4(name: str, tmp_path: Path) -> None:
    table = network_table(name)
    weights, description = tmp_path / "net.caffemodel", tmp_path / "net.prototxt"
    weights.write_bytes(table_bytes(table, seeded_weights(table, seed=77)))
    description.write_text(prototxt(table, HEIGHT, WIDTH))
    picture = seeded_input(78, HEIGHT, WIDTH)

    opencv = cv2.dnn.readNetFromCaffe(str(description), str(weights))
    opencv.setInput(picture)
    wanted = opencv.forward("net_output")
    _, network = load_network(weights, [name])
    weights.unlink()
    with torch.inference_mode():
        output = network(torch.from_numpy(picture)).numpy()
    assert output.shape == wanted.shape
    assert np.abs(output - wanted).max() < 1e-4
