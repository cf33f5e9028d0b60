import struct
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from drawn.damaged_files import peak_of
from drawn.make_caffemodel import message, number, text, varint
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openpose_py.errors import ModelFileError
from openpose_py.weights.graphdef import read_graph, read_graph_layers

KERNEL = np.arange(36, dtype=np.float32).reshape(3, 3, 1, 4) / 7  # height, width, in, out
FOUR = np.array([0.5, 1, 2, 4], np.float32)


def node(name: str, op: str, inputs: tuple[str, ...] = (), **attributes: bytes) -> bytes:
    parts = [text(1, name), text(2, op), *(text(3, one) for one in inputs)]
    parts += [message(5, text(1, key) + message(2, v)) for key, v in attributes.items()]
    return message(1, b"".join(parts))


def constant(name: str, array: np.ndarray, values: bytes | None = None) -> bytes:
    shape = b"".join(message(2, number(1, side)) for side in array.shape)
    held = message(4, array.astype("<f4").tobytes()) if values is None else values
    return node(name, "Const", value=message(8, number(1, 1) + message(2, shape) + held))


def whole(*numbers: int) -> bytes:
    return message(1, message(3, b"".join(map(varint, numbers))))


def convolution(name: str = "a/Conv2D", **changed: bytes) -> bytes:
    attributes = {"strides": whole(1, 2, 2, 1), "padding": text(2, "SAME")} | changed
    return node(name, "Conv2D", ("image:0", "w/read", "^late"), **attributes)


def norm(is_training: int) -> bytes:
    epsilon = varint(4 << 3 | 5) + struct.pack("<f", 0.001)
    inputs = ("a/Conv2D", "gamma", "beta", "mean", "variance")
    return node("a/BatchNorm/FusedBatchNorm", "FusedBatchNorm", inputs,
                epsilon=epsilon, is_training=number(5, is_training))  # fmt: skip


ONES = varint(5 << 3 | 5) + struct.pack("<f", 1.0)  # one number for a whole vector
WEIGHTS = (
    constant("w", KERNEL)
    + node("w/read", "Identity", ("w",))
    + constant("gamma", FOUR, ONES)
    + constant("beta", FOUR)
    + constant("mean", FOUR * 3)
    + constant("variance", FOUR * FOUR)
)
SMALL = convolution() + norm(0) + WEIGHTS


def written(folder: Path, data: bytes) -> Path:
    path = folder / "graph_opt.pb"
    path.write_bytes(data)
    return path


def test_a_norm_with_averages_is_folded_into_the_convolution(tmp_path: Path) -> None:
    layers = read_graph_layers(written(tmp_path, SMALL))
    assert list(layers) == ["a"]
    weight, bias = layers["a"]
    x = np.random.default_rng(0).normal(size=9)
    plain = KERNEL.reshape(9, 4).T.astype(np.float64) @ x
    normed = (plain - FOUR * 3) / np.sqrt(FOUR.astype(np.float64) ** 2 + 0.001) + FOUR
    assert weight.shape == (4, 1, 3, 3)
    np.testing.assert_allclose(weight.reshape(4, 9) @ x + bias, normed, rtol=1e-5)


def test_a_norm_of_the_picture_stays_a_layer(tmp_path: Path) -> None:
    layers = read_graph_layers(written(tmp_path, convolution() + norm(1) + WEIGHTS))
    assert list(layers) == ["a", "a/BatchNorm"]
    assert np.array_equal(layers["a"][0], KERNEL.transpose(3, 2, 0, 1))
    assert [blob.tolist() for blob in layers["a/BatchNorm"]] == [[1.0] * 4, FOUR.tolist()]


def test_a_bias_is_read_and_a_sum_of_two_layers_is_none(tmp_path: Path) -> None:
    bias = node("a/BiasAdd", "BiasAdd", ("a/Conv2D", "beta"))
    assert np.array_equal(read_graph_layers(written(tmp_path, convolution() + bias + WEIGHTS))
                          ["a"][1], FOUR)  # fmt: skip
    added = node("add", "Add", ("a/Conv2D", "image"))
    assert len(read_graph_layers(written(tmp_path, convolution() + added + WEIGHTS))["a"]) == 1


def test_a_depthwise_weight_has_its_channels_first(tmp_path: Path) -> None:
    kernel = np.arange(18, dtype=np.float32).reshape(3, 3, 2, 1)
    depthwise = node("b_depthwise/depthwise", "DepthwiseConv2dNative", ("image", "k"))
    layers = read_graph_layers(written(tmp_path, depthwise + constant("k", kernel)))
    assert np.array_equal(layers["b_depthwise"][0], kernel.transpose(2, 3, 0, 1))


def test_the_node_table_tells_operations_inputs_and_attributes(tmp_path: Path) -> None:
    nodes = read_graph(written(tmp_path, SMALL)).nodes
    assert nodes["a/Conv2D"].inputs == ("image", "w/read")
    assert nodes["a/Conv2D"].attributes == {"strides": (1, 2, 2, 1), "padding": b"SAME"}
    assert nodes["a/BatchNorm/FusedBatchNorm"].attributes["epsilon"] == pytest.approx(0.001)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"node {\n  name: \"image\"\n}\n", "text file"),
        (message(2, b"\x00\xff"), "no graph of TensorFlow"),
        (node("x", "Relu") * 2, "twice"),
        (node("x", "Relu"), "no convolution"),
        (SMALL[:-3], "tells of"),
        (convolution(), "has no weights"),
        (convolution(padding=text(2, "VALID")) + WEIGHTS, "padding b'VALID'"),
        (convolution(strides=whole(1, 3, 3, 1)) + WEIGHTS, "strides"),
        (convolution(dilations=whole(1, 2, 2, 1)) + WEIGHTS, "dilations"),
        (convolution() + convolution("b/Conv2D") + WEIGHTS, "'b' or its weights twice"),
        (convolution() + norm(0) + constant("w/read", KERNEL), "no 4 numbers"),
        (SMALL + constant("v", KERNEL, ONES), "1 values"),
        (convolution() + constant("w/read", KERNEL * np.nan), "not finite"),
        (convolution() + constant("w/read", np.zeros((1, 1, 0, 65536))), "has no weights"),
        (convolution() + norm(0).replace(b"epsilon", b"upsilon") + WEIGHTS, "epsilon None"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(ModelFileError) as caught:
        read_graph_layers(written(tmp_path, data))
    assert said in caught.value.what and "\n" not in caught.value.what


def test_a_vector_stored_as_one_number_cannot_claim_much(tmp_path: Path) -> None:
    shape = message(2, message(2, number(1, 2**31 - 1)))
    value = message(8, number(1, 1) + shape + ONES)
    path = written(tmp_path, node("x", "Const", value=value))
    tracemalloc.start()
    with pytest.raises(ModelFileError, match="1 values but shape"):
        read_graph(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1e6


def test_a_flood_of_nodes_is_stopped(tmp_path: Path) -> None:
    flood = b"".join(node(str(n), "Relu") for n in range(20_000))
    started = time.perf_counter()
    with pytest.raises(ModelFileError, match="one node more"):
        read_graph(written(tmp_path, flood))
    assert time.perf_counter() - started < 10


@given(st.data())
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_damage_ends_in_a_result_or_in_one_error(tmp_path: Path, data: st.DataObject) -> None:
    broken = bytearray(SMALL)
    for _ in range(data.draw(st.integers(1, 8))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(broken)))
    path = written(tmp_path, bytes(broken[:cut] if data.draw(st.booleans()) else broken))
    assert peak_of(read_graph_layers, path) < 2**20
