"""Thousands of damaged graphs and descriptions: each a result or one clear line, within bounds."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from drawn.damaged_files import peak_of
from drawn.ir_files import write_ir
from drawn.tensorflow_files import write_graph

from openpose_py.weights.graphdef import read_graph_layers
from openpose_py.weights.openvino_ir import CONVOLUTIONS, read_ir_layers

CONVOLUTIONS_KEPT = 4
SMALL = {
    "conv1_1/weights": np.ones((3, 3, 3, 4), np.float32),
    "conv1_1/biases": np.ones(4, np.float32),
    "MobilenetV2/Conv/weights": np.ones((1, 1, 4, 4), np.float32),
    "MobilenetV2/Conv/BatchNorm/beta": np.ones(4, np.float32),
    "MobilenetV2/Conv/BatchNorm/moving_mean": np.ones(4, np.float32),
    "MobilenetV2/Conv/BatchNorm/moving_variance": np.ones(4, np.float32),
}
SOME_AND_MANY = [200, pytest.param(10_000, marks=pytest.mark.slow)]
Layers = dict[str, list[np.ndarray]]


def damaged(whole: bytes, count: int, values: bytes) -> Iterator[bytes]:
    """Copies with exchanged bytes, cut short, with a piece twice or left out."""
    random = np.random.default_rng(count)
    for _ in range(count):
        broken = bytearray(whole)
        for place in random.integers(0, len(broken), random.integers(1, 9)):
            broken[place] = values[random.integers(len(values))]
        start, stop = sorted(random.integers(0, len(broken), 2))
        way = random.integers(8)
        if way == 0:
            del broken[start:]
        elif way == 1:
            del broken[start:stop]
        elif way == 2:
            broken[start:start] = broken[start:stop]
        yield bytes(broken)


@pytest.mark.parametrize("count", SOME_AND_MANY)
def test_damaged_graphs_end_in_a_result_or_in_one_line(tmp_path: Path, count: int) -> None:
    path = write_graph(tmp_path / "graph_opt.pb", SMALL)
    for data in damaged(path.read_bytes(), count, bytes(range(256))):
        path.write_bytes(data)
        assert peak_of(read_graph_layers, path) < 2**20


@pytest.mark.parametrize("count", SOME_AND_MANY)
def test_damaged_descriptions_end_in_a_result_or_in_one_line(tmp_path: Path, count: int) -> None:
    path = write_ir(tmp_path / "a.xml", "fp16-int8")
    whole = cut_description(path.read_bytes())
    path.write_bytes(whole)
    assert len(read_ir_layers(path)) == CONVOLUTIONS_KEPT + 1  # and the input's scale
    binary = path.with_suffix(".bin").stat().st_size
    for data in damaged(whole, count, b'0123456789,."<>/ aeiou-&;!'):
        path.write_bytes(data)
        assert peak_of(read_ir_layers, path) < 2 * binary


def cut_description(text: bytes) -> bytes:
    """The first convolutions, and all that they are computed from."""
    net = ElementTree.fromstring(text)
    layers, edges = list(net.iter("layer")), list(net.iter("edge"))
    wanted = {one.get("id") for one in layers if one.get("type") in CONVOLUTIONS and
              int(one.get("id", 0)) <= last_of(layers)}  # fmt: skip
    for _ in range(len(layers)):
        more = {edge.get("from-layer") for edge in edges if edge.get("to-layer") in wanted}
        if more <= wanted:
            break
        wanted |= more
    kept = [one for one in layers if one.get("id") in wanted]
    between = [edge for edge in edges if edge.get("to-layer") in wanted]
    parts = ["".join(ElementTree.tostring(one, "unicode") for one in some)
             for some in (kept, between)]  # fmt: skip
    whole = f'<net version="10"><layers>{parts[0]}</layers><edges>{parts[1]}</edges></net>'
    return whole.encode()


def last_of(layers: list[ElementTree.Element]) -> int:
    """The id of the last convolution that is kept."""
    numbers = [int(one.get("id", 0)) for one in layers if one.get("type") in CONVOLUTIONS]
    return sorted(numbers)[CONVOLUTIONS_KEPT - 1]
